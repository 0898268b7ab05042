import type { Query, QueryClient } from "@tanstack/react-query";

import { keys } from "../api/keys";
import { conversationsOf, forgetConversation } from "./cache";

const gone = new Set<string>();

/** Whether a lead has been deleted, or is being deleted here. Late news of it is no news. */
export function isGone(leadId: string): boolean {
  return gone.has(leadId);
}

/** What is still to be asked for: all but what belongs to a lead that is gone. Made for `predicate`. */
export function isOfNobodyGone({ queryKey: [group, , leadId] }: Query): boolean {
  return group !== keys.leads[0] || typeof leadId !== "string" || !gone.has(leadId);
}

/** Deletes a lead. From now on nothing of it is asked for: there would be no answer. */
export async function deleting<T>(client: QueryClient, leadId: string, request: () => Promise<T>): Promise<T> {
  gone.add(leadId);
  void client.cancelQueries({ predicate: ownedBy(leadId) });
  try {
    return await request();
  } catch (error) {
    gone.delete(leadId);
    void client.invalidateQueries({ predicate: ownedBy(leadId) });
    throw error;
  }
}

/** Takes a deleted lead out of all that is held. Who looks at it, but hasn't deleted it, is told. */
export function leadIsGone(client: QueryClient, id: string): void {
  const isOf = ownedBy(id);
  for (const conversation of conversationsOf(client, id)) forgetConversation(client, conversation);
  client.removeQueries({ predicate: isOf, type: "inactive" });
  void client.invalidateQueries({ predicate: isOf, refetchType: "none" });
  if (!gone.has(id)) void client.invalidateQueries({ queryKey: keys.lead(id), exact: true });
  gone.add(id);
  void client.invalidateQueries({ queryKey: keys.leads, predicate: isOfNobodyGone });
  void client.invalidateQueries({ queryKey: keys.counts });
}

function ownedBy(leadId: string): (query: Query) => boolean {
  const own = [keys.lead(leadId), keys.leadConversations(leadId)];
  return ({ queryKey }) => own.some((key) => key.every((part, i) => queryKey[i] === part));
}
