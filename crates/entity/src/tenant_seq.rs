//! One counter per tenant: numbers its events and makes its ETags.
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::id::TenantId;

/// The minute of a time, counted from 1970.
#[must_use]
pub fn minute(time: DateTime<Utc>) -> i64 {
    time.timestamp().div_euclid(60)
}

/// One counter per tenant: numbers its events and makes its ETags.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tenant_seq")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// The number of the latest event.
    pub seq: i64,
    /// The number of the latest event that tells of something to be found: a person, a text, a note.
    pub content_seq: i64,
    /// The [`minute`] in which that was: an index knows who has had news lately, and it
    /// changes once a minute at most.
    pub content_minute: i64,
    /// The number of the latest event that is not kept any more.
    pub forgotten: i64,
}

crate::tenant_scoped!();
