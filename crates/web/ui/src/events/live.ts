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
/** The stream beats every 15 s; who comes back to the page and has heard nothing for longer has slept. */
const STALE_MS = 20_000;
const RESYNC: LiveEvent = { id: null, type: "resync", data: {} };

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
  const unthaw = whenThawed(() => deliver(RESYNC));

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
    unthaw();
    connection.set("connecting");
  };
}

/** A tab that the browser had put aside has not heard what the others were told. */
function whenThawed(then: () => void): () => void {
  const shown = (event: PageTransitionEvent) => {
    if (event.persisted) then();
  };
  window.addEventListener("pageshow", shown);
  document.addEventListener("resume", then);
  return () => {
    window.removeEventListener("pageshow", shown);
    document.removeEventListener("resume", then);
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
    const broken = whenLost(signal);
    try {
      const after = last ?? (await firstCursor(PATIENCE_MS));
      await readStream({
        after,
        signal: broken.signal,
        fetch: authorizedFetch,
        onOpen: () => {
          opened = true;
          attempt = 0;
          share.state("live");
          // From now on only: what has changed since the first answers came is not told.
          if (after === null) share.event(RESYNC);
        },
        onEvent: share.event,
        onId: (id) => {
          last = id;
        },
        onRetry: (milliseconds) => {
          base = Math.max(500, milliseconds / 2);
        },
        onBeat: broken.onBeat,
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
        if (news === "changed") share.event(RESYNC);
      } catch {
        if (!signal.aborted) share.state("offline");
      }
    }
    const left = end - Date.now();
    if (signal.aborted || left <= 0) return;
    if ((await pause(Math.min(left, POLL_MS), signal)) === "online") return;
  }
}

/**
 * A signal that also goes when the machine loses its network, or has slept: the stream itself would
 * notice much later. `onBeat` is to be called with each sign of life.
 */
function whenLost(signal: AbortSignal): { signal: AbortSignal; onBeat: () => void; stop: () => void } {
  const lost = new AbortController();
  let beat = Date.now();
  const abort = () => lost.abort();
  const awake = () => {
    if (document.visibilityState === "visible" && Date.now() - beat > STALE_MS) abort();
  };
  window.addEventListener("offline", abort);
  window.addEventListener("focus", awake);
  document.addEventListener("visibilitychange", awake);
  return {
    signal: AbortSignal.any([signal, lost.signal]),
    onBeat: () => {
      beat = Date.now();
    },
    stop: () => {
      window.removeEventListener("offline", abort);
      window.removeEventListener("focus", awake);
      document.removeEventListener("visibilitychange", awake);
    },
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
