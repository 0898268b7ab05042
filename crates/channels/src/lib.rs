//! A tenant's numbers and the sealed credentials of their Twilio accounts.
//!
//! The promise: a secret leaves this crate as a [`secrecy::SecretString`] inside an [`Opened`],
//! or not at all. It is the only crate that opens a credential, so what may be done with one can
//! be read here. At rest every secret is sealed for its place (`cipher`), under a key that the
//! row names; [`rotate`](fn@rotate) moves rows to a new key while the service runs.
//!
//! Every function takes the tenant. The one look across tenants is in `store::claims`: whether
//! somebody else already holds a number with the very same token.

mod cipher;
mod credentials;
mod error;
#[cfg(test)]
mod fixtures;
mod health;
mod key_ring;
mod patch;
mod rotate;
mod settings;
mod store;
mod urls;

pub use credentials::{
    CredentialsInput, MASK, Masked, OpenError, Opened, SharedKeyInput, masked, open,
};
pub use error::{Error, FieldError};
pub use health::{
    AccountInfo, CapabilitiesInfo, Check, CheckName, Health, NumberInfo, Reason, check, connect,
};
pub use key_ring::{KeyError, KeyRing, KeyRingError, MasterKey};
pub use patch::Patch;
pub use rotate::{Report, rotate};
pub use settings::{SettingsPatch, pace, usual_pace};
pub use store::{
    ChannelPatch, NewChannel, OLD_TOKEN_VALID_FOR, Planned, create, credentials_to_try,
    default_channel, delete, get, list, note_mms, plan_create, plan_update, sealed_key_ids, update,
};
pub use urls::{WebhookUrls, status_callback, webhook_urls};
