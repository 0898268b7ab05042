import { expect, test } from "./support/test";

test("a viewer reads everything and can write nothing", async ({ business, inboxOf }) => {
  const customer = business.customer();
  await customer.text("Who reads this?");
  const inbox = await inboxOf(await business.hire("viewer", "Victor Viewer"));
  const { page } = inbox;
  await inbox.row(customer.number).click();
  await expect(inbox.bubble("Who reads this?")).toBeVisible();
  await expect(page.getByText("You can read, but your role may not write.")).toBeVisible();
  await expect(inbox.thread.getByRole("textbox")).toHaveCount(0);
  for (const name of ["Close", "Snooze", "More actions", "Take over"]) {
    await expect(inbox.thread.getByRole("button", { name, exact: true })).toHaveCount(0);
  }
  for (const name of ["Add a label", "Mark as opted out"]) await expect(inbox.person.getByRole("button", { name })).toHaveCount(0);
  await expect(inbox.person.getByRole("button", { name: /^Name/ })).toBeDisabled();
  // Looking is not reading for those who answer.
  await expect(inbox.unread(customer.number)).toHaveText("1");
  await page.keyboard.press("Alt+e");
  await page.keyboard.press("Alt+m");
  expect((await business.owner.api.conversationWith(customer.number)).status).toBe("open");

  await page.getByRole("link", { name: "Leads" }).click();
  await expect(page.getByRole("button", { name: "Add lead" })).toBeDisabled();
  await expect(page.getByRole("link", { name: "Import" })).toHaveCount(0);
});

test("an agent answers, but sees nothing of administration", async ({ business, inboxOf }) => {
  const inbox = await inboxOf(await business.hire("agent", "Anna Agent"));
  const { page } = inbox;
  const nav = page.getByRole("navigation", { name: "Main" });
  await expect(nav.getByRole("link", { name: "Leads" })).toBeVisible();
  await expect(nav.getByRole("link", { name: "API keys" })).toHaveCount(0);

  await nav.getByRole("link", { name: "Channels" }).click();
  await expect(page.getByRole("heading", { name: "Front desk" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Connect another number" })).toBeDisabled();
  await expect(page.getByRole("button", { name: "Settings" })).toHaveCount(0);

  await nav.getByRole("link", { name: "Team" }).click();
  await expect(page.getByRole("cell", { name: /Olga Owner/ })).toBeVisible();
  await expect(page.getByRole("button", { name: "Invite" })).toBeDisabled();
  await expect(page.getByRole("button", { name: "Remove" })).toHaveCount(0);
  await expect(page.getByRole("combobox")).toHaveCount(0);

  await nav.getByRole("link", { name: "Settings" }).click();
  await expect(page.getByText("Only an owner can change this.").first()).toBeVisible();
  await expect(page.getByRole("button", { name: "Save" })).toHaveCount(0);

  await page.goto("/api-keys");
  await expect(page.getByText("Only owners see API keys")).toBeVisible();
});

test("a role that is changed is felt by whom it concerns", async ({ business, open, inboxOf, watch }) => {
  const agent = await business.hire("agent", "Anna Agent");
  const customer = business.customer();
  await customer.text("Hello");
  const inbox = await inboxOf(agent);
  await inbox.open(customer.number);
  await expect(inbox.reply).toBeVisible();

  const page = await open(business.owner, { path: "/team" });
  await page.getByRole("combobox", { name: "Role of Anna Agent" }).click();
  await page.getByRole("option", { name: "Viewer" }).click();
  await expect(page.getByText("Anna Agent is viewer now")).toBeVisible();

  watch.allow(/status of 40[13]/);
  await inbox.page.reload();
  await expect(inbox.page.getByText("You can read, but your role may not write.").or(inbox.page.getByText("Welcome back"))).toBeVisible();
});
