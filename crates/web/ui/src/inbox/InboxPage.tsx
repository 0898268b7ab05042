import { Drawer } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useState } from "react";

import { useMe } from "../api/client";
import { keys } from "../api/keys";
import type { Conversation } from "../api/types";
import { useCommands } from "../app/commands";
import { reaches } from "../app/navigation";
import { strings } from "../app/strings";
import { useShortcuts } from "../lib/shortcuts";
import { useStore } from "../lib/store";
import { customSnooze, CustomSnooze, snoozeMenu } from "./actions/SnoozeMenu";
import { useActions } from "./actions/useActions";
import { announcement } from "./announce";
import type { ListData } from "./listCache";
import { ListPane } from "./list/ListPane";
import { PersonPane } from "./person/PersonPane";
import { listQuery, useConversation } from "./queries";
import { openConversation } from "./selection";
import { NothingOpen } from "./thread/NothingOpen";
import { ThreadPane } from "./thread/ThreadPane";
import classes from "./Inbox.module.css";

const SHOWN_KEY = "trunkline.person";

/** List, thread and person: side by side where there is room, one at a time on a phone. */
export function InboxPage() {
  const { conversationId } = useParams({ strict: false });
  const search = useSearch({ from: "/inside/inbox" });
  const query = useMemo(() => listQuery(search), [search]);
  const client = useQueryClient();
  const wide = useMediaQuery("(min-width: 1024px)", true, { getInitialValueInEffect: false });
  const [details, setDetails] = useDetails();
  const [drawer, setDrawer] = useState(false);
  const said = useStore(announcement);
  const mayWrite = reaches(useMe().user.role, "agent");
  const conversation = useConversation(conversationId, client).data;
  const go = useStep(conversationId, query);

  useEffect(() => {
    openConversation.set(conversationId ?? null);
    return () => openConversation.set(null);
  }, [conversationId]);
  useShortcuts({ "alt+j": () => go(1), "alt+k": () => go(-1) });

  return (
    <div className={classes.inbox} data-open={conversationId ? true : undefined}>
      <div className={classes.list}>
        <ListPane search={search} query={query} selectedId={conversationId} />
      </div>
      <div className={classes.thread}>
        {conversationId ? (
          <ThreadPane
            key={conversationId}
            id={conversationId}
            detailsShown={wide ? details : drawer}
            onToggleDetails={() => (wide ? setDetails(!details) : setDrawer(!drawer))}
          />
        ) : (
          <NothingOpen />
        )}
      </div>
      {conversation && conversation.id === conversationId && (
        <>
          {wide && details && (
            <div className={classes.person}>
              <PersonPane conversation={conversation} />
            </div>
          )}
          {!wide && (
            <Drawer.Root opened={drawer} onClose={() => setDrawer(false)} position="right" size={360}>
              <Drawer.Overlay />
              <Drawer.Content aria-label={strings.inbox.person.label}>
                <PersonPane conversation={conversation} onClose={() => setDrawer(false)} />
              </Drawer.Content>
            </Drawer.Root>
          )}
          {mayWrite && <ConversationKeys conversation={conversation} onGone={() => go(1)} />}
          <CustomSnooze key={conversation.id} conversation={conversation} />
        </>
      )}
      <div className="visually-hidden" role="status" aria-live="polite">
        {said}
      </div>
    </div>
  );
}

/** Keys and commands for the conversation that is open. */
function ConversationKeys({ conversation, onGone }: { conversation: Conversation; onGone: () => void }) {
  const { assistant_enabled: assistant } = useMe().tenant;
  const actions = useActions(conversation);
  const t = strings.inbox.actions;
  const closed = conversation.status === "closed";
  const closeOrOpen = () => {
    if (closed) void actions.reopen();
    else {
      onGone();
      void actions.close();
    }
  };
  const human = conversation.control === "human";
  // Where the header has no room for the menu, its dialog does.
  const snooze = () => {
    if (document.querySelector("[data-snooze]")?.checkVisibility()) snoozeMenu.set(true);
    else customSnooze.set(conversation.id);
  };
  useShortcuts({ "alt+e": closeOrOpen, "alt+m": snooze });
  useCommands([
    { id: "close", label: closed ? t.reopen : t.close, combo: "alt+e", run: closeOrOpen },
    { id: "snooze", label: t.snooze, combo: "alt+m", run: snooze },
    { id: "unread", label: t.unread, run: () => void actions.markUnread() },
    ...(human ? [{ id: "release", label: assistant ? t.releaseToAi : t.release, run: () => void actions.release() }] : []),
    ...(assistant && !human ? [{ id: "take-over", label: t.takeOver, run: () => void actions.takeOver() }] : []),
  ]);
  return null;
}

/** Goes to the next or the previous conversation of the list. */
function useStep(current: string | undefined, query: ReturnType<typeof listQuery>): (step: 1 | -1) => void {
  const client = useQueryClient();
  const navigate = useNavigate();
  return (step) => {
    const data = client.getQueryData<ListData>(keys.conversationList(query));
    const ids = data?.pages.flatMap((page) => page.data.map((row) => row.id)) ?? [];
    const at = current ? ids.indexOf(current) : -1;
    const next = at < 0 ? ids[0] : ids[at + step];
    if (next) void navigate({ to: "/inbox/$conversationId", params: { conversationId: next }, search: (now: object) => now });
  };
}

/** Whether the person is shown beside the thread; remembered. */
function useDetails(): [boolean, (shown: boolean) => void] {
  const [shown, setShown] = useState(() => localStorage.getItem(SHOWN_KEY) !== "hidden");
  return [
    shown,
    (next) => {
      localStorage.setItem(SHOWN_KEY, next ? "shown" : "hidden");
      setShown(next);
    },
  ];
}
