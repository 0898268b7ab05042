import { Skeleton } from "@mantine/core";
import { common } from "../../strings/common";
import classes from "./LeadTable.module.css";

/** Rows that will be leads. */
export function LeadTableSkeleton() {
  return (
    <div className={classes.scroller} role="status" aria-busy="true" aria-label={common.loading}>
      <div className={classes.skeletons}>
        {Array.from({ length: 10 }, (_, row) => (
          <div key={row} className={classes.skeleton} style={{ opacity: 1 - row / 12 }}>
            <Skeleton circle height={36} />
            <div>
              <Skeleton height={11} width={`${String(130 + ((row * 37) % 70))}px`} mb={8} />
              <Skeleton height={9} width={110} />
            </div>
          </div>
        ))}
      </div>
    </div>
  );
}
