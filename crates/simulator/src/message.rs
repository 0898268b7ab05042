//! Messages as the simulator keeps them, and the order of their statuses.

use serde::{Deserialize, Serialize};

/// Where a message stands, in Twilio's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    Accepted,
    Scheduled,
    Queued,
    Sending,
    Sent,
    Delivered,
    Undelivered,
    Failed,
    Canceled,
    Read,
    Received,
}

impl Status {
    /// Reads Twilio's word.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        serde::Deserialize::deserialize(serde::de::value::StrDeserializer::new(word))
            .map_err(|_: serde::de::value::Error| ())
            .ok()
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Scheduled => "scheduled",
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Undelivered => "undelivered",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
            Self::Read => "read",
            Self::Received => "received",
        }
    }

    /// A message only ever moves up.
    pub(crate) fn rank(self) -> u8 {
        match self {
            Self::Accepted | Self::Scheduled => 0,
            Self::Queued => 1,
            Self::Sending => 2,
            Self::Sent => 3,
            Self::Delivered | Self::Undelivered | Self::Failed | Self::Canceled => 4,
            Self::Read | Self::Received => 5,
        }
    }

    /// Not sent yet: it can be canceled, and can't be deleted or redacted.
    pub(crate) fn is_waiting(self) -> bool {
        self.rank() < Self::Sent.rank()
    }

    /// Carriers report an end, and only to these does the receipt's date belong.
    pub(crate) fn has_receipt(self) -> bool {
        matches!(self, Self::Delivered | Self::Undelivered)
    }

    pub(crate) fn is_failure(self) -> bool {
        matches!(self, Self::Undelivered | Self::Failed)
    }
}

/// Who sent a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Direction {
    #[serde(rename = "inbound")]
    Inbound,
    #[serde(rename = "outbound-api")]
    OutboundApi,
    #[serde(rename = "outbound-reply")]
    OutboundReply,
}

impl Direction {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::OutboundApi => "outbound-api",
            Self::OutboundReply => "outbound-reply",
        }
    }
}

/// A message, in either direction. Times are milliseconds since the Unix epoch.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Message {
    pub(crate) sid: String,
    pub(crate) account_sid: String,
    pub(crate) messaging_service_sid: Option<String>,
    /// Unknown until a service has picked its sender.
    pub(crate) from: Option<String>,
    pub(crate) to: String,
    pub(crate) body: String,
    pub(crate) status: Status,
    pub(crate) direction: Direction,
    pub(crate) num_segments: u32,
    pub(crate) media: Vec<Media>,
    pub(crate) error_code: Option<u32>,
    pub(crate) status_callback: Option<String>,
    pub(crate) send_at_ms: Option<i64>,
    /// When the request that made it came in, in microseconds: by this a pace is measured.
    #[serde(default)]
    pub(crate) arrived_us: i64,
    pub(crate) created_ms: i64,
    pub(crate) updated_ms: i64,
    pub(crate) sent_ms: Option<i64>,
    /// Which statuses the service was told and answered well to, in order.
    #[serde(default)]
    pub(crate) acknowledged: Vec<Status>,
    /// Hidden from the REST API; the control API still shows it.
    pub(crate) deleted: bool,
    /// Parameters that a test added to the webhook, kept for a replay.
    #[serde(default)]
    pub(crate) extra_params: Vec<(String, String)>,
}

impl Message {
    /// Moves up to a status; false when the message already stands there or higher.
    pub(crate) fn rise(&mut self, status: Status, error_code: Option<u32>, now_ms: i64) -> bool {
        if status.rank() <= self.status.rank() {
            return false;
        }
        self.status = status;
        self.error_code = error_code;
        self.updated_ms = now_ms;
        if status.rank() >= Status::Sent.rank() && status != Status::Canceled {
            self.sent_ms.get_or_insert(now_ms);
        }
        true
    }

    pub(crate) fn is_mms(&self) -> bool {
        !self.media.is_empty()
    }
}

/// A picture or another file of a message.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Media {
    pub(crate) sid: String,
    pub(crate) content_type: String,
    pub(crate) created_ms: i64,
    /// The bytes in base64; `None` when an outside address was given and never fetched.
    pub(crate) data: Option<String>,
    /// Where an API client said it can be fetched.
    pub(crate) source_url: Option<String>,
    pub(crate) deleted: bool,
}

impl Media {
    /// A file that is only known by the address where it can be fetched.
    pub(crate) fn named(sid: String, url: String, now_ms: i64) -> Self {
        let name = url.split(['?', '#']).next().unwrap_or_default();
        let content_type = match name.rsplit('.').next() {
            Some("png") => "image/png",
            Some("gif") => "image/gif",
            Some("pdf") => "application/pdf",
            Some("mp4") => "video/mp4",
            _ => "image/jpeg",
        };
        Self {
            sid,
            content_type: content_type.to_owned(),
            created_ms: now_ms,
            data: None,
            source_url: Some(url),
            deleted: false,
        }
    }
}
