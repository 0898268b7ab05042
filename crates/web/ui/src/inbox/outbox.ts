import type { Compose, Message, Note, TimelineItem } from "../api/types";

/** Something written that the server has not confirmed yet. Kept in the browser, so a reload loses nothing. */
export interface Pending {
  /** Also its Idempotency-Key: however often it is sent, it arrives once. */
  id: string;
  kind: "message" | "note";
  owner: string;
  conversationId: string;
  body: string;
  compose: Compose;
  files: { id: string; name: string }[];
  createdAt: string;
  /** The newest item when it was written: what it becomes comes after. */
  after: string | null;
  thenClose: boolean;
  state: "sending" | "waiting" | "refused";
  /** Why it was refused, in words. */
  reason: string | null;
}

export interface OutboxDeps {
  storage: Pick<Storage, "getItem" | "setItem" | "removeItem">;
  send: (pending: Pending) => Promise<Message | Note>;
  /** Whether trying the same again may help. */
  isPassing: (error: unknown) => boolean;
  words: (error: unknown) => string;
  /** Called as soon as the server has it, before the bubble is taken out. */
  onSent: (pending: Pending, answer: Message | Note) => void;
  delay: (attempt: number) => number;
  /** Runs in one tab at a time. */
  exclusively: <T>(name: string, work: () => Promise<T>) => Promise<T>;
  newId: () => string;
}

export const OUTBOX_KEY = "trunkline.outbox";

/**
 * Sends what is written, in order for each conversation, until the server has it or refuses it.
 * An attempt without an answer is repeated under the same key.
 */
export function createOutbox(deps: OutboxDeps) {
  let items: readonly Pending[] = load(deps.storage);
  const listeners = new Set<() => void>();
  const busy = new Set<string>();
  const waits = new Map<string, () => void>();

  function change(next: readonly Pending[]) {
    items = next;
    if (items.length > 0) deps.storage.setItem(OUTBOX_KEY, JSON.stringify(items));
    else deps.storage.removeItem(OUTBOX_KEY);
    for (const listener of [...listeners]) listener();
  }

  const patch = (id: string, part: Partial<Pending>) =>
    change(items.map((item) => (item.id === id ? { ...item, ...part } : item)));

  const drop = (id: string) => change(items.filter((item) => item.id !== id));

  async function attempt(item: Pending): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        const answer = await deps.exclusively(`trunkline.outbox.${item.id}`, () => deps.send(item));
        deps.onSent(item, answer);
        drop(item.id);
        return;
      } catch (error) {
        if (!deps.isPassing(error)) {
          patch(item.id, { state: "refused", reason: deps.words(error) });
          return;
        }
        patch(item.id, { state: "waiting", reason: deps.words(error) });
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, deps.delay(tries));
          waits.set(item.id, () => {
            clearTimeout(timer);
            resolve();
          });
        });
        waits.delete(item.id);
        if (!items.some((one) => one.id === item.id)) return;
        patch(item.id, { state: "sending" });
      }
    }
  }

  async function drain(conversationId: string): Promise<void> {
    if (busy.has(conversationId)) return;
    busy.add(conversationId);
    try {
      for (;;) {
        const next = items.find((item) => item.conversationId === conversationId && item.state !== "refused");
        if (!next) return;
        await attempt(next);
      }
    } finally {
      busy.delete(conversationId);
    }
  }

  return {
    get: () => items,
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    add(item: Omit<Pending, "id" | "state" | "reason" | "createdAt">): Pending {
      const pending: Pending = {
        ...item,
        id: deps.newId(),
        createdAt: new Date().toISOString(),
        state: "sending",
        reason: null,
      };
      change([...items, pending]);
      void drain(item.conversationId);
      return pending;
    },
    /** Tries again at once. What was refused gets a new key: the server remembers its answer to the old one. */
    retry(id: string) {
      const item = items.find((one) => one.id === id);
      if (!item) return;
      if (item.state === "refused") patch(id, { id: deps.newId(), state: "sending", reason: null });
      else waits.get(id)?.();
      void drain(item.conversationId);
    },
    discard(id: string) {
      drop(id);
      waits.get(id)?.();
    },
    /** Goes on with what an earlier page left, and with what waits for a connection. */
    resume(owner: string) {
      for (const wake of [...waits.values()]) wake();
      const mine = items.filter((item) => item.owner === owner && item.state !== "refused");
      for (const id of new Set(mine.map((item) => item.conversationId))) void drain(id);
    },
  };
}

function load(storage: OutboxDeps["storage"]): Pending[] {
  try {
    const value: unknown = JSON.parse(storage.getItem(OUTBOX_KEY) ?? "[]");
    return Array.isArray(value) ? (value as Pending[]) : [];
  } catch {
    return [];
  }
}

/**
 * Which of the pending items still need a bubble: one that is in the thread already, because its
 * event was faster than its answer, must not be seen twice.
 */
export function stillPending(pending: readonly Pending[], items: readonly TimelineItem[], me: string): Pending[] {
  const taken = new Set<string>();
  return pending.filter((one) => {
    if (one.state === "refused") return true;
    const twin = items.find((item) => !taken.has(item.id) && isTwin(one, item, me));
    if (twin) taken.add(twin.id);
    return !twin;
  });
}

function isTwin(pending: Pending, item: TimelineItem, me: string): boolean {
  // Ids are UUIDv7: later ones are greater.
  if (pending.after !== null && item.id <= pending.after) return false;
  if (pending.kind === "note") {
    return item.type === "note" && item.note.author?.id === me && item.note.body === pending.body;
  }
  return (
    item.type === "message" &&
    item.message.direction === "outbound" &&
    item.message.sent_by_user_id === me &&
    (item.message.body === pending.body || (pending.files.length > 0 && item.message.body.startsWith(pending.body)))
  );
}
