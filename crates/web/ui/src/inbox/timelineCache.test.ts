import { describe, expect, it } from "vitest";

import type { TimelineItem } from "../api/types";
import { at, aMessage } from "./fixture";
import { mergeNewest, upsertMessage, type TimelineData } from "./timelineCache";

const held = (...pages: TimelineItem[][]): TimelineData => ({
  pages: pages.map((data, index) => ({ data, next_cursor: `cursor-${String(index)}` })),
  pageParams: pages.map(() => undefined),
});
const ids = (data: TimelineData) => data.pages.map((page) => page.data.map((item) => item.id));

describe("mergeNewest", () => {
  it("adds what is new in front and keeps what is older, with its cursor", () => {
    const data = mergeNewest(held([at(3), at(2)], [at(1)]), { data: [at(5), at(4), at(3)], next_cursor: "fresh" });
    expect(ids(data)).toEqual([["m-005", "m-004", "m-003", "m-002"], ["m-001"]]);
    expect(data.pages.map((page) => page.next_cursor)).toEqual(["cursor-0", "cursor-1"]);
  });

  it("drops what has gone in the stretch that was fetched", () => {
    const note: TimelineItem = { id: "n", at: at(3).at, type: "note", note: { id: "n", conversation_id: "c-1", body: "x", author: null, created_at: at(3).at, updated_at: at(3).at } };
    const data = mergeNewest(held([at(4), note, at(2)], [at(1)]), { data: [at(4), at(2)], next_cursor: "x" });
    expect(ids(data)).toEqual([["m-004", "m-002"], ["m-001"]]);
  });

  it("begins anew when there is a gap", () => {
    const data = mergeNewest(held([at(3)], [at(1)]), { data: [at(9), at(8)], next_cursor: "fresh" });
    expect(ids(data)).toEqual([["m-009", "m-008"]]);
    expect(data.pages[0]?.next_cursor).toBe("fresh");
  });

  it("sees the gap below an answer that has been put there by itself", () => {
    const data = mergeNewest(held([at(9), at(3)], [at(1)]), { data: [at(9), at(8)], next_cursor: "fresh" });
    expect(ids(data)).toEqual([["m-009", "m-008"]]);
  });

  it("sees the gap below a text that has come by itself and is the oldest of the page", () => {
    const before = upsertMessage(held([at(3)], [at(1)]), aMessage({ id: "m-008", created_at: at(8).at, updated_at: at(8).at }));
    expect(ids(before)).toEqual([["m-008", "m-003"], ["m-001"]]);
    expect(ids(mergeNewest(before, { data: [at(9), at(8)], next_cursor: "fresh" }))).toEqual([["m-009", "m-008"]]);
  });

  it("keeps a text that has come by itself, though the page was asked for before that", () => {
    const before = upsertMessage(held([at(2)], [at(1)]), aMessage({ id: "m-003", created_at: at(3).at, updated_at: at(3).at }));
    expect(ids(mergeNewest(before, { data: [at(4), at(2)], next_cursor: "x" }))).toEqual([["m-004", "m-003", "m-002"], ["m-001"]]);
    expect(ids(mergeNewest(before, { data: [at(2)], next_cursor: null }))).toEqual([["m-003", "m-002"]]);
  });

  it("holds a text that came by itself like any other, once a page has it", () => {
    const alone = upsertMessage(held([at(2)], [at(1)]), aMessage({ id: "m-003", created_at: at(3).at, updated_at: at(3).at }));
    const listed = mergeNewest(alone, { data: [at(3), at(2)], next_cursor: "x" });
    expect(ids(mergeNewest(listed, { data: [at(4), at(3)], next_cursor: "x" }))).toEqual([["m-004", "m-003", "m-002"], ["m-001"]]);
    expect(ids(mergeNewest(listed, { data: [at(4), at(2)], next_cursor: "x" }))).toEqual([["m-004", "m-002"], ["m-001"]]);
  });

  it("keeps the very objects of what has not changed, and never goes back to an older state", () => {
    const delivered = at(2, { status: "delivered", updated_at: "2026-01-01T12:00:00Z" });
    const before = held([delivered, at(1)]);
    const data = mergeNewest(before, { data: [at(3), at(2, { status: "sent" })], next_cursor: "x" });
    expect(data.pages[0]?.data[1]).toBe(delivered);
  });

  it("takes a page without a next one as all there is", () => {
    expect(ids(mergeNewest(held([at(2)], [at(1)]), { data: [at(2)], next_cursor: null }))).toEqual([["m-002"]]);
  });
});

describe("upsertMessage", () => {
  it("puts a message where its time says, once", () => {
    const message = aMessage({ id: "m-new", created_at: "2026-01-01T10:02:30Z" });
    const once = upsertMessage(held([at(3)], [at(2), at(1)]), message);
    expect(ids(once)).toEqual([["m-003"], ["m-new", "m-002", "m-001"]]);
    expect(ids(upsertMessage(once, message))).toEqual(ids(once));
  });

  it("replaces a message by a later state of it only", () => {
    const data = held([at(1, { status: "delivered", updated_at: "2026-01-01T12:00:00Z" })]);
    const late = upsertMessage(data, aMessage({ id: "m-001", status: "sent", updated_at: "2026-01-01T11:00:00Z" }));
    expect(late.pages[0]?.data[0]).toMatchObject({ message: { status: "delivered" } });
  });
});
