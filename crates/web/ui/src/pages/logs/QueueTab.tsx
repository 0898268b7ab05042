import { Skeleton } from "@mantine/core";
import { ErrorState } from "../../components/ErrorState";
import { logs } from "../../strings/logs";
import { Notice } from "../common/Notice";
import { Section } from "../common/Section";
import { useQueue } from "../data/channels";
import type { Queue } from "../model";
import { Failures } from "./Failures";
import { QueueChannels } from "./QueueChannels";
import classes from "./LogsPage.module.css";

const t = logs.queue;
/** Counts change with every text; an answer that has not changed costs a 304. */
const EVERY_MS = 2_000;

/** How the queue is doing, now. */
export function QueueTab() {
  const query = useQueue(EVERY_MS);
  if (query.isError && !query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  const queue = query.data;
  return (
    <>
      <Section title={t.title} aside={queue && <State queue={queue} />}>
        {queue && state(queue) === "stuck" && (
          <div className={classes.notice}>
            <Notice tone="bad" title={t.stuck} alert>
              <p>{t.stuckText}</p>
            </Notice>
          </div>
        )}
        <Figures queue={queue} />
      </Section>
      <QueueChannels queue={queue} />
      <Failures />
    </>
  );
}

function state(queue: Queue): "sending" | "idle" | "stuck" {
  if (queue.isProcessing) return "sending";
  // What waits for a channel that stands still is not the worker's fault.
  const standing = queue.per_channel.filter(({ standstill }) => standstill).reduce((sum, { pending }) => sum + pending, 0);
  return queue.pending > standing ? "stuck" : "idle";
}

function State({ queue }: { queue: Queue }) {
  const now = state(queue);
  const words = { sending: t.processing, idle: t.idle, stuck: t.stuck };
  return (
    <span className={classes.live} data-state={now} role="status">
      {words[now]}
    </span>
  );
}

function Figures({ queue }: { queue: Queue | undefined }) {
  const figures = [
    { name: t.pending, value: queue?.pending, hint: t.pendingHint },
    { name: t.sent, value: queue?.sent, hint: t.sentHint },
    { name: t.failed, value: queue?.failed, hint: t.failedHint, tone: queue && queue.failed > 0 ? "danger" : undefined },
    { name: t.total, value: queue?.total, hint: t.totalHint },
  ];
  return (
    <dl className={classes.figures} style={{ margin: 0 }}>
      {figures.map(({ name, value, hint, tone }) => (
        <div key={name} className={classes.figure} data-tone={tone}>
          <dt>{name}</dt>
          <dd>{value === undefined ? <Skeleton height={28} width={60} my={4} /> : value.toLocaleString()}</dd>
          <dd className={classes.hint}>{hint}</dd>
        </div>
      ))}
    </dl>
  );
}
