import { describe, expect, it } from "vitest";

import { at } from "./fixture";
import { buildRows, firstUnreadOf } from "./rows";

const rows = (items: ReturnType<typeof at>[], firstUnread: string | null = null) =>
  buildRows({ items: [...items].reverse(), pending: [], firstUnread, complete: true });

describe("buildRows", () => {
  it("puts days between messages, and says where it all began", () => {
    const tomorrow = at(24 * 60);
    expect(rows([at(0), tomorrow]).map((row) => row.kind)).toEqual(["begin", "day", "message", "day", "message"]);
  });

  it("groups what one author wrote within minutes", () => {
    const ends = rows([at(0), at(1), at(30), at(31, { direction: "outbound", source: "agent" })])
      .filter((row) => row.kind === "message")
      .map((row) => [row.startsGroup, row.endsGroup]);
    expect(ends).toEqual([[true, false], [false, true], [true, true], [true, true]]);
  });

  it("shows the state of a group once, and of what is not as far as the group", () => {
    const ours = (minute: number, status: "sent" | "delivered") => at(minute, { direction: "outbound", source: "agent", status });
    const states = rows([ours(0, "delivered"), ours(1, "sent"), ours(2, "delivered"), at(3)])
      .flatMap((row) => (row.kind === "message" ? [row.showsState] : []));
    expect(states).toEqual([false, true, true, true]);
  });

  it("puts the divider before the first unread message, and parts the group there", () => {
    const made = rows([at(0), at(1)], "m-001");
    expect(made.map((row) => row.kind)).toEqual(["begin", "day", "message", "new", "message"]);
    expect(made.flatMap((row) => (row.kind === "message" ? [row.endsGroup] : []))).toEqual([true, true]);
  });
});

describe("firstUnreadOf", () => {
  it("counts incoming messages only", () => {
    const items = [at(4), at(3, { direction: "outbound" }), at(2), at(1)];
    expect(firstUnreadOf(items, 2)).toBe("m-002");
    expect(firstUnreadOf(items, 0)).toBeNull();
    expect(firstUnreadOf(items, 9)).toBeNull();
  });
});
