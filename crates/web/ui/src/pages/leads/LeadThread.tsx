import { Link } from "@tanstack/react-router";
import { IconInbox, IconMessages } from "@tabler/icons-react";
import { Fragment, useLayoutEffect, useRef } from "react";
import { EmptyState } from "../../components/EmptyState";
import { ErrorState } from "../../components/ErrorState";
import { RowsSkeleton } from "../../components/PageSkeleton";
import { dayKey, dayName, useNow } from "../../lib/time";
import { lead as words } from "../../strings/leads";
import { useLeadThread } from "../data/leads";
import type { Lead, Message } from "../model";
import { ThreadBubble } from "./ThreadBubble";
import classes from "./LeadThread.module.css";

const t = words.thread;
/** As many texts as the API gives at most. */
const CAP = 1000;

/** Every text with a lead, over all numbers; it opens at the latest one, and is answered in the inbox. */
export function LeadThread({ lead }: { lead: Lead }) {
  const query = useLeadThread(lead.id);
  if (query.isPending) {
    return (
      <div className={classes.loading}>
        <RowsSkeleton rows={5} height={52} />
      </div>
    );
  }
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} compact />;
  if (query.data.length === 0) {
    return (
      <EmptyState icon={<IconMessages size={22} stroke={1.7} />} title={t.empty}>
        {t.emptyText}
      </EmptyState>
    );
  }
  return <Texts messages={query.data} />;
}

function Texts({ messages }: { messages: Message[] }) {
  const now = useNow();
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [messages.length]);
  const latest = messages.at(-1);
  return (
    <>
      {latest && (
        <p className={classes.answer}>
          <Link to="/inbox/$conversationId" params={{ conversationId: latest.conversation_id }}>
            <IconInbox size={15} stroke={1.8} aria-hidden />
            {t.openConversation}
          </Link>
        </p>
      )}
      <div className={classes.thread} ref={box} tabIndex={0} role="region" aria-label={t.label}>
        {messages.length >= CAP && <p className={classes.capped}>{t.capped}</p>}
        {messages.map((message, index) => {
          const before = messages[index - 1];
          const newDay = !before || dayKey(before.created_at) !== dayKey(message.created_at);
          return (
            <Fragment key={message.id}>
              {newDay && <div className={classes.day}>{dayName(message.created_at, now)}</div>}
              <ThreadBubble message={message} />
            </Fragment>
          );
        })}
      </div>
    </>
  );
}
