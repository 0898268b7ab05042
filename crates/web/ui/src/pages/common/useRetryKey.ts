import { useRef } from "react";
import { isPassing } from "../../api/problem";
import { randomId } from "../../lib/id";

/**
 * Keys that make it harmless to send a form again: the same key for the same content as long as it
 * is not known what became of the last try, and another one for everything else. (The API refuses
 * a key that comes back with other content.)
 */
export function useRetryKey(lastError: unknown): (body: unknown) => string {
  const last = useRef<{ text: string; key: string } | null>(null);
  return (body) => {
    const text = JSON.stringify(body);
    const again = last.current?.text === text && isPassing(lastError) ? last.current : null;
    last.current = again ?? { text, key: randomId() };
    return last.current.key;
  };
}
