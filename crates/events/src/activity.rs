//! What people want to read later: who did what.

use entity::conversation;
use entity::happening::Happening;
use entity::id::{ChannelId, ConversationId, LeadId, TenantId};

/// Something that happened, to be kept by [`Outbox::record`](crate::Outbox::record).
///
/// It names what it is about by ids alone, so that nothing of an erased lead is left in it.
#[derive(Clone, Debug)]
pub struct Activity {
    pub(crate) tenant: TenantId,
    pub(crate) happening: Happening,
    pub(crate) conversation: Option<ConversationId>,
    pub(crate) lead: Option<LeadId>,
    pub(crate) channel: Option<ChannelId>,
}

impl Activity {
    /// Something that happened to a tenant.
    #[must_use]
    pub const fn new(tenant: TenantId, happening: Happening) -> Self {
        Self {
            tenant,
            happening,
            conversation: None,
            lead: None,
            channel: None,
        }
    }

    /// Something that happened in a conversation.
    #[must_use]
    pub fn within(conversation: &conversation::Model, happening: Happening) -> Self {
        Self {
            conversation: Some(conversation.id),
            lead: Some(conversation.lead_id),
            ..Self::new(conversation.tenant_id, happening)
        }
    }

    /// About a lead as such: all of their conversations show it.
    #[must_use]
    pub fn about(self, lead: LeadId) -> Self {
        Self {
            lead: Some(lead),
            ..self
        }
    }

    /// About a channel, or by it.
    #[must_use]
    pub fn by_channel(self, channel: Option<ChannelId>) -> Self {
        Self { channel, ..self }
    }
}
