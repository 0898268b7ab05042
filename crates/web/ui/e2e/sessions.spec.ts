import type { Page, Route } from "@playwright/test";

import { nextEmail, PASSWORD } from "./support/business";
import { Inbox } from "./support/inbox";
import { expect, test } from "./support/test";

const REFRESH = "**/api/v1/auth/refresh";

test("who logs out in one tab is logged out in the other", async ({ business, inboxOf }) => {
  const inbox = await inboxOf(business.owner);
  await expect(inbox.page.getByRole("heading", { name: "Inbox" })).toBeVisible();
  const second = await inbox.page.context().newPage();
  await second.goto("/settings");
  await expect(second.getByRole("heading", { name: "Settings", level: 1 })).toBeVisible();

  await inbox.page.getByRole("button", { name: /^Your account/ }).click();
  await inbox.page.getByRole("menuitem", { name: "Log out" }).click();
  for (const page of [inbox.page, second]) await expect(page.getByRole("heading", { name: "Welcome back" })).toBeVisible();

  await logIn(second, business.owner.login.user.email);
  for (const page of [inbox.page, second]) await expect(page.getByRole("heading", { name: "Inbox" })).toBeVisible();
});

test("tabs take turns to renew the login, and use each token once", async ({ business, inboxOf, demo }) => {
  const customer = business.customer();
  const inbox = await inboxOf(business.owner);
  await expect(inbox.page.getByText("Ready for the first text")).toBeVisible();
  const context = inbox.page.context();
  let [running, most] = [0, 0];
  const used: string[] = [];
  const answers: number[] = [];
  // Logins that are hardly good for a moment, so that every burst of requests needs a new one.
  await context.route(REFRESH, async (route) => {
    running += 1;
    most = Math.max(most, running);
    used.push((route.request().postDataJSON() as { refresh_token: string }).refresh_token);
    const response = await route.fetch();
    answers.push(response.status());
    const login = (await response.json()) as object;
    running -= 1;
    await route.fulfill({ response, json: { ...login, expires_in: 30 } });
  });
  const second = new Inbox(await context.newPage());
  await second.page.goto(`${demo.url}/inbox`);
  await inbox.page.reload();

  for (let i = 1; i <= 6; i++) {
    await customer.text(`Text ${String(i)}`);
    for (const tab of [inbox, second]) await expect(tab.row(customer.number)).toContainText(`Text ${String(i)}`);
    await expect.poll(() => used.length).toBeGreaterThan(i);
  }
  // What is under way now is nobody's business any more.
  await context.unrouteAll({ behavior: "ignoreErrors" });
  expect(most).toBe(1);
  expect(new Set(used).size).toBe(used.length);
  expect(new Set(answers)).toEqual(new Set([200]));
});

test("a login that has ended says so, and leads back to where one was", async ({ business, open, watch }) => {
  watch.allow(/status of 401/);
  const page = await open(business.owner, { path: "/team" });
  await expect(page.getByRole("heading", { name: "Team", level: 1 })).toBeVisible();
  await page.evaluate(() => localStorage.setItem("trunkline.refresh", "not-a-token"));
  await page.reload();
  await expect(page.getByText("Your login has ended. Please log in again.")).toBeVisible();
  await logIn(page, business.owner.login.user.email);
  await expect(page.getByRole("heading", { name: "Team", level: 1 })).toBeVisible();
});

test("a page that is reloaded while its login is being renewed stays logged in", async ({ business, open }) => {
  const page = await open(business.owner, { path: "/settings" });
  await expect(page.getByRole("heading", { name: "Settings", level: 1 })).toBeVisible();
  let caught = () => undefined as void;
  const underWay = new Promise<void>((resolve) => (caught = resolve));
  const lose = async (route: Route) => {
    await route.fetch();
    caught();
  };
  await page.route(REFRESH, lose, { times: 1 });
  await page.reload({ waitUntil: "commit" });
  await underWay;
  await page.reload();
  await expect(page.getByRole("heading", { name: "Settings", level: 1 })).toBeVisible();
});

test("a wrong password is told in words", async ({ business, open, watch }) => {
  watch.allow(/status of 401/);
  const page = await open(null, { path: "/login" });
  await logIn(page, business.owner.login.user.email, "wrong horse");
  await expect(page.getByRole("alert")).toHaveText("E-mail or password is wrong.");
  await logIn(page, business.owner.login.user.email);
  await expect(page.getByRole("heading", { name: "Inbox" })).toBeVisible();
});

test("an address of the page asks for a login first, and never leads elsewhere", async ({ business, open }) => {
  const page = await open(null, { path: "/leads" });
  await expect(page).toHaveURL(/\/login\?next=/);
  await page.goto("/login?next=https://evil.example/");
  await logIn(page, business.owner.login.user.email);
  await expect(page.getByRole("heading", { name: "Inbox" })).toBeVisible();
});

test("an e-mail address that is taken can't sign up again", async ({ business, open, watch }) => {
  watch.allow(/status of 4(09|22)/);
  const page = await open(null, { path: "/signup" });
  const fill = async (email: string) => {
    await page.getByRole("textbox", { name: "Business name" }).fill("Twice");
    await page.getByRole("textbox", { name: "E-mail" }).fill(email);
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await page.getByRole("button", { name: "Create account" }).click();
  };
  await fill(business.owner.login.user.email);
  await expect(page.getByText(/e-mail|address/i).filter({ hasText: /taken|already|used/i })).toBeVisible();
  await fill(nextEmail("free"));
  await expect(page.getByRole("heading", { name: "Inbox" })).toBeVisible();
});

async function logIn(page: Page, email: string, password = PASSWORD): Promise<void> {
  await page.getByRole("textbox", { name: "E-mail" }).fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
}
