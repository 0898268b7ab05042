import { useNavigate } from "@tanstack/react-router";

import type { InboxSearch } from "../search";

/** Changes a part of what the address says about the list. */
export function useSetSearch(): (change: Partial<InboxSearch>) => void {
  const navigate = useNavigate();
  return (change) =>
    void navigate({ to: ".", search: (current: InboxSearch) => ({ ...current, ...change }), replace: true });
}
