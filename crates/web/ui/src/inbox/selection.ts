import { createStore } from "../lib/store";

/** Which conversation is open; what is not drawn has to know it too. */
export const openConversation = createStore<string | null>(null);

/** A conversation that was marked as unread while it is open: looking at it doesn't read it. */
export const leftUnread = createStore<string | null>(null);
