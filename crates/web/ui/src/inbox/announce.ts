import type { QueryClient } from "@tanstack/react-query";

import { strings } from "../app/strings";
import { keys } from "../api/keys";
import type { Conversation } from "../api/types";
import { createStore } from "../lib/store";
import { formatPhone } from "../lib/phone";
import { findInLists } from "./queries";

/** What the live region says, for people who don't see the list change. */
export const announcement = createStore("");

let clear: ReturnType<typeof setTimeout> | undefined;

export function announce(text: string): void {
  announcement.set(text);
  clearTimeout(clear);
  // Said once; the same words later are said again.
  clear = setTimeout(() => announcement.set(""), 4000);
}

export function announceArrival(client: QueryClient, conversationId: string): void {
  const known =
    client.getQueryData<Conversation>(keys.conversation(conversationId)) ?? findInLists(client, conversationId);
  announce(strings.inbox.live.arrived(known ? known.lead.name || formatPhone(known.remote_address) : null));
}
