import { IconSparkles } from "@tabler/icons-react";
import { memo } from "react";

import type { Message } from "../../api/types";
import { strings } from "../../app/strings";
import { clockTime, fullTime } from "../../lib/time";
import { LinkedText } from "./LinkedText";
import { MediaItem } from "./MediaItem";
import { AskTwilio } from "./AskTwilio";
import { Failure } from "./Failure";
import { ScheduledActions } from "./ScheduledActions";
import { Ticks } from "./Ticks";
import { deliveryWords } from "./delivery";
import classes from "./Bubble.module.css";

const t = strings.inbox.thread;

/** These tell where they are, each for itself. */
const UNDER_WAY: ReadonlySet<Message["status"]> = new Set(["queued", "sending", "canceled"]);

interface MessageBubbleProps {
  message: Message;
  startsGroup: boolean;
  endsGroup: boolean;
  showsState: boolean;
  /** Who wrote it, if it is one of us. */
  author: string | null;
  mayWrite: boolean;
}

/** One message: which way it went, who wrote it, and where it is. */
export const MessageBubble = memo(function MessageBubble(props: MessageBubbleProps) {
  const { message, startsGroup, endsGroup, showsState, author, mayWrite } = props;
  const inbound = message.direction === "inbound";
  const failed = message.status === "failed" || message.status === "undelivered";
  // Found later: it came when Twilio says, not when we learned of it.
  const at = message.caught_up && message.sent_at ? message.sent_at : message.created_at;
  return (
    <article
      className={classes.message}
      data-direction={message.direction}
      data-source={message.source}
      data-status={message.status}
      data-starts={startsGroup || undefined}
      data-ends={endsGroup || undefined}
      aria-label={`${inbound ? t.from.customer : (author ?? t.from[message.source])}, ${fullTime(at)}`}
    >
      {startsGroup && !inbound && <Origin message={message} author={author} />}
      <div className={classes.stack}>
        {message.media.map((media) => (
          <MediaItem key={media.id} media={media} messageId={message.id} />
        ))}
        {message.body && (
          <div className={classes.bubble}>
            <LinkedText text={message.body} />
          </div>
        )}
      </div>
      {failed && <Failure message={message} mayWrite={mayWrite} />}
      {message.status === "scheduled" && <ScheduledActions message={message} mayWrite={mayWrite} />}
      {message.status !== "scheduled" && (showsState || failed || UNDER_WAY.has(message.status)) && (
        <footer className={classes.foot}>
          {message.caught_up && <span title={t.caughtUp}>↻</span>}
          <time dateTime={at} title={fullTime(at)}>
            {clockTime(at)}
          </time>
          {!inbound && message.num_segments > 1 && <span>{t.segments(message.num_segments)}</span>}
          {!inbound && <Ticks message={message} />}
          {!inbound && (message.status === "sent" || message.status === "sending") && (
            <AskTwilio message={message} mayWrite={mayWrite} />
          )}
          {["queued", "canceled"].includes(message.status) && <span>{deliveryWords(message)}</span>}
        </footer>
      )}
    </article>
  );
});

/** Who wrote it: a person by name; what is not a person is marked as such. */
function Origin({ message, author }: { message: Message; author: string | null }) {
  if (message.source === "agent") return author ? <div className={classes.origin}>{author}</div> : null;
  return (
    <div className={classes.origin} data-source={message.source}>
      {message.source === "assistant" && <IconSparkles size={13} stroke={2} aria-hidden />}
      {t.from[message.source]}
    </div>
  );
}
