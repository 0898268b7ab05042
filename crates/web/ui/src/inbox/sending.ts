import { useSyncExternalStore } from "react";

import { api, idempotent, session, unwrap } from "../api/client";
import { isPassing } from "../api/problem";
import type { Message, Note } from "../api/types";
import { queryClient } from "../app/queryClient";
import { errorWords } from "../components/errorWords";
import { backoff } from "../events/backoff";
import { connection } from "../events/live";
import { randomId } from "../lib/id";
import { exclusively } from "../lib/locks";
import { patchConversation } from "./actions/patch";
import { applyConversation, applyMessage, refreshTimeline } from "./cache";
import { createOutbox, type Pending } from "./outbox";
import { createNote, fetchConversation } from "./requests";

/** Everything that is on its way to the server. */
export const outbox = createOutbox({
  storage: localStorage,
  send: (pending) => (pending.kind === "note" ? sendNote(pending) : sendMessage(pending)),
  isPassing,
  words: (error) => errorWords(error).detail,
  onSent,
  delay: (attempt) => backoff(attempt),
  exclusively,
  newId: randomId,
});

function sendMessage(pending: Pending): Promise<Message> {
  return unwrap(
    api.POST("/api/v1/conversations/{id}/messages", {
      params: { path: { id: pending.conversationId }, header: idempotent(pending.id) },
      body: pending.compose,
    }),
  );
}

function sendNote(pending: Pending): Promise<Note> {
  return createNote(pending.conversationId, pending.body, pending.id);
}

function onSent(pending: Pending, answer: Message | Note) {
  if ("direction" in answer) applyMessage(queryClient, answer);
  else void refreshTimeline(queryClient, pending.conversationId).catch(() => undefined);
  const state = session.store.get();
  if (state.status !== "in") return;
  const me = state.user.id;
  const done = pending.thenClose
    ? patchConversation(queryClient, pending.conversationId, { status: "closed" }, me)
    : fetchConversation(pending.conversationId).then((conversation) => applyConversation(queryClient, conversation, me));
  void done.catch(() => undefined);
}

/** What waits in one conversation. */
export function usePending(conversationId: string): readonly Pending[] {
  const all = useSyncExternalStore(outbox.subscribe, outbox.get);
  const state = session.store.get();
  const owner = state.status === "in" ? state.user.id : "";
  return all.filter((item) => item.conversationId === conversationId && item.owner === owner);
}

/** Goes on with what an earlier page left; and whenever the connection is back. */
export function resumeSending(owner: string): () => void {
  outbox.resume(owner);
  const resume = () => outbox.resume(owner);
  window.addEventListener("online", resume);
  const stop = connection.subscribe(() => {
    if (connection.get() === "live") resume();
  });
  return () => {
    stop();
    window.removeEventListener("online", resume);
  };
}
