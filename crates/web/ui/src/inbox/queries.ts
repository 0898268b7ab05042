import { useInfiniteQuery, useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";

import { api, unwrap, useMe } from "../api/client";
import { keys } from "../api/keys";
import { isPassing } from "../api/problem";
import type { Channel, Conversation, ConversationQuery, Label, User } from "../api/types";
import type { ListData, ListPage } from "./listCache";
import { newcomersOf } from "./newcomers";
import { fetchConversation, fetchConversations, fetchCounts, fetchLabels, fetchTimeline } from "./requests";
import type { InboxSearch } from "./search";
import type { TimelineData } from "./timelineCache";

/** What the address asks for, as the API asks. */
export function listQuery(search: InboxSearch): ConversationQuery {
  const tab = search.tab ?? "all";
  const status = search.status ?? "open";
  return {
    sort: search.sort ?? "newest",
    status: status === "any" ? undefined : status,
    assigned: tab === "mine" ? "me" : tab === "unassigned" ? "none" : search.assignee,
    unread: search.unread,
    channel_id: search.channel,
    label: search.label,
    q: search.q,
  };
}

export function useConversationList(query: ConversationQuery) {
  return useInfiniteQuery({
    queryKey: keys.conversationList(query),
    queryFn: async ({ pageParam }): Promise<ListPage> => {
      const page = await fetchConversations(query, pageParam);
      return { ...page, end: page.data.at(-1) };
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    // Comparing 100,000 rows deeply to keep what is equal costs more than it saves.
    structuralSharing: false,
    staleTime: Infinity,
  });
}

/** One conversation; at once from the lists, if it is in one. */
export function useConversation(id: string | undefined, client: QueryClient) {
  return useQuery({
    queryKey: keys.conversation(id ?? ""),
    queryFn: () => fetchConversation(id ?? ""),
    enabled: id !== undefined,
    placeholderData: () => (id ? findInLists(client, id) : undefined),
    // What a list knows of it stays on the screen until the connection is back: giving up would take it away.
    retry: (failures, error) =>
      isPassing(error) && (failures < 2 || (id !== undefined && findInLists(client, id) !== undefined)),
  });
}

export function findInLists(client: QueryClient, id: string): Conversation | undefined {
  for (const [, data] of client.getQueriesData<ListData>({ queryKey: keys.conversationLists })) {
    for (const page of data?.pages ?? []) {
      const found = page.data.find((one) => one.id === id);
      if (found) return found;
    }
  }
  return undefined;
}

function timelineOptions(id: string) {
  return {
    queryKey: keys.timeline(id),
    queryFn: ({ pageParam }: { pageParam: string | undefined }) => fetchTimeline(id, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: TimelineData["pages"][number]) => page.next_cursor ?? undefined,
    structuralSharing: false,
    staleTime: Infinity,
  } as const;
}

export function useTimeline(id: string) {
  return useInfiniteQuery(timelineOptions(id));
}

/** Fetches a thread before it is opened. */
export function prefetchTimeline(client: QueryClient, id: string): void {
  void client.prefetchInfiniteQuery(timelineOptions(id));
}

async function everyPage<T>(get: (cursor?: string) => Promise<{ data: T[]; next_cursor?: string | null }>): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await get(cursor);
    all.push(...page.data);
    cursor = page.next_cursor ?? undefined;
  } while (cursor && all.length < 2000);
  return all;
}

export function useUsers() {
  return useQuery<User[]>({
    queryKey: [...keys.users, "all"],
    queryFn: () =>
      everyPage((cursor) => unwrap(api.GET("/api/v1/users", { params: { query: { cursor, limit: 200 } } }))),
    staleTime: 5 * 60_000,
  });
}

export function useChannels() {
  return useQuery<Channel[]>({
    queryKey: [...keys.channels, "all"],
    queryFn: () =>
      everyPage((cursor) => unwrap(api.GET("/api/v1/channels", { params: { query: { cursor, limit: 200 } } }))),
    staleTime: 5 * 60_000,
  });
}

export function useLabels() {
  return useQuery<Label[]>({
    queryKey: keys.labels,
    queryFn: fetchLabels,
    staleTime: 5 * 60_000,
  });
}

export function useCounts() {
  return useQuery({ queryKey: keys.counts, queryFn: fetchCounts, staleTime: Infinity });
}

/** Who a user is, by id; "you" are named too. Who isn't known is asked for. */
export function useUserName(): (id: string | null | undefined) => string | null {
  const client = useQueryClient();
  const users = useUsers().data;
  const { user } = useMe();
  return (id) => {
    if (!id) return null;
    if (id === user.id) return user.name;
    const found = users?.find((one) => one.id === id);
    if (users && !found) newcomersOf(client).meet(id);
    return found?.name ?? null;
  };
}
