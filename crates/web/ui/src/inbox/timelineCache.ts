import type { InfiniteData } from "@tanstack/react-query";

import { compareInstants } from "../lib/instant";
import type { Message, TimelineItem, TimelinePage } from "../api/types";

/** How many lines of a thread are fetched at once. */
export const TIMELINE_PAGE = 50;

export type TimelineData = InfiniteData<TimelinePage, string | undefined>;

/** Newest first, as the API lists them. */
function newerFirst(a: TimelineItem, b: TimelineItem): number {
  return compareInstants(b.at, a.at) || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
}

/**
 * Puts the newest page, fetched again, over what is there: new items come, changed ones are
 * replaced, and what has gone in that stretch of time (a note that was deleted) goes. If the page
 * doesn't reach down to what is there, there is a gap, and the page alone remains. That its oldest
 * item is held tells that it does; a newer one may have been put there by itself, such as our answer.
 */
export function mergeNewest(data: TimelineData, page: TimelinePage): TimelineData {
  const oldest = page.data.at(-1);
  if (!oldest || !page.next_cursor) return { pages: [reuse(data, page)], pageParams: [undefined] };
  const fresh = new Set(page.data.map((item) => item.id));
  const all = data.pages.flatMap((one) => one.data);
  const reaches = all.some((item) => item.id === oldest.id);
  if (!reaches) return { pages: [page], pageParams: [undefined] };
  const isOlder = (item: TimelineItem) => !fresh.has(item.id) && newerFirst(item, oldest) > 0;
  const rest = data.pages.map((one) => ({ ...one, data: one.data.filter(isOlder) }));
  const [first, ...others] = rest;
  const head = reuse(data, page).data;
  return {
    pages: [{ data: [...head, ...(first?.data ?? [])], next_cursor: first?.next_cursor ?? null }, ...others],
    pageParams: data.pageParams,
  };
}

/** Puts one message in its place, or replaces it if it is there. */
export function upsertMessage(data: TimelineData, message: Message): TimelineData {
  const item: TimelineItem = { id: message.id, at: message.created_at, type: "message", message };
  const known = data.pages.some((page) => page.data.some((one) => one.id === item.id));
  if (known) {
    const pages = data.pages.map((page) =>
      page.data.some((one) => one.id === item.id)
        ? { ...page, data: page.data.map((one) => (one.id === item.id && !isNewer(one, item) ? item : one)) }
        : page,
    );
    return { ...data, pages };
  }
  for (const [index, page] of data.pages.entries()) {
    const at = page.data.findIndex((one) => newerFirst(item, one) < 0);
    const isEnd = at < 0 && index === data.pages.length - 1 && !page.next_cursor;
    if (at < 0 && !isEnd) continue;
    const rows = [...page.data];
    rows.splice(at < 0 ? rows.length : at, 0, item);
    const pages = [...data.pages];
    pages[index] = { ...page, data: rows };
    return { ...data, pages };
  }
  return data;
}

/** Keeps the objects of what has not changed, so that its bubbles are not drawn again. */
function reuse(data: TimelineData, page: TimelinePage): TimelinePage {
  const held = new Map(data.pages.flatMap((one) => one.data.map((item) => [item.id, item] as const)));
  return { ...page, data: page.data.map((item) => newest(held.get(item.id), item)) };
}

function newest(held: TimelineItem | undefined, item: TimelineItem): TimelineItem {
  if (!held) return item;
  return compareInstants(version(held), version(item)) >= 0 ? held : item;
}

function isNewer(a: TimelineItem, b: TimelineItem): boolean {
  return compareInstants(version(a), version(b)) > 0;
}

function version(item: TimelineItem): string {
  if (item.type === "message") return item.message.updated_at;
  return item.type === "note" ? item.note.updated_at : item.activity.created_at;
}
