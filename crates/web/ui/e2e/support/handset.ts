import { expect, type Locator, type Page } from "@playwright/test";

/** The simulator's page, on which one texts as a customer. */
export class Handset {
  constructor(readonly page: Page) {}

  async text(body: string): Promise<void> {
    await this.page.getByRole("textbox", { name: "Text message" }).fill(body);
    await this.page.getByRole("button", { name: "Send" }).click();
    await expect(this.message(body)).toBeVisible();
  }

  /** A message on the phone, from whichever side. */
  message(body: string): Locator {
    return this.page.getByRole("log", { name: "Messages" }).getByText(body, { exact: true });
  }
}
