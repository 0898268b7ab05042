import type { Conversation, Media } from "../../api/types";
import { strings } from "../../app/strings";

const t = strings.inbox.list;

/** The latest message in one line: whose it is, and what. */
export function lastLine(conversation: Conversation): string {
  const message = conversation.last_message;
  if (!message) return "";
  const who = message.direction === "inbound" ? "" : message.source === "assistant" ? t.ai : t.you;
  const what = message.body.trim() || mediaName(message.media[0]);
  return who + what.slice(0, 160).replaceAll(/\s+/g, " ");
}

function mediaName(media: Media | undefined): string {
  if (!media) return "";
  const kind = media.content_type.split("/")[0];
  if (kind === "image" || kind === "video" || kind === "audio") return t.media[kind];
  return media.filename ?? t.media.file;
}
