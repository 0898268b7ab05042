import { describe, expect, it, vi } from "vitest";

import { ApiProblem, isPassing, NetworkProblem } from "../api/problem";
import type { Message } from "../api/types";
import { aMessage, at } from "./fixture";
import { createOutbox, OUTBOX_KEY, stillPending, type OutboxDeps, type Pending } from "./outbox";

const item = {
  kind: "message" as const,
  owner: "me",
  conversationId: "c-1",
  body: "Hi",
  compose: { body: "Hi" },
  files: [],
  after: "m-001",
  thenClose: false,
};

/** What the browser keeps, over a reload too. */
function aStorage(): OutboxDeps["storage"] {
  const values = new Map<string, string>();
  return {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
  };
}

function make(send: OutboxDeps["send"], storage = aStorage()) {
  let ids = 0;
  const onSent = vi.fn();
  const outbox = createOutbox({
    storage,
    send,
    isPassing,
    words: (error) => (error as Error).message,
    onSent,
    delay: () => 5,
    exclusively: (_name, work) => work(),
    newId: () => `key-${String(++ids)}`,
  });
  return { outbox, onSent };
}

describe("the outbox", () => {
  it("tries again under the same key until there is an answer, and tells of it once", async () => {
    const keys: string[] = [];
    const { outbox, onSent } = make((pending) => {
      keys.push(pending.id);
      return keys.length < 3 ? Promise.reject(new NetworkProblem("away")) : Promise.resolve(aMessage());
    });
    outbox.add(item);
    await vi.waitFor(() => expect(outbox.get()).toEqual([]));
    expect(keys).toEqual(["key-1", "key-1", "key-1"]);
    expect(onSent).toHaveBeenCalledTimes(1);
  });

  it("keeps what was refused, with the reason, and sends it again under a new key", async () => {
    const keys: string[] = [];
    const { outbox } = make((pending) => {
      keys.push(pending.id);
      return keys.length === 1
        ? Promise.reject(new ApiProblem(409, { code: "opted_out", detail: "they said STOP" }))
        : Promise.resolve(aMessage());
    });
    outbox.add(item);
    await vi.waitFor(() => expect(outbox.get()[0]?.state).toBe("refused"));
    expect(outbox.get()[0]?.reason).toBe("they said STOP");
    outbox.retry("key-1");
    await vi.waitFor(() => expect(outbox.get()).toEqual([]));
    expect(keys).toEqual(["key-1", "key-2"]);
  });

  it("sends the texts of a conversation in the order in which they were written", async () => {
    const sent: string[] = [];
    let release: (message: Message) => void = () => undefined;
    const { outbox } = make((pending) => {
      sent.push(pending.body);
      if (sent.length > 1) return Promise.resolve(aMessage());
      return new Promise((resolve) => {
        release = resolve;
      });
    });
    outbox.add({ ...item, body: "first" });
    outbox.add({ ...item, body: "second" });
    await Promise.resolve();
    expect(sent).toEqual(["first"]);
    release(aMessage());
    await vi.waitFor(() => expect(sent).toEqual(["first", "second"]));
  });

  it("goes on after a reload, under the same key", async () => {
    const storage = aStorage();
    const never = make(() => new Promise(() => undefined), storage);
    never.outbox.add(item);
    expect(storage.getItem(OUTBOX_KEY)).toContain("key-1");
    const keys: string[] = [];
    const { outbox } = make((pending) => {
      keys.push(pending.id);
      return Promise.resolve(aMessage());
    }, storage);
    outbox.resume("somebody else");
    expect(keys).toEqual([]);
    outbox.resume("me");
    await vi.waitFor(() => expect(outbox.get()).toEqual([]));
    expect(keys).toEqual(["key-1"]);
  });

  it("stops when what waits is discarded", async () => {
    const send = vi.fn(() => Promise.reject(new NetworkProblem("away")));
    const { outbox } = make(send);
    outbox.add(item);
    await vi.waitFor(() => expect(outbox.get()[0]?.state).toBe("waiting"));
    outbox.discard("key-1");
    const calls = send.mock.calls.length;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(send.mock.calls.length).toBe(calls);
  });
});

describe("stillPending", () => {
  const pending: Pending = { ...item, id: "key-1", createdAt: "2026-01-01T10:02:00Z", state: "sending", reason: null };
  const sent = (minute: number) => at(minute, { direction: "outbound", source: "agent", sent_by_user_id: "me", body: "Hi" });

  it("shows no second bubble for what its event has brought already", () => {
    expect(stillPending([pending], [at(1)], "me")).toEqual([pending]);
    expect(stillPending([pending], [sent(2), at(1)], "me")).toEqual([]);
  });

  it("tells the same words sent twice apart", () => {
    const again = { ...pending, id: "key-2" };
    expect(stillPending([pending, again], [sent(2), at(1)], "me")).toEqual([again]);
    // One that was there before has nothing to do with it.
    expect(stillPending([pending], [at(1, { ...sent(1), direction: "outbound", body: "Hi", sent_by_user_id: "me" })], "me")).toEqual([pending]);
  });

  it("doesn't take somebody else's message for ours", () => {
    const other = at(2, { direction: "outbound", sent_by_user_id: "you", body: "Hi" });
    expect(stillPending([pending], [other], "me")).toEqual([pending]);
  });
});
