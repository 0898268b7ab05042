import { authorizedFetch, session } from "../api/client";
import { firstCursor } from "../api/cursor";
import { tabChannel } from "../lib/locks";
import { createStore } from "../lib/store";
import { backoff } from "./backoff";
import { createPoll } from "./poll";
import { readStream } from "./stream";
import type { ConnectionState, LiveEvent } from "./types";

const POLL_MS = 5_000;
const PATIENCE_MS = 3_000;

/** How the page is connected, for banner and tests. */
export const connection = createStore<ConnectionState>("connecting");

type TabMessage = { kind: "event"; event: LiveEvent } | { kind: "state"; state: ConnectionState } | { kind: "hello" };

const handlers = new Set<(event: LiveEvent) => void>();

/** Calls `handler` with every event; returns how to stop that. */
export function onEvent(handler: (event: LiveEvent) => void): () => void {
  handlers.add(handler);
  return () => handlers.delete(handler);
}

let last: string | null = null;

function deliver(event: LiveEvent) {
  if (event.id !== null) last = event.id;
  for (const handler of [...handlers]) handler(event);
}

/**
 * Starts listening, for as long as somebody is logged in; returns how to stop.
 *
 * One tab of a browser, whoever holds the lock, reads the stream and passes it on to the others:
 * a browser has six connections to a server only. When that tab is closed another one gets the
 * lock and goes on from the last event that it was passed.
 */
export function startLive(userId: string): () => void {
  const stop = new AbortController();
  const tabs = tabChannel<TabMessage>(`trunkline.events.${userId}`);
  let leading = false;
  last = null;

  const unlisten = tabs.listen((message) => {
    if (message.kind === "hello" && leading) tabs.post({ kind: "state", state: connection.get() });
    if (message.kind === "event" && !leading) deliver(message.event);
    if (message.kind === "state" && !leading) connection.set(message.state);
  });
  tabs.post({ kind: "hello" });

  const share = {
    event(event: LiveEvent) {
      deliver(event);
      tabs.post({ kind: "event", event });
    },
    state(state: ConnectionState) {
      connection.set(state);
      tabs.post({ kind: "state", state });
    },
  };
  const lead = async () => {
    leading = true;
    await keepListening(stop.signal, share);
  };
  if (navigator.locks) {
    navigator.locks
      .request(`trunkline.events.${userId}`, { signal: stop.signal }, lead)
      .catch(() => undefined);
  } else {
    void lead();
  }
  return () => {
    stop.abort();
    unlisten();
    connection.set("connecting");
  };
}

interface Share {
  event(event: LiveEvent): void;
  state(state: ConnectionState): void;
}

async function keepListening(signal: AbortSignal, share: Share) {
  const poll = createPoll(authorizedFetch);
  let base = 1000;
  let attempt = 0;
  while (!signal.aborted && session.store.get().status !== "out") {
    let opened = false;
    const broken = whenOffline(signal);
    try {
      await readStream({
        after: last ?? (await firstCursor(PATIENCE_MS)),
        signal: broken.signal,
        fetch: authorizedFetch,
        onOpen: () => {
          opened = true;
          attempt = 0;
          share.state("live");
        },
        onEvent: share.event,
        onId: (id) => {
          last = id;
        },
        onRetry: (milliseconds) => {
          base = Math.max(500, milliseconds / 2);
        },
      });
    } catch {
      // The next round tries again, and meanwhile asks.
    } finally {
      broken.stop();
    }
    if (signal.aborted) return;
    // A stream that ended in good order ends with its login token: renew and go on at once.
    const resume = opened && navigator.onLine;
    attempt = resume ? 0 : attempt + 1;
    await pollUntil(Date.now() + (resume ? 250 : backoff(attempt, base)), attempt, poll, signal, share);
  }
}

/** Waits for the next try; from the second failed one on, asks meanwhile. */
async function pollUntil(
  end: number,
  attempt: number,
  poll: (signal: AbortSignal) => Promise<"changed" | "unchanged">,
  signal: AbortSignal,
  share: Share,
) {
  for (;;) {
    if (attempt > 0) {
      try {
        const news = await poll(signal);
        share.state("polling");
        if (news === "changed") share.event({ id: null, type: "resync", data: {} });
      } catch {
        if (!signal.aborted) share.state("offline");
      }
    }
    const left = end - Date.now();
    if (signal.aborted || left <= 0) return;
    if ((await pause(Math.min(left, POLL_MS), signal)) === "online") return;
  }
}

/** A signal that also goes when the machine loses its network: the stream itself would notice much later. */
function whenOffline(signal: AbortSignal): { signal: AbortSignal; stop: () => void } {
  const offline = new AbortController();
  const abort = () => offline.abort();
  window.addEventListener("offline", abort);
  return {
    signal: AbortSignal.any([signal, offline.signal]),
    stop: () => window.removeEventListener("offline", abort),
  };
}

/** Waits, but no longer than until the network is back. */
function pause(milliseconds: number, signal: AbortSignal): Promise<"time" | "online"> {
  return new Promise((resolve) => {
    const finish = (why: "time" | "online") => {
      clearTimeout(timer);
      window.removeEventListener("online", online);
      signal.removeEventListener("abort", time);
      resolve(why);
    };
    const online = () => finish("online");
    const time = () => finish("time");
    const timer = setTimeout(time, milliseconds);
    window.addEventListener("online", online);
    signal.addEventListener("abort", time);
  });
}
