import { Drawer } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";

import { useMe } from "../api/client";
import { reaches } from "../app/navigation";
import { strings } from "../app/strings";
import { CustomSnooze } from "./actions/SnoozeMenu";
import { ConversationKeys } from "./ConversationKeys";
import { PersonPane } from "./person/PersonPane";
import { useConversation } from "./queries";
import { ThreadPane } from "./thread/ThreadPane";
import { useStep } from "./useStep";
import classes from "./Inbox.module.css";

const SHOWN_KEY = "trunkline.person";

/** The conversation that is open: its thread, and the person beside it or in a drawer. */
export function OpenConversation() {
  const { conversationId: id } = useParams({ from: "/inside/inbox/$conversationId" });
  const go = useStep();
  const wide = useMediaQuery("(min-width: 1024px)", true, { getInitialValueInEffect: false });
  const [details, setDetails] = useDetails();
  const [drawer, setDrawer] = useState(false);
  const mayWrite = reaches(useMe().user.role, "agent");
  const conversation = useConversation(id, useQueryClient()).data;
  return (
    <>
      <div className={classes.thread}>
        <ThreadPane
          key={id}
          id={id}
          detailsShown={wide ? details : drawer}
          onToggleDetails={() => (wide ? setDetails(!details) : setDrawer(!drawer))}
        />
      </div>
      {conversation && conversation.id === id && (
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
    </>
  );
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
