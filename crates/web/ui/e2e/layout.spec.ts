import type { Page } from "@playwright/test";

import { furnish, inside, OUTSIDE, settled } from "./support/pages";
import { Inbox } from "./support/inbox";
import { expect, test } from "./support/test";

for (const width of [390, 360]) {
  test(`nothing scrolls sideways at ${String(width)} px, on any page`, async ({ business, open }) => {
    test.slow();
    const furnished = await furnish(business);
    const size = { width, height: 780 };
    const stranger = await open(null, { path: "/login", viewport: size });
    for (const place of OUTSIDE) {
      await stranger.goto(place.path);
      await place.ready(stranger);
      expect.soft(await sideways(stranger), place.name).toEqual([]);
    }
    const page = await open(business.owner, { path: "/inbox", viewport: size, hasTouch: true, isMobile: true });
    for (const place of inside(furnished)) {
      await page.goto(place.path);
      await place.ready(page);
      expect.soft(await sideways(page), place.name).toEqual([]);
    }
  });
}

test("on a phone there is one pane at a time, with a way back", async ({ business, open }) => {
  const customer = business.customer();
  await customer.text("Do you see me on the phone?");
  await business.owner.api.name(customer.number, "Phoebe Phone");
  const page = await open(business.owner, { path: "/inbox", viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const inbox = new Inbox(page);
  await expect(inbox.row("Phoebe Phone")).toBeVisible();
  await expect(page.getByText("Choose a conversation")).toBeHidden();

  await inbox.row("Phoebe Phone").tap();
  await expect(inbox.bubble("Do you see me on the phone?")).toBeVisible();
  await expect(inbox.row("Phoebe Phone")).toBeHidden();
  await inbox.send("Clearly");
  await expect(inbox.tick("Clearly", "Delivered")).toBeVisible();

  await inbox.thread.getByRole("button", { name: "Person" }).tap();
  const person = page.getByRole("dialog", { name: "Person" });
  await expect(person.getByRole("button", { name: "Name: Phoebe Phone" })).toBeVisible();
  await settled(page);
  expect(await sideways(page)).toEqual([]);
  await person.getByRole("button", { name: "Close" }).tap();
  await expect(person).toHaveCount(0);

  await inbox.thread.getByRole("button", { name: "More actions" }).tap();
  await page.getByRole("menuitem", { name: "Close", exact: true }).tap();
  await expect(page.getByText("Conversation closed")).toBeVisible();
  await inbox.thread.getByRole("button", { name: "Back to the list" }).tap();
  await expect(page.getByText("You're all caught up")).toBeVisible();
  await expect(inbox.thread).toHaveCount(0);
});

test("on a phone the browser's way back leads from the thread to the list", async ({ business, open }) => {
  const customer = business.customer();
  await customer.text("Back and forth");
  const page = await open(business.owner, { path: "/inbox", viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const inbox = new Inbox(page);
  await inbox.row(customer.number).tap();
  await expect(inbox.bubble("Back and forth")).toBeVisible();
  await page.goBack();
  await expect(inbox.row(customer.number)).toBeVisible();
  await expect(inbox.thread).toHaveCount(0);
});

test("on a tablet the person is a drawer", async ({ business, inboxOf }) => {
  const customer = business.customer();
  await customer.text("Medium, please");
  const inbox = await inboxOf(business.owner, { viewport: { width: 900, height: 700 } });
  await inbox.row(customer.number).click();
  await expect(inbox.bubble("Medium, please")).toBeVisible();
  await expect(inbox.row(customer.number)).toBeVisible();
  await expect(inbox.person).toHaveCount(0);
  await inbox.thread.getByRole("button", { name: "Person" }).click();
  await expect(inbox.page.getByRole("dialog", { name: "Person" })).toBeVisible();
  await inbox.page.keyboard.press("Escape");
  await expect(inbox.page.getByRole("dialog", { name: "Person" })).toHaveCount(0);
});

test("a long thread opens at its end, and can be read back to its beginning", async ({ business, inboxOf }) => {
  const customer = business.customer();
  for (let i = 1; i <= 130; i++) await customer.text(`Line ${String(i)}`);
  const inbox = await inboxOf(business.owner);
  const { id } = await business.owner.api.conversationWith(customer.number);
  await business.owner.api.post(`conversations/${id}/read`);
  await inbox.row(customer.number).click();
  await expect(inbox.thread.getByText("Line 130", { exact: true })).toBeInViewport();

  const log = inbox.thread.getByRole("log", { name: "Messages" });
  const first = inbox.thread.getByText("Line 1", { exact: true });
  await expect(async () => {
    await log.hover();
    await inbox.page.mouse.wheel(0, -4000);
    await expect(first).toBeInViewport({ timeout: 500 });
  }).toPass();
  await inbox.thread.getByRole("button", { name: "Jump to the latest message" }).click();
  await expect(inbox.thread.getByText("Line 130", { exact: true })).toBeInViewport();
});

test("a thread opens at its end, whatever has to be measured and loaded in it", async ({ business, open }) => {
  const { conversation } = await furnish(business);
  const page = await open(business.owner, { path: `/inbox/${conversation.id}` });
  const inbox = new Inbox(page);
  const log = inbox.thread.getByRole("log", { name: "Messages" });
  const below = () => log.evaluate(({ scrollHeight, scrollTop, clientHeight }) => Math.round(scrollHeight - scrollTop - clientHeight));
  for (let time = 0; time < 8; time++) {
    await expect(inbox.bubble("A reminder: we come today")).toBeVisible();
    await settled(page);
    await expect.poll(below, { message: "pixels below what is seen" }).toBeLessThan(2);
    await page.goto(page.url());
  }
});

/** What is wider than its place: the page as a whole, and whatever in it scrolls sideways. */
function sideways(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth) found.push(`the page: ${String(scrollWidth)} in ${String(clientWidth)}`);
    for (const element of document.querySelectorAll<HTMLElement>("body *")) {
      const { overflowX } = getComputedStyle(element);
      const scrolls = overflowX === "auto" || overflowX === "scroll";
      if (scrolls && element.scrollWidth > element.clientWidth + 1) found.push(`${element.tagName}.${element.className}`);
      const { right, width } = element.getBoundingClientRect();
      if (width > 0 && right > clientWidth + 1 && isShown(element)) found.push(`beyond the edge: ${element.tagName}.${element.className}`);
    }
    return found;

    /** What is clipped by something around it, such as a hidden pane, isn't there for anybody. */
    function isShown(element: HTMLElement): boolean {
      for (let one: HTMLElement | null = element; one; one = one.parentElement) {
        const style = getComputedStyle(one);
        if (style.visibility === "hidden" || style.display === "none") return false;
        if (one !== element && style.overflowX !== "visible") return one.tagName === "BODY" || one.tagName === "HTML";
      }
      return true;
    }
  });
}
