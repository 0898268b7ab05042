import type { QueryClient } from "@tanstack/react-query";

import { keys } from "../api/keys";
import type { Message } from "../api/types";
import type { LiveEvent } from "../events/types";
import { applyMessage } from "./cache";
import { fetchMessage } from "./requests";
import type { TimelineData } from "./timelineCache";

/** More than this under way, and it is no longer a text here and there: the burst brings the rest. */
const AT_ONCE = 3;

/** What tells of a message that wasn't there before. */
const NEW: readonly string[] = ["sms_received", "message_queued"];

/**
 * Brings new messages into the thread that somebody looks at without waiting for anything else. That
 * is only to be quick: what events touch is fetched as well, and what fails here comes with that.
 */
export function createArrivals(client: QueryClient) {
  // Where a message was left to the burst, later ones are too: they must not stand there without it.
  const behind = new Set<string>();
  let underWay = 0;
  let before: Promise<void> = Promise.resolve();

  /** Asked for at once, but shown one after the other: an earlier one must not come in above a later one. */
  async function bring(id: string, conversation: string, earlier: Promise<void>) {
    underWay += 1;
    const message = await fetchMessage(id).catch((): Message | null => null);
    underWay -= 1;
    await earlier;
    if (!message) behind.add(conversation);
    else if (!behind.has(conversation)) applyMessage(client, message);
  }

  return {
    take({ type, data }: LiveEvent) {
      const { message_id: message, conversation_id: conversation } = data;
      if (!message || !conversation || !NEW.includes(type)) return;
      const thread = lookedAt(client, conversation);
      if (thread?.pages.some((page) => page.data.some((item) => item.id === message))) return;
      if (!thread || behind.has(conversation) || underWay >= AT_ONCE) behind.add(conversation);
      else before = bring(message, conversation, before);
    },
    /** All that events have told of this conversation has been fetched. */
    caughtUp(conversation: string) {
      behind.delete(conversation);
    },
  };
}

/** The thread, if it is on the screen. */
function lookedAt(client: QueryClient, conversation: string): TimelineData | undefined {
  const query = client.getQueryCache().find<TimelineData>({ queryKey: keys.timeline(conversation), exact: true });
  return query?.isActive() ? query.state.data : undefined;
}
