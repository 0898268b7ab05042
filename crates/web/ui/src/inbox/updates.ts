import type { QueryClient } from "@tanstack/react-query";

import { keys } from "../api/keys";
import { ApiProblem, isPassing } from "../api/problem";
import { backoff } from "../events/backoff";
import type { LiveEvent } from "../events/types";
import { compareInstants } from "../lib/instant";
import { createArrivals } from "./arrivals";
import { applyConversation, applyMessage, conversationsOf, forgetConversation, refreshTimeline } from "./cache";
import { CaughtUp, catchUp, watchLists } from "./catchUp";
import { isGone, leadIsGone } from "./goneLead";
import { fetchConversation, fetchMessage } from "./requests";
import { TIMELINE_PAGE, type TimelineData } from "./timelineCache";

/** Events come in bursts: the first is followed at once, and what comes this soon after that in one go. */
const REST_MS = 120;
/** More than this at once, and the lists are caught up as a whole. */
const MANY = 15;

/** What events have touched, and is still to be fetched. */
interface Work {
  all: boolean;
  /** Conversation to lead, where that is told. */
  conversations: Map<string, string | null>;
  /** Message to conversation. */
  messages: Map<string, string>;
  /** The latest event's date: with this done, nothing until then is missing. */
  until: string | null;
}

const nothing = (): Work => ({ all: false, conversations: new Map(), messages: new Map(), until: null });

const isNothing = (work: Work) => !work.all && work.conversations.size === 0;

function joined(a: Work, b: Work): Work {
  return {
    all: a.all || b.all,
    conversations: new Map([...a.conversations, ...b.conversations]),
    messages: new Map([...a.messages, ...b.messages]),
    until: b.until ?? a.until,
  };
}

/**
 * Collects what events touch and fetches it, one burst after the other. What fails because the
 * connection is away stays to be done: an event is told only once.
 */
export function createUpdates(client: QueryClient, me: string) {
  const caughtUp = new CaughtUp();
  const unwatch = watchLists(client, caughtUp);
  const arrivals = createArrivals(client);
  let work = nothing();
  let failures = 0;
  let running = false;
  let stopped = false;
  // From a resync until nothing of all that was told is still to be fetched.
  let resyncing = false;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let restedAt = 0;

  function schedule() {
    if (running || stopped || isNothing(work)) return;
    // Even at once is after all that has come in the same piece of the stream.
    timer ??= setTimeout(() => void run(), failures > 0 ? backoff(failures) : Math.max(0, restedAt - performance.now()));
  }

  async function run() {
    timer = null;
    running = true;
    const mine = work;
    work = nothing();
    try {
      await carryOut(client, me, mine, caughtUp);
      failures = 0;
      resyncing &&= !isNothing(work);
      for (const id of mine.conversations.keys()) if (!work.conversations.has(id)) arrivals.caughtUp(id);
    } catch {
      failures += 1;
      work = joined(mine, work);
    }
    running = false;
    restedAt = performance.now() + REST_MS;
    schedule();
  }

  /** What a lead has left behind is not asked for. */
  function forget(lead: string) {
    for (const [id, of] of work.conversations) if (of === lead) work.conversations.delete(id);
    leadIsGone(client, lead);
  }

  return {
    take(event: LiveEvent) {
      const { conversation_id: conversation, message_id: message, lead_id: lead, occurred_at: at } = event.data;
      if (lead && event.data.deleted) return forget(lead);
      if (lead && isGone(lead)) return;
      if (event.type === "resync") work.all = resyncing = true;
      else if (conversation) work.conversations.set(conversation, lead ?? null);
      else if (event.type === "lead_updated" && lead) {
        for (const id of conversationsOf(client, lead)) work.conversations.set(id, lead);
      }
      if (conversation && message) work.messages.set(message, conversation);
      if (!resyncing) arrivals.take(event);
      if (at && (work.until === null || compareInstants(at, work.until) > 0)) work.until = at;
      schedule();
    },
    /** The connection is back: what failed need not wait any longer. */
    hurry() {
      if (failures === 0 || timer === null) return;
      clearTimeout(timer);
      timer = null;
      failures = 0;
      schedule();
    },
    stop() {
      stopped = true;
      unwatch();
      if (timer) clearTimeout(timer);
    },
  };
}

async function carryOut(client: QueryClient, me: string, work: Work, caughtUp: CaughtUp) {
  const counts = client.invalidateQueries({ queryKey: keys.counts }, { throwOnError: true });
  await settled([counts, fetchTouched(client, me, work, caughtUp)]);
  const held = [...work.messages].filter(([, conversation]) => client.getQueryData(keys.timeline(conversation)));
  for (const [id, conversation] of held.slice(0, MANY)) await refreshMessage(client, id, conversation);
  if (work.until !== null) caughtUp.seen(work.until);
}

/** Waits for all, and fails only where another try may help. */
async function settled(parts: Promise<unknown>[]) {
  for (const part of await Promise.allSettled(parts)) {
    if (part.status === "rejected" && isPassing(part.reason)) throw part.reason;
  }
}

async function fetchTouched(client: QueryClient, me: string, work: Work, caughtUp: CaughtUp) {
  let ids = [...work.conversations.keys()];
  if (work.all || ids.length > MANY) {
    const done = await catchUp(client, me, caughtUp);
    ids = ids.filter((id) => !done.has(id));
  }
  while (ids.length > 0) await settled(ids.splice(0, MANY).map((id) => refreshOne(client, id, me)));
}

async function refreshOne(client: QueryClient, id: string, me: string) {
  try {
    const [conversation] = await Promise.all([fetchConversation(id), refreshTimeline(client, id)]);
    applyConversation(client, conversation, me);
  } catch (error) {
    if (isPassing(error)) throw error;
    if (error instanceof ApiProblem && error.status === 404) forgetConversation(client, id);
  }
}

/** A message that changed long after it came is not on the newest page. */
async function refreshMessage(client: QueryClient, id: string, conversationId: string) {
  const data = client.getQueryData<TimelineData>(keys.timeline(conversationId));
  if (!data || data.pages[0]?.data.slice(0, TIMELINE_PAGE).some((item) => item.id === id)) return;
  try {
    applyMessage(client, await fetchMessage(id));
  } catch (error) {
    if (isPassing(error)) throw error;
  }
}
