import { expect, test } from "./support/test";

test("two agents see each other's answers, assignments and changes at once", async ({ business, inboxOf }) => {
  const customer = business.customer();
  await customer.text("Do you repair boilers?");
  await business.owner.api.name(customer.number, "Boris Boiler");
  const anna = await business.hire("agent", "Anna Agent");
  const mine = await inboxOf(business.owner);
  const theirs = await inboxOf(anna);
  await mine.open("Boris Boiler");
  await theirs.open("Boris Boiler");

  await theirs.send("We do.");
  await expect(mine.bubble("We do.")).toBeVisible();
  await expect(mine.bubble("We do.")).toHaveAccessibleName(/^Anna Agent/);

  await mine.thread.getByRole("button", { name: "Assign to: Unassigned" }).click();
  await mine.page.getByRole("option", { name: /Anna Agent/ }).click();
  await expect(theirs.thread.getByRole("button", { name: "Assign to: Anna Agent" })).toBeVisible();
  await expect(theirs.tab("Mine")).toContainText("1");
  await expect(theirs.tab("Unassigned")).toContainText("0");

  await mine.thread.getByRole("button", { name: "Close", exact: true }).click();
  await expect(theirs.row("Boris Boiler")).toHaveCount(0);
  await expect(theirs.thread.getByRole("button", { name: "Reopen" })).toBeVisible();
});

test("a colleague who has just joined is known by name", async ({ business, inboxOf }) => {
  const customer = business.customer();
  await customer.text("Anybody there?");
  const mine = await inboxOf(business.owner);
  await mine.open(customer.number);
  await expect(mine.bubble("Anybody there?")).toBeVisible();

  const anna = await business.hire("agent", "Anna Agent");
  const { id } = await anna.api.conversationWith(customer.number);
  await anna.api.post(`conversations/${id}/messages`, { body: "I am new here." });
  await expect(mine.bubble("I am new here.")).toHaveAccessibleName(/^Anna Agent/);

  await business.hire("agent", "Ben Agent");
  await mine.thread.getByRole("button", { name: /^Assign to/ }).click();
  await expect(mine.page.getByRole("option", { name: /Ben Agent/ })).toBeVisible();
});

test("what one agent has read is read for the other", async ({ business, inboxOf }) => {
  const customer = business.customer();
  const anna = await business.hire("agent", "Anna Agent");
  const mine = await inboxOf(business.owner);
  const theirs = await inboxOf(anna);
  await customer.text("First");
  await customer.text("Second");
  for (const inbox of [mine, theirs]) await expect(inbox.unread(customer.number)).toHaveText("2");

  await mine.row(customer.number).click();
  for (const inbox of [mine, theirs]) await expect(inbox.unread(customer.number)).toHaveCount(0);

  await mine.thread.getByRole("button", { name: "More actions" }).click();
  await mine.page.getByRole("menuitem", { name: "Mark as unread" }).click();
  for (const inbox of [mine, theirs]) await expect(inbox.unread(customer.number)).toBeVisible();
});

test("a thread is not read by a window that nobody looks at", async ({ business, inboxOf }) => {
  const customer = business.customer();
  await customer.text("Before");
  const inbox = await inboxOf(business.owner);
  await inbox.row(customer.number).click();
  await expect(inbox.unread(customer.number)).toHaveCount(0);

  // Playwright makes every page believe that it has the focus.
  await inbox.page.evaluate(() => {
    document.hasFocus = () => false;
    window.dispatchEvent(new Event("blur"));
  });
  await customer.text("Meanwhile");
  await expect(inbox.bubble("Meanwhile")).toBeVisible();
  await expect(inbox.unread(customer.number)).toHaveText("1");
  expect((await business.owner.api.conversationWith(customer.number)).unread_count).toBe(1);

  await inbox.page.evaluate(() => {
    document.hasFocus = () => true;
    window.dispatchEvent(new Event("focus"));
  });
  await expect(inbox.unread(customer.number)).toHaveCount(0);
});
