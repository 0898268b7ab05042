import type { UploadedMedia } from "../api/types";

/** What is being written in a conversation; kept in the browser, so that it survives a reload. */
export interface Draft {
  reply: string;
  note: string;
  mode: "reply" | "note";
  files: UploadedMedia[];
}

const EMPTY: Draft = { reply: "", note: "", mode: "reply", files: [] };

const keyOf = (owner: string, conversationId: string) => `trunkline.draft.${owner}.${conversationId}`;

export function loadDraft(owner: string, conversationId: string): Draft {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(keyOf(owner, conversationId)) ?? "null");
    return typeof value === "object" && value !== null ? { ...EMPTY, ...value } : EMPTY;
  } catch {
    return EMPTY;
  }
}

export function saveDraft(owner: string, conversationId: string, draft: Draft): void {
  const key = keyOf(owner, conversationId);
  try {
    if (draft.reply || draft.note || draft.files.length > 0) localStorage.setItem(key, JSON.stringify(draft));
    else localStorage.removeItem(key);
  } catch {
    // The browser's room is used up: the draft lives as long as the page.
  }
}
