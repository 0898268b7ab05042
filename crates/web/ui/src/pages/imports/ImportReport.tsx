import { Button, Group, Progress } from "@mantine/core";
import { IconFileOff } from "@tabler/icons-react";
import { ApiProblem } from "../../api/problem";
import { EmptyState } from "../../components/EmptyState";
import { ErrorState } from "../../components/ErrorState";
import { notifyError } from "../../components/notify";
import { RowsSkeleton } from "../../components/PageSkeleton";
import { imports as t } from "../../strings/imports";
import { LinkButton } from "../common/links";
import { useMay } from "../common/may";
import { Notice } from "../common/Notice";
import { Section } from "../common/Section";
import { useCancelImport, useImport } from "../data/imports";
import type { Import } from "../model";
import { BadRows } from "./BadRows";
import { Figures } from "./Figures";
import { isRunning, percent } from "./import";
import { Steps } from "./Steps";
import classes from "./ImportPage.module.css";

interface ImportReportProps {
  id: string;
  onAnother: () => void;
}

/** How far an import is, and what became of it. */
export function ImportReport({ id, onAnother }: ImportReportProps) {
  const query = useImport(id);
  if (query.isPending) return <RowsSkeleton rows={3} height={90} />;
  if (query.data) {
    return (
      <>
        <Steps active={isRunning(query.data) ? 2 : 3} />
        {isRunning(query.data) ? <Running running={query.data} /> : <Ended ended={query.data} onAnother={onAnother} />}
      </>
    );
  }
  const gone = query.error instanceof ApiProblem && query.error.status === 404;
  if (!gone) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <EmptyState
      icon={<IconFileOff size={22} stroke={1.7} />}
      title={t.gone.title}
      actions={<Button onClick={onAnother}>{t.ended.another}</Button>}
    >
      {t.gone.text}
    </EmptyState>
  );
}

function Running({ running }: { running: Import }) {
  const { answer } = useMay();
  const cancel = useCancelImport();
  const done = percent(running);
  return (
    <Section title={running.filename ?? t.unnamed} text={t.running.leave}>
      <div className={classes.stack}>
        <div>
          <div className={classes.progress}>
            <span>{t.running.progress(running.done_rows, running.total_rows)}</span>
            <span className={classes.soft}>{done} %</span>
          </div>
          <Progress value={done} size="lg" aria-label={t.running.title} />
          <span className="visually-hidden" role="status">
            {/* Every tenth is enough to hear. */}
            {t.running.percent(Math.floor(done / 10) * 10)}
          </span>
        </div>
        <Figures figures={running} words={t.ended.figures} />
        {answer && (
          <div>
            <Button
              variant="default"
              loading={cancel.isPending}
              onClick={() => cancel.mutate(running.id, { onError: notifyError })}
            >
              {t.running.cancel}
            </Button>
          </div>
        )}
      </div>
    </Section>
  );
}

function Ended({ ended, onAnother }: { ended: Import; onAnother: () => void }) {
  const { answer } = useMay();
  const titles = { done: t.ended.done, failed: t.ended.failed, canceled: t.ended.canceled, running: "" };
  return (
    <>
      <Section title={titles[ended.status]} text={ended.filename ?? t.unnamed}>
        <div className={classes.stack} role="status">
          {ended.status === "failed" && (
            <Notice tone="bad">
              <p>
                {ended.detail} {t.ended.failedText}
              </p>
            </Notice>
          )}
          {ended.status === "canceled" && (
            <Notice tone="warning">
              <p>{t.ended.canceledText}</p>
            </Notice>
          )}
          <Figures figures={ended} words={t.ended.figures} />
          <Group gap="xs">
            <LinkButton to="/leads" search={{ source: "import" }}>
              {t.ended.toLeads}
            </LinkButton>
            {answer && (
              <Button variant="default" onClick={onAnother}>
                {t.ended.another}
              </Button>
            )}
          </Group>
        </div>
      </Section>
      <BadRows of={ended} title={t.ended.badRows} />
    </>
  );
}
