/** What the API tells of as it happens. */
export type EventType =
  | "sms_received"
  | "sms_sent"
  | "sms_status_update"
  | "sms_delivery_failed"
  | "customer_sms_during_human_control"
  | "customer_message_received"
  | "human_control_started"
  | "human_control_ended"
  | "conversation_updated"
  | "message_queued"
  | "channel_health"
  | "note_changed"
  | "lead_updated"
  | "import_progress"
  | "resync";

/** An event: what happened, and the ids of what it happened to. */
export interface LiveEvent {
  id: string | null;
  type: EventType | (string & {});
  data: {
    tenant_id?: string;
    occurred_at?: string;
    conversation_id?: string;
    message_id?: string;
    lead_id?: string;
    /** The lead is gone, with its conversations. */
    deleted?: boolean;
    note_id?: string;
    channel_id?: string;
    import_id?: string;
    done_rows?: number;
    total_rows?: number;
    status?: string;
  };
}

/**
 * How the page learns of news: by the stream, by asking again and again while the stream can't be
 * had, or not at all.
 */
export type ConnectionState = "connecting" | "live" | "polling" | "offline";
