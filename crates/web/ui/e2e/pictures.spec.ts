import { mkdirSync } from "node:fs";
import { join } from "node:path";

import type { Page } from "@playwright/test";

import { pictures } from "./support/env";
import { Inbox } from "./support/inbox";
import { furnish, inside, OUTSIDE, settled } from "./support/pages";
import { expect, test } from "./support/test";

const SIZES = { 1440: 900, 1024: 768, 390: 844 } as const;

for (const colorScheme of ["light", "dark"] as const) {
  test(`each page is pictured at each width, ${colorScheme}`, async ({ business, open }) => {
    test.slow();
    const furnished = await furnish(business);
    const options = { colorScheme, reducedMotion: "reduce" } as const;
    const stranger = await open(null, { ...options, path: "/login" });
    const page = await open(business.owner, { ...options, path: "/inbox" });
    for (const [who, places] of [[stranger, OUTSIDE], [page, inside(furnished)]] as const) {
      for (const place of places) {
        await who.goto(place.path);
        await place.ready(who);
        await atEachWidth(who, `${place.name}-${colorScheme}`);
      }
    }
    for (const [name, show] of STATES) {
      await page.setViewportSize({ width: 1440, height: 900 });
      await page.goto(`/inbox/${furnished.conversation.id}`);
      await expect(page.getByRole("log", { name: "Messages" }).getByRole("article").last()).toBeVisible();
      await show(page);
      await shoot(page, `${name}-${colorScheme}-1440`);
    }
  });
}

/** What is seen only once somebody does something. */
const STATES: [name: string, show: (page: Page) => Promise<unknown>][] = [
  ["composer-unicode", (page) => page.getByRole("textbox", { name: "Reply" }).fill("“Quoted”, and long enough that it takes more than one segment: tomorrow at nine, on the second floor.")],
  ["composer-note", (page) => page.keyboard.press("Alt+p")],
  ["command-bar", (page) => overlaid(page, "Control+k", "dialog")],
  ["keys", (page) => overlaid(page, "?", "dialog")],
  ["snooze", (page) => overlaid(page, "Alt+m", "menu")],
  ["filters", (page) => page.getByRole("button", { name: "Filter" }).click()],
  ["opted-out", (page) => new Inbox(page).row("Grace Gone").click()],
];

async function overlaid(page: Page, key: string, role: "dialog" | "menu"): Promise<void> {
  await page.keyboard.press(key);
  await expect(page.getByRole(role)).toBeVisible();
}

async function atEachWidth(page: Page, name: string): Promise<void> {
  for (const [width, height] of Object.entries(SIZES)) {
    await page.setViewportSize({ width: Number(width), height });
    await shoot(page, `${name}-${width}`);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
}

async function shoot(page: Page, name: string): Promise<void> {
  await settled(page);
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`), animations: "disabled" });
}
