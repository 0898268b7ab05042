import { mediaUrl } from "../../inbox/mediaUrl";
import { deliveryWords } from "../../inbox/thread/delivery";
import { Ticks } from "../../inbox/thread/Ticks";
import { clockTime, fullTime } from "../../lib/time";
import { lead as words } from "../../strings/leads";
import type { Message } from "../model";
import classes from "./LeadThread.module.css";

const t = words.thread;

/** Of these a mark says too little. */
const IN_WORDS: ReadonlySet<Message["status"]> = new Set(["scheduled", "queued", "canceled", "failed", "undelivered"]);

/** One text, for reading. Answering is the inbox's. */
export function ThreadBubble({ message }: { message: Message }) {
  const failed = message.status === "failed" || message.status === "undelivered";
  const source = t.sources[message.source];
  return (
    <article className={classes.bubble} data-direction={message.direction} data-source={message.source}>
      {message.media.map((item) =>
        item.thumbnail_url ? (
          <img key={item.id} src={mediaUrl(`${item.id} thumbnail`, item.thumbnail_url)} alt={item.filename ?? ""} className={classes.picture} loading="lazy" />
        ) : null,
      )}
      <p className={classes.body}>
        {message.body || (message.media.length > 0 ? t.attachments(message.media.length) : t.noBody)}
      </p>
      <footer className={classes.meta}>
        {source && <span>{source} ·</span>}
        <time dateTime={message.created_at} title={fullTime(message.created_at)}>
          {clockTime(message.created_at)}
        </time>
        {message.direction === "outbound" && <Ticks message={message} />}
        {IN_WORDS.has(message.status) && <span>{deliveryWords(message)}</span>}
      </footer>
      {failed && (message.error_help ?? message.error_message) && (
        <p className={classes.error}>
          {message.error_code ? `${String(message.error_code)} · ` : ""}
          {message.error_help ?? message.error_message}
        </p>
      )}
    </article>
  );
}
