import { createParser } from "./parser";
import type { LiveEvent } from "./types";

/** No byte for this long, though a comment comes every 15 s: the connection is dead. */
const SILENCE_MS = 40_000;

export interface StreamOptions {
  after: string | null;
  signal: AbortSignal;
  fetch: (request: Request) => Promise<Response>;
  onOpen: () => void;
  onEvent: (event: LiveEvent) => void;
  onId: (id: string) => void;
  onRetry: (milliseconds: number) => void;
  /** A sign of life, be it a comment only. */
  onBeat: () => void;
}

/** The server has no stream, or won't give it to us: asking again soon is no use. */
export class StreamRefused extends Error {}

/** Reads the stream until it ends. Resolves when the server ends it, rejects when it breaks. */
export async function readStream(options: StreamOptions): Promise<void> {
  const watchdog = new AbortController();
  const signal = AbortSignal.any([options.signal, watchdog.signal]);
  let timer = setTimeout(() => watchdog.abort(), SILENCE_MS);
  try {
    const response = await options.fetch(request(options.after, signal));
    const type = response.headers.get("content-type") ?? "";
    if (!response.ok || !response.body || !type.startsWith("text/event-stream")) {
      throw new StreamRefused(`HTTP ${String(response.status)}`);
    }
    options.onOpen();
    options.onBeat();
    const { onEvent, onId, onRetry } = options;
    const parser = createParser({ onFrame: (frame) => dispatch(frame, onEvent), onId, onRetry });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(timer);
      timer = setTimeout(() => watchdog.abort(), SILENCE_MS);
      options.onBeat();
      parser.push(value);
    }
  } finally {
    clearTimeout(timer);
    watchdog.abort();
  }
}

function request(after: string | null, signal: AbortSignal): Request {
  const headers = new Headers({ Accept: "text/event-stream" });
  if (after !== null) headers.set("Last-Event-ID", after);
  return new Request("/api/v1/events", { headers, signal, cache: "no-store" });
}

function dispatch(frame: { id: string | null; event: string; data: string }, onEvent: (e: LiveEvent) => void) {
  try {
    onEvent({ id: frame.id, type: frame.event, data: JSON.parse(frame.data) as LiveEvent["data"] });
  } catch {
    // What can't be read tells nothing; the next event or the next look catches up.
  }
}
