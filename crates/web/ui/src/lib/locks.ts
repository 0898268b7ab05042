/**
 * Runs `work` while no other tab runs something under the same name. Without the Web Locks API
 * (pages that are neither https nor localhost don't have it) only this tab is held to that.
 */
export function exclusively<T>(name: string, work: () => Promise<T>): Promise<T> {
  if (navigator.locks) return navigator.locks.request(name, work) as Promise<T>;
  const before = queues.get(name) ?? Promise.resolve();
  const mine = before.then(work, work);
  queues.set(name, mine.catch(() => undefined));
  return mine;
}

const queues = new Map<string, Promise<unknown>>();

/** A channel to the other tabs, or one that leads nowhere where browsers have none. */
export interface TabChannel<T> {
  post(message: T): void;
  listen(handler: (message: T) => void): () => void;
}

export function tabChannel<T>(name: string): TabChannel<T> {
  if (typeof BroadcastChannel === "undefined") return { post: () => undefined, listen: () => () => undefined };
  const channel = new BroadcastChannel(name);
  return {
    post: (message) => channel.postMessage(message),
    listen: (handler) => {
      const listener = (event: MessageEvent<T>) => handler(event.data);
      channel.addEventListener("message", listener);
      return () => channel.removeEventListener("message", listener);
    },
  };
}
