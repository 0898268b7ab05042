import type { QueryClient } from "@tanstack/react-query";

import { api, unwrap } from "../../api/client";
import { keys } from "../../api/keys";
import type { Conversation, ConversationPatch } from "../../api/types";
import { notifyError } from "../../components/notify";
import { applyConversation } from "../cache";
import { findInLists } from "../queries";

/** Changes a conversation: shown at once, taken back in words if the server refuses. */
export async function patchConversation(
  client: QueryClient,
  id: string,
  change: ConversationPatch,
  me: string,
): Promise<boolean> {
  const before = client.getQueryData<Conversation>(keys.conversation(id)) ?? findInLists(client, id);
  if (before) applyConversation(client, { ...before, ...expected(before, change, me) }, me);
  try {
    const after = await unwrap(api.PATCH("/api/v1/conversations/{id}", { params: { path: { id } }, body: change }));
    applyConversation(client, after, me);
    return true;
  } catch (error) {
    if (before) applyConversation(client, before, me);
    notifyError(error);
    return false;
  }
}

function expected(before: Conversation, change: ConversationPatch, me: string): Partial<Conversation> {
  const next: Partial<Conversation> = {};
  if (change.status) {
    next.status = change.status;
    next.snoozed_until = change.status === "snoozed" ? (change.snoozed_until ?? null) : null;
  }
  if (change.assigned_user_id !== undefined) next.assigned_user_id = change.assigned_user_id;
  if (change.labels) next.labels = change.labels;
  if (change.priority) next.priority = change.priority;
  if (change.control && change.control !== before.control) {
    next.control = change.control;
    next.control_user_id = change.control === "human" ? me : null;
    next.control_since = change.control === "human" ? new Date().toISOString() : null;
  }
  return next;
}
