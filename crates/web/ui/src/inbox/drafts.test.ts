import { beforeEach, describe, expect, it, vi } from "vitest";

import { draftLine, loadDraft, saveDraft, type Draft } from "./drafts";

const EMPTY: Draft = { reply: "", note: "", mode: "reply", files: [] };

beforeEach(() => {
  const held = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => held.get(key) ?? null,
    setItem: (key: string, value: string) => held.set(key, value),
    removeItem: (key: string) => held.delete(key),
  });
});

describe("drafts", () => {
  it("are kept for each person and conversation, until they are empty", () => {
    saveDraft("me", "c-1", { ...EMPTY, reply: "Hello" });
    expect(loadDraft("me", "c-1").reply).toBe("Hello");
    expect(loadDraft("you", "c-1")).toEqual(EMPTY);
    saveDraft("me", "c-1", EMPTY);
    expect(localStorage.getItem("trunkline.draft.me.c-1")).toBeNull();
  });

  it("don't fail on what something else has left in their place", () => {
    localStorage.setItem("trunkline.draft.me.c-1", "{");
    expect(loadDraft("me", "c-1")).toEqual(EMPTY);
  });

  it("are told in one line: what is being written first", () => {
    expect(draftLine({ ...EMPTY, reply: "One\n\ntwo", note: "a note" })).toBe("One two");
    expect(draftLine({ ...EMPTY, mode: "note", reply: "One", note: "a note" })).toBe("a note");
    expect(draftLine({ ...EMPTY, reply: "  " })).toBe("");
  });
});
