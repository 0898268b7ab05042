import { readFileSync } from "node:fs";

import { Api } from "./support/api";
import { nextEmail, nextNumber, shown } from "./support/business";
import { expect, test } from "./support/test";

test("a colleague is invited, logs in with the password that is shown once, and is removed", async ({ business, open, watch }) => {
  const email = nextEmail("carla");
  const page = await open(business.owner, { path: "/team" });
  await page.getByRole("button", { name: "Invite" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "E-mail" }).fill(email);
  await dialog.getByRole("textbox", { name: "Name" }).fill("Carla Colleague");
  await dialog.getByRole("radio", { name: /^Agent/ }).check();
  await dialog.getByRole("button", { name: "Make the login" }).click();
  await expect(dialog.getByText("This password is shown once.")).toBeVisible();
  const password = await dialog.getByRole("group", { name: /^One-time password/ }).innerText();
  await page.keyboard.press("Escape");
  await expect(dialog.getByText("This password is shown once.")).toBeVisible();
  await dialog.getByRole("button", { name: "I have passed it on" }).click();
  await expect(page.getByRole("cell", { name: /Carla Colleague/ })).toBeVisible();
  await expect(page.getByText(password)).toHaveCount(0);

  const theirs = await open(null, { path: "/login" });
  await theirs.getByRole("textbox", { name: "E-mail" }).fill(email);
  await theirs.getByLabel("Password", { exact: true }).fill(password);
  await theirs.getByRole("button", { name: "Log in" }).click();
  await expect(theirs.getByRole("heading", { name: "Inbox" })).toBeVisible();

  watch.allow(/status of 401/);
  const row = page.getByRole("row").filter({ hasText: "Carla Colleague" });
  await row.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await expect(row).toHaveCount(0);
  await theirs.reload();
  await expect(theirs.getByRole("heading", { name: "Welcome back" })).toBeVisible();
});

test("an API key is shown once, works, and works no more when it is revoked", async ({ business, demo, open }) => {
  const page = await open(business.owner, { path: "/api-keys" });
  await page.getByRole("button", { name: "Create key" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Name" }).fill("Website form");
  await dialog.getByRole("button", { name: "Create key" }).click();
  await expect(dialog.getByText("Choose at least one.")).toBeVisible();
  await dialog.getByRole("checkbox", { name: "Leads: Read" }).check();
  await dialog.getByRole("button", { name: "Create key" }).click();
  const key = await dialog.getByRole("group", { name: /^API key/ }).innerText();
  await dialog.getByRole("button", { name: "I have copied it" }).click();
  await expect(page.getByRole("listitem").filter({ hasText: "Website form" })).toBeVisible();
  await expect(page.getByText(key)).toHaveCount(0);

  const program = new Api(demo.url, key);
  await program.get("leads");
  await expect(program.get("channels")).rejects.toThrow("403");

  await page.getByRole("button", { name: "Revoke Website form" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke key" }).click();
  await expect(page.getByText("No keys yet")).toBeVisible();
  await expect(program.get("leads")).rejects.toThrow("401");
});

test("settings of the business are kept", async ({ business, open }) => {
  const page = await open(business.owner, { path: "/settings" });
  const name = page.getByRole("textbox", { name: "Name" });
  await name.fill("Acme & Daughters");
  await page.getByRole("button", { name: "Save" }).first().click();
  await expect(page.getByText("Saved", { exact: true })).toBeVisible();
  await page.getByRole("switch", { name: "Hold texts back at night" }).check();
  await page.getByLabel("From", { exact: true }).fill("22:00");
  await page.getByRole("button", { name: "Save" }).last().click();
  await expect(page.getByText("Quiet hours saved")).toBeVisible();

  await page.reload();
  await expect(name).toHaveValue("Acme & Daughters");
  const tenant = await business.owner.api.get<{ name: string; quiet_hours: { start: string } }>("tenant");
  expect(tenant.name).toBe("Acme & Daughters");
  expect(tenant.quiet_hours.start).toMatch(/^22:00/);
});

test("a channel is tested, renamed, switched off and on", async ({ business, inboxOf }) => {
  const customer = business.customer();
  await customer.text("Before the break");
  const inbox = await inboxOf(business.owner);
  const { page } = inbox;
  await inbox.open(customer.number);
  await page.getByRole("link", { name: "Channels" }).click();
  const card = page.getByRole("article", { name: /^Front desk|^Counter/ });
  await expect(card).toContainText(shown(business.number));
  await expect(card).not.toContainText(business.account.sid);
  await card.getByRole("button", { name: "Test" }).click();
  await expect(card.getByText("Everything is as it should be.")).toBeVisible();

  await card.getByRole("button", { name: "Settings" }).click();
  await page.getByRole("dialog").getByRole("textbox", { name: "Name", exact: true }).fill("Counter");
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await expect(card.getByRole("heading", { name: "Counter" })).toBeVisible();

  await card.getByRole("button", { name: /^More actions/ }).click();
  await page.getByRole("menuitem", { name: "Switch off" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Switch off" }).click();
  await expect(card).toContainText("Switched off");
  await page.goBack();
  await expect(page.getByText("The number of this conversation is switched off.")).toBeVisible();
  await page.goForward();
  await card.getByRole("button", { name: "Switch on" }).click();
  await expect(card).not.toContainText("Switched off");
});

test("leads are added, texted, edited and deleted", async ({ business, open }) => {
  const page = await open(business.owner, { path: "/leads" });
  const number = nextNumber();
  await page.getByRole("button", { name: "Add lead" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Name" }).fill("Lena Lead");
  await dialog.getByRole("textbox", { name: "Phone number" }).fill(number);
  await dialog.getByRole("button", { name: "Add lead" }).click();
  await expect(page.getByRole("heading", { name: "Lena Lead", level: 1 })).toBeVisible();

  await page.getByRole("button", { name: "Text this person" }).click();
  await dialog.getByRole("textbox", { name: "Message" }).fill("Hello Lena");
  await dialog.getByRole("button", { name: "Send" }).click();
  await expect(page.getByRole("region", { name: "Conversation with Lena Lead" })).toBeVisible();
  await expect(page.getByRole("article").filter({ hasText: "Hello Lena" }).getByRole("img", { name: "Delivered" })).toBeVisible();

  await page.getByRole("link", { name: "Open the lead" }).click();
  await page.getByRole("button", { name: "Edit" }).click();
  await dialog.getByRole("textbox", { name: "Name" }).fill("Lena Leader");
  await dialog.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByRole("heading", { name: "Lena Leader", level: 1 })).toBeVisible();

  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Delete lead" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete for good" }).click();
  await expect(page.getByText("No leads yet")).toBeVisible();
});

test("a CSV file is looked at first, its bad rows are told, and the rest is imported", async ({ business, open }) => {
  const page = await open(business.owner, { path: "/leads/import" });
  const csv = ["Name;Mobile;E-mail;Shoe size", "Ida Import;(212) 555-0190;ida@example.com;38", "Bad Row;12;;39", "Otto Import;+1 212 555 0191;;44", ";;;"];
  await page.getByLabel("CSV file with leads").setInputFiles({ name: "people.csv", mimeType: "text/csv", buffer: Buffer.from(csv.join("\r\n")) });
  await expect(page.getByText("Nothing has been imported yet.")).toBeVisible();
  await expect(page.getByText("row will be left out").or(page.getByText("rows will be left out")).first()).toBeVisible();
  const bad = page.getByRole("table").filter({ hasText: "What is wrong" });
  await expect(bad.getByRole("row").filter({ hasText: "12" })).toBeVisible();
  expect((await business.owner.api.get<{ data: unknown[] }>("leads")).data).toHaveLength(0);

  await page.getByRole("button", { name: "Import 2 rows" }).click();
  await expect(page.getByText("Import finished")).toBeVisible();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download all of them with their reasons" }).click();
  expect(readFileSync(await (await download).path(), "utf8")).toContain("3,Mobile,12,");

  await page.getByRole("link", { name: "See the leads" }).click();
  await expect(page.getByText("Ida Import")).toBeVisible();
  await expect(page.getByText("Otto Import")).toBeVisible();
  await expect(page.getByText("Bad Row")).toHaveCount(0);
});

test("leads are exported as they are filtered", async ({ business, open }) => {
  for (const name of ["Xaver Export", "Yara Export", "Zoe Other"]) {
    await business.owner.api.post("leads", { name, phone: nextNumber() });
  }
  const page = await open(business.owner, { path: "/leads?q=export" });
  await expect(page.getByText("Xaver Export")).toBeVisible();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export" }).click();
  const file = readFileSync(await (await download).path(), "utf8");
  expect(file.charCodeAt(0)).toBe(0xfeff);
  expect(file).toContain("Xaver Export");
  expect(file).toContain("Yara Export");
  expect(file).not.toContain("Zoe Other");
});

test("logs tell how texts go out, and who did what", async ({ business, open }) => {
  const customer = business.customer();
  await customer.text("For the record");
  const { id } = await business.owner.api.conversationWith(customer.number);
  await business.simulator.outcome(business.account.sid, { status: "undelivered", error_code: 30006 });
  await business.owner.api.post(`conversations/${id}/messages`, { body: "Does this arrive?" });
  await business.owner.api.patch(`conversations/${id}`, { assigned_user_id: business.owner.login.user.id });
  const page = await open(business.owner, { path: "/logs" });
  await expect(page.getByText("Error 30006")).toBeVisible();
  await page.getByRole("tab", { name: "Activity" }).click();
  await expect(page.getByText("Olga Owner took a conversation")).toBeVisible();
});
