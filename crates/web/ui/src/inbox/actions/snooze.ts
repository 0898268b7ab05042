import { strings } from "../../app/strings";

const t = strings.inbox.actions.snoozePresets;

export interface SnoozePreset {
  label: string;
  /** Until when; `null` for until the customer writes. */
  until: Date | null;
}

/** The usual times, as they are from `now`; what makes no sense any more today is left out. */
export function snoozePresets(now: Date): SnoozePreset[] {
  const presets: SnoozePreset[] = [{ label: t.hours, until: new Date(now.getTime() + 3 * 3_600_000) }];
  const evening = atHour(now, 0, 18);
  if (evening.getTime() - now.getTime() > 3_600_000) presets.push({ label: t.evening, until: evening });
  presets.push({ label: t.tomorrow, until: atHour(now, 1, 9) });
  const toMonday = (8 - now.getDay()) % 7 || 7;
  if (toMonday > 1) presets.push({ label: t.monday, until: atHour(now, toMonday, 9) });
  presets.push({ label: t.reply, until: null });
  return presets;
}

/** An hour of the day that is `days` away, by the clock on the wall. */
export function atHour(now: Date, days: number, hour: number): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour);
}

/** A time as `datetime-local` fields have it. */
export function toLocalInput(date: Date): string {
  const two = (n: number) => String(n).padStart(2, "0");
  const day = `${String(date.getFullYear())}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}
