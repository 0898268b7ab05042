import { describe, expect, it } from "vitest";
import { ago } from "./ago";

const NOW = Date.parse("2026-11-30T12:00:00Z");

describe("how long ago", () => {
  it.each([
    ["2026-11-30T11:59:40Z", "just now"],
    ["2026-11-30T11:56:00Z", "4 minutes ago"],
    ["2026-11-30T10:01:00Z", "1 hour ago"],
    ["2026-11-29T11:00:00Z", "yesterday"],
    ["2026-11-20T12:00:00Z", "last week"],
    ["2026-08-30T12:00:00Z", "3 months ago"],
    ["2026-11-30T14:00:00Z", "in 2 hours"],
  ])("%s is %s", (at, words) => {
    expect(ago(at, NOW)).toBe(words);
  });
});
