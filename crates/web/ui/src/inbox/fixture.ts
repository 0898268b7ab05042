import type { Conversation, Lead, Message, TimelineItem } from "../api/types";

/** Things of the API for tests. */
export function aLead(part: Partial<Lead> = {}): Lead {
  return {
    id: "lead-1",
    name: "Priya Shah",
    phone: "+14155550146",
    source: "sms",
    status: "new",
    tags: [],
    sms_enabled: true,
    sms_opt_out: false,
    created_at: "2026-01-01T00:00:00Z",
    updated_at: "2026-01-01T00:00:00Z",
    ...part,
  };
}

export function aMessage(part: Partial<Message> = {}): Message {
  return {
    id: "m-1",
    conversation_id: "c-1",
    lead_id: "lead-1",
    channel_id: "ch-1",
    direction: "inbound",
    source: "customer",
    status: "received",
    body: "Hello",
    media: [],
    from_number: "+14155550146",
    to_number: "+14155550100",
    encoding: "GSM-7",
    num_segments: 1,
    priority: "normal",
    attempts: 0,
    cancel_on_reply: false,
    caught_up: false,
    created_at: "2026-01-01T10:00:00Z",
    updated_at: "2026-01-01T10:00:00Z",
    ...part,
  };
}

export function aConversation(part: Partial<Conversation> = {}): Conversation {
  return {
    id: "c-1",
    channel: "twilio_sms",
    channel_id: "ch-1",
    lead: aLead(),
    remote_address: "+14155550146",
    remote_jid: "sms_14155550146",
    can_reply: true,
    control: "ai",
    status: "open",
    priority: "normal",
    labels: [],
    unread_count: 0,
    last_message_at: "2026-01-01T10:00:00Z",
    created_at: "2026-01-01T00:00:00Z",
    updated_at: "2026-01-01T10:00:00Z",
    ...part,
  };
}

/** A message `minute` minutes past ten, as a line of the timeline. */
export function at(minute: number, part: Partial<Message> = {}): TimelineItem {
  const time = new Date(Date.UTC(2026, 0, 1, 10, minute)).toISOString();
  const id = part.id ?? `m-${String(minute).padStart(3, "0")}`;
  return { id, at: time, type: "message", message: aMessage({ created_at: time, updated_at: time, ...part, id }) };
}
