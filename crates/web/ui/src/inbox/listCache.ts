import type { InfiniteData } from "@tanstack/react-query";

import type { Conversation, ConversationQuery } from "../api/types";
import { compareInstants } from "../lib/instant";

export interface ListPage {
  data: Conversation[];
  next_cursor?: string | null;
  /** Its last row when it was fetched: from there the next page goes on, wherever that row is now. */
  end?: Conversation;
}

export type ListData = InfiniteData<ListPage, string | undefined>;

/** Whether a conversation belongs into a list; a search is for the server to decide. */
export function matches(conversation: Conversation, query: ConversationQuery, me: string): boolean | "unknown" {
  const assigned = conversation.assigned_user_id ?? null;
  const wanted = query.assigned === "me" ? me : query.assigned;
  if (query.status && conversation.status !== query.status) return false;
  if (wanted === "none" ? assigned !== null : wanted && assigned !== wanted) return false;
  if (query.unread !== undefined && query.unread !== null && conversation.unread_count > 0 !== query.unread) return false;
  if (query.channel_id && conversation.channel_id !== query.channel_id) return false;
  if (query.label && !hasLabel(conversation.labels, query.label)) return false;
  return query.q ? "unknown" : true;
}

function hasLabel(labels: readonly string[], name: string): boolean {
  return labels.some((label) => label.toLowerCase() === name.toLowerCase());
}

/** The order that the API lists in: negative if `a` comes first. */
export function compare(sort: ConversationQuery["sort"], a: Conversation, b: Conversation): number {
  if (sort === "waiting") return byWait(a, b) || order(a.id, b.id);
  if (sort === "unread" && a.unread_count > 0 !== b.unread_count > 0) return a.unread_count > 0 ? -1 : 1;
  return compareInstants(b.last_message_at, a.last_message_at) || order(b.id, a.id);
}

/** Who waits for nothing comes last. */
function byWait(a: Conversation, b: Conversation): number {
  if (!a.waiting_since || !b.waiting_since) return Number(!a.waiting_since) - Number(!b.waiting_since);
  return compareInstants(a.waiting_since, b.waiting_since);
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Puts the latest state of a conversation into a list that has been fetched: replaced, moved,
 * added or taken out as its filter and order ask, without fetching any of it again. The one that
 * is open (`keep`) stays although it has just been read, or a list of unread ones would close it.
 */
export function place(
  data: ListData,
  conversation: Conversation,
  query: ConversationQuery,
  me: string,
  keep: string | null = null,
): ListData {
  const old = find(data, conversation.id);
  if (old && compareInstants(old.updated_at, conversation.updated_at) > 0) return data;
  const fits = belongs(conversation, query, me, old !== undefined, keep);
  if (!old && !fits) return data;
  if (old && fits && compare(query.sort, old, conversation) === 0) {
    return mapPages(data, (page) => page.map((one) => (one.id === conversation.id ? conversation : one)));
  }
  const without = old ? remove(data, conversation.id) : data;
  return fits ? insert(without, conversation, query.sort) : without;
}

function belongs(
  conversation: Conversation,
  query: ConversationQuery,
  me: string,
  present: boolean,
  keep: string | null,
): boolean {
  const fits = matches(conversation, query, me);
  if (fits === "unknown") return present;
  if (fits || conversation.id !== keep || !present || !query.unread) return fits;
  return matches(conversation, { ...query, unread: undefined }, me) === true;
}

function insert(data: ListData, conversation: Conversation, sort: ConversationQuery["sort"]): ListData {
  const pages = [...data.pages];
  for (const [index, page] of pages.entries()) {
    const at = page.data.findIndex((one) => compare(sort, conversation, one) < 0);
    const isEnd = at < 0 && index === pages.length - 1 && comesBeforeNext(page, conversation, sort);
    if (at < 0 && !isEnd) continue;
    const rows = [...page.data];
    rows.splice(at < 0 ? rows.length : at, 0, conversation);
    pages[index] = { ...page, data: rows };
    return { ...data, pages };
  }
  // Behind what has been fetched: it comes with the page that it is on.
  return data;
}

/** Whether the page after this one, not fetched yet, begins behind the conversation. */
function comesBeforeNext(page: ListPage, conversation: Conversation, sort: ConversationQuery["sort"]): boolean {
  return !page.next_cursor || (page.end !== undefined && compare(sort, conversation, page.end) <= 0);
}

/** Takes a conversation out of a list. */
export function remove(data: ListData, id: string): ListData {
  return mapPages(data, (page) => page.filter((one) => one.id !== id));
}

function find(data: ListData, id: string): Conversation | undefined {
  for (const page of data.pages) {
    const found = page.data.find((one) => one.id === id);
    if (found) return found;
  }
  return undefined;
}

function mapPages(data: ListData, change: (rows: Conversation[]) => Conversation[]): ListData {
  const touched = (page: ListPage): ListPage => {
    const rows = change(page.data);
    return rows.length === page.data.length && rows.every((row, i) => row === page.data[i]) ? page : { ...page, data: rows };
  };
  return { ...data, pages: data.pages.map(touched) };
}
