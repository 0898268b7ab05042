import { Button } from "@mantine/core";
import { IconPaperclip } from "@tabler/icons-react";

import { strings } from "../../app/strings";
import { clockTime } from "../../lib/time";
import type { Pending } from "../outbox";
import { outbox } from "../sending";
import { TickMark } from "./Ticks";
import classes from "./Bubble.module.css";

const t = strings.inbox;

interface PendingBubbleProps {
  pending: Pending;
  onEdit: (pending: Pending) => void;
}

/** Something written that the server has not confirmed yet. */
export function PendingBubble({ pending, onEdit }: PendingBubbleProps) {
  const refused = pending.state === "refused";
  const words = refused ? t.delivery.refused : pending.state === "waiting" ? t.delivery.waitingForNet : t.delivery.sending;
  const foot = (
    <>
      {refused && <p className={classes.failure}>{pending.reason}</p>}
      <footer className={classes.foot}>
        <time dateTime={pending.createdAt}>{clockTime(pending.createdAt)}</time>
        <TickMark tick={refused ? "failed" : "clock"} words={words} />
        {pending.state !== "sending" && (
          <>
            <span>{words}</span>
            <Button size="compact-xs" variant="subtle" onClick={() => outbox.retry(pending.id)}>
              {t.delivery.retry}
            </Button>
            {refused && (
              <Button size="compact-xs" variant="subtle" onClick={() => onEdit(pending)}>
                {t.delivery.editAgain}
              </Button>
            )}
            <Button size="compact-xs" variant="subtle" color="red" onClick={() => outbox.discard(pending.id)}>
              {t.delivery.discard}
            </Button>
          </>
        )}
      </footer>
    </>
  );
  if (pending.kind === "note") {
    return (
      <article className={classes.note} aria-label={t.thread.note}>
        <div className={classes.noteBody}>{pending.body}</div>
        {foot}
      </article>
    );
  }
  return (
    <article className={classes.message} data-direction="outbound" data-starts data-ends data-pending aria-label={`${t.thread.you}: ${words}`}>
      <div className={classes.stack}>
        {pending.files.map((file) => (
          <div key={file.id} className={classes.bubble}>
            <IconPaperclip size={14} aria-hidden /> {file.name}
          </div>
        ))}
        {pending.body && <div className={classes.bubble}>{pending.body}</div>}
      </div>
      {foot}
    </article>
  );
}
