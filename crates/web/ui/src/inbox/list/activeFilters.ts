import type { InboxSearch } from "../search";

/** How many filters narrow the list down, beside the tab. */
export function activeFilters(search: InboxSearch): number {
  return [search.status, search.unread, search.channel, search.label, search.assignee].filter(Boolean).length;
}
