import type { Message } from "../../api/types";
import { strings } from "../../app/strings";
import { shortDateTime } from "../../lib/time";

const t = strings.inbox.delivery;

/** How far a message of ours is, as one of the marks that people know. */
export type Tick = "clock" | "one" | "two" | "read" | "failed" | "off";

export function tickOf(message: Pick<Message, "status">): Tick {
  switch (message.status) {
    case "scheduled":
    case "queued":
    case "sending":
      return "clock";
    case "delivered":
      return "two";
    case "read":
      return "read";
    case "failed":
    case "undelivered":
      return "failed";
    case "canceled":
      return "off";
    // `sent` is Twilio's word that it has the text, nobody's that it arrived.
    case "sent":
    case "received":
      return "one";
  }
}

/** Twilio's word comes within seconds; after this long it may have got lost. */
const SLOW_MS = 2 * 60_000;
/** Many carriers never confirm: then nobody will. */
const HOPELESS_MS = 3 * 24 * 3_600_000;

/** Whether a text of ours is on its way for so long that it is unclear what became of it. */
export function isUnclear(message: Pick<Message, "direction" | "status" | "sent_at" | "updated_at">, now: number): boolean {
  if (message.direction !== "outbound" || (message.status !== "sent" && message.status !== "sending")) return false;
  const age = now - Date.parse(message.sent_at ?? message.updated_at);
  return age > SLOW_MS && age < HOPELESS_MS;
}

/** How far a message of ours is, in words. */
export function deliveryWords(message: Message): string {
  switch (message.status) {
    case "scheduled":
      return message.scheduled_at ? t.scheduled(shortDateTime(message.scheduled_at)) : t.queued;
    case "queued":
      return queuedWords(message);
    case "canceled":
      return message.reason ? t.canceledBy[message.reason] : t.canceled;
    default:
      return t[message.status];
  }
}

function queuedWords(message: Message): string {
  const when = message.next_attempt_at ? shortDateTime(message.next_attempt_at) : null;
  if (message.reason === "quiet_hours" || message.held_reason) return t.held(when);
  if (message.attempts > 0 && when) return t.retrying(when);
  return t.queued;
}
