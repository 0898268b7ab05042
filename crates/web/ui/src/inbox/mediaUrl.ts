import { sameOrigin } from "../api/client";

/** Links hold for an hour at least; used a while less than that, then taken anew from the answer. */
const KEEP_MS = 45 * 60_000;

const kept = new Map<string, { url: string; until: number }>();

/**
 * The address of a file, the same one for as long as it holds: each answer of the API has a fresh
 * one, and a picture that changes its address is loaded again.
 */
export function mediaUrl(key: string, url: string, now: number = Date.now()): string {
  const held = kept.get(key);
  if (held && held.until > now) return held.url;
  const path = sameOrigin(url);
  kept.set(key, { url: path, until: now + KEEP_MS });
  return path;
}

/** Forgets an address that did not work. */
export function forgetMediaUrl(key: string): void {
  kept.delete(key);
}
