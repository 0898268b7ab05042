import { Skeleton } from "@mantine/core";

import { strings } from "../app/strings";
import classes from "./Page.module.css";

/** Stands where a page will be while its code loads. */
export function PageSkeleton() {
  return (
    <div className={classes.page} aria-busy="true" aria-label={strings.common.loading}>
      <div className={classes.header}>
        <Skeleton height={20} width={160} radius="sm" />
      </div>
      <div className={classes.content}>
        <RowsSkeleton rows={6} />
      </div>
    </div>
  );
}

/** Rows of a list or table that is being fetched. */
export function RowsSkeleton({ rows = 5, height = 40 }: { rows?: number; height?: number }) {
  return (
    <div aria-busy="true" aria-label={strings.common.loading} role="status">
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} height={height} mb={10} radius="md" style={{ opacity: 1 - row / (rows + 2) }} />
      ))}
    </div>
  );
}
