import { QueryClient } from "@tanstack/react-query";

import { keys } from "../api/keys";
import { forgetCursor } from "../api/cursor";
import { isPassing } from "../api/problem";
import { session } from "../api/client";
import { onEvent } from "../events/live";
import type { LiveEvent } from "../events/types";
import { isGone, isOfNobodyGone } from "../inbox/goneLead";

/** All answers of the API that the page holds. Events keep them fresh, so they don't age by themselves. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 60_000,
      gcTime: 10 * 60_000,
      refetchOnWindowFocus: false,
      retry: (failures, error) => isPassing(error) && failures < 2,
      // The connection state is ours to know; a browser's guess must not stop requests.
      networkMode: "always",
    },
    mutations: { networkMode: "always" },
  },
});

/** Which cached answers an event makes stale, beside those that the inbox patches itself. */
const STALE: Record<string, readonly (readonly string[])[]> = {
  sms_received: [keys.queue, keys.messages],
  sms_sent: [keys.queue, keys.messages],
  sms_status_update: [keys.queue, keys.messages],
  sms_delivery_failed: [keys.queue, keys.messages],
  message_queued: [keys.queue, keys.messages],
  channel_health: [keys.channels],
  lead_updated: [keys.leads],
  conversation_updated: [keys.activity],
  import_progress: [keys.imports],
};

const RESYNCED = [
  keys.queue,
  keys.messages,
  keys.channels,
  keys.leads,
  keys.activity,
  keys.imports,
  keys.users,
  keys.labels,
] as const;

/** What happens in a conversation shows on its lead's page, too; a lead that is gone has none. */
function staleBy({ type, data }: LiveEvent): readonly (readonly string[])[] {
  if (data.deleted) return [keys.activity];
  const all = STALE[type] ?? [];
  if (data.lead_id && isGone(data.lead_id)) return all.filter((key) => key !== keys.leads);
  return data.lead_id ? [...all, keys.lead(data.lead_id), keys.leadConversations(data.lead_id)] : all;
}

/** Marks stale what an event touches, at most once in `SETTLE_MS` for each kind. */
export function keepCachesFresh(): () => void {
  const SETTLE_MS = 400;
  const due = new Map<string, readonly string[]>();
  let timer: ReturnType<typeof setTimeout> | null = null;
  const flush = () => {
    timer = null;
    // A lead that was touched may have been deleted in the meantime.
    for (const key of due.values()) void queryClient.invalidateQueries({ queryKey: key, predicate: isOfNobodyGone });
    due.clear();
  };
  const stop = onEvent((event: LiveEvent) => {
    for (const key of staleBy(event)) due.set(key.join(), key);
    if (event.type === "resync") {
      // Conversations are caught up by the inbox, which knows how not to jump.
      for (const key of RESYNCED) due.set(key.join(), key);
    }
    if (due.size > 0) timer ??= setTimeout(flush, SETTLE_MS);
  });
  return () => {
    stop();
    if (timer) clearTimeout(timer);
  };
}

// Nobody sees what another person's login has fetched.
let holder: string | null = null;
session.store.subscribe(() => {
  const state = session.store.get();
  const now = state.status === "in" ? `${state.tenant.id} ${state.user.id}` : null;
  if (state.status === "starting" || now === holder) return;
  if (holder !== null) {
    queryClient.clear();
    forgetCursor();
  }
  holder = now;
});
