import { useSyncExternalStore } from "react";

import type { UploadedMedia } from "../api/types";
import { createStore } from "../lib/store";

/** What is being written in a conversation; kept in the browser, so that it survives a reload. */
export interface Draft {
  reply: string;
  note: string;
  mode: "reply" | "note";
  files: UploadedMedia[];
}

const EMPTY: Draft = { reply: "", note: "", mode: "reply", files: [] };
const PREFIX = "trunkline.draft.";

const keyOf = (owner: string, conversationId: string) => `${PREFIX}${owner}.${conversationId}`;

/** Counts changes, so that a list can watch drafts without holding them. */
const changes = createStore(0);

export function loadDraft(owner: string, conversationId: string): Draft {
  return read(localStorage.getItem(keyOf(owner, conversationId)));
}

export function saveDraft(owner: string, conversationId: string, draft: Draft): void {
  const key = keyOf(owner, conversationId);
  const value = isEmpty(draft) ? null : JSON.stringify(draft);
  if (value === localStorage.getItem(key)) return;
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // The browser's room is used up: the draft lives as long as the page.
  }
  changes.set((n) => n + 1);
}

/** The draft in one line; empty if there is none. */
export function draftLine(draft: Draft): string {
  const text = draft.mode === "note" ? draft.note || draft.reply : draft.reply || draft.note;
  return (text.trim() || (draft.files[0]?.filename ?? "")).slice(0, 160).replaceAll(/\s+/g, " ");
}

/** The line of what has been begun in a conversation and not been sent, from this tab or another. */
export function useDraftLine(owner: string, conversationId: string): string {
  return useSyncExternalStore(subscribe, () => {
    // Most conversations have none: nothing to be read then.
    const stored = localStorage.getItem(keyOf(owner, conversationId));
    return stored === null ? "" : draftLine(read(stored));
  });
}

function subscribe(listener: () => void): () => void {
  const stop = changes.subscribe(listener);
  const other = (event: StorageEvent) => {
    if (event.key === null || event.key.startsWith(PREFIX)) listener();
  };
  window.addEventListener("storage", other);
  return () => {
    stop();
    window.removeEventListener("storage", other);
  };
}

const isEmpty = (draft: Draft) => !draft.reply && !draft.note && draft.files.length === 0;

function read(stored: string | null): Draft {
  try {
    const value: unknown = JSON.parse(stored ?? "null");
    return typeof value === "object" && value !== null ? { ...EMPTY, ...value } : EMPTY;
  } catch {
    return EMPTY;
  }
}
