import type { QueryClient } from "@tanstack/react-query";

import { keys } from "../api/keys";
import type { Conversation, ConversationQuery, Message } from "../api/types";
import { compareInstants } from "../lib/instant";
import { place, remove, type ListData } from "./listCache";
import { patchData } from "./patchData";
import { fetchTimeline } from "./requests";
import { openConversation } from "./selection";
import { mergeNewest, upsertMessage, type TimelineData } from "./timelineCache";

/** Puts the latest state of a conversation everywhere it is shown. */
export function applyConversation(client: QueryClient, conversation: Conversation, me: string): void {
  const key = keys.conversation(conversation.id);
  client.setQueryData<Conversation>(key, (old) => old ?? conversation);
  patchData<Conversation>(client, key, (old) => newerOf(old, conversation));
  const keep = openConversation.get();
  for (const { queryKey } of listQueries(client)) {
    const query = queryKey[2] as ConversationQuery;
    patchData<ListData>(client, queryKey, (data) => place(data, conversation, query, me, keep));
  }
}

/** The later state of the two; the second one if they are of the same time. */
function newerOf(held: Conversation, come: Conversation): Conversation {
  return compareInstants(held.updated_at, come.updated_at) > 0 ? held : come;
}

/** Puts a message into its thread, if that is held. */
export function applyMessage(client: QueryClient, message: Message): void {
  patchData<TimelineData>(client, keys.timeline(message.conversation_id), (data) => upsertMessage(data, message));
}

/** Fetches the newest part of a thread again, if that is held or on its way. */
export async function refreshTimeline(client: QueryClient, id: string): Promise<void> {
  const queryKey = keys.timeline(id);
  const state = client.getQueryState(queryKey);
  if (state?.data === undefined && state?.fetchStatus !== "fetching") return;
  const page = await fetchTimeline(id);
  patchData<TimelineData>(client, queryKey, (data) => mergeNewest(data, page));
}

/** A conversation that is gone, with its lead, goes from every list. */
export function forgetConversation(client: QueryClient, id: string): void {
  for (const { queryKey } of listQueries(client)) patchData<ListData>(client, queryKey, (data) => remove(data, id));
  const key = keys.conversation(id);
  for (const queryKey of [key, keys.timeline(id)]) client.removeQueries({ queryKey, type: "inactive" });
  // Who has it open is told.
  if (client.getQueryState(key)?.status !== "error") void client.invalidateQueries({ queryKey: key });
}

/** Those of the held conversations that are with this lead. */
export function conversationsOf(client: QueryClient, leadId: string): string[] {
  const found = new Set<string>();
  for (const { state } of listQueries(client)) {
    const data = state.data as ListData | undefined;
    for (const page of data?.pages ?? []) for (const row of page.data) if (row.lead.id === leadId) found.add(row.id);
  }
  const open = openConversation.get();
  if (open && client.getQueryData<Conversation>(keys.conversation(open))?.lead.id === leadId) found.add(open);
  return [...found];
}

function listQueries(client: QueryClient) {
  return client.getQueryCache().findAll({ queryKey: keys.conversationLists });
}
