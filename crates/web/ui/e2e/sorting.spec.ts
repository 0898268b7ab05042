import type { Business } from "./support/business";
import { expect, test } from "./support/test";

test("a closed conversation leaves the list, and a new text brings it back", async ({ business, inboxOf }) => {
  const customer = business.customer();
  await customer.text("All good now, thanks");
  const inbox = await inboxOf(business.owner);
  await inbox.open(customer.number);

  await inbox.thread.getByRole("button", { name: "Close", exact: true }).click();
  await expect(inbox.row(customer.number)).toHaveCount(0);
  await inbox.page.getByRole("button", { name: "Undo" }).click();
  await expect(inbox.row(customer.number)).toBeVisible();

  await inbox.thread.getByRole("button", { name: "Close", exact: true }).click();
  await expect(inbox.row(customer.number)).toHaveCount(0);
  await inbox.thread.getByRole("button", { name: "Reopen" }).click();
  await expect(inbox.row(customer.number)).toBeVisible();

  await inbox.reply.fill("Bye!");
  await inbox.page.getByRole("button", { name: "More ways to send" }).click();
  // It goes from the list at once; the server closes it a moment after the text is at the customer's.
  const closed = inbox.page.waitForResponse((answer) => answer.request().method() === "PATCH" && answer.ok());
  await inbox.page.getByRole("menuitem", { name: "Send and close" }).click();
  await expect(inbox.row(customer.number)).toHaveCount(0);
  await closed;
  await expect.poll(async () => (await customer.received()).length).toBe(1);

  await customer.text("It drips again");
  await expect(inbox.row(customer.number)).toContainText("It drips again");
});

test("a snoozed conversation waits out of sight until the customer writes", async ({ business, inboxOf }) => {
  const customer = business.customer();
  await customer.text("I'll send you the address");
  const inbox = await inboxOf(business.owner);
  await inbox.open(customer.number);
  await inbox.thread.getByRole("button", { name: "Snooze" }).click();
  await inbox.page.getByRole("menuitem", { name: "Until they write" }).click();
  await expect(inbox.row(customer.number)).toHaveCount(0);
  await expect(inbox.thread.getByText("Snoozed until they write")).toBeVisible();

  await customer.text("1 Main Street");
  await expect(inbox.row(customer.number)).toContainText("1 Main Street");
  await expect(inbox.thread.getByText("Snoozed until they write")).toHaveCount(0);
});

test("labels are made, put on, filtered by and taken off", async ({ business, inboxOf }) => {
  const { one, other } = await two(business);
  const inbox = await inboxOf(business.owner);
  await inbox.open(one);
  await inbox.person.getByRole("button", { name: "Add a label" }).click();
  await inbox.page.getByRole("textbox", { name: "Search or create" }).fill("warranty");
  await inbox.page.getByRole("option", { name: "Create “warranty”" }).click();
  await inbox.page.keyboard.press("Escape");
  await expect(inbox.row(one)).toContainText("warranty");

  await inbox.page.getByRole("button", { name: "Filter" }).click();
  await inbox.page.getByRole("combobox", { name: "Label" }).click();
  await inbox.page.getByRole("option", { name: "warranty" }).click();
  await expect(inbox.row(other)).toHaveCount(0);
  await expect(inbox.row(one)).toBeVisible();
  await inbox.page.getByRole("button", { name: "Clear filters" }).click();
  await inbox.page.keyboard.press("Escape");
  await expect(inbox.row(other)).toBeVisible();

  await inbox.person.getByRole("button", { name: "Remove the label warranty" }).click();
  await expect(inbox.row(one)).not.toContainText("warranty");
});

test("the list is searched by name and by number", async ({ business, inboxOf }) => {
  const { one, other, number } = await two(business);
  const inbox = await inboxOf(business.owner);
  const field = inbox.page.getByRole("searchbox");
  await field.fill("ADÉLE");
  await expect(inbox.row(other)).toHaveCount(0);
  await expect(inbox.row(one)).toBeVisible();
  await field.fill(number.slice(-6));
  await expect(inbox.row(one)).toBeVisible();
  await expect(inbox.row(other)).toHaveCount(0);
  await field.fill("nobody at all");
  await expect(inbox.page.getByText("Nothing matches")).toBeVisible();
  await inbox.page.getByRole("button", { name: "Clear filters" }).click();
  await expect(inbox.row(other)).toBeVisible();
});

test("the command bar finds people and what they wrote", async ({ business, inboxOf }) => {
  const { one } = await two(business);
  const inbox = await inboxOf(business.owner);
  await expect(inbox.row(one)).toBeVisible();
  const field = inbox.page.getByRole("combobox", { name: /^Search people/ });
  const options = inbox.page.getByRole("dialog", { name: "Command bar" }).getByRole("option");

  await inbox.page.keyboard.press("Control+k");
  await field.fill("adel");
  await expect(options.filter({ hasText: "Adele Adams" }).first()).toBeVisible();
  await field.fill("chimn");
  await options.filter({ hasText: "smoking chimney" }).click();
  await expect(inbox.threadWith(one)).toBeVisible();
});

test("filters stand in the address, and survive a reload", async ({ business, inboxOf }) => {
  const { one, other } = await two(business);
  const inbox = await inboxOf(business.owner);
  await inbox.open(one);
  await expect(inbox.unread(one)).toHaveCount(0);

  await inbox.page.getByRole("button", { name: "Filter" }).click();
  await inbox.page.getByRole("switch", { name: "Only unread" }).click();
  await inbox.page.keyboard.press("Escape");
  await expect(inbox.row(other)).toBeVisible();
  await inbox.page.reload();
  await expect(inbox.row(other)).toBeVisible();
  await expect(inbox.row(one)).toHaveCount(0);
  await expect(inbox.page.getByRole("button", { name: "Filter, 1 active" })).toBeVisible();
});

test("tabs and orders show whose turn it is", async ({ business, inboxOf }) => {
  const { one, other } = await two(business);
  const inbox = await inboxOf(business.owner);
  await expect(inbox.list.getByRole("link")).toHaveText([/Bert Brown/, /Adele Adams/]);

  await inbox.page.getByRole("button", { name: /^Sort/ }).click();
  await inbox.page.getByRole("menuitemradio", { name: "Longest waiting" }).click();
  await expect(inbox.list.getByRole("link")).toHaveText([/Adele Adams/, /Bert Brown/]);

  await inbox.open(one);
  await inbox.thread.getByRole("button", { name: "Assign to: Unassigned" }).click();
  await inbox.page.getByRole("option", { name: /Olga Owner/ }).click();
  await inbox.tab("Mine").click();
  await expect(inbox.row(one)).toBeVisible();
  await expect(inbox.row(other)).toHaveCount(0);
  await inbox.tab("Unassigned").click();
  await expect(inbox.row(other)).toBeVisible();
  await expect(inbox.row(one)).toHaveCount(0);
});

/** Two people who have written, Adele first. */
async function two(business: Business): Promise<{ one: string; other: string; number: string }> {
  const [adele, bert] = [business.customer(), business.customer()];
  await adele.text("I have a smoking chimney");
  await bert.text("I have a dripping tap");
  await business.owner.api.name(adele.number, "Adele Adams");
  await business.owner.api.name(bert.number, "Bert Brown");
  return { one: "Adele Adams", other: "Bert Brown", number: adele.number };
}
