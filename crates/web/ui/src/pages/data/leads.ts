import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, authorizedFetch, idempotent, unwrap } from "../../api/client";
import { keys } from "../../api/keys";
import { problemOf } from "../../api/problem";
import type { LeadSearch } from "../leads/search";
import { leadQuery } from "../leads/search";
import type { Lead, LeadPatch, NewLead } from "../model";
import { deleting, isOfNobodyGone, leadIsGone } from "../../inbox/goneLead";
import { fetchConversationsWith } from "../../inbox/requests";
import { saveAs } from "./files";
import { useGrowing } from "./pages";

const PAGE = 100;

/** The leads that a search finds, newest first, page by page. */
export function useLeads(search: LeadSearch) {
  const query = leadQuery(search);
  return useGrowing<Lead>(keys.leadList(query), (cursor, signal) =>
    unwrap(api.GET("/api/v1/leads", { params: { query: { ...query, limit: PAGE, cursor } }, signal })),
  );
}

export function useLead(id: string) {
  return useQuery({
    queryKey: keys.lead(id),
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/leads/{id}", { params: { path: { id } }, signal })),
  });
}

/** A lead's texts over all numbers, oldest first. */
export function useLeadThread(id: string) {
  return useQuery({
    queryKey: [...keys.lead(id), "thread"],
    queryFn: async ({ signal }) => {
      const thread = await unwrap(api.GET("/api/v1/leads/{id}/sms", { params: { path: { id } }, signal }));
      return thread.messages;
    },
  });
}

/** The conversations with a lead. */
export function useLeadConversations(id: string) {
  return useQuery({ queryKey: keys.leadConversations(id), queryFn: () => fetchConversationsWith(id) });
}

/** What changes of leads have in common: every list of them may look different now. */
function useLeadChange<I, O>(change: (input: I) => Promise<O>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.leads, predicate: isOfNobodyGone }),
        client.invalidateQueries({ queryKey: keys.conversations }),
      ]),
  });
}

export function useAddLead() {
  return useLeadChange(({ body, key }: { body: NewLead; key: string }) =>
    unwrap(api.POST("/api/v1/leads", { body, headers: idempotent(key) })),
  );
}

export function useChangeLead(id: string) {
  return useLeadChange((body: LeadPatch) =>
    unwrap(api.PATCH("/api/v1/leads/{id}", { params: { path: { id } }, body })),
  );
}

export function useDeleteLead() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => deleting(client, id, () => unwrap(api.DELETE("/api/v1/leads/{id}", { params: { path: { id } } }))),
    onSuccess: (_, id) => leadIsGone(client, id),
  });
}

export interface TextInput {
  to: string;
  body: string;
  channelId: string | null;
  /** The same for each try at sending the same text. */
  key: string;
}

/** Sends a text to a number; the API makes the conversation if there is none. */
export function useTextSomebody() {
  return useLeadChange(({ to, body, channelId, key }: TextInput) =>
    unwrap(
      api.POST("/api/v1/messages", {
        body: { to, body, channel_id: channelId },
        headers: idempotent(key),
      }),
    ),
  );
}

/** Downloads the leads that a search finds, as a CSV file. */
export function useExportLeads() {
  return useMutation({
    mutationFn: async (search: LeadSearch) => {
      const filled = Object.entries(leadQuery(search)).filter(([, value]) => value !== undefined);
      const query = new URLSearchParams(filled.map(([name, value]) => [name, String(value)]));
      const url = new URL(`/api/v1/leads/export?${query.toString()}`, window.location.origin);
      const response = await authorizedFetch(new Request(url));
      if (!response.ok) throw await problemOf(response);
      saveAs(await response.blob(), `leads-${new Date().toISOString().slice(0, 10)}.csv`);
    },
  });
}
