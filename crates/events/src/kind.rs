//! The types of events, as `GET events` names them.

/// What kind of thing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text came in.
    SmsReceived,
    /// Twilio took a text of ours.
    SmsSent,
    /// The delivery status of a text changed.
    SmsStatusUpdate,
    /// A text could not be delivered.
    SmsDeliveryFailed,
    /// A text came in while a person is in control of the conversation.
    CustomerSmsDuringHumanControl,
    /// A text waits for the person in control.
    CustomerMessageReceived,
    /// A person took a conversation over.
    HumanControlStarted,
    /// A person gave a conversation back to the assistant.
    HumanControlEnded,
    /// Something about a conversation changed.
    ConversationUpdated,
    /// A text of ours was accepted and waits for its turn.
    MessageQueued,
    /// Something about a channel changed.
    ChannelHealth,
    /// An import of leads has got further.
    ImportProgress,
    /// A note was written, changed or removed.
    NoteChanged,
    /// A lead was added, changed or erased.
    LeadUpdated,
    /// A label was made, changed or removed; conversations show it.
    LabelChanged,
    /// A login or key has ended or may do less. Told to nobody: whoever follows is checked anew.
    AccessChanged,
}

impl Kind {
    /// Those that tell of something to be found that is new or has changed: a person, a text, a note.
    pub const CONTENT: [Self; 4] = [
        Self::SmsReceived,
        Self::MessageQueued,
        Self::NoteChanged,
        Self::LeadUpdated,
    ];

    /// The name in the `event:` field.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SmsReceived => "sms_received",
            Self::SmsSent => "sms_sent",
            Self::SmsStatusUpdate => "sms_status_update",
            Self::SmsDeliveryFailed => "sms_delivery_failed",
            Self::CustomerSmsDuringHumanControl => "customer_sms_during_human_control",
            Self::CustomerMessageReceived => "customer_message_received",
            Self::HumanControlStarted => "human_control_started",
            Self::HumanControlEnded => "human_control_ended",
            Self::ConversationUpdated => "conversation_updated",
            Self::MessageQueued => "message_queued",
            Self::ChannelHealth => "channel_health",
            Self::ImportProgress => "import_progress",
            Self::NoteChanged => "note_changed",
            Self::LeadUpdated => "lead_updated",
            Self::LabelChanged => "label_changed",
            Self::AccessChanged => "access_changed",
        }
    }
}
