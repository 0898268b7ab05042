import { setTimeout as pause } from "node:timers/promises";

import { expect, test } from "../support/test";
import { firstSeen, report, summary } from "./figures";

const TEXTS = 50;

/** How long it is still before each text: as between people, and as when one text follows the other. */
const STILL_MS = { alone: 500, "in a row": 0 };

/**
 * The service commits a text while it handles the webhook: the time since the webhook went out is
 * more than that since the commit, the time since its answer less.
 */
for (const [how, still] of Object.entries(STILL_MS)) {
  test(`from the webhook to the bubble on the screen, ${how}`, async ({ business, inboxOf }) => {
    const customer = business.customer();
    await customer.text("To begin with");
    const inbox = await inboxOf(business.owner);
    await inbox.row(customer.number).click();
    await expect(inbox.bubble("To begin with")).toBeVisible();

    const sinceSent: number[] = [];
    const sinceAnswered: number[] = [];
    for (let i = 1; i <= TEXTS; i++) {
      await pause(still);
      const body = `Arrival number ${String(i)}.`;
      const seen = firstSeen(inbox.page, "article", body);
      const { sent, answered } = await business.simulator.webhookOf(await customer.text(body));
      sinceSent.push((await seen) - sent);
      sinceAnswered.push((await seen) - answered);
    }
    const figures = { unit: "ms", "since the webhook went out": summary(sinceSent), "since its answer": summary(sinceAnswered) };
    report(`arrival-${how.replaceAll(" ", "-")}`, figures);
  });
}
