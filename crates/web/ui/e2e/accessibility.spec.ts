import type { Page } from "@playwright/test";
import axe, { type Result } from "axe-core";

import { Inbox } from "./support/inbox";
import { furnish, inside, OUTSIDE, settled } from "./support/pages";
import { expect, test } from "./support/test";

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing serious on any page, ${colorScheme}`, async ({ business, open }) => {
    test.slow();
    const furnished = await furnish(business);
    const options = { colorScheme, reducedMotion: "reduce", path: "/login" } as const;
    const stranger = await open(null, options);
    for (const place of OUTSIDE) {
      await stranger.goto(place.path);
      await place.ready(stranger);
      expect.soft(await serious(stranger), place.name).toEqual([]);
    }
    const page = await open(business.owner, { ...options, path: "/inbox" });
    for (const place of inside(furnished)) {
      await page.goto(place.path);
      await place.ready(page);
      expect.soft(await serious(page), place.name).toEqual([]);
    }
  });

  test(`axe finds nothing serious in dialogs and menus, ${colorScheme}`, async ({ business, open }) => {
    test.slow();
    await furnish(business);
    const page = await open(business.owner, { colorScheme, reducedMotion: "reduce", path: "/inbox" });
    const inbox = new Inbox(page);
    const look = async (what: string) => {
      await settled(page);
      expect.soft(await serious(page), what).toEqual([]);
    };
    await inbox.open("Maria Moreno");
    await page.keyboard.press("Alt+p");
    await page.getByRole("textbox", { name: "Private note" }).fill("A note");
    await look("a note being written");
    await page.keyboard.press("Alt+l");
    await inbox.reply.fill("Costs more: “”");
    await page.getByRole("button", { name: /UCS-2/ }).click();
    await look("counter");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "More ways to send" }).click();
    await page.getByRole("menuitem", { name: "Send later" }).click();
    await expect(page.getByRole("dialog", { name: "Send later" })).toBeVisible();
    await look("send later");
    await page.keyboard.press("Escape");
    for (const [button, role] of [["More actions", "menu"], ["Snooze", "menu"], [/^Assign to/, "listbox"]] as const) {
      await inbox.thread.getByRole("button", { name: button }).click();
      await expect(page.getByRole(role)).toBeVisible();
      await look(String(button));
      await page.keyboard.press("Escape");
      await expect(page.getByRole(role)).toHaveCount(0);
    }
    await page.getByRole("button", { name: "Filter" }).click();
    await expect(page.getByRole("combobox", { name: "Status" }).last()).toBeVisible();
    await look("filters");
    await page.keyboard.press("Escape");
    await inbox.bubble("This is how it looks").getByRole("button", { name: /^Open the picture/ }).click();
    await look("picture");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+k");
    await expect(page.getByRole("combobox", { name: /^Search people/ })).toBeFocused();
    await look("command bar");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: /^Your account/ }).click();
    await page.getByRole("menuitem", { name: "Keyboard shortcuts" }).click();
    await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
    await look("keys");
  });

  test(`axe finds nothing serious in the dialogs of the other pages, ${colorScheme}`, async ({ business, open }) => {
    const page = await open(business.owner, { colorScheme, reducedMotion: "reduce", path: "/leads" });
    const dialogs = [
      ["/leads", "Add lead"],
      ["/channels", "Connect another number"],
      ["/channels", "Settings"],
      ["/team", "Invite"],
      ["/api-keys", "Create key"],
    ] as const;
    for (const [path, button] of dialogs) {
      await page.goto(path);
      await page.getByRole("main").getByRole("button", { name: button, exact: true }).first().click();
      await expect(page.getByRole("dialog")).toBeVisible();
      await settled(page);
      expect.soft(await serious(page), button).toEqual([]);
    }
  });
}

test("an arriving text is said to who doesn't see it", async ({ business, inboxOf }) => {
  const customer = business.customer();
  const inbox = await inboxOf(business.owner);
  await expect(inbox.page.getByText("Ready for the first text")).toBeVisible();
  await customer.text("Can you hear me?");
  await expect(inbox.page.getByRole("status").filter({ hasText: "New message" })).toBeAttached();
});

/** What axe calls serious or critical, in lines that can be read. */
async function serious(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    const engine = (globalThis as unknown as { axe: typeof axe }).axe;
    return (await engine.run(document, { resultTypes: ["violations"] })).violations;
  });
  return violations.filter(({ impact }) => impact === "serious" || impact === "critical").flatMap(lines);
}

function lines({ id, help, nodes }: Result): string[] {
  return nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html.slice(0, 160)} ${failureSummary?.split("\n").slice(1, 2).join("").trim() ?? ""}`);
}
