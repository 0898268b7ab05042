import { expect, test } from "../support/test";
import { firstSeen, report, summary } from "./figures";

const TEXTS = 50;

test("from the webhook's answer to the bubble on the screen", async ({ business, inboxOf }) => {
  const customer = business.customer();
  await customer.text("To begin with");
  const inbox = await inboxOf(business.owner);
  await inbox.row(customer.number).click();
  await expect(inbox.bubble("To begin with")).toBeVisible();

  const delays: number[] = [];
  for (let i = 1; i <= TEXTS; i++) {
    const body = `Arrival number ${String(i)}.`;
    const seen = firstSeen(inbox.page, "article", body);
    const sid = await customer.text(body);
    delays.push((await seen) - (await business.simulator.answeredAt(sid)));
  }
  report("arrival", { unit: "ms", ...summary(delays) });
});
