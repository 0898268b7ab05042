import { Outlet, useParams, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo } from "react";

import { whenIdle } from "../lib/idle";
import { useShortcuts } from "../lib/shortcuts";
import { useStore } from "../lib/store";
import { announcement } from "./announce";
import { ListPane } from "./list/ListPane";
import { listQuery } from "./queries";
import { openConversation } from "./selection";
import { useStep } from "./useStep";
import classes from "./Inbox.module.css";

/** List, thread and person: side by side where there is room, one at a time on a phone. */
export function InboxPage() {
  const { conversationId } = useParams({ strict: false });
  const search = useSearch({ from: "/inside/inbox" });
  const query = useMemo(() => listQuery(search), [search]);
  const said = useStore(announcement);
  const go = useStep();

  useEffect(() => {
    openConversation.set(conversationId ?? null);
    return () => openConversation.set(null);
  }, [conversationId]);
  // The list comes first; what opens from it is there before anybody has chosen.
  useEffect(() => whenIdle(() => void import("./OpenConversation").catch(() => undefined)), []);
  useShortcuts({ "alt+j": () => go(1), "alt+k": () => go(-1) });

  return (
    <div className={classes.inbox} data-conversation-open={conversationId ? true : undefined}>
      <div className={classes.list}>
        <ListPane search={search} query={query} selectedId={conversationId} />
      </div>
      <Outlet />
      <div className="visually-hidden" role="status" aria-live="polite">
        {said}
      </div>
    </div>
  );
}
