import { setTimeout as pause } from "node:timers/promises";

import { expect, test } from "./support/test";
import { shown } from "./support/business";

test("a customer texts from the handset, the agent answers, and sees it delivered", async ({ business, inboxOf, handsetOf }) => {
  const { number } = business.customer();
  const inbox = await inboxOf(business.owner);
  const handset = await handsetOf(number, business.number);

  await handset.text("Hello, is anybody there?");
  await expect(inbox.row(number)).toContainText("Hello, is anybody there?");
  await expect(inbox.unread(number)).toHaveText("1");

  await inbox.row(number).click();
  await expect(inbox.bubble("Hello, is anybody there?")).toBeVisible();
  await expect(inbox.unread(number)).toHaveCount(0);

  await inbox.send("Yes! What can we do for you?");
  await expect(handset.message("Yes! What can we do for you?")).toBeVisible();
  await expect(inbox.tick("Yes! What can we do for you?", "Delivered")).toBeVisible();
  await expect(inbox.row(number)).toContainText("You: Yes! What can we do for you?");

  await handset.text("A tap drips.");
  await expect(inbox.bubble("A tap drips.")).toBeVisible();
  await expect(inbox.unread(number)).toHaveCount(0);
});

test("a text that Twilio has taken is shown as sent, and as delivered only once somebody says so", async ({ business, inboxOf }) => {
  const customer = business.customer();
  await business.simulator.outcome(business.account.sid, { status: "sent" });
  await customer.text("Are you open?");
  const inbox = await inboxOf(business.owner);
  await inbox.open(customer.number);
  await inbox.send("Until six.");

  await expect(inbox.tick("Until six.", "Sent")).toBeVisible();
  await expect(inbox.tick("Until six.", "Delivered")).toHaveCount(0);

  const [text] = await customer.received();
  await business.simulator.report(text?.sid ?? "", "delivered");
  await expect(inbox.tick("Until six.", "Delivered")).toBeVisible();
});

test("answers written one after the other arrive in that order, and stand in the thread once", async ({ business, inboxOf }) => {
  const customer = business.customer();
  await customer.text("One, two?");
  const inbox = await inboxOf(business.owner);
  await inbox.open(customer.number);
  const answers = ["First answer", "Second answer", "Third answer"];
  for (const text of answers) await inbox.send(text);
  await expect(inbox.tick("Third answer", "Delivered")).toBeVisible();
  for (const text of answers) await expect(inbox.bubble(text)).toHaveCount(1);
  expect((await customer.received()).map((message) => message.body)).toEqual(answers);
});

test("an answer that was lost on its way back is sent once", async ({ business, inboxOf, watch }) => {
  const customer = business.customer();
  await customer.text("Can you come today?");
  const inbox = await inboxOf(business.owner);
  await inbox.open(customer.number);
  watch.allow(/net::ERR_FAILED/);

  let lost = 0;
  await inbox.page.route(/\/conversations\/[^/]+\/messages$/, async (route) => {
    if (route.request().method() !== "POST" || lost > 0) return route.fallback();
    lost += 1;
    await route.fetch();
    return route.abort();
  });
  await inbox.send("We can, at four.");

  await expect(inbox.tick("We can, at four.", "Delivered")).toBeVisible();
  await expect(inbox.bubble("We can, at four.")).toHaveCount(1);
  expect(lost).toBe(1);
  expect(await customer.received()).toHaveLength(1);
});

test("a text to a person of whom only the number is known shows the number as people write it", async ({ business, inboxOf }) => {
  const customer = business.customer();
  await customer.text("Who is this?");
  const inbox = await inboxOf(business.owner);
  await inbox.open(customer.number);
  await expect(inbox.thread.getByRole("heading", { name: shown(customer.number) })).toBeVisible();

  await inbox.person.getByRole("button", { name: /^Name/ }).click();
  await inbox.person.getByRole("textbox", { name: "Name" }).fill("Nadia Nolan");
  await inbox.page.keyboard.press("Enter");
  await expect(inbox.row("Nadia Nolan")).toBeVisible();
  await expect(inbox.thread.getByRole("heading", { name: "Nadia Nolan" })).toBeVisible();
});

test("texts that come in quickly stand in the thread once and in order, at every moment", async ({ business, inboxOf }) => {
  const customer = business.customer();
  await customer.text("Text 0.");
  const inbox = await inboxOf(business.owner);
  await inbox.open(customer.number);
  await expect(inbox.bubble("Text 0.")).toBeVisible();
  const moments = await inbox.page.evaluateHandle(() => {
    const seen: string[] = [];
    const log = document.querySelector("[role=log]");
    const look = () => {
      const texts = [...(log?.querySelectorAll("article") ?? [])].map((one) => /Text (\d+)\./.exec(one.textContent)?.[1]);
      seen.push(texts.join(" "));
    };
    if (log) new MutationObserver(look).observe(log, { childList: true, subtree: true });
    return seen;
  });

  // Pages of the thread come when they are out of date.
  await inbox.page.route("**/timeline*", async (route) => {
    const answer = await route.fetch();
    await pause(100);
    await route.fulfill({ response: answer });
  });
  const numbers = Array.from({ length: 12 }, (_, i) => String(i));
  // Some while the one before is still being fetched, some after that.
  for (const number of numbers.slice(1)) {
    await customer.text(`Text ${number}.`);
    await pause((Number(number) % 4) * 30);
  }
  await expect(inbox.bubble("Text 11.")).toBeVisible();
  await expect(inbox.unread(customer.number)).toHaveCount(0);

  const seen = await moments.jsonValue();
  const right = numbers.map((_, i) => numbers.slice(0, i + 1).join(" "));
  expect(seen.filter((moment) => !right.includes(moment)), "none is missing, doubled or out of its place").toEqual([]);
  const lengths = seen.map((moment) => moment.length);
  expect(lengths, "none goes again").toEqual([...lengths].sort((a, b) => a - b));
  expect(seen.at(-1)).toBe(right.at(-1));
  await inbox.page.unrouteAll({ behavior: "wait" });
});
