/**
 * From where the stream of events has to go on so that it misses nothing of what this page shows:
 * the `Events-Cursor` of the first answer.
 */
let first: string | null = null;

export function rememberCursor(value: string | null): void {
  first ??= value;
}

export function firstCursor(): string | null {
  return first;
}

export function forgetCursor(): void {
  first = null;
}
