//! Words in columns: statuses, roles, kinds. Stored and sent as the texts given here.

use sea_orm::{DbErr, DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::row::{Cell, FromCell};

// `tt` and not `literal`: wrapped as a literal, the text is not seen by utoipa, and the OpenAPI
// document would name the variants instead.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:tt),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
            Serialize, Deserialize, EnumIter, DeriveActiveEnum, ToSchema,
        )]
        #[sea_orm(rs_type = "String", db_type = "Text")]
        pub enum $name {
            $(
                $(#[$vdoc])*
                #[sea_orm(string_value = $text)]
                #[serde(rename = $text)]
                $variant,
            )+
        }

        impl $name {
            /// Every value there is.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The text that is stored and sent.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl FromCell for $name {
            fn from_cell(cell: Cell<'_>) -> Result<Self, DbErr> {
                cell.parse()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                Self::ALL.iter().copied().find(|word| word.as_str() == text).ok_or(UnknownWord {
                    allowed: &[$($text),+],
                })
            }
        }
    )+};
}

/// A word that is none of the allowed ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be one of: {}", allowed.join(", "))]
pub struct UnknownWord {
    /// What would have been understood.
    pub allowed: &'static [&'static str],
}

words! {
    /// What a member of a tenant may do; each includes what stands before it.
    Role {
        /// Reads.
        Viewer = "viewer",
        /// Answers customers.
        Agent = "agent",
        /// Manages channels, templates, campaigns and the team.
        Admin = "admin",
        /// Everything, API keys and the tenant itself included.
        Owner = "owner",
    }
    /// Where an import of leads stands.
    ImportStatus {
        /// Its rows are being dealt with.
        Running = "running",
        /// All of them have been.
        Done = "done",
        /// It could not be brought to its end.
        Failed = "failed",
        /// Somebody stopped it; what was done by then stays.
        Canceled = "canceled",
    }
    /// What an import does with somebody who is a lead already.
    OnDuplicate {
        /// What the file says of them counts, where it says anything.
        Update = "update",
        /// They stay as they are.
        Skip = "skip",
    }
    /// What kind of channel it is.
    ChannelType {
        /// A number at Twilio for texts.
        TwilioSms = "twilio_sms",
    }
    /// Whether a channel takes part.
    ChannelStatus {
        /// Routes and sends.
        Active = "active",
        /// Refuses both.
        Inactive = "inactive",
        /// Active, checked with Twilio, webhooks set.
        Connected = "connected",
    }
    /// How a channel's account may be used.
    ChannelMode {
        /// Sends to anybody.
        Production = "production",
        /// A trial account: sends to verified numbers only.
        Trial = "trial",
        /// Twilio's test credentials: nothing is delivered.
        Test = "test",
    }
    /// How a lead came to us.
    LeadSource {
        /// They texted.
        Sms = "sms",
        /// They called.
        Call = "call",
        /// Somebody typed them in.
        Manual = "manual",
        /// From a file.
        Import = "import",
        /// From a web form.
        Web = "web",
        /// Through the API.
        Api = "api",
    }
    /// How far a lead is.
    LeadStatus {
        /// Nobody has dealt with them yet.
        New = "new",
        /// Somebody has answered.
        Contacted = "contacted",
        /// They are a fit.
        Qualified = "qualified",
        /// They bought.
        Converted = "converted",
        /// They did not.
        Lost = "lost",
    }
    /// Where a conversation stands.
    ConversationStatus {
        /// Being dealt with.
        Open = "open",
        /// Waiting for something.
        Pending = "pending",
        /// Out of sight until a time, or the next text from the customer.
        Snoozed = "snoozed",
        /// Done; the next text from the customer reopens it.
        Closed = "closed",
    }
    /// Who answers in a conversation.
    Control {
        /// The assistant, when one is set up.
        Ai = "ai",
        /// A person.
        Human = "human",
    }
    /// How pressing a conversation is.
    ConversationPriority {
        /// Can wait.
        Low = "low",
        /// As most are.
        Normal = "normal",
        /// Before others.
        High = "high",
        /// At once.
        Urgent = "urgent",
    }
    /// Which way a message goes.
    Direction {
        /// From the customer.
        Inbound = "inbound",
        /// To the customer.
        Outbound = "outbound",
    }
    /// Where a message is on its way.
    MessageStatus {
        /// Inbound, and here.
        Received = "received",
        /// Waits for its time.
        Scheduled = "scheduled",
        /// Waits for its turn.
        Queued = "queued",
        /// On its way to Twilio; with no answer yet it may or may not be there.
        Sending = "sending",
        /// Twilio has it and has passed it on.
        Sent = "sent",
        /// The carrier says that it arrived.
        Delivered = "delivered",
        /// The carrier says that it did not arrive.
        Undelivered = "undelivered",
        /// It could not be sent.
        Failed = "failed",
        /// Taken back before it was sent.
        Canceled = "canceled",
        /// The recipient opened it.
        Read = "read",
    }
    /// Who or what wrote a message.
    MessageSource {
        /// The customer.
        Customer = "customer",
        /// A person of the tenant.
        Agent = "agent",
        /// A program with an API key.
        Api = "api",
        /// The assistant.
        Assistant = "assistant",
        /// A campaign.
        Campaign = "campaign",
        /// A reminder or an alert.
        Notification = "notification",
        /// Trunkline itself.
        System = "system",
    }
    /// How urgent sending is.
    SendPriority {
        /// An answer somebody waits for.
        Reply = "reply",
        /// As most are.
        Normal = "normal",
        /// One of many.
        Bulk = "bulk",
    }
    /// How GSM networks carry a text.
    Encoding {
        /// 7 bits a character, 160 in one segment.
        Gsm7 = "GSM-7",
        /// 16 bits a unit, 70 in one segment.
        Ucs2 = "UCS-2",
    }
    /// What became of one try at sending.
    AttemptOutcome {
        /// The request is on its way, or the program died while it was.
        Sending = "sending",
        /// Twilio took it.
        Accepted = "accepted",
        /// Twilio said no.
        Refused = "refused",
        /// It may or may not be at Twilio: no answer came back.
        Unknown = "unknown",
        /// No answer came back, and Twilio's list shows that it never got there.
        Absent = "absent",
    }
    /// Whether a file is here.
    MediaStatus {
        /// Not yet fetched.
        Pending = "pending",
        /// Here.
        Stored = "stored",
        /// Can't be had; `reason` says why.
        Failed = "failed",
        /// It was, and was removed when its time was over.
        Removed = "removed",
    }
    /// Why a file can't be had.
    MediaReason {
        /// Twilio does not have it any more.
        Gone = "gone",
        /// It is larger than is taken.
        TooLarge = "too_large",
        /// Twilio does not let us in: the credentials of the channel don't hold.
        Refused = "refused",
        /// Twilio could not be reached, again and again.
        Unreachable = "unreachable",
        /// Its address is not one of Twilio's.
        Misplaced = "misplaced",
    }
    /// How a file goes to the recipient.
    SentAs {
        /// With the message, by Twilio.
        Mms = "mms",
        /// As a link in the text.
        Link = "link",
    }
    /// Why a message waits or has ended, where that is not Twilio's doing.
    MessageReason {
        /// It waits until the recipient's quiet hours are over.
        QuietHours = "quiet_hours",
        /// Its time was over before it could be sent.
        Expired = "expired",
        /// The recipient must not be texted.
        OptedOut = "opted_out",
        /// The channel was removed.
        ChannelRemoved = "channel_removed",
        /// It was to be dropped should the customer write first, and they did.
        CustomerWrote = "customer_wrote",
    }
    /// How an opt-out came about.
    OptOutSource {
        /// They texted STOP or another such word.
        Keyword = "keyword",
        /// Twilio refused a text with 21610.
        Carrier = "carrier",
        /// Somebody of the tenant marked them.
        Manual = "manual",
    }
    /// How a label is shown.
    LabelColor {
        /// Gray, unless something else is said.
        Gray = "gray",
        /// Red.
        Red = "red",
        /// Pink.
        Pink = "pink",
        /// Grape.
        Grape = "grape",
        /// Violet.
        Violet = "violet",
        /// Indigo.
        Indigo = "indigo",
        /// Blue.
        Blue = "blue",
        /// Cyan.
        Cyan = "cyan",
        /// Teal.
        Teal = "teal",
        /// Green.
        Green = "green",
        /// Lime.
        Lime = "lime",
        /// Yellow.
        Yellow = "yellow",
        /// Orange.
        Orange = "orange",
    }
    /// What kind of thing activity tells.
    ActivityKind {
        /// Somebody looks after a conversation from now on, or nobody does.
        ConversationAssigned = "conversation_assigned",
        /// A conversation was opened, put off, closed.
        ConversationStatusChanged = "conversation_status_changed",
        /// A person answers from now on.
        ControlStarted = "control_started",
        /// The assistant answers from now on.
        ControlEnded = "control_ended",
        /// Labels were put on a conversation or taken off.
        LabelsChanged = "labels_changed",
        /// A conversation has become more or less pressing.
        PriorityChanged = "priority_changed",
        /// A lead must not be texted any more.
        OptedOut = "opted_out",
        /// A lead may be texted again.
        OptedIn = "opted_in",
        /// A lead was added.
        LeadCreated = "lead_created",
        /// A lead was erased.
        LeadDeleted = "lead_deleted",
        /// Leads were brought in from a file.
        LeadsImported = "leads_imported",
        /// A channel was added.
        ChannelCreated = "channel_created",
        /// A channel was changed.
        ChannelChanged = "channel_changed",
        /// A channel was removed.
        ChannelDeleted = "channel_deleted",
        /// Somebody joined the team.
        MemberAdded = "member_added",
        /// Somebody may do more or less than before.
        MemberChanged = "member_changed",
        /// Somebody left the team.
        MemberRemoved = "member_removed",
        /// An API key was made.
        ApiKeyCreated = "api_key_created",
        /// An API key was revoked.
        ApiKeyRevoked = "api_key_revoked",
    }
}

impl Direction {
    /// Whether the customer wrote it.
    #[must_use]
    pub fn is_inbound(self) -> bool {
        self == Self::Inbound
    }
}

impl ChannelStatus {
    /// Whether the channel routes and sends.
    #[must_use]
    pub fn takes_part(self) -> bool {
        self != Self::Inactive
    }
}
