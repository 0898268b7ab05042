import { useMediaQuery } from "@mantine/hooks";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import { leads as t } from "../../strings/leads";
import type { Lead } from "../model";
import { LeadRow } from "./LeadRow";
import { useRovingRows } from "./useRovingRows";
import classes from "./LeadTable.module.css";

/** Rows from the end at which more are fetched. */
const AHEAD = 30;

interface LeadTableProps {
  leads: Lead[];
  hasMore: boolean;
  loadingMore: boolean;
  onMore: () => void;
}

/**
 * Leads as a table of which only what is seen is drawn, so that a hundred thousand scroll as well
 * as ten. Arrow keys move through it, and Enter opens.
 */
export function LeadTable({ leads, hasMore, loadingMore, onMore }: LeadTableProps) {
  const narrow = useMediaQuery("(max-width: 767px)", undefined, { getInitialValueInEffect: false }) ?? false;
  const scroller = useRef<HTMLDivElement>(null);
  const height = narrow ? 76 : 60;
  const rows = useVirtualizer({
    count: leads.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 12,
    getItemKey: (index) => leads[index]?.id ?? index,
  });
  useEffect(() => rows.measure(), [rows, height]);
  const roving = useRovingRows(leads.length, scroller, (index) => rows.scrollToIndex(index, { align: "auto" }));
  const items = rows.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const wanted = hasMore && !loadingMore && last >= leads.length - AHEAD;
  useEffect(() => {
    if (wanted) onMore();
  }, [wanted, onMore]);
  return (
    <>
      <div className={classes.scroller} ref={scroller}>
        <div role="table" aria-label={t.table} aria-rowcount={hasMore ? -1 : leads.length + 1} className={classes.table}>
          <div role="rowgroup" className={classes.head}>
            <div role="row" aria-rowindex={1} className={classes.columns}>
              <span role="columnheader">{t.columns.lead}</span>
              <span role="columnheader">{t.columns.source}</span>
              <span role="columnheader">{t.columns.status}</span>
              <span role="columnheader">{t.columns.lastActivity}</span>
            </div>
          </div>
          <div role="rowgroup" className={classes.body} style={{ height: rows.getTotalSize() }} onKeyDown={roving.onKeyDown}>
            {items.map(({ index, key, start, size }) => {
              const lead = leads[index];
              if (!lead) return null;
              return (
                <LeadRow
                  key={key}
                  lead={lead}
                  index={index}
                  style={{ transform: `translateY(${String(start)}px)`, height: size }}
                  inTabOrder={index === roving.active}
                  onFocus={() => roving.setActive(index)}
                />
              );
            })}
          </div>
        </div>
      </div>
      <p className={classes.foot} role="status">
        {loadingMore ? t.loadingMore : t.shown(leads.length, hasMore)}
      </p>
    </>
  );
}
