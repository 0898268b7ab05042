import { expect, test } from "./support/test";

test("a failed text shows its code, what it means and what to do, and can be sent again", async ({ business, inboxOf }) => {
  const customer = business.customer();
  await customer.text("Text me when you are on your way");
  const inbox = await inboxOf(business.owner);
  await inbox.open(customer.number);
  await business.simulator.outcome(business.account.sid, { status: "undelivered", error_code: 30006 });
  await inbox.send("On our way");

  const bubble = inbox.bubble("On our way");
  await expect(inbox.tick("On our way", "Not delivered")).toBeVisible();
  await expect(bubble).toContainText("30006");
  await expect(bubble).toContainText(/30006 · [A-Z][^.]{10,}\. [A-Z][^.]{10,}\./);
  await expect(inbox.row(customer.number).getByRole("img", { name: "The last message failed" })).toBeVisible();

  await business.simulator.outcome(business.account.sid, { status: "delivered" });
  await bubble.getByRole("button", { name: "Retry" }).click();
  await expect(inbox.tick("On our way", "Delivered").last()).toBeVisible();
  await expect(inbox.row(customer.number).getByRole("img", { name: "The last message failed" })).toHaveCount(0);
  expect(await customer.received()).toHaveLength(2);
});

test("what the API refuses is told in words, and can be edited", async ({ business, inboxOf, watch }) => {
  const customer = business.customer();
  await customer.text("Hm?");
  const inbox = await inboxOf(business.owner);
  await inbox.open(customer.number);
  watch.allow(/status of 422/);
  await inbox.page.route(/\/conversations\/[^/]+\/messages$/, async (route) => {
    if (route.request().method() !== "POST") return route.fallback();
    const problem = { type: "about:blank", title: "Unprocessable", status: 422, code: "invalid", detail: "the text names a shark" };
    return route.fulfill({ status: 422, contentType: "application/problem+json", body: JSON.stringify(problem) });
  });
  await inbox.send("A shark!");
  const bubble = inbox.bubble("A shark!");
  await expect(bubble).toContainText("Not sent");
  await expect(bubble).toContainText("The text names a shark");

  await inbox.page.unroute(/\/conversations\/[^/]+\/messages$/);
  await bubble.getByRole("button", { name: "Edit" }).click();
  await expect(inbox.reply).toHaveValue("A shark!");
  await inbox.send("A dolphin!");
  await expect(inbox.tick("A dolphin!", "Delivered")).toBeVisible();
  await expect(inbox.bubble("A shark!")).toHaveCount(0);
});

test("what may pass by itself is tried again, and the wait is shown", async ({ business, inboxOf }) => {
  const customer = business.customer();
  await customer.text("Anybody?");
  const inbox = await inboxOf(business.owner);
  await inbox.open(customer.number);
  await business.simulator.outcome(business.account.sid, { status: "undelivered", error_code: 30003 });
  await inbox.send("In a minute");
  await expect(inbox.bubble("In a minute")).toContainText("Next try");
  await expect(inbox.bubble("In a minute").getByRole("button", { name: "Retry" })).toHaveCount(0);
});

test("a page that can't be fetched says so, and comes when it is asked again", async ({ business, open, watch }) => {
  watch.allow(/status of 500/);
  const page = await open(business.owner, { path: "/settings" });
  await page.route("**/api/v1/channels?*", (route) => route.fulfill({ status: 500, json: { title: "Oh", status: 500, code: "internal", request_id: "req-1" } }));
  await page.getByRole("link", { name: "Channels" }).first().click();
  await expect(page.getByText("Something went wrong on the server")).toBeVisible();
  await page.unroute("**/api/v1/channels?*");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("heading", { name: "Front desk" })).toBeVisible();
});
