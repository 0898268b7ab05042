import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { IconChevronRight } from "@tabler/icons-react";
import { imports } from "../../strings/imports";
import { pageWords } from "../../strings/pages";
import { Pill } from "../common/Pill";
import { Section } from "../common/Section";
import { TimeAgo } from "../common/TimeAgo";
import { useImports } from "../data/imports";
import type { Import, ImportStatus } from "../model";
import classes from "./ImportPage.module.css";

const t = imports.history;

const TONES: Record<ImportStatus, "good" | "accent" | "bad" | "warning"> = {
  done: "good",
  running: "accent",
  failed: "bad",
  canceled: "warning",
};

/** The imports of the last weeks, each with its report. */
export function ImportHistory() {
  const query = useImports();
  // What was only rehearsed is nobody's history.
  const rows = query.rows.filter((row) => !row.dry_run);
  if (rows.length === 0) return null;
  return (
    <Section title={t.title} flush>
      <ul className={classes.history}>
        {rows.map((row) => (
          <Entry key={row.id} row={row} />
        ))}
      </ul>
      {query.hasNextPage && (
        <Button variant="subtle" fullWidth radius={0} onClick={() => void query.fetchNextPage()} loading={query.isFetchingNextPage}>
          {pageWords.loadMore}
        </Button>
      )}
    </Section>
  );
}

function Entry({ row }: { row: Import }) {
  return (
    <li>
      <Link to="/leads/import" search={{ id: row.id }} className={classes.entry}>
        <span className={classes.entryText}>
          <b>{row.filename ?? imports.unnamed}</b>
          <span className={classes.soft}>
            {t.summary(row.created, row.updated, row.failed)} · <TimeAgo at={row.created_at} />
          </span>
        </span>
        <Pill tone={TONES[row.status]}>{t.statuses[row.status]}</Pill>
        <IconChevronRight size={16} stroke={1.6} aria-hidden />
      </Link>
    </li>
  );
}
