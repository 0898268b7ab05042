//! What may be done, as types: a handler asks for one in its signature, never in its body.
//!
//! Each permission needs a role, and for API keys with scopes also a scope. A role includes all
//! below it; a scope includes nothing else.

use std::fmt;

use entity::value::Role;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

// `tt` and not `literal`: wrapped as a literal, the text is not seen by utoipa, and the OpenAPI
// document would name the variants instead.
macro_rules! scopes {
    ($($(#[$doc:meta])* $variant:ident = $text:tt),+ $(,)?) => {
        /// What an API key may be limited to.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
            Serialize, Deserialize, ToSchema,
        )]
        pub enum Scope {
            $($(#[$doc])* #[serde(rename = $text)] $variant,)+
        }

        impl Scope {
            /// Every scope there is.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The text that is stored and sent.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }
    };
}

scopes! {
    /// See channels, without their secrets.
    ChannelsRead = "channels:read",
    /// Add, change, test and remove channels.
    ChannelsWrite = "channels:write",
    /// See leads.
    LeadsRead = "leads:read",
    /// Add, change and remove leads.
    LeadsWrite = "leads:write",
    /// See conversations and follow events.
    ConversationsRead = "conversations:read",
    /// Change conversations: assign, close, mark as read.
    ConversationsWrite = "conversations:write",
    /// See messages and media.
    MessagesRead = "messages:read",
    /// Send, change and cancel messages.
    MessagesWrite = "messages:write",
    /// See the members of the tenant.
    UsersRead = "users:read",
    /// Add, change and remove members.
    UsersWrite = "users:write",
    /// See API keys, without the keys themselves.
    KeysRead = "keys:read",
    /// Make and revoke API keys.
    KeysWrite = "keys:write",
    /// See the tenant's settings.
    TenantRead = "tenant:read",
    /// Change the tenant's settings.
    TenantWrite = "tenant:write",
    /// See how the queue is doing.
    QueueRead = "queue:read",
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something that may be done, by whom.
pub trait Permission {
    /// The lowest role that may.
    const ROLE: Role;
    /// What an API key with scopes needs besides. `None`: only a person who is logged in may.
    const SCOPE: Option<Scope>;
    /// A second scope, where two kinds of things are shown at once.
    const ALSO: Option<Scope> = None;
}

/// Look for leads and texts.
#[derive(Clone, Copy, Debug)]
pub struct Search;

impl Permission for Search {
    const ROLE: Role = Role::Viewer;
    const SCOPE: Option<Scope> = Some(Scope::MessagesRead);
    const ALSO: Option<Scope> = Some(Scope::LeadsRead);
}

/// Why a principal may not; all of them are 403.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// The role is too low.
    #[error("this needs the role {needed} or a higher one")]
    Role {
        /// The lowest that may.
        needed: Role,
    },
    /// The API key lacks a scope.
    #[error("this API key lacks the scope {needed}")]
    Scope {
        /// The missing one.
        needed: Scope,
    },
    /// API keys can't do this at all.
    #[error("this needs a login: an API key can't do it")]
    Login,
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident: $role:ident, $scope:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl Permission for $name {
            const ROLE: Role = Role::$role;
            const SCOPE: Option<Scope> = $scope;
        }
    )+};
}

permissions! {
    /// See channels.
    ReadChannels: Viewer, Some(Scope::ChannelsRead);
    /// Add, change, test and remove channels.
    ManageChannels: Admin, Some(Scope::ChannelsWrite);
    /// See leads.
    ReadLeads: Viewer, Some(Scope::LeadsRead);
    /// Add, change and remove leads.
    WriteLeads: Agent, Some(Scope::LeadsWrite);
    /// See conversations and follow events.
    ReadConversations: Viewer, Some(Scope::ConversationsRead);
    /// Assign, close, mark as read.
    WriteConversations: Agent, Some(Scope::ConversationsWrite);
    /// See messages and media.
    ReadMessages: Viewer, Some(Scope::MessagesRead);
    /// Send, change and cancel messages.
    SendMessages: Agent, Some(Scope::MessagesWrite);
    /// See the members of the tenant.
    ReadTeam: Viewer, Some(Scope::UsersRead);
    /// Add, change and remove members.
    ManageTeam: Admin, Some(Scope::UsersWrite);
    /// See API keys.
    ReadKeys: Owner, Some(Scope::KeysRead);
    /// Make and revoke API keys.
    ManageKeys: Owner, Some(Scope::KeysWrite);
    /// See the tenant's settings.
    ReadTenant: Viewer, Some(Scope::TenantRead);
    /// Change the tenant's settings.
    ManageTenant: Owner, Some(Scope::TenantWrite);
    /// See how the queue is doing.
    ReadQueue: Viewer, Some(Scope::QueueRead);
    /// What concerns the person who is logged in: who they are, their password, logging out.
    AnyMember: Viewer, None;
}

/// See a conversation with its messages and notes.
#[derive(Clone, Copy, Debug)]
pub struct ReadTimeline;

impl Permission for ReadTimeline {
    const ROLE: Role = Role::Viewer;
    const SCOPE: Option<Scope> = Some(Scope::ConversationsRead);
    const ALSO: Option<Scope> = Some(Scope::MessagesRead);
}
