import { expect, test } from "./support/test";

test("a text is scheduled, changed, sent before its time, and another one taken back", async ({ business, inboxOf }) => {
  const customer = business.customer();
  await customer.text("Remind me tomorrow");
  const inbox = await inboxOf(business.owner);
  await inbox.open(customer.number);
  const { page } = inbox;
  const schedule = async (text: string) => {
    await inbox.reply.fill(text);
    await page.getByRole("button", { name: "More ways to send" }).click();
    await page.getByRole("menuitem", { name: "Send later" }).click();
    await page.getByRole("button", { name: "Tomorrow 9:00" }).click();
    await page.getByRole("button", { name: "Schedule" }).click();
    await expect(inbox.bubble(text)).toContainText(/Scheduled for .*9:00/);
  };
  await schedule("Here is your reminder");
  expect(await customer.received()).toHaveLength(0);

  await inbox.bubble("Here is your reminder").getByRole("button", { name: "Edit" }).click();
  const dialog = page.getByRole("dialog", { name: "Edit the scheduled text" });
  await dialog.getByRole("textbox", { name: "Text" }).fill("Here is your better reminder");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(inbox.bubble("Here is your better reminder")).toContainText("Scheduled for");
  await expect(inbox.bubble("Here is your reminder")).toHaveCount(0);

  await inbox.bubble("Here is your better reminder").getByRole("button", { name: "Send now" }).click();
  await expect(inbox.tick("Here is your better reminder", "Delivered")).toBeVisible();

  await schedule("Never mind");
  await inbox.bubble("Never mind").getByRole("button", { name: "Cancel sending" }).click();
  await expect(inbox.bubble("Never mind")).toContainText("Canceled");
  await expect(inbox.bubble("Never mind").getByRole("button")).toHaveCount(0);
  expect((await customer.received()).map((message) => message.body)).toEqual(["Here is your better reminder"]);
});

test("a time that has passed is not taken", async ({ business, inboxOf }) => {
  const customer = business.customer();
  await customer.text("When?");
  const inbox = await inboxOf(business.owner);
  await inbox.open(customer.number);
  await inbox.reply.fill("Yesterday");
  await inbox.page.getByRole("button", { name: "More ways to send" }).click();
  await inbox.page.getByRole("menuitem", { name: "Send later" }).click();
  await inbox.page.getByLabel("When").fill("2020-01-01T09:00");
  await expect(inbox.page.getByText("Choose a time that lies ahead.")).toBeVisible();
  await expect(inbox.page.getByRole("button", { name: "Schedule" })).toBeDisabled();
});

test("a private note is seen by the team, and by no customer", async ({ business, inboxOf }) => {
  const customer = business.customer();
  await customer.text("I want a refund");
  const mine = await inboxOf(business.owner);
  const theirs = await inboxOf(await business.hire("agent", "Anna Agent"));
  for (const inbox of [mine, theirs]) await inbox.open(customer.number);

  await theirs.page.getByText("Private note").click();
  await theirs.page.getByRole("textbox", { name: "Private note" }).fill("She is right, pay her");
  await theirs.page.getByRole("button", { name: "Add note" }).click();
  await expect(mine.bubble("She is right, pay her")).toContainText("Anna Agent");
  await expect(mine.row(customer.number)).toContainText("I want a refund");

  await theirs.bubble("She is right, pay her").getByRole("button", { name: "More" }).click();
  await theirs.page.getByRole("menuitem", { name: "Edit the note" }).click();
  await theirs.bubble("").getByRole("textbox", { name: "Private note" }).fill("She is right, pay her at once");
  await theirs.page.getByRole("button", { name: "Save" }).click();
  await expect(mine.bubble("She is right, pay her at once")).toContainText("edited");

  await mine.bubble("pay her at once").getByRole("button", { name: "More" }).click();
  await mine.page.getByRole("menuitem", { name: "Delete the note" }).click();
  for (const inbox of [mine, theirs]) await expect(inbox.bubble("pay her")).toHaveCount(0);
  expect(await customer.received()).toHaveLength(0);
});

test("what is written, as reply and as note, survives a reload", async ({ business, inboxOf }) => {
  const [one, other] = [business.customer(), business.customer()];
  await other.text("Me, too");
  await one.text("Think before you answer");
  const inbox = await inboxOf(business.owner);
  await inbox.open(one.number);
  await inbox.page.getByText("Private note").click();
  const note = inbox.page.getByRole("textbox", { name: "Private note" });
  await note.fill("Ask the boss");
  await inbox.page.getByText("Reply", { exact: true }).click();
  await inbox.reply.fill("Well, let me");
  await inbox.page.reload();

  await expect(inbox.reply).toHaveValue("Well, let me");
  await inbox.open(other.number);
  await expect(inbox.reply).toHaveValue("");
  await inbox.open(one.number);
  await expect(inbox.reply).toHaveValue("Well, let me");
  await inbox.page.getByText("Private note").click();
  await expect(note).toHaveValue("Ask the boss");
});

test("the counter tells characters, encoding and segments, and marks what costs more", async ({ business, inboxOf }) => {
  const customer = business.customer();
  await customer.text("Write me a long one");
  const inbox = await inboxOf(business.owner);
  await inbox.open(customer.number);
  const { page } = inbox;

  await inbox.reply.fill("a".repeat(160));
  await expect(page.getByText("160 · GSM-7 · 1 segment")).toBeVisible();
  await inbox.reply.fill("a".repeat(161));
  await expect(page.getByText("161 · GSM-7 · 2 segments")).toBeVisible();
  await inbox.reply.fill(`${"a".repeat(70)}“quoted”`);
  await expect(page.getByText("78 · UCS-2 · 2 segments")).toBeVisible();
  await expect(inbox.thread.locator("mark")).toHaveText(["“", "”"]);

  await page.getByRole("button", { name: /78 · UCS-2/ }).click();
  await page.getByRole("button", { name: "Use plain characters" }).click();
  await expect(inbox.reply).toHaveValue(`${"a".repeat(70)}"quoted"`);
  await expect(page.getByText("78 · GSM-7 · 1 segment")).toBeVisible();
  await expect(inbox.thread.locator("mark")).toHaveCount(0);

  const long = `${"All of this is one text. ".repeat(12)}The end`;
  await inbox.send(long);
  await expect(inbox.bubble("The end")).toContainText(`${String(Math.ceil(long.length / 153))} segments`);
});

test("a field that grows with its text never covers the thread", async ({ business, inboxOf }) => {
  const customer = business.customer();
  await customer.text("Tell me everything");
  const inbox = await inboxOf(business.owner);
  await inbox.open(customer.number);
  await inbox.reply.fill("line\n".repeat(40));
  await expect(inbox.page.getByRole("button", { name: "Send", exact: true })).toBeInViewport();
  const log = await inbox.thread.getByRole("log", { name: "Messages" }).boundingBox();
  expect(log?.height).toBeGreaterThan(200);
});
