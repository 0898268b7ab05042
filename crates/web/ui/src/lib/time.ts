import { common } from "../strings/common";
import { createStore, useStore } from "./store";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const clock = createStore(Date.now());
setInterval(() => clock.set(Date.now()), 20_000);

/** The time, as a value that components can watch; it moves on three times a minute. */
export function useNow(): number {
  return useStore(clock);
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function format(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify(options);
  let found = formatters.get(key);
  if (!found) {
    try {
      found = new Intl.DateTimeFormat(undefined, options);
    } catch {
      // A time zone that this browser doesn't know.
      found = new Intl.DateTimeFormat(undefined, { ...options, timeZone: undefined });
    }
    formatters.set(key, found);
  }
  return found;
}

function startOfDay(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}

/** `now`, `4m`, `3h`, `Tue`, `12 Mar`, `12 Mar 2024`: short enough for a row. */
export function relativeTime(iso: string, now: number): string {
  const at = Date.parse(iso);
  const age = now - at;
  if (age < MINUTE) return common.now;
  if (age < HOUR) return `${String(Math.floor(age / MINUTE))}m`;
  if (startOfDay(at) === startOfDay(now)) return `${String(Math.floor(age / HOUR))}h`;
  if (startOfDay(now) - at < 6 * DAY) return format({ weekday: "short" }).format(at);
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return format(sameYear ? { day: "numeric", month: "short" } : { day: "numeric", month: "short", year: "numeric" }).format(at);
}

/** `14:05` or `2:05 PM`, as the browser's language has it. */
export function clockTime(iso: string, timeZone?: string): string {
  return format({ hour: "numeric", minute: "2-digit", timeZone }).format(Date.parse(iso));
}

/** `Tuesday, 3 March 2026 at 14:05`. */
export function fullTime(iso: string, timeZone?: string): string {
  return format({ dateStyle: "full", timeStyle: "short", timeZone }).format(Date.parse(iso));
}

/** `Tue, 3 Mar, 14:05`. */
export function shortDateTime(iso: string, timeZone?: string): string {
  return format({ weekday: "short", day: "numeric", month: "short", hour: "numeric", minute: "2-digit", timeZone }).format(
    Date.parse(iso),
  );
}

/** Which day it is, for day dividers: equal texts are the same day. */
export function dayKey(iso: string): string {
  return String(startOfDay(Date.parse(iso)));
}

/** `Today`, `Yesterday`, `Tuesday, 3 March`. */
export function dayName(iso: string, now: number): string {
  const day = startOfDay(Date.parse(iso));
  const today = startOfDay(now);
  if (day === today) return common.today;
  if (day === startOfDay(today - 1)) return common.yesterday;
  const sameYear = new Date(day).getFullYear() === new Date(now).getFullYear();
  return format({ weekday: "long", day: "numeric", month: "long", year: sameYear ? undefined : "numeric" }).format(day);
}

/** Whether an IANA name is one that this browser can compute with. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat(undefined, { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
