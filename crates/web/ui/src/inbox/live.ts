import type { QueryClient } from "@tanstack/react-query";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { useMe } from "../api/client";
import { keys } from "../api/keys";
import { ApiProblem } from "../api/problem";
import type { Conversation, ConversationQuery, Message } from "../api/types";
import { onEvent } from "../events/live";
import type { LiveEvent } from "../events/types";
import { compareInstants } from "../lib/instant";
import { place, type ListData } from "./listCache";
import { announceArrival } from "./announce";
import { fetchConversation, fetchConversations, fetchMessage, fetchTimeline, TIMELINE_PAGE } from "./requests";
import { openConversation } from "./selection";
import { mergeNewest, upsertMessage, type TimelineData } from "./timelineCache";

/** Events come in bursts; what they touch is fetched once per burst. */
const SETTLE_MS = 120;
/** More than this at once, and the lists are caught up as a whole. */
const MANY = 15;
const CATCH_UP_PAGES = 5;

/** Puts the latest state of a conversation everywhere it is shown. */
export function applyConversation(client: QueryClient, conversation: Conversation, me: string): void {
  client.setQueryData<Conversation>(keys.conversation(conversation.id), (old) =>
    old && compareInstants(old.updated_at, conversation.updated_at) > 0 ? old : conversation,
  );
  const keep = openConversation.get();
  for (const [key, data] of client.getQueriesData<ListData>({ queryKey: keys.conversationLists })) {
    if (data) client.setQueryData(key, place(data, conversation, key[2] as ConversationQuery, me, keep));
  }
}

/** Puts a message into its thread, if that is held. */
export function applyMessage(client: QueryClient, message: Message): void {
  client.setQueryData<TimelineData>(keys.timeline(message.conversation_id), (data) =>
    data ? upsertMessage(data, message) : data,
  );
}

/** Fetches the newest part of a thread again, if that is held. */
export async function refreshTimeline(client: QueryClient, id: string): Promise<void> {
  if (!client.getQueryData(keys.timeline(id))) return;
  const page = await fetchTimeline(id);
  client.setQueryData<TimelineData>(keys.timeline(id), (data) => (data ? mergeNewest(data, page) : data));
}

/** Keeps lists, threads and counts as events tell, wherever in the page somebody is. */
export function useInboxLive(): void {
  const client = useQueryClient();
  const me = useMe().user.id;
  useEffect(() => {
    const inbox = createInboxLive(client, me);
    const stop = onEvent(inbox.take);
    return () => {
      stop();
      inbox.stop();
    };
  }, [client, me]);
}

function createInboxLive(client: QueryClient, me: string) {
  const conversations = new Set<string>();
  const messages = new Map<string, string>();
  let all = false;
  let timer: ReturnType<typeof setTimeout> | null = null;

  async function flush() {
    timer = null;
    const ids = [...conversations];
    const changed = [...messages];
    const everything = all || ids.length > MANY;
    conversations.clear();
    messages.clear();
    all = false;
    void client.invalidateQueries({ queryKey: keys.counts });
    if (everything) await catchUp(client, me);
    else await Promise.all(ids.map((id) => refreshOne(client, id, me)));
    for (const [id, conversationId] of changed.slice(0, MANY)) await refreshMessage(client, id, conversationId);
  }

  return {
    take(event: LiveEvent) {
      const { conversation_id: conversation, message_id: message, lead_id: lead } = event.data;
      if (event.type === "resync") all = true;
      else if (conversation) conversations.add(conversation);
      else if (event.type === "lead_updated" && lead) for (const id of ofLead(client, lead)) conversations.add(id);
      else return;
      if (conversation && message) messages.set(message, conversation);
      if (conversation && event.type === "sms_received") announceArrival(client, conversation);
      timer ??= setTimeout(() => void flush().catch(() => undefined), SETTLE_MS);
    },
    stop() {
      if (timer) clearTimeout(timer);
    },
  };
}

async function refreshOne(client: QueryClient, id: string, me: string) {
  try {
    const [conversation] = await Promise.all([fetchConversation(id), refreshTimeline(client, id)]);
    applyConversation(client, conversation, me);
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 404) forget(client, id);
  }
}

/** A message that changed long after it came is not on the newest page. */
async function refreshMessage(client: QueryClient, id: string, conversationId: string) {
  const data = client.getQueryData<TimelineData>(keys.timeline(conversationId));
  if (!data || data.pages[0]?.data.slice(0, TIMELINE_PAGE).some((item) => item.id === id)) return;
  applyMessage(client, await fetchMessage(id));
}

/**
 * Fetches what has changed since the newest that is held, and puts it in place: lists that somebody
 * has scrolled far down keep their position. What has changed too much begins anew.
 */
async function catchUp(client: QueryClient, me: string) {
  const lists = client.getQueriesData<ListData>({ queryKey: keys.conversationLists });
  const since = newestUpdate(lists);
  await Promise.all(openTimelines(client).map((id) => refreshTimeline(client, id).catch(() => undefined)));
  client.removeQueries({ queryKey: keys.timelines, type: "inactive" });
  if (since === null) {
    await client.invalidateQueries({ queryKey: keys.conversations });
    return;
  }
  let cursor: string | undefined;
  for (let page = 0; page < CATCH_UP_PAGES; page++) {
    const answer = await fetchConversations({ updated_since: since }, cursor, 200);
    for (const conversation of answer.data) applyConversation(client, conversation, me);
    cursor = answer.next_cursor ?? undefined;
    if (!cursor) return;
  }
  for (const [key] of lists) {
    client.setQueryData<ListData>(key, (data) =>
      data ? { pages: data.pages.slice(0, 1), pageParams: data.pageParams.slice(0, 1) } : data,
    );
  }
  await client.invalidateQueries({ queryKey: keys.conversations });
}

function newestUpdate(lists: [readonly unknown[], ListData | undefined][]): string | null {
  let newest: string | null = null;
  for (const [, data] of lists) {
    for (const row of data?.pages.flatMap((page) => page.data) ?? []) {
      if (newest === null || compareInstants(row.updated_at, newest) > 0) newest = row.updated_at;
    }
  }
  return newest;
}

function openTimelines(client: QueryClient): string[] {
  return client
    .getQueryCache()
    .findAll({ queryKey: keys.timelines, type: "active" })
    .map((query) => String(query.queryKey[1]));
}

function ofLead(client: QueryClient, leadId: string): string[] {
  const found = new Set<string>();
  for (const [, data] of client.getQueriesData<ListData>({ queryKey: keys.conversationLists })) {
    for (const row of data?.pages.flatMap((page) => page.data) ?? []) if (row.lead.id === leadId) found.add(row.id);
  }
  const open = openConversation.get();
  if (open && client.getQueryData<Conversation>(keys.conversation(open))?.lead.id === leadId) found.add(open);
  return [...found];
}

/** A conversation that is gone, with its lead, goes from every list. */
function forget(client: QueryClient, id: string) {
  for (const [key, data] of client.getQueriesData<ListData>({ queryKey: keys.conversationLists })) {
    if (!data) continue;
    const pages = data.pages.map((page) => ({ ...page, data: page.data.filter((row) => row.id !== id) }));
    client.setQueryData(key, { ...data, pages });
  }
  void client.invalidateQueries({ queryKey: keys.conversation(id) });
}
