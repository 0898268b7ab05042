import { useEffect } from "react";

import { useCounts } from "./queries";

/** How many conversations have something unread, for the navigation and the tab's title. */
export function useUnreadTotal(): number {
  const total = useCounts().data?.unread.all ?? 0;
  useEffect(() => {
    document.title = total > 0 ? `(${total > 99 ? "99+" : String(total)}) Trunkline` : "Trunkline";
  }, [total]);
  return total;
}
