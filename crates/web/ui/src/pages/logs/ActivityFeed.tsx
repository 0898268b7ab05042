import { Button } from "@mantine/core";
import { IconActivity } from "@tabler/icons-react";
import { Fragment, type ReactNode } from "react";
import { EmptyState } from "../../components/EmptyState";
import { ErrorState } from "../../components/ErrorState";
import { RowsSkeleton } from "../../components/PageSkeleton";
import { dayKey, dayName, useNow } from "../../lib/time";
import { logs } from "../../strings/logs";
import { useActivity, type ActivityFilter } from "../data/activity";
import type { Activity } from "../model";
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
    <div className={classes.feed} aria-label={t.label} role="region">
      {byDay(query.rows).map(([day, activities]) => (
        <Fragment key={day}>
          <h3 className={classes.day}>{dayName(activities[0]?.created_at ?? "", now)}</h3>
          <ul className={classes.entries}>
            {activities.map((activity) => (
              <ActivityEntry key={activity.id} activity={activity} inLead={filter.lead_id !== undefined} />
            ))}
          </ul>
        </Fragment>
      ))}
      {query.hasNextPage && (
        <Button variant="default" onClick={() => void query.fetchNextPage()} loading={query.isFetchingNextPage} className={classes.more}>
          {t.more}
        </Button>
      )}
    </div>
  );
}

function byDay(rows: readonly Activity[]): [day: string, activities: Activity[]][] {
  const days = new Map<string, Activity[]>();
  for (const row of rows) {
    const key = dayKey(row.created_at);
    days.set(key, [...(days.get(key) ?? []), row]);
  }
  return [...days];
}
