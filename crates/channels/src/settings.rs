//! What a tenant can set on a channel, checked.

use entity::channel;
use entity::json::ChannelSettings;
use entity::phone::NumberKind;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{FieldError, Patch};

/// Slower than a segment in 100 s is a pause, which `status` is for.
const SLOWEST: f64 = 0.01;
/// Ten times what Twilio gives to the fastest senders.
const FASTEST: f64 = 1000.0;

/// How fast a number of this kind may send at Twilio, in segments per second, if nothing else has
/// been agreed with them.
#[must_use]
pub const fn usual_pace(kind: NumberKind) -> f64 {
    match kind {
        NumberKind::LongCodeNanp => 1.0,
        NumberKind::TollFree => 3.0,
        NumberKind::ShortCode => 100.0,
        NumberKind::Other => 10.0,
    }
}

/// How fast a channel sends, in segments per second: as it is set, else as its number may.
#[must_use]
pub fn pace(channel: &channel::Model) -> f64 {
    let set = channel.settings.messages_per_second;
    set.filter(|pace| *pace > 0.0)
        .unwrap_or_else(|| usual_pace(channel.phone_number.kind()))
}

/// A change of a channel's settings; `null` goes back to the default.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, ToSchema)]
pub struct SettingsPatch {
    /// How fast the number may send, in segments per second. Without it: 1 for numbers of the United
    /// States and Canada, 3 for toll-free ones there, 10 for others.
    #[serde(default)]
    #[schema(value_type = Option<f64>, minimum = 0.01, maximum = 1000.0)]
    pub messages_per_second: Patch<f64>,
    /// Whether media is deleted at Twilio once it is stored here.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    pub delete_media_at_twilio: Patch<bool>,
}

impl SettingsPatch {
    /// The settings after the change.
    pub(crate) fn apply(
        self,
        current: &ChannelSettings,
        errors: &mut Vec<FieldError>,
    ) -> ChannelSettings {
        // Also false for what is no number.
        let fits = |pace: &f64| (SLOWEST..=FASTEST).contains(pace);
        if self
            .messages_per_second
            .value()
            .is_some_and(|pace| !fits(pace))
        {
            errors.push(FieldError::new(
                "/settings/messages_per_second",
                "must be between 0.01 and 1000 segments per second",
            ));
        }
        ChannelSettings {
            messages_per_second: self.messages_per_second.apply(current.messages_per_second),
            delete_media_at_twilio: self
                .delete_media_at_twilio
                .apply(current.delete_media_at_twilio),
        }
    }
}
