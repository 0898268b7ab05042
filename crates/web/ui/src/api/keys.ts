import type { ConversationQuery } from "./types";

/** The names under which answers are cached. What starts alike is invalidated together. */
export const keys = {
  me: ["me"] as const,
  tenant: ["tenant"] as const,
  users: ["users"] as const,
  channels: ["channels"] as const,
  channel: (id: string) => ["channels", id] as const,
  conversations: ["conversations"] as const,
  conversationLists: ["conversations", "list"] as const,
  conversationList: (query: ConversationQuery) => ["conversations", "list", query] as const,
  conversation: (id: string) => ["conversations", "one", id] as const,
  counts: ["conversations", "counts"] as const,
  timelines: ["timeline"] as const,
  timeline: (conversationId: string) => ["timeline", conversationId] as const,
  labels: ["labels"] as const,
  leads: ["leads"] as const,
  leadList: (query: object) => ["leads", "list", query] as const,
  lead: (id: string) => ["leads", "one", id] as const,
  leadConversations: (id: string) => ["leads", "conversations", id] as const,
  imports: ["imports"] as const,
  queue: ["queue"] as const,
  messages: ["messages"] as const,
  activity: ["activity"] as const,
  apiKeys: ["api-keys"] as const,
  search: (q: string) => ["search", q] as const,
};
