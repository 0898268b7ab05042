import { api, idempotent, unwrap } from "../api/client";
import type { Conversation, ConversationQuery, Label, LabelColor, Message, Note, TimelinePage } from "../api/types";
import { TIMELINE_PAGE } from "./timelineCache";

/** The first page is small, to be there soon; who scrolls gets large ones. */
const FIRST_PAGE = 50;
const NEXT_PAGE = 200;

export function fetchConversations(query: ConversationQuery, cursor?: string, limit = cursor ? NEXT_PAGE : FIRST_PAGE) {
  return unwrap(api.GET("/api/v1/conversations", { params: { query: { ...query, cursor, limit } } }));
}

/** All conversations with one lead: there is one for each of our numbers. */
export const fetchConversationsWith = async (leadId: string): Promise<Conversation[]> =>
  (await fetchConversations({ lead_id: leadId }, undefined, 50)).data;

export const fetchConversation = (id: string): Promise<Conversation> =>
  unwrap(api.GET("/api/v1/conversations/{id}", { params: { path: { id } } }));

export const fetchCounts = () => unwrap(api.GET("/api/v1/conversations/counts"));

export const fetchMessage = (id: string): Promise<Message> =>
  unwrap(api.GET("/api/v1/messages/{id}", { params: { path: { id } } }));

/** A page of a thread, newest first. */
export const fetchTimeline = (id: string, cursor?: string): Promise<TimelinePage> =>
  unwrap(
    api.GET("/api/v1/conversations/{id}/timeline", {
      params: { path: { id }, query: { cursor, limit: TIMELINE_PAGE } },
    }),
  );

export const createNote = (conversationId: string, body: string, key: string): Promise<Note> =>
  unwrap(
    api.POST("/api/v1/conversations/{id}/notes", {
      params: { path: { id: conversationId }, header: idempotent(key) },
      body: { body },
    }),
  );

export const updateNote = (id: string, body: string): Promise<Note> =>
  unwrap(api.PATCH("/api/v1/notes/{id}", { params: { path: { id } }, body: { body } }));

export const deleteNote = (id: string) => unwrap(api.DELETE("/api/v1/notes/{id}", { params: { path: { id } } }));

export const fetchLabels = async (): Promise<Label[]> => (await unwrap(api.GET("/api/v1/labels"))).data;

export const createLabel = (name: string, color: LabelColor): Promise<Label> =>
  unwrap(api.POST("/api/v1/labels", { params: { header: idempotent() }, body: { name, color } }));

export const paintLabel = (id: string, color: LabelColor): Promise<Label> =>
  unwrap(api.PATCH("/api/v1/labels/{id}", { params: { path: { id } }, body: { color } }));
