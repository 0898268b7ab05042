import type { ConversationStatus } from "../api/types";

export const TABS = ["mine", "unassigned", "all"] as const;
export const SORTS = ["newest", "waiting", "unread"] as const;
export const STATUSES = ["open", "pending", "snoozed", "closed"] as const satisfies readonly ConversationStatus[];

/** What the address says about the list. Without a word it is: all, open, newest first. */
export interface InboxSearch {
  tab?: (typeof TABS)[number];
  sort?: (typeof SORTS)[number];
  /** `any` for every status; without it, `open`. */
  status?: ConversationStatus | "any";
  unread?: true;
  channel?: string;
  label?: string;
  assignee?: string;
  q?: string;
}

/** Reads the address; what makes no sense is left out. */
export function parseInboxSearch(search: Record<string, unknown>): InboxSearch {
  return {
    tab: oneOf(search["tab"], TABS),
    sort: oneOf(search["sort"], SORTS),
    status: oneOf(search["status"], [...STATUSES, "any"] as const),
    unread: search["unread"] === true ? true : undefined,
    channel: text(search["channel"]),
    label: text(search["label"]),
    assignee: text(search["assignee"]),
    q: text(search["q"]),
  };
}

function oneOf<T extends string>(value: unknown, allowed: readonly T[]): T | undefined {
  return allowed.find((one) => one === value);
}

function text(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}
