import type { Page } from "@playwright/test";

import { PASSWORD, shown } from "./support/business";
import { Inbox } from "./support/inbox";
import { settled } from "./support/pages";
import { expect, test } from "./support/test";

test("one logs in, answers a text and closes the conversation without touching a mouse", async ({ business, open }) => {
  const [first, second] = [business.customer(), business.customer()];
  await second.text("I am second");
  await first.text("I am first");
  const page = await open(null, { path: "/login" });
  const inbox = new Inbox(page);
  const { keyboard } = page;

  await expect(page.getByRole("textbox", { name: "E-mail" })).toBeFocused();
  await keyboard.type(business.owner.login.user.email);
  await keyboard.press("Tab");
  await keyboard.type(PASSWORD);
  await keyboard.press("Enter");

  await expect(inbox.row(first.number)).toBeVisible();
  await keyboard.press("Alt+j");
  await expect(inbox.threadWith(first.number)).toBeVisible();
  await keyboard.press("Alt+j");
  await expect(inbox.threadWith(second.number)).toBeVisible();
  await keyboard.press("Alt+k");
  await expect(inbox.threadWith(first.number)).toBeVisible();

  await keyboard.press("Alt+l");
  await expect(inbox.reply).toBeFocused();
  await keyboard.type("You are");
  await keyboard.press("Enter");
  await keyboard.type("served");
  await keyboard.press("Control+Enter");
  await expect(inbox.tick("You are\nserved", "Delivered")).toBeVisible();
  expect((await first.received()).map((message) => message.body)).toEqual(["You are\nserved"]);

  await keyboard.press("Alt+e");
  await expect(inbox.row(first.number)).toHaveCount(0);
  await expect(inbox.threadWith(second.number)).toBeVisible();
});

test("keys reach notes, snoozing and files; a list tells of all of them", async ({ business, inboxOf }) => {
  const customer = business.customer();
  await customer.text("Tell me about keys");
  const inbox = await inboxOf(business.owner);
  const { keyboard } = inbox.page;
  await inbox.open(customer.number);

  await keyboard.press("Alt+p");
  await expect(inbox.page.getByRole("textbox", { name: "Private note" })).toBeFocused();
  await keyboard.type("What is this?");
  await expect(inbox.page.getByRole("dialog")).toHaveCount(0);
  await keyboard.press("Alt+l");
  await expect(inbox.reply).toBeFocused();

  const choosing = inbox.page.waitForEvent("filechooser");
  await keyboard.press("Alt+a");
  await choosing;
  await keyboard.press("Escape");

  await keyboard.press("?");
  const help = inbox.page.getByRole("dialog", { name: "Keyboard shortcuts" });
  for (const words of ["Open the command bar", "Next conversation", "Write a private note", "Snooze", "Send"]) {
    await expect(help.getByText(words, { exact: true })).toBeVisible();
  }
  await keyboard.press("Escape");
  await expect(help).toHaveCount(0);

  await keyboard.press("Alt+m");
  const choice = inbox.page.getByRole("menuitem", { name: "Until they write" });
  await expect(choice).toBeVisible();
  await keyboard.press("End");
  await keyboard.press("ArrowUp");
  await expect(choice).toBeFocused();
  await keyboard.press("Enter");
  await expect(inbox.thread.getByText("Snoozed until they write")).toBeVisible();
  await expect(inbox.row(customer.number)).toHaveCount(0);
});

test("what the keyboard opens next is there already", async ({ business, inboxOf }) => {
  const [first, second] = [business.customer(), business.customer()];
  await first.text("I wrote first");
  await second.text("I wrote second");
  const next = await business.owner.api.conversationWith(first.number);
  const inbox = await inboxOf(business.owner);
  const timeline = `/conversations/${next.id}/timeline`;
  const fetched = inbox.page.waitForResponse((response) => response.url().includes(timeline));
  await inbox.open(second.number);
  await (await fetched).finished();

  // Whoever asks only now gets no answer.
  await inbox.page.route(`**${timeline}*`, () => undefined);
  await inbox.page.keyboard.press("Alt+j");
  await expect(inbox.threadWith(first.number)).toBeVisible();
  await expect(inbox.bubble("I wrote first")).toBeVisible();
});

test("the command bar goes to pages and does things", async ({ business, inboxOf }) => {
  const customer = business.customer();
  await customer.text("Close me by command");
  const inbox = await inboxOf(business.owner);
  const { keyboard } = inbox.page;
  await inbox.open(customer.number);

  await command(inbox.page, "close");
  await expect(inbox.row(customer.number)).toHaveCount(0);

  await command(inbox.page, "go to leads");
  await expect(inbox.page.getByRole("heading", { name: "Leads", level: 1 })).toBeVisible();
  await expect(inbox.page.getByText(shown(customer.number)).first()).toBeVisible();

  await command(inbox.page, "appearance: dark");
  await expect(inbox.page.locator("html")).toHaveAttribute("data-mantine-color-scheme", "dark");
  await keyboard.press("Control+k");
  await keyboard.press("Escape");
  await expect(inbox.page.getByRole("dialog", { name: "Command bar" })).toHaveCount(0);
});

test("wherever the keyboard goes in the inbox, one sees where it is", async ({ business, inboxOf }) => {
  const customer = business.customer();
  await customer.text("Where am I?");
  const inbox = await inboxOf(business.owner);
  await inbox.open(customer.number);
  await expect(inbox.bubble("Where am I?")).toBeVisible();
  await inbox.page.locator("body").evaluate(() => (document.activeElement as HTMLElement | null)?.blur());

  await inbox.page.evaluate(rememberBorders);

  const unseen: string[] = [];
  const seen = new Set<string>();
  for (let step = 0; step < 60; step++) {
    await inbox.page.keyboard.press("Tab");
    // Borders and rings fade in.
    await settled(inbox.page);
    const stop = await inbox.page.evaluate(describeFocus);
    if (stop === null || seen.has(stop.path)) break;
    seen.add(stop.path);
    if (!stop.visible) unseen.push(stop.name);
  }
  expect(seen.size).toBeGreaterThan(15);
  expect(unseen).toEqual([]);
});

async function command(page: Page, words: string): Promise<void> {
  await page.keyboard.press("Control+k");
  const field = page.getByRole("combobox", { name: /^Search people/ });
  await expect(field).toBeFocused();
  await page.keyboard.type(words);
  await expect(page.getByRole("dialog", { name: "Command bar" }).getByRole("option", { selected: true })).toContainText(new RegExp(words, "i"));
  await page.keyboard.press("Enter");
  await expect(field).toHaveCount(0);
}

/** How borders are while nothing has the focus: fields show it by theirs. */
function rememberBorders(): void {
  const all = [...document.querySelectorAll("*")];
  const borders = new WeakMap(all.map((one) => [one, getComputedStyle(one).borderColor]));
  Object.assign(globalThis, { borders });
}

/** Which element has the focus, and whether it, or what is around it, shows that. */
function describeFocus(): { path: string; name: string; visible: boolean } | null {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const shows = (one: Element | null) => {
    if (!one) return false;
    const style = getComputedStyle(one);
    const before = (globalThis as unknown as { borders: WeakMap<Element, string> }).borders.get(one);
    if (before !== undefined && before !== style.borderColor) return true;
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
  };
  const around: (Element | null)[] = [element, element.parentElement, element.parentElement?.parentElement ?? null];
  const label = element.nextElementSibling;
  const path: string[] = [];
  for (let one: Element | null = element; one; one = one.parentElement) {
    path.push(`${one.tagName}${String([...(one.parentElement?.children ?? [])].indexOf(one))}`);
  }
  return {
    path: path.join("<"),
    name: `${element.tagName} ${element.getAttribute("aria-label") ?? element.textContent.slice(0, 40)}`,
    visible: [...around, label].some(shows),
  };
}
