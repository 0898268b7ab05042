/**
 * What the API's document doesn't describe yet: timeline, notes, activity, labels, counts, search.
 * Goes away as soon as it does.
 */
import { api, authorizedFetch, unwrap } from "./client";
import { ApiProblem, problemOf } from "./problem";
import type { Lead, Message } from "./types";

export interface Person {
  id: string;
  name: string;
}

export interface Note {
  id: string;
  conversation_id: string;
  body: string;
  author: Person | null;
  created_at: string;
  updated_at: string;
}

export interface Activity {
  id: string;
  kind: string;
  actor: Person | null;
  conversation_id: string | null;
  lead_id: string | null;
  channel_id: string | null;
  data: Record<string, unknown>;
  created_at: string;
}

export type TimelineItem =
  | { id: string; at: string; type: "message"; message: Message }
  | { id: string; at: string; type: "note"; note: Note }
  | { id: string; at: string; type: "activity"; activity: Activity };

export interface TimelinePage {
  data: TimelineItem[];
  next_cursor: string | null;
}

export interface Label {
  id: string;
  name: string;
  color: string;
  conversations: number;
}

export interface Counts {
  open: { all: number; mine: number; unassigned: number };
  unread: { all: number; mine: number; unassigned: number };
}

export type SearchHit =
  | { type: "lead"; lead: Lead; conversation_id: string | null }
  | { type: "message"; message: Message; lead: Lead; conversation_id: string }
  | { type: "note"; note: Note; lead: Lead };

async function call<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
  const response = await authorizedFetch(
    new Request(`/api/v1/${path}`, {
      method,
      headers: body === undefined ? headers : { "Content-Type": "application/json", ...headers },
      body: body === undefined ? null : JSON.stringify(body),
    }),
  );
  if (!response.ok) throw await problemOf(response);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

async function orElse<T>(answer: Promise<T>, other: () => T | Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 404) return other();
    throw error;
  }
}

export function fetchTimeline(id: string, cursor: string | undefined, limit: number): Promise<TimelinePage> {
  const query = new URLSearchParams({ limit: String(limit) });
  if (cursor) query.set("cursor", cursor);
  return orElse(call<TimelinePage>("GET", `conversations/${id}/timeline?${query.toString()}`), async () => {
    const page = await unwrap(
      api.GET("/api/v1/conversations/{id}/messages", { params: { path: { id }, query: { limit, cursor } } }),
    );
    return {
      data: page.data.map((message) => ({ id: message.id, at: message.created_at, type: "message" as const, message })),
      next_cursor: page.next_cursor ?? null,
    };
  });
}

export const createNote = (conversationId: string, body: string, headers: Record<string, string>) =>
  call<Note>("POST", `conversations/${conversationId}/notes`, { body }, headers);
export const updateNote = (id: string, body: string) => call<Note>("PATCH", `notes/${id}`, { body });
export const deleteNote = (id: string) => call<undefined>("DELETE", `notes/${id}`);

export const fetchLabels = () => orElse(call<{ data: Label[] }>("GET", "labels"), () => ({ data: [] }));
export const createLabel = (name: string, color: string) => call<Label>("POST", "labels", { name, color });
export const updateLabel = (id: string, change: { name?: string; color?: string }) => call<Label>("PATCH", `labels/${id}`, change);
export const deleteLabel = (id: string) => call<undefined>("DELETE", `labels/${id}`);

export const fetchCounts = () => orElse(call<Counts | null>("GET", "conversations/counts"), () => null);

export const fetchSearch = (q: string, signalLimit = 12) =>
  orElse(call<{ data: SearchHit[] }>("GET", `search?${new URLSearchParams({ q, limit: String(signalLimit) }).toString()}`), () => ({
    data: [],
  }));
