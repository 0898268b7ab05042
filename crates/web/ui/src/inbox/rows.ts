import type { Activity, Message, Note, TimelineItem } from "../api/types";
import { dayKey } from "../lib/time";
import type { Pending } from "./outbox";

/** A line of the thread as it is drawn, oldest first. */
export type Row =
  | { kind: "begin"; key: string }
  | { kind: "day"; key: string; at: string }
  | { kind: "new"; key: string }
  | MessageRow
  | { kind: "note"; key: string; note: Note }
  | { kind: "activity"; key: string; activity: Activity }
  | { kind: "pending"; key: string; pending: Pending };

export interface MessageRow {
  kind: "message";
  key: string;
  message: Message;
  startsGroup: boolean;
  endsGroup: boolean;
  /** Whether its state is shown: one for a group, and wherever it is not the group's. */
  showsState: boolean;
}

export interface RowsInput {
  /** Newest first, as the API lists them. */
  items: readonly TimelineItem[];
  pending: readonly Pending[];
  /** The first message that nobody had read when the thread was opened. */
  firstUnread: string | null;
  /** Whether there is nothing older. */
  complete: boolean;
}

/** Messages of one author within this belong together. */
const GROUP_MS = 3 * 60_000;

export function buildRows({ items, pending, firstUnread, complete }: RowsInput): Row[] {
  const rows: Row[] = [];
  if (complete) rows.push({ kind: "begin", key: "begin" });
  let day = "";
  for (let i = items.length - 1; i >= 0; i--) {
    const item = items[i];
    if (!item) continue;
    const itsDay = dayKey(item.at);
    const isNewDay = itsDay !== day;
    if (isNewDay) rows.push({ kind: "day", key: `day-${itsDay}`, at: item.at });
    day = itsDay;
    const isFirstUnread = item.id === firstUnread;
    if (isFirstUnread) rows.push({ kind: "new", key: "new" });
    rows.push(rowOf(item, isNewDay || isFirstUnread ? undefined : items[i + 1], items[i - 1], firstUnread));
  }
  showStates(rows);
  for (const one of pending) {
    const itsDay = dayKey(one.createdAt);
    if (itsDay !== day) rows.push({ kind: "day", key: `day-${itsDay}`, at: one.createdAt });
    day = itsDay;
    rows.push({ kind: "pending", key: one.id, pending: one });
  }
  return rows;
}

function rowOf(
  item: TimelineItem,
  older: TimelineItem | undefined,
  newer: TimelineItem | undefined,
  firstUnread: string | null,
): Row {
  if (item.type === "note") return { kind: "note", key: item.id, note: item.note };
  if (item.type === "activity") return { kind: "activity", key: item.id, activity: item.activity };
  return {
    kind: "message",
    key: item.id,
    message: item.message,
    startsGroup: !continues(older, item.message),
    endsGroup: newer?.id === firstUnread || !(newer?.type === "message" && continues(item, newer.message)),
    showsState: true,
  };
}

/** What is only sent must not look delivered because the last one of its group is. */
function showStates(rows: readonly Row[]): void {
  let groups: Message["status"] | null = null;
  for (const row of rows.toReversed()) {
    if (row.kind !== "message") continue;
    if (row.endsGroup) groups = row.message.status;
    row.showsState = row.endsGroup || row.message.status !== groups;
  }
}

function continues(before: TimelineItem | undefined, message: Message): boolean {
  if (before?.type !== "message") return false;
  const earlier = before.message;
  return (
    earlier.direction === message.direction &&
    earlier.source === message.source &&
    earlier.sent_by_user_id === message.sent_by_user_id &&
    dayKey(before.at) === dayKey(message.created_at) &&
    Date.parse(message.created_at) - Date.parse(before.at) < GROUP_MS
  );
}

/** The first of the latest `count` incoming messages; `null` if it isn't among what is held. */
export function firstUnreadOf(items: readonly TimelineItem[], count: number): string | null {
  let left = count;
  if (left <= 0) return null;
  for (const item of items) {
    if (item.type !== "message" || item.message.direction !== "inbound") continue;
    left -= 1;
    if (left === 0) return item.id;
  }
  return null;
}
