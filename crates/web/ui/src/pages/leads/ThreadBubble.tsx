import { Link } from "@tanstack/react-router";
import { mediaUrl } from "../../inbox/mediaUrl";
import { clockTime, fullTime } from "../../lib/time";
import { lead as words } from "../../strings/leads";
import type { Message } from "../model";
import classes from "./LeadThread.module.css";

const t = words.thread;

/** One text, for reading. Answering is the inbox's. */
export function ThreadBubble({ message }: { message: Message }) {
  const failed = message.status === "failed" || message.status === "undelivered";
  const source = t.sources[message.source];
  const status = t.statuses[message.status] ?? message.status;
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
        {source && <span>{source} · </span>}
        <time dateTime={message.created_at} title={fullTime(message.created_at)}>
          {clockTime(message.created_at)}
        </time>
        {status && <span data-failed={failed || undefined}> · {status}</span>}
        {" · "}
        <Link
          to="/inbox/$conversationId"
          params={{ conversationId: message.conversation_id }}
          className={classes.open}
          aria-label={t.openConversation}
        >
          {t.openShort}
        </Link>
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
