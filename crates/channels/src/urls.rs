//! The URLs that Twilio is told.

use entity::id::{ChannelId, MessageId};
use serde::Serialize;
use utoipa::ToSchema;

/// Asks Twilio to try again, up to five times and whatever the failure, each within 2.5 s: by
/// default a 5xx or a slow answer loses the webhook. Five tries fit into the 15 s that the whole
/// of it may take. The fragment is neither sent nor signed.
const RETRIES: &str = "#rc=5&rp=all&rt=2500";

/// Where Twilio reports what happens on a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WebhookUrls {
    /// Inbound texts.
    pub sms: String,
    /// What became of texts sent.
    pub status: String,
    /// Inbound calls; the same for all channels.
    pub voice: String,
}

/// The URLs of a channel on the service's public URL.
#[must_use]
pub fn webhook_urls(public_url: &str, channel: ChannelId) -> WebhookUrls {
    let base = public_url.trim_end_matches('/');
    let channel = channel_url(public_url, channel);
    WebhookUrls {
        sms: format!("{channel}/sms{RETRIES}"),
        status: format!("{channel}/status{RETRIES}"),
        voice: format!("{base}/api/v1/voice/webhook/incoming{RETRIES}"),
    }
}

/// Where Twilio reports what becomes of one attempt (the first is 1) at sending one message: a
/// callback that is faster than the answer to our request is matched by what stands in its URL.
#[must_use]
pub fn status_callback(
    public_url: &str,
    channel: ChannelId,
    message: MessageId,
    attempt: i32,
) -> String {
    let channel = channel_url(public_url, channel);
    format!("{channel}/status?message={message}&attempt={attempt}{RETRIES}")
}

fn channel_url(public_url: &str, channel: ChannelId) -> String {
    let base = public_url.trim_end_matches('/');
    format!("{base}/api/webhooks/twilio/channels/{channel}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0192f000-0000-7000-8000-000000000001";

    #[test]
    fn the_urls_name_the_channel_and_ask_for_retries() {
        for public_url in [
            "https://sms.example.com/base",
            "https://sms.example.com/base/",
        ] {
            let urls = webhook_urls(public_url, ID.parse().unwrap());
            let base = "https://sms.example.com/base/api";
            let channel = format!("{base}/webhooks/twilio/channels/{ID}");
            assert_eq!(urls.sms, format!("{channel}/sms#rc=5&rp=all&rt=2500"));
            assert_eq!(urls.status, format!("{channel}/status#rc=5&rp=all&rt=2500"));
            assert_eq!(
                urls.voice,
                format!("{base}/v1/voice/webhook/incoming#rc=5&rp=all&rt=2500")
            );
        }
    }

    #[test]
    fn a_status_callback_names_the_message_and_the_attempt() {
        let (channel, message) = (ID.parse().unwrap(), ID.parse().unwrap());
        assert_eq!(
            status_callback("http://127.0.0.1:8080", channel, message, 2),
            format!(
                "http://127.0.0.1:8080/api/webhooks/twilio/channels/{ID}/status?message={ID}&attempt=2#rc=5&rp=all&rt=2500"
            )
        );
    }
}
