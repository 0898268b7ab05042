import { useMe } from "../api/client";
import type { Conversation } from "../api/types";
import { useCommands } from "../app/commands";
import { strings } from "../app/strings";
import { useShortcuts } from "../lib/shortcuts";
import { customSnooze, snoozeMenu } from "./actions/SnoozeMenu";
import { useActions } from "./actions/useActions";

/** Keys and commands for the conversation that is open. */
export function ConversationKeys({ conversation, onGone }: { conversation: Conversation; onGone: () => void }) {
  const { assistant_enabled: assistant } = useMe().tenant;
  const actions = useActions(conversation);
  const t = strings.inbox.actions;
  const closed = conversation.status === "closed";
  const closeOrOpen = () => {
    if (closed) void actions.reopen();
    else {
      onGone();
      void actions.close();
    }
  };
  const human = conversation.control === "human";
  // Where the header has no room for the menu, its dialog does.
  const snooze = () => {
    if (document.querySelector("[data-snooze]")?.checkVisibility()) snoozeMenu.set(true);
    else customSnooze.set(conversation.id);
  };
  useShortcuts({ "alt+e": closeOrOpen, "alt+m": snooze });
  useCommands([
    { id: "close", label: closed ? t.reopen : t.close, combo: "alt+e", run: closeOrOpen },
    { id: "snooze", label: t.snooze, combo: "alt+m", run: snooze },
    { id: "unread", label: t.unread, run: () => void actions.markUnread() },
    ...(human ? [{ id: "release", label: assistant ? t.releaseToAi : t.release, run: () => void actions.release() }] : []),
    ...(assistant && !human ? [{ id: "take-over", label: t.takeOver, run: () => void actions.takeOver() }] : []),
  ]);
  return null;
}
