import { Skeleton } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useMemo, useRef } from "react";

import { useMe } from "../../api/client";
import type { ConversationQuery } from "../../api/types";
import { strings } from "../../app/strings";
import { ErrorState } from "../../components/ErrorState";
import { whenIdle } from "../../lib/idle";
import { formatPhone } from "../../lib/phone";
import { prefetchTimeline, useChannels, useConversationList, useLabels, useUserName } from "../queries";
import type { InboxSearch } from "../search";
import { ConversationRow } from "./ConversationRow";
import { ListEmpty } from "./ListEmpty";
import classes from "./ListPane.module.css";

const t = strings.inbox.list;
const ROW = 84;
const END = 48;

interface ConversationListProps {
  search: InboxSearch;
  query: ConversationQuery;
  selectedId: string | undefined;
}

/** The list; only what is in sight is drawn, however long it is. */
export function ConversationList({ search, query, selectedId }: ConversationListProps) {
  const list = useConversationList(query);
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  const rows = useMemo(() => data?.pages.flatMap((page) => page.data) ?? [], [data]);
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: 6,
    paddingEnd: END,
  });
  const shown = virtual.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;

  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && last >= rows.length - 60) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage, last, rows.length]);

  // The list goes along when the keyboard moves on to a conversation out of sight.
  const selectedIndex = selectedId ? rows.findIndex((row) => row.id === selectedId) : -1;
  useEffect(() => {
    if (selectedIndex >= 0) virtual.scrollToIndex(selectedIndex, { align: "auto" });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- only for another choice, not whenever rows move
  }, [selectedId]);

  const parts = useRowParts();
  const { prefetch } = parts;
  const known = rows.length > 0;
  // What the keyboard opens next is there when it does; so is the first one, when none is open.
  useEffect(() => {
    const beside = [rows[selectedIndex + 1], rows[selectedIndex - 1]];
    return whenIdle(() => beside.forEach((row) => row && prefetch(row.id)));
    // eslint-disable-next-line react-hooks/exhaustive-deps -- only for another choice, not whenever rows move
  }, [selectedId, known, prefetch]);
  if (list.isPending) return <ListSkeleton />;
  if (list.isError && rows.length === 0) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
  if (rows.length === 0) return <ListEmpty search={search} />;
  return (
    <div
      ref={scroller}
      className={classes.scroll}
      id="conversation-list"
      role="tabpanel"
      aria-labelledby={`tab-${search.tab ?? "all"}`}
      tabIndex={-1}
    >
      <ul className={classes.items} style={{ height: virtual.getTotalSize() }} aria-label={t.label}>
        {shown.map((item) => {
          const row = rows[item.index];
          return (
            row && (
              <li key={item.key} className={classes.item} style={{ transform: `translateY(${String(item.start)}px)` }}>
                <ConversationRow
                  conversation={row}
                  selected={row.id === selectedId}
                  me={parts.me}
                  ourNumber={parts.numbers.get(row.channel_id) ?? null}
                  assignee={parts.nameOf(row.assigned_user_id)}
                  controller={parts.nameOf(row.control_user_id)}
                  assistant={parts.assistant}
                  labelColors={parts.colors}
                  onHover={parts.prefetch}
                />
              </li>
            )
          );
        })}
        <li className={classes.end} aria-hidden={hasNextPage}>
          {hasNextPage ? t.more : t.end}
        </li>
      </ul>
    </div>
  );
}

/** What rows need besides their conversation. */
function useRowParts() {
  const client = useQueryClient();
  const channels = useChannels().data;
  const labels = useLabels().data;
  const nameOf = useUserName();
  const numbers = useMemo(
    () => new Map(channels?.map((channel) => [channel.id, formatPhone(channel.credentials.phoneNumber)])),
    [channels],
  );
  const colors = useMemo(() => new Map(labels?.map((label) => [label.name.toLowerCase(), label.color])), [labels]);
  const prefetch = useCallback((id: string) => prefetchTimeline(client, id), [client]);
  const { user, tenant } = useMe();
  return { numbers, colors, nameOf, prefetch, me: user.id, assistant: tenant.assistant_enabled };
}

function ListSkeleton() {
  return (
    <div className={classes.scroll} role="status" aria-busy="true" aria-label={strings.common.loading}>
      {Array.from({ length: 8 }, (_, row) => (
        <div key={row} className={classes.skeleton} style={{ opacity: 1 - row / 10 }}>
          <Skeleton circle height={38} width={38} style={{ flex: "none" }} />
          <div style={{ flex: 1 }}>
            <Skeleton height={12} width="55%" mt={4} radius="sm" />
            <Skeleton height={10} width="85%" mt={10} radius="sm" />
            <Skeleton height={9} width="40%" mt={10} radius="sm" />
          </div>
        </div>
      ))}
    </div>
  );
}
