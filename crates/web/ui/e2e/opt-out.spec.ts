import { expect, test } from "./support/test";

test("who has texted STOP can't be answered, one sees why, and after START one can", async ({ business, inboxOf }) => {
  const customer = business.customer();
  await customer.text("Please stop texting me.");
  await business.owner.api.name(customer.number, "Stella Stop");
  const inbox = await inboxOf(business.owner);
  await inbox.open("Stella Stop");
  await inbox.reply.fill("Just one more thing");

  await customer.text("STOP");
  await expect(inbox.thread.getByText("Stella Stop has opted out. Only they can undo it, by texting START.")).toBeVisible();
  await expect(inbox.reply).toHaveCount(0);
  await expect(inbox.row("Stella Stop").getByRole("img", { name: "Opted out" })).toBeVisible();
  await expect(inbox.person.getByText("They texted STOP")).toBeVisible();
  await expect(inbox.person.getByRole("button", { name: "Undo the opt-out" })).toHaveCount(0);

  await customer.text("START");
  await expect(inbox.reply).toHaveValue("Just one more thing");
  await expect(inbox.row("Stella Stop").getByRole("img", { name: "Opted out" })).toHaveCount(0);
  await inbox.send("Welcome back");
  await expect(inbox.tick("Welcome back", "Delivered")).toBeVisible();
});

test("a mark that somebody here has made can be undone here", async ({ business, inboxOf }) => {
  const customer = business.customer();
  await customer.text("I'd rather be called.");
  await business.owner.api.name(customer.number, "Mark Marked");
  const inbox = await inboxOf(business.owner);
  await inbox.open("Mark Marked");

  await inbox.person.getByRole("button", { name: "Mark as opted out" }).click();
  await expect(inbox.thread.getByText("Mark Marked is marked as opted out.")).toBeVisible();
  await expect(inbox.reply).toHaveCount(0);

  await inbox.person.getByRole("button", { name: "Undo the opt-out" }).click();
  await expect(inbox.reply).toBeVisible();
});
