import { chromium, expect, test, type Browser, type Page } from "@playwright/test";

import { CHROMIUM_ARGS, chromium as executablePath } from "../support/env";
import { firstSeen, report, scroll, summary } from "./figures";

// A server that has been filled: its address, somebody's login, and the path of the long thread.
const { TRUNKLINE_URL: url, TRUNKLINE_EMAIL: email, TRUNKLINE_PASSWORD: password, TRUNKLINE_LONG: long } = process.env;

const LIST = "#conversation-list";
const LOG = "[role=log]";

/** Of people who are there, each of whom wrote "… boiler …" and three times the number. */
const NUMBERS = [4_711, 99_999, 70_120, 33_331, 12_345, 1_000, 50_505, 88_888, 20_202, 65_432];

test.describe("with a full database", () => {
  test.skip(!url || !email || !password, "needs TRUNKLINE_URL, TRUNKLINE_EMAIL and TRUNKLINE_PASSWORD");
  let browser: Browser;
  let page: Page;

  test.beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args: CHROMIUM_ARGS });
    page = await browser.newPage({ baseURL: url, viewport: { width: 1440, height: 900 } });
    await page.goto("/login");
    await page.getByRole("textbox", { name: "E-mail" }).fill(email ?? "");
    await page.getByLabel("Password", { exact: true }).fill(password ?? "");
    await page.getByRole("button", { name: "Log in" }).click();
    await expect(rows(page).first()).toBeVisible();
  });

  test.afterAll(() => browser.close());

  test("the list opens", async () => {
    const times: number[] = [];
    for (let i = 0; i < 10; i++) {
      const before = Date.now();
      await page.goto("/inbox", { waitUntil: "commit" });
      times.push((await firstSeen(page, `${LIST} a`, "")) - before);
      // Not to throw away what renews the login.
      await expect(page.getByRole("tab", { name: /^All\s*\d/ })).toBeVisible();
    }
    report("list-opens", { unit: "ms", ...summary(times) });
  });

  test("conversations open, and open again", async () => {
    await page.goto("/inbox");
    await expect(rows(page).first()).toBeVisible();
    const links = await rows(page).evaluateAll((all) => all.map((one) => one.getAttribute("href") ?? ""));
    const open = async (href: string) => {
      const before = Date.now();
      await page.locator(`${LIST} a[href="${href}"]`).click();
      const seen = await firstSeen(page, `${LOG} article`, "");
      await expect(page).toHaveURL(new RegExp(new URL(href, "http://page").pathname));
      return seen - before;
    };
    const cold: number[] = [];
    const warm: number[] = [];
    for (const href of links.slice(0, 8)) cold.push(await open(href));
    for (const href of links.slice(0, 8)) warm.push(await open(href));
    report("conversation-opens", { unit: "ms", first: summary(cold), again: summary(warm) });
  });

  test("the list scrolls", async () => {
    await page.goto("/inbox");
    await expect(rows(page).first()).toBeVisible();
    const frames = await scroll(page, LIST, 2_000, 300);
    const reached = await page.locator(LIST).evaluate((list) => Math.round(list.scrollTop / 84));
    report("list-scrolls", { unit: "ms a frame", rows: reached, ...summary(frames) });
  });

  test("the list is searched, and what people wrote", async () => {
    await page.goto("/inbox");
    await expect(rows(page).first()).toBeVisible();
    const field = page.getByRole("searchbox");
    const options = "[role=dialog] [role=option]";
    const people: number[] = [];
    const texts: number[] = [];
    for (const n of NUMBERS) {
      const before = Date.now();
      await field.fill(`Person ${String(n)}`);
      people.push((await firstSeen(page, `${LIST} a`, `Person ${String(n)}`)) - before);
    }
    await field.fill("");
    await page.keyboard.press("Control+k");
    for (const n of NUMBERS) {
      const before = Date.now();
      await page.getByRole("combobox", { name: /^Search people/ }).fill(`boiler ${String(n * 3)}`);
      texts.push((await firstSeen(page, options, String(n * 3))) - before);
    }
    report("search", { unit: "ms from the last letter on", people: summary(people), texts: summary(texts) });
  });

  test("the long thread opens and scrolls", async () => {
    test.skip(!long, "needs TRUNKLINE_LONG, such as /inbox/<id>");
    const before = Date.now();
    await page.goto(long ?? "", { waitUntil: "commit" });
    const opens = (await firstSeen(page, `${LOG} article`, "")) - before;
    const frames = await scroll(page, LOG, -2_000, 300);
    const height = await page.locator(LOG).evaluate((log) => log.scrollHeight);
    report("long-thread", { unit: "ms", opens, height, frames: summary(frames) });
  });
});

function rows(page: Page) {
  return page.locator(`${LIST} a`);
}
