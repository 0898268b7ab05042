//! What activity tells, kind by kind: the one place that knows the shape of its details.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::json::Person;
use crate::value::{
    ActivityKind, ConversationPriority, ConversationStatus, LeadSource, OptOutSource, Role,
};

/// Something that somebody did, or that came about by itself.
///
/// Nothing of a lead is in it: what is told outlives them. Names are those of the team and of what
/// it has set up, as they were.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", content = "data", rename_all = "snake_case")]
pub enum Happening {
    /// Somebody looks after a conversation from now on, or nobody does.
    ConversationAssigned {
        /// Who; null for nobody.
        #[schema(required = true)]
        assigned_user: Option<Person>,
    },
    /// A conversation was opened, put off, closed.
    ConversationStatusChanged {
        /// Where it stood.
        from: ConversationStatus,
        /// Where it stands.
        to: ConversationStatus,
        /// When a snoozed one comes back, if that is set.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        snoozed_until: Option<DateTime<Utc>>,
    },
    /// A person answers from now on.
    ControlStarted {},
    /// The assistant answers from now on.
    ControlEnded {},
    /// Labels were put on a conversation or taken off.
    LabelsChanged {
        /// Those put on.
        added: Vec<String>,
        /// Those taken off.
        removed: Vec<String>,
    },
    /// A conversation has become more or less pressing.
    PriorityChanged {
        /// What it was.
        from: ConversationPriority,
        /// What it is.
        to: ConversationPriority,
    },
    /// A lead must not be texted any more.
    OptedOut {
        /// By which number of the tenant's; null where somebody marked them by hand.
        #[schema(required = true)]
        number: Option<String>,
        /// How it came about.
        source: OptOutSource,
    },
    /// A lead may be texted again.
    OptedIn {
        /// By which number of the tenant's; null where somebody took the mark off.
        #[schema(required = true)]
        number: Option<String>,
        /// How it came about.
        source: OptOutSource,
    },
    /// A lead was added.
    LeadCreated {
        /// How they came.
        source: LeadSource,
    },
    /// A lead was erased.
    LeadDeleted {},
    /// Leads were brought in from a file.
    LeadsImported {
        /// How many are new.
        created: u64,
        /// How many were there and have changed.
        updated: u64,
        /// How many could not be taken.
        failed: u64,
    },
    /// A channel was added.
    ChannelCreated {
        /// Its name.
        name: String,
    },
    /// A channel was changed.
    ChannelChanged {
        /// Its name.
        name: String,
        /// What of it: `name`, `status`, `mode`, `is_default`, `settings`, `credentials`.
        fields: Vec<String>,
    },
    /// A channel was removed.
    ChannelDeleted {
        /// Its name.
        name: String,
    },
    /// Somebody joined the team.
    MemberAdded {
        /// Their name.
        name: String,
        /// What they may do.
        role: Role,
    },
    /// Somebody may do more or less than before.
    MemberChanged {
        /// Their name.
        name: String,
        /// What they may do now.
        role: Role,
    },
    /// Somebody left the team.
    MemberRemoved {
        /// Their name.
        name: String,
    },
    /// An API key was made.
    ApiKeyCreated {
        /// Its name.
        name: String,
    },
    /// An API key was revoked.
    ApiKeyRevoked {
        /// Its name.
        name: String,
    },
}

impl Happening {
    /// Of which kind it is.
    #[must_use]
    pub const fn kind(&self) -> ActivityKind {
        match self {
            Self::ConversationAssigned { .. } => ActivityKind::ConversationAssigned,
            Self::ConversationStatusChanged { .. } => ActivityKind::ConversationStatusChanged,
            Self::ControlStarted {} => ActivityKind::ControlStarted,
            Self::ControlEnded {} => ActivityKind::ControlEnded,
            Self::LabelsChanged { .. } => ActivityKind::LabelsChanged,
            Self::PriorityChanged { .. } => ActivityKind::PriorityChanged,
            Self::OptedOut { .. } => ActivityKind::OptedOut,
            Self::OptedIn { .. } => ActivityKind::OptedIn,
            Self::LeadCreated { .. } => ActivityKind::LeadCreated,
            Self::LeadDeleted {} => ActivityKind::LeadDeleted,
            Self::LeadsImported { .. } => ActivityKind::LeadsImported,
            Self::ChannelCreated { .. } => ActivityKind::ChannelCreated,
            Self::ChannelChanged { .. } => ActivityKind::ChannelChanged,
            Self::ChannelDeleted { .. } => ActivityKind::ChannelDeleted,
            Self::MemberAdded { .. } => ActivityKind::MemberAdded,
            Self::MemberChanged { .. } => ActivityKind::MemberChanged,
            Self::MemberRemoved { .. } => ActivityKind::MemberRemoved,
            Self::ApiKeyCreated { .. } => ActivityKind::ApiKeyCreated,
            Self::ApiKeyRevoked { .. } => ActivityKind::ApiKeyRevoked,
        }
    }

    /// The details, as the column holds them.
    #[must_use]
    pub fn data(&self) -> Value {
        let told = serde_json::to_value(self).ok();
        let data = told.and_then(|mut told| told.get_mut("data").map(Value::take));
        data.unwrap_or_else(|| json!({}))
    }

    /// Reads what was stored. `None` for what another release has written in a way of its own.
    #[must_use]
    pub fn read(kind: &str, data: &Value) -> Option<Self> {
        serde_json::from_value(json!({ "kind": kind, "data": data })).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one_of_each() -> Vec<Happening> {
        let name = || "Front desk".to_owned();
        let number = Some("+15551230000".to_owned());
        vec![
            Happening::ConversationAssigned {
                assigned_user: None,
            },
            Happening::ConversationStatusChanged {
                from: ConversationStatus::Open,
                to: ConversationStatus::Snoozed,
                snoozed_until: DateTime::from_timestamp(1_800_000_000, 0),
            },
            Happening::ControlStarted {},
            Happening::ControlEnded {},
            Happening::LabelsChanged {
                added: vec![name()],
                removed: vec![],
            },
            Happening::PriorityChanged {
                from: ConversationPriority::Low,
                to: ConversationPriority::Urgent,
            },
            Happening::OptedOut {
                number: number.clone(),
                source: OptOutSource::Keyword,
            },
            Happening::OptedIn {
                number,
                source: OptOutSource::Keyword,
            },
            Happening::LeadCreated {
                source: LeadSource::Sms,
            },
            Happening::LeadDeleted {},
            Happening::LeadsImported {
                created: 3,
                updated: 2,
                failed: 1,
            },
            Happening::ChannelCreated { name: name() },
            Happening::ChannelChanged {
                name: name(),
                fields: vec!["status".to_owned()],
            },
            Happening::ChannelDeleted { name: name() },
            Happening::MemberAdded {
                name: name(),
                role: Role::Agent,
            },
            Happening::MemberChanged {
                name: name(),
                role: Role::Admin,
            },
            Happening::MemberRemoved { name: name() },
            Happening::ApiKeyCreated { name: name() },
            Happening::ApiKeyRevoked { name: name() },
        ]
    }

    #[test]
    fn every_kind_is_read_back_as_it_was_stored() {
        let all = one_of_each();
        let kinds: Vec<_> = all.iter().map(Happening::kind).collect();
        assert_eq!(kinds, ActivityKind::ALL);
        for happening in all {
            let (kind, data) = (happening.kind(), happening.data());
            assert!(data.is_object(), "{kind}: {data}");
            assert_eq!(Happening::read(kind.as_str(), &data), Some(happening));
        }
    }

    #[test]
    fn details_have_the_shape_that_clients_know() {
        let opted_out = Happening::OptedOut {
            number: None,
            source: OptOutSource::Manual,
        };
        assert_eq!(
            opted_out.data(),
            json!({ "number": null, "source": "manual" })
        );
        assert_eq!(Happening::ControlEnded {}.data(), json!({}));
    }

    #[test]
    fn what_another_release_wrote_is_not_guessed_at() {
        assert_eq!(Happening::read("moon_landed", &json!({})), None);
        assert_eq!(Happening::read("lead_created", &json!({})), None);
    }
}
