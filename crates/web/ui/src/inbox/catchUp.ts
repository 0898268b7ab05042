import type { QueryClient } from "@tanstack/react-query";

import { keys } from "../api/keys";
import { isPassing } from "../api/problem";
import { compareInstants } from "../lib/instant";
import { applyConversation, refreshTimeline } from "./cache";
import type { ListData } from "./listCache";
import { fetchConversations } from "./requests";

const PAGES = 5;
const PAGE = 200;

/** As far as the server's own margin: a change can be seen that much later than it is dated. */
const MARGIN_MS = 10_000;

/**
 * Until when nothing is missing in any list. Single conversations that come by themselves, such as
 * the one that was just answered, say nothing about the others, so they don't move it.
 */
export class CaughtUp {
  #until: string | null = null;

  get until(): string | null {
    return this.#until;
  }

  /** All changes until then have been seen; `at` may be a change's own date. */
  seen(at: string): void {
    this.reached(new Date(Date.parse(at) - MARGIN_MS).toISOString());
  }

  /** From here the server says to go on. */
  reached(until: string): void {
    if (this.#until === null || compareInstants(until, this.#until) > 0) this.#until = until;
  }

  /** A list has been fetched. The first one is where we begin; later ones know more than the others do. */
  fetched(data: ListData): void {
    if (this.#until !== null) return;
    const dates = data.pages.flatMap((page) => page.data.map((row) => row.updated_at));
    const newest = dates.reduce<string | null>((a, b) => (a === null || compareInstants(b, a) > 0 ? b : a), null);
    if (newest !== null) this.seen(newest);
  }

  forget(): void {
    this.#until = null;
  }
}

/** Begins when the first list has been fetched; returns how to stop watching. */
export function watchLists(client: QueryClient, caughtUp: CaughtUp): () => void {
  const [group, kind] = keys.conversationLists;
  return client.getQueryCache().subscribe((event) => {
    if (event.type !== "updated" || event.action.type !== "success" || event.action.manual) return;
    const { queryKey, state } = event.query;
    if (queryKey[0] === group && queryKey[1] === kind) caughtUp.fetched(state.data as ListData);
  });
}

/**
 * Fetches what has changed since nothing was missing, and puts it in place: lists that somebody
 * has scrolled far down keep their position. What has changed too much begins anew. Returns whose
 * latest state is there now.
 */
export async function catchUp(client: QueryClient, me: string, caughtUp: CaughtUp): Promise<ReadonlySet<string>> {
  const seen = new Set<string>();
  client.removeQueries({ queryKey: keys.timelines, type: "inactive" });
  await Promise.all(openTimelines(client).map((id) => refreshOpen(client, id)));
  const since = caughtUp.until;
  let cursor: string | undefined;
  for (let page = 0; since !== null && page < PAGES; page++) {
    const answer = await fetchConversations({ updated_since: since }, cursor, PAGE);
    for (const conversation of answer.data) {
      applyConversation(client, conversation, me);
      seen.add(conversation.id);
    }
    cursor = answer.next_cursor ?? undefined;
    if (cursor) continue;
    if (answer.next_updated_since) caughtUp.reached(answer.next_updated_since);
    return seen;
  }
  await beginAnew(client, caughtUp);
  return seen;
}

async function beginAnew(client: QueryClient, caughtUp: CaughtUp): Promise<void> {
  for (const { queryKey } of client.getQueryCache().findAll({ queryKey: keys.conversationLists })) {
    client.setQueryData<ListData>(queryKey, (data) =>
      data ? { pages: data.pages.slice(0, 1), pageParams: data.pageParams.slice(0, 1) } : data,
    );
  }
  caughtUp.forget();
  await client.invalidateQueries({ queryKey: keys.conversations }, { throwOnError: true });
}

/** A thread that is gone, or that may not be seen, is for its pane to tell. */
async function refreshOpen(client: QueryClient, id: string): Promise<void> {
  try {
    await refreshTimeline(client, id);
  } catch (error) {
    if (isPassing(error)) throw error;
  }
}

function openTimelines(client: QueryClient): string[] {
  return client
    .getQueryCache()
    .findAll({ queryKey: keys.timelines, type: "active" })
    .map((query) => String(query.queryKey[1]));
}
