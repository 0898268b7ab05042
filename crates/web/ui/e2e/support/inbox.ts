import { expect, type Locator, type Page } from "@playwright/test";

import { shown } from "./business";

/** The inbox, as somebody uses it. */
export class Inbox {
  readonly list: Locator;
  readonly thread: Locator;
  readonly reply: Locator;
  readonly person: Locator;

  constructor(readonly page: Page) {
    this.list = page.getByRole("list", { name: "Conversations" });
    this.thread = page.getByRole("region", { name: /^Conversation with / });
    this.reply = page.getByRole("textbox", { name: "Reply" });
    this.person = page.getByRole("complementary", { name: "Person" });
  }

  /** The row of somebody, by name or number. */
  row(who: string): Locator {
    return this.list.getByRole("link").filter({ hasText: who.startsWith("+") ? shown(who) : who });
  }

  /** How many unread messages a row tells of. */
  unread(who: string): Locator {
    return this.row(who).getByLabel(/unread message/);
  }

  async open(who: string): Promise<void> {
    await this.row(who).click();
    await expect(this.threadWith(who)).toBeVisible();
  }

  threadWith(who: string): Locator {
    return this.page.getByRole("region", { name: `Conversation with ${who.startsWith("+") ? shown(who) : who}` });
  }

  /** Messages and notes with a text. */
  bubble(text: string): Locator {
    return this.thread.getByRole("article").filter({ hasText: text });
  }

  /** Where a message of ours is. */
  tick(text: string, words: string): Locator {
    return this.bubble(text).getByRole("img", { name: words, exact: true });
  }

  async send(text: string): Promise<void> {
    await this.reply.fill(text);
    await this.page.getByRole("button", { name: "Send", exact: true }).click();
    await expect(this.reply).toHaveValue("");
  }

  /** One of the tabs above the list. */
  tab(name: "Mine" | "Unassigned" | "All"): Locator {
    return this.page.getByRole("tab", { name: new RegExp(`^${name}`) });
  }
}
