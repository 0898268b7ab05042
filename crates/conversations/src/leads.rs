//! Leads: the people a tenant talks to.

use chrono::{DateTime, Utc};
use entity::clock::Clock;
use entity::happening::Happening;
use entity::id::{LeadId, TenantId};
use entity::json::Texts;
use entity::value::{LeadSource, LeadStatus};
use entity::{TenantScoped, conversation, lead};
use events::{Activity, Outbox};
use sea_orm::sea_query::{LockType, OnConflict};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait,
    IntoActiveModel, QueryFilter, QuerySelect, TryIntoModel,
};
use serde_json::json;

use crate::outbound::{cancel_opted_out, recheck_quiet_hours};
use crate::{Error, opt_out};

mod checks;
mod erase;
mod list;
mod lock;
mod tags;

use checks::{check_country, check_email, check_timezone, phone, problem, refuse_taken, taken};
pub(crate) use checks::{default_country, is_email};
pub use erase::delete;
pub use list::{LeadFilter, Listed, list};
use lock::locked;
pub(crate) use lock::{lock, lock_each, lock_of_messages};
pub(crate) use tags::add as add_tags;

/// A lead somebody types in or a program brings.
#[derive(Clone, Debug, Default)]
pub struct NewLead {
    /// Their name.
    pub name: Option<String>,
    /// Their number, in any usual form.
    pub phone: Option<String>,
    /// Their e-mail address.
    pub email: Option<String>,
    /// How they came; `manual` if nothing else is said.
    pub source: Option<LeadSource>,
    /// How far they are; `new` if nothing else is said.
    pub status: Option<LeadStatus>,
    /// Labels.
    pub tags: Vec<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// IANA time zone name.
    pub timezone: Option<String>,
}

/// What of a lead is to change; `Some(None)` empties a field.
#[derive(Clone, Debug, Default)]
pub struct LeadChange {
    /// Their name.
    pub name: Option<Option<String>>,
    /// Their number, in any usual form.
    pub phone: Option<Option<String>>,
    /// Their e-mail address.
    pub email: Option<Option<String>>,
    /// How they came.
    pub source: Option<LeadSource>,
    /// How far they are.
    pub status: Option<LeadStatus>,
    /// Labels; the whole list.
    pub tags: Option<Vec<String>>,
    /// Whether they must not be texted.
    pub sms_opt_out: Option<bool>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<Option<String>>,
    /// IANA time zone name.
    pub timezone: Option<Option<String>>,
}

/// One lead of the tenant.
///
/// # Errors
/// [`Error::NotFound`]; when the database is away.
pub async fn get(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    id: LeadId,
) -> Result<lead::Model, Error> {
    let lead = lead::Entity::of(tenant)
        .filter(lead::Column::Id.eq(id))
        .one(conn)
        .await?;
    lead.ok_or(Error::NotFound("lead"))
}

/// Adds a lead.
///
/// # Errors
/// [`Error::Invalid`], [`Error::PhoneTaken`]; when the database is away.
pub async fn create(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    tenant: &entity::tenant::Model,
    new: NewLead,
) -> Result<lead::Model, Error> {
    let mut problems = Vec::new();
    let phone = new
        .phone
        .as_deref()
        .and_then(|text| phone(text, tenant, &mut problems));
    check_email(new.email.as_deref(), &mut problems);
    check_country(new.country.as_deref(), &mut problems);
    check_timezone(new.timezone.as_deref(), &mut problems);
    if new.name.is_none() && new.phone.is_none() && new.email.is_none() {
        problems.push(problem(
            "/phone",
            "give at least a phone number, a name or an e-mail address",
        ));
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let phone = phone.map(|phone| phone.to_string());
    if let Some(phone) = &phone {
        refuse_taken(tx, tenant.id, phone, None).await?;
    }
    let opted_out = match &phone {
        Some(phone) => opt_out::find(tx, tenant.id, phone).await?,
        None => None,
    };
    let now = clock.now();
    let lead = lead::Model {
        name: new.name,
        email: new.email,
        source: new.source.unwrap_or(LeadSource::Manual),
        status: new.status.unwrap_or(LeadStatus::New),
        tags: Texts(new.tags),
        country: new.country,
        timezone: new.timezone,
        ..marked(blank(LeadId::new(clock), tenant.id, phone, now), opted_out)
    };
    let lead = lead.into_active_model().insert(tx).await.map_err(taken)?;
    tags::add(tx, [&lead]).await?;
    tell_created(clock, outbox, &lead);
    Ok(lead)
}

/// Tells of a lead that was made.
pub(crate) fn tell_created(clock: &Clock, outbox: &mut Outbox, lead: &lead::Model) {
    let created = Happening::LeadCreated {
        source: lead.source,
    };
    outbox.record(clock, Activity::new(lead.tenant_id, created).about(lead.id));
    tell(outbox, lead.tenant_id, lead.id);
}

/// Shows a new or changed lead to who follows events.
pub(crate) fn tell(outbox: &mut Outbox, tenant: TenantId, lead: LeadId) {
    outbox.push(
        tenant,
        events::Kind::LeadUpdated,
        json!({ "lead_id": lead }),
    );
}

/// Changes a lead. A change to what is so already writes and tells nothing.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Invalid`], [`Error::PhoneTaken`]; when the database is away.
pub async fn update(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    tenant: &entity::tenant::Model,
    id: LeadId,
    change: LeadChange,
) -> Result<lead::Model, Error> {
    let current = locked(tx, tenant.id, id).await?;
    let mut problems = Vec::new();
    let new_phone = change.phone.as_ref().map(|text| {
        text.as_deref()
            .and_then(|text| phone(text, tenant, &mut problems))
    });
    check_email(
        change.email.as_ref().and_then(Option::as_deref),
        &mut problems,
    );
    check_country(
        change.country.as_ref().and_then(Option::as_deref),
        &mut problems,
    );
    check_timezone(
        change.timezone.as_ref().and_then(Option::as_deref),
        &mut problems,
    );
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let mut row = current.clone().into_active_model();
    let mut phone = current.phone.clone();
    if let Some(new_phone) = new_phone {
        phone = new_phone.map(|phone| phone.to_string());
        if let Some(phone) = &phone {
            refuse_taken(tx, tenant.id, phone, Some(id)).await?;
        }
        row.phone = Set(phone.clone());
    }
    if let Some(opted_out) = change.sms_opt_out {
        let Some(phone) = &phone else {
            return Err(Error::invalid(
                "/sms_opt_out",
                "the lead has no phone number",
            ));
        };
        let whose = opt_out::Whose {
            tenant: tenant.id,
            lead: id,
            phone,
        };
        opt_out::set_by_hand(tx, clock, outbox, whose, opted_out).await?;
    }
    let opted_out = match &phone {
        Some(phone) => opt_out::find(tx, tenant.id, phone).await?,
        None => None,
    };
    row.sms_opt_out = Set(opted_out.is_some());
    row.sms_opt_out_number = Set(opted_out.as_ref().and_then(|row| row.our_number.clone()));
    row.sms_opt_out_source = Set(opted_out.as_ref().map(|row| row.source));
    apply(&mut row, change);
    if row.clone().try_into_model()? == current {
        return Ok(current);
    }
    row.updated_at = Set(clock.now());
    let lead = row.update(tx).await.map_err(taken)?;
    if lead.tags != current.tags {
        tags::replace(tx, &lead).await?;
    }
    if let Some(opted_out) = opted_out.filter(|_| !current.sms_opt_out) {
        cancel_opted_out(tx, clock, outbox, &lead, &opted_out).await?;
    }
    if lead.timezone != current.timezone {
        recheck_quiet_hours(tx, clock, tenant.id, Some(lead.id)).await?;
    }
    touch_conversations(tx, clock, outbox, &lead).await?;
    tell(outbox, tenant.id, id);
    Ok(lead)
}

fn apply(row: &mut lead::ActiveModel, change: LeadChange) {
    if let Some(name) = change.name {
        row.name = Set(name);
    }
    if let Some(email) = change.email {
        row.email = Set(email);
    }
    if let Some(source) = change.source {
        row.source = Set(source);
    }
    if let Some(status) = change.status {
        row.status = Set(status);
    }
    if let Some(tags) = change.tags {
        row.tags = Set(Texts(tags));
    }
    if let Some(country) = change.country {
        row.country = Set(country);
    }
    if let Some(timezone) = change.timezone {
        row.timezone = Set(timezone);
    }
}

/// A lead's conversations show the lead, so who polls them has to see the change.
pub(crate) async fn touch_conversations(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    lead: &lead::Model,
) -> Result<(), DbErr> {
    let touched = conversation::Entity::update_many()
        .col_expr(conversation::Column::UpdatedAt, clock.now().into())
        .filter(conversation::Column::TenantId.eq(lead.tenant_id))
        .filter(conversation::Column::LeadId.eq(lead.id))
        .exec_with_returning(tx)
        .await?;
    outbox.touch(lead.tenant_id);
    for conversation in touched {
        let ids = json!({ "conversation_id": conversation.id, "lead_id": lead.id });
        outbox.push(lead.tenant_id, events::Kind::ConversationUpdated, ids);
    }
    Ok(())
}

/// Finds the lead with this address or makes one, and locks it for the rest of the transaction.
///
/// `fresh` is what a new one begins as.
pub(crate) async fn find_or_create(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    fresh: lead::Model,
) -> Result<lead::Model, DbErr> {
    let (tenant, phone) = (fresh.tenant_id, fresh.phone.clone().unwrap_or_default());
    let find = || {
        lead::Entity::of(tenant)
            .filter(lead::Column::Phone.eq(phone.as_str()))
            .lock(LockType::Update)
            .one(tx)
    };
    if let Some(lead) = find().await? {
        return Ok(lead);
    }
    let row = marked(fresh, opt_out::find(tx, tenant, &phone).await?);
    // Another transaction may be making the same lead: then this waits for it and finds it.
    let made = lead::Entity::insert(row.clone().into_active_model())
        .on_conflict(
            OnConflict::columns([lead::Column::TenantId, lead::Column::Phone])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    if made > 0 {
        tell_created(clock, outbox, &row);
    }
    find()
        .await?
        .ok_or_else(|| DbErr::RecordNotFound("the lead just made".to_owned()))
}

/// The lead with the mark that its number bears.
pub(crate) fn marked(lead: lead::Model, opted_out: Option<entity::opt_out::Model>) -> lead::Model {
    lead::Model {
        sms_opt_out: opted_out.is_some(),
        sms_opt_out_source: opted_out.as_ref().map(|row| row.source),
        sms_opt_out_number: opted_out.and_then(|row| row.our_number),
        ..lead
    }
}

/// A lead of whom nothing is known but the address.
pub(crate) fn blank(
    id: LeadId,
    tenant_id: TenantId,
    phone: Option<String>,
    now: DateTime<Utc>,
) -> lead::Model {
    lead::Model {
        id,
        tenant_id,
        phone,
        name: None,
        email: None,
        source: LeadSource::Manual,
        status: LeadStatus::New,
        tags: Texts::default(),
        sms_enabled: false,
        last_sms_at: None,
        sms_opt_out: false,
        sms_opt_out_number: None,
        sms_opt_out_source: None,
        last_contact_at: None,
        country: None,
        timezone: None,
        created_at: now,
        updated_at: now,
    }
}
