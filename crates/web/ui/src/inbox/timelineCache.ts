import type { InfiniteData } from "@tanstack/react-query";

import { compareInstants } from "../lib/instant";
import type { Message, TimelineItem, TimelinePage } from "../api/types";

/** How many lines of a thread are fetched at once. */
export const TIMELINE_PAGE = 50;

/** A line as it is held. One that has come by itself tells nothing about those around it. */
type HeldItem = TimelineItem & { alone?: boolean | undefined };
type HeldPage = Omit<TimelinePage, "data"> & { data: HeldItem[] };
export type TimelineData = InfiniteData<HeldPage, string | undefined>;

/** Newest first, as the API lists them. */
function newerFirst(a: TimelineItem, b: TimelineItem): number {
  return compareInstants(b.at, a.at) || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
}

/**
 * Puts the newest page, fetched again, over what is there: new items come, changed ones are
 * replaced, and what has gone in that stretch of time (a note that was deleted) goes. If the page
 * doesn't reach down to what is there, there is a gap, and the page alone remains. That its oldest
 * item is held tells that it does, unless that has been put there by itself, such as our answer.
 */
export function mergeNewest(data: TimelineData, page: TimelinePage): TimelineData {
  const oldest = page.next_cursor ? page.data.at(-1) : undefined;
  const all = data.pages.flatMap((one) => one.data);
  const head = withLater(reuse(all, page), all, oldest);
  const reaches = oldest && all.some((item) => item.id === oldest.id && !item.alone);
  if (!reaches) return { pages: [head], pageParams: [undefined] };
  const fresh = new Set(page.data.map((item) => item.id));
  const isOlder = (item: TimelineItem) => !fresh.has(item.id) && newerFirst(item, oldest) > 0;
  const rest = data.pages.map((one) => ({ ...one, data: one.data.filter(isOlder) }));
  const [first, ...others] = rest;
  return {
    pages: [{ data: [...head.data, ...(first?.data ?? [])], next_cursor: first?.next_cursor ?? null }, ...others],
    pageParams: data.pageParams,
  };
}

/** A page may have been asked for before a message came by itself: its silence takes none away. */
function withLater(page: HeldPage, held: readonly HeldItem[], oldest: TimelineItem | undefined): HeldPage {
  const known = new Set(page.data.map((item) => item.id));
  const later = held.filter((item) => item.alone && !known.has(item.id) && (!oldest || newerFirst(item, oldest) < 0));
  return { ...page, data: later.reduce(inserted, page.data) };
}

/** The lines with one more, where its time says. Those that are there keep the API's order. */
function inserted(rows: readonly HeldItem[], item: HeldItem): HeldItem[] {
  const at = rows.findIndex((one) => newerFirst(item, one) < 0);
  return rows.toSpliced(at < 0 ? rows.length : at, 0, item);
}

/** Puts one message in its place, or replaces it if it is there. */
export function upsertMessage(data: TimelineData, message: Message): TimelineData {
  const item: HeldItem = { id: message.id, at: message.created_at, type: "message", message, alone: true };
  const known = data.pages.some((page) => page.data.some((one) => one.id === item.id));
  if (known) {
    const pages = data.pages.map((page) =>
      page.data.some((one) => one.id === item.id)
        ? { ...page, data: page.data.map((one) => (one.id === item.id && !isNewer(one, item) ? { ...item, alone: one.alone } : one)) }
        : page,
    );
    return { ...data, pages };
  }
  for (const [index, page] of data.pages.entries()) {
    const at = page.data.findIndex((one) => newerFirst(item, one) < 0);
    const isEnd = at < 0 && index === data.pages.length - 1 && !page.next_cursor;
    if (at < 0 && !isEnd) continue;
    return { ...data, pages: data.pages.with(index, { ...page, data: inserted(page.data, item) }) };
  }
  return data;
}

/** Keeps the objects of what has not changed, so that its bubbles are not drawn again. */
function reuse(all: readonly HeldItem[], page: TimelinePage): HeldPage {
  const held = new Map(all.map((item) => [item.id, item]));
  return { ...page, data: page.data.map((item) => newest(held.get(item.id), item)) };
}

function newest(held: HeldItem | undefined, item: TimelineItem): HeldItem {
  if (!held || compareInstants(version(held), version(item)) < 0) return item;
  return held.alone ? { ...held, alone: false } : held;
}

function isNewer(a: TimelineItem, b: TimelineItem): boolean {
  return compareInstants(version(a), version(b)) > 0;
}

function version(item: TimelineItem): string {
  if (item.type === "message") return item.message.updated_at;
  return item.type === "note" ? item.note.updated_at : item.activity.created_at;
}
