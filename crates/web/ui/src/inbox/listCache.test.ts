import { describe, expect, it } from "vitest";

import type { ConversationQuery } from "../api/types";
import { aConversation } from "./fixture";
import { matches, place, type ListData } from "./listCache";

const row = (id: string, minute: number, part = {}) => {
  const time = `2026-01-01T10:${String(minute).padStart(2, "0")}:00Z`;
  return aConversation({ id, last_message_at: time, updated_at: time, ...part });
};

const list = (pages: ReturnType<typeof row>[][], next: string | null = null): ListData => ({
  pages: pages.map((data, index) => ({ data, next_cursor: index < pages.length - 1 ? "more" : next })),
  pageParams: pages.map(() => undefined),
});

const ids = (data: ListData) => data.pages.map((page) => page.data.map((one) => one.id));
const newest: ConversationQuery = { sort: "newest", status: "open" };

describe("place", () => {
  it("moves a conversation up when a message comes", () => {
    const data = place(list([[row("a", 3), row("b", 2)], [row("c", 1)]]), row("c", 5), newest, "me");
    expect(ids(data)).toEqual([["c", "a", "b"], []]);
  });

  it("replaces in place what keeps its place, and leaves other pages as they are", () => {
    const before = list([[row("a", 3)], [row("b", 2)]]);
    const changed = row("b", 2, { updated_at: "2026-01-01T11:00:00Z", unread_count: 0, labels: ["x"] });
    const data = place(before, changed, newest, "me");
    expect(ids(data)).toEqual([["a"], ["b"]]);
    expect(data.pages[1]?.data[0]?.labels).toEqual(["x"]);
    expect(data.pages[0]).toBe(before.pages[0]);
  });

  it("adds what now belongs here and takes out what no longer does", () => {
    const data = place(list([[row("a", 3)]]), row("b", 4), newest, "me");
    expect(ids(data)).toEqual([["b", "a"]]);
    expect(ids(place(data, row("a", 5, { status: "closed" }), newest, "me"))).toEqual([["b"]]);
  });

  it("leaves what lies behind the fetched part to its own page", () => {
    expect(ids(place(list([[row("a", 3)]], "more"), row("b", 1), newest, "me"))).toEqual([["a"]]);
    expect(ids(place(list([[row("a", 3)]], null), row("b", 1), newest, "me"))).toEqual([["a", "b"]]);
  });

  it("adds what the next page would miss, because the row it goes on from has moved up", () => {
    const fetched: ListData = { pages: [{ data: [row("a", 5), row("b", 3)], next_cursor: "b", end: row("b", 3) }], pageParams: [undefined] };
    const moved = place(fetched, row("b", 6), newest, "me");
    expect(ids(place(moved, row("c", 4), newest, "me"))).toEqual([["b", "a", "c"]]);
    expect(ids(place(moved, row("d", 2), newest, "me"))).toEqual([["b", "a"]]);
  });

  it("doesn't let an older answer undo a newer one", () => {
    const data = list([[row("a", 3, { updated_at: "2026-01-01T10:05:00.5Z", unread_count: 2 })]]);
    expect(place(data, row("a", 3, { updated_at: "2026-01-01T10:05:00.25Z" }), newest, "me")).toBe(data);
  });

  it("keeps the open conversation in a list of unread ones when it has been read", () => {
    const unread: ConversationQuery = { ...newest, unread: true };
    const data = list([[row("a", 3, { unread_count: 1 })]]);
    const read = row("a", 3, { unread_count: 0, updated_at: "2026-01-01T10:09:00Z" });
    expect(ids(place(data, read, unread, "me", "a"))).toEqual([["a"]]);
    expect(ids(place(data, read, unread, "me", "other"))).toEqual([[]]);
    expect(ids(place(data, { ...read, status: "closed" }, unread, "me", "a"))).toEqual([[]]);
  });

  it("keeps those that wait longest first, and those that don't wait last", () => {
    const waiting: ConversationQuery = { sort: "waiting", status: "open" };
    const data = list([[row("a", 1, { waiting_since: "2026-01-01T08:00:00Z" }), row("b", 9, { waiting_since: null })]]);
    const next = place(data, row("c", 5, { waiting_since: "2026-01-01T09:00:00Z" }), waiting, "me");
    expect(ids(next)).toEqual([["a", "c", "b"]]);
  });
});

describe("matches", () => {
  const mine = aConversation({ assigned_user_id: "me", labels: ["VIP"] });

  it("knows whose a conversation is", () => {
    expect(matches(mine, { assigned: "me" }, "me")).toBe(true);
    expect(matches(mine, { assigned: "none" }, "me")).toBe(false);
    expect(matches(mine, { assigned: "other" }, "me")).toBe(false);
    expect(matches(aConversation(), { assigned: "none" }, "me")).toBe(true);
  });

  it("takes labels without regard to case, and leaves searches to the server", () => {
    expect(matches(mine, { label: "vip" }, "me")).toBe(true);
    expect(matches(mine, { label: "new" }, "me")).toBe(false);
    expect(matches(mine, { q: "priya" }, "me")).toBe("unknown");
  });
});
