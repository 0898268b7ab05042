import { createStore } from "../lib/store";

/**
 * From where the stream of events has to go on so that it misses nothing of what this page shows:
 * the `Events-Cursor` of the first answer.
 */
const first = createStore<string | null>(null);

export function rememberCursor(value: string | null): void {
  first.set((held) => held ?? value);
}

export function forgetCursor(): void {
  first.set(null);
}

/** The cursor; waits for the first answer, but not long, as a page may ask for nothing that has one. */
export function firstCursor(patience: number): Promise<string | null> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      stop();
      resolve(first.get());
    };
    const timer = setTimeout(done, patience);
    const stop = first.subscribe(() => {
      if (first.get() !== null) done();
    });
    if (first.get() !== null) done();
  });
}
