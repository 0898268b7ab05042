import { describe, expect, it } from "vitest";

import { aMessage } from "../fixture";
import { deliveryWords, isUnclear, tickOf } from "./delivery";

const NOW = Date.parse("2026-01-01T12:00:00Z");
const sent = (sentAt: string) => aMessage({ direction: "outbound", status: "sent", sent_at: sentAt });

describe("how far a message is", () => {
  it("is never called delivered on Twilio's word that it was sent", () => {
    expect(tickOf({ status: "sent" })).toBe("one");
    expect(deliveryWords(sent("2026-01-01T12:00:00Z"))).toBe("Sent");
  });

  it("is unclear after minutes without a word of delivery, but not for ever", () => {
    expect(isUnclear(sent("2026-01-01T11:59:00Z"), NOW)).toBe(false);
    expect(isUnclear(sent("2026-01-01T11:50:00Z"), NOW)).toBe(true);
    expect(isUnclear(sent("2025-12-01T11:50:00Z"), NOW)).toBe(false);
  });

  it("is clear for what has arrived, failed or came in", () => {
    const old = { sent_at: "2026-01-01T10:00:00Z" };
    expect(isUnclear(aMessage({ ...old, direction: "outbound", status: "delivered" }), NOW)).toBe(false);
    expect(isUnclear(aMessage({ ...old, direction: "outbound", status: "failed" }), NOW)).toBe(false);
    expect(isUnclear(aMessage(old), NOW)).toBe(false);
  });
});
