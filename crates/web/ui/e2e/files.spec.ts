import { truncateSync, writeFileSync } from "node:fs";

import { expect, test } from "./support/test";
import { png } from "./support/picture";

test("a picture that a customer sends is seen small, and opens large", async ({ business, inboxOf }) => {
  const customer = business.customer();
  const picture = { content_type: "image/png", base64: png(640, 480).toString("base64") };
  await customer.text("This is the leak", [picture]);
  const inbox = await inboxOf(business.owner);
  await inbox.row(customer.number).click();

  const small = inbox.bubble("This is the leak").getByRole("button", { name: /^Open the picture/ });
  await expect(small.getByRole("img")).toHaveJSProperty("complete", true);
  await expect.poll(() => small.getByRole("img").evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
  await small.click();

  const large = inbox.page.getByRole("dialog").getByRole("img", { name: "Picture" });
  await expect(large).toBeVisible();
  await expect.poll(() => large.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(640);
  await inbox.page.keyboard.press("Escape");
  await expect(inbox.page.getByRole("dialog")).toHaveCount(0);
  await expect(small).toBeFocused();
});

test("a picture that an agent attaches is seen on its way up, and arrives at the customer", async ({ business, inboxOf }) => {
  const customer = business.customer();
  await customer.text("What does it look like?");
  const inbox = await inboxOf(business.owner);
  await inbox.open(customer.number);

  let go = () => undefined as void;
  const held = new Promise<void>((resolve) => (go = resolve));
  await inbox.page.route("**/api/v1/media", async (route) => {
    await held;
    await route.continue();
  });
  const choosing = inbox.page.waitForEvent("filechooser");
  await inbox.page.getByRole("button", { name: "Attach files" }).click();
  await (await choosing).setFiles({ name: "boiler.png", mimeType: "image/png", buffer: png(320, 240) });
  const attached = inbox.page.getByRole("listitem").filter({ hasText: "boiler.png" });
  // It begins at nothing, and what is that narrow doesn't count as visible.
  await expect(attached.getByRole("progressbar", { name: "Uploading boiler.png" })).toHaveAttribute("aria-valuenow", /\d/);
  await inbox.reply.fill("Like this");
  await expect(inbox.page.getByRole("button", { name: "Send", exact: true })).toBeDisabled();
  go();

  await expect(attached.getByRole("progressbar")).toHaveCount(0);
  await inbox.page.getByRole("button", { name: "Send", exact: true }).click();
  await expect(inbox.tick("Like this", "Delivered")).toBeVisible();
  await expect(inbox.bubble("Like this").getByRole("button", { name: "Open the picture: boiler.png" })).toBeVisible();
  await expect(attached).toHaveCount(0);

  const [text] = await customer.received();
  expect(text?.media.map((media) => media.content_type)).toEqual(["image/png"]);
  const file = await fetch(business.simulator.base + (text?.media[0]?.url ?? ""));
  expect((await file.arrayBuffer()).byteLength).toBe(png(320, 240).byteLength);
});

test("a file that is too large is refused in words, and one that MMS can't take goes as a link", async ({ business, inboxOf }, info) => {
  const customer = business.customer();
  await customer.text("Can you send me the manual?");
  const inbox = await inboxOf(business.owner);
  await inbox.open(customer.number);
  const input = inbox.thread.locator("input[type=file]");

  const film = info.outputPath("film.mov");
  writeFileSync(film, "");
  truncateSync(film, 21 * 1024 * 1024);
  await input.setInputFiles(film);
  await expect(inbox.thread.getByRole("alert")).toHaveText("film.mov has more than 20 MB.");

  const manual = info.outputPath("manual.pdf");
  writeFileSync(manual, `%PDF-1.4\n${"manual ".repeat(900_000)}\n%%EOF`);
  await input.setInputFiles(manual);
  await expect(inbox.page.getByRole("listitem").filter({ hasText: "manual.pdf" })).toContainText("Goes as a link");
  await inbox.reply.fill("Here it is");
  await inbox.page.getByRole("button", { name: "Send", exact: true }).click();
  await expect(inbox.tick("Here it is", "Delivered")).toBeVisible();

  const [text] = await customer.received();
  expect(text?.media).toEqual([]);
  expect(text?.body).toMatch(/Here it is\s+http/);
});
