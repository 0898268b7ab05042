import { Button } from "@mantine/core";
import { IconActivity } from "@tabler/icons-react";
import { Fragment, type ReactNode } from "react";
import { EmptyState } from "../../components/EmptyState";
import { ErrorState } from "../../components/ErrorState";
import { RowsSkeleton } from "../../components/PageSkeleton";
import { dayKey, dayName, useNow } from "../../lib/time";
import { logs } from "../../strings/logs";
import { useActivity, type ActivityFilter } from "../data/activity";
import { ActivityEntry } from "./ActivityEntry";
import classes from "./ActivityFeed.module.css";

const t = logs.activity;

interface ActivityFeedProps {
  filter: ActivityFilter;
  /** Instead of the usual words when there is nothing. */
  empty?: ReactNode;
}

/** What happened, newest first, by day. */
export function ActivityFeed({ filter, empty }: ActivityFeedProps) {
  const now = useNow();
  const query = useActivity(filter);
  if (query.isPending) return <RowsSkeleton rows={6} height={44} />;
  if (query.isError && query.rows.length === 0) {
    return <ErrorState error={query.error} onRetry={() => void query.refetch()} compact />;
  }
  if (query.rows.length === 0) {
    return (
      empty ?? (
        <EmptyState icon={<IconActivity size={22} stroke={1.7} />} title={t.empty} compact>
          {t.emptyText}
        </EmptyState>
      )
    );
  }
  return (
    <div role="feed" aria-label={t.label} aria-busy={query.isFetchingNextPage} className={classes.feed}>
      {query.rows.map((activity, index) => {
        const before = query.rows[index - 1];
        const newDay = !before || dayKey(before.created_at) !== dayKey(activity.created_at);
        return (
          <Fragment key={activity.id}>
            {newDay && <h3 className={classes.day}>{dayName(activity.created_at, now)}</h3>}
            <ActivityEntry activity={activity} inLead={filter.lead_id !== undefined} />
          </Fragment>
        );
      })}
      {query.hasNextPage && (
        <Button variant="default" onClick={() => void query.fetchNextPage()} loading={query.isFetchingNextPage} className={classes.more}>
          {t.more}
        </Button>
      )}
    </div>
  );
}
