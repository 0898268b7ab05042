import { Skeleton } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";

import { api, idempotent, unwrap, useMe } from "../../api/client";
import { ApiProblem, isPassing } from "../../api/problem";
import type { Conversation } from "../../api/types";
import { reaches } from "../../app/navigation";
import { strings } from "../../app/strings";
import { backoff } from "../../events/backoff";
import { EmptyState } from "../../components/EmptyState";
import { ErrorState } from "../../components/ErrorState";
import { formatPhone } from "../../lib/phone";
import { useStore } from "../../lib/store";
import { useWindowFocus } from "../../lib/focus";
import { IconMessageOff } from "@tabler/icons-react";
import { Composer } from "../composer/Composer";
import { applyConversation, forgetConversation } from "../cache";
import { stillPending, type Pending } from "../outbox";
import { useConversation, useTimeline, useUserName } from "../queries";
import { buildRows, firstUnreadOf } from "../rows";
import { leftUnread } from "../selection";
import { outbox, usePending } from "../sending";
import { MessageList } from "./MessageList";
import { ThreadHeader } from "./ThreadHeader";
import classes from "./Thread.module.css";

interface ThreadPaneProps {
  id: string;
  detailsShown: boolean;
  onToggleDetails: () => void;
}

/** One conversation: header, thread, composer. */
export function ThreadPane({ id, detailsShown, onToggleDetails }: ThreadPaneProps) {
  const client = useQueryClient();
  const conversation = useConversation(id, client);
  const isGone = conversation.error instanceof ApiProblem && conversation.error.status === 404;
  useEffect(() => {
    if (isGone) forgetConversation(client, id);
  }, [client, id, isGone]);
  if (conversation.data && !isGone) {
    return <Thread conversation={conversation.data} detailsShown={detailsShown} onToggleDetails={onToggleDetails} />;
  }
  if (conversation.isError) return <Trouble error={conversation.error} retry={() => void conversation.refetch()} />;
  return <ThreadSkeleton />;
}

interface ThreadProps extends Omit<ThreadPaneProps, "id"> {
  conversation: Conversation;
}

function Thread({ conversation, detailsShown, onToggleDetails }: ThreadProps) {
  const { id } = conversation;
  const me = useMe().user;
  const mayWrite = reaches(me.role, "agent");
  const timeline = useTimeline(id);
  const { data, hasNextPage, fetchNextPage } = timeline;
  const items = useMemo(() => data?.pages.flatMap((page) => page.data) ?? [], [data]);
  const pending = usePending(id);
  const nameOf = useUserName();
  const [atEnd, setAtEnd] = useState(true);
  const firstUnread = useFirstUnread(conversation, items, atEnd);
  const [restored, setRestored] = useState<Pending | null>(null);
  useReading(conversation, data !== undefined && mayWrite);

  const rows = useMemo(
    () =>
      buildRows({
        items,
        pending: stillPending(pending, items.slice(0, 50), me.id),
        firstUnread,
        complete: data !== undefined && !hasNextPage,
      }),
    [items, pending, me.id, firstUnread, data, hasNextPage],
  );
  const edit = (one: Pending) => {
    outbox.discard(one.id);
    setRestored(one);
  };
  const name = conversation.lead.name || formatPhone(conversation.remote_address);
  return (
    <section className={classes.pane} aria-label={strings.inbox.thread.label(name)}>
      <ThreadHeader conversation={conversation} detailsShown={detailsShown} onToggleDetails={onToggleDetails} />
      {data ? (
        <MessageList
          rows={rows}
          address={conversation.remote_address}
          mayWrite={mayWrite}
          nameOf={nameOf}
          onEdit={edit}
          hasOlder={hasNextPage}
          loadingOlder={timeline.isFetchingNextPage}
          loadOlder={() => void fetchNextPage()}
          onAtEnd={setAtEnd}
        />
      ) : timeline.isError ? (
        <div className={classes.listFrame}>
          <ErrorState error={timeline.error} onRetry={() => void timeline.refetch()} />
        </div>
      ) : (
        <BubblesSkeleton />
      )}
      <Composer conversation={conversation} newest={items[0]?.id ?? null} restored={restored} onRestored={() => setRestored(null)} />
    </section>
  );
}

/** Where the "new" divider stands: fixed while the thread is read, and set anew by what comes meanwhile. */
function useFirstUnread(conversation: Conversation, items: Parameters<typeof firstUnreadOf>[0], atEnd: boolean) {
  const focused = useWindowFocus();
  const unread = conversation.unread_count;
  const [state, setState] = useState<{ seen: number; first: string | null; ready: boolean }>({ seen: 0, first: null, ready: false });
  const known = items.length > 0;
  if (known && unread !== state.seen) {
    const isReading = state.ready && focused && atEnd;
    const grew = unread > state.seen && (state.seen === 0 || !state.ready);
    setState({ seen: unread, ready: true, first: grew && !isReading ? firstUnreadOf(items, unread) : state.first });
  } else if (known && !state.ready) {
    setState({ ...state, ready: true });
  }
  return state.first;
}

/** Tells the server that the conversation has been read, once somebody really looks at it. */
function useReading(conversation: Conversation, ready: boolean) {
  const client = useQueryClient();
  const me = useMe().user.id;
  const focused = useWindowFocus();
  const left = useStore(leftUnread);
  const [failures, setFailures] = useState(0);
  const { id, unread_count: unread } = conversation;
  useEffect(() => () => leftUnread.set(null), [id]);
  useEffect(() => {
    if (!ready || !focused || unread === 0 || left === id) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let gone = false;
    void unwrap(api.POST("/api/v1/conversations/{id}/read", { params: { path: { id }, header: idempotent() } }))
      .then((after) => applyConversation(client, after, me))
      .catch((error: unknown) => {
        if (!gone && isPassing(error)) timer = setTimeout(() => setFailures((n) => n + 1), backoff(failures + 1));
      });
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [client, me, id, ready, focused, unread, left, failures]);
}

function Trouble({ error, retry }: { error: unknown; retry: () => void }) {
  if (error instanceof ApiProblem && error.status === 404) {
    return (
      <EmptyState icon={<IconMessageOff size={24} stroke={1.7} />} title={strings.inbox.thread.missingTitle}>
        {strings.inbox.thread.missing}
      </EmptyState>
    );
  }
  return <ErrorState error={error} onRetry={retry} />;
}

function ThreadSkeleton() {
  return (
    <div className={classes.pane} role="status" aria-busy="true" aria-label={strings.common.loading}>
      <div className={classes.header}>
        <Skeleton height={14} width={150} radius="sm" />
      </div>
      <BubblesSkeleton />
    </div>
  );
}

function BubblesSkeleton() {
  const widths = [220, 300, 180, 340, 260];
  return (
    <div className={classes.skeleton} role="status" aria-busy="true" aria-label={strings.common.loading}>
      {widths.map((width, row) => (
        <Skeleton key={width} height={38} width={width} maw="80%" radius="lg" ml={row % 2 ? "auto" : 0} />
      ))}
    </div>
  );
}
