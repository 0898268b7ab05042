//! Some hundred people at once become leads.

use std::collections::{BTreeSet, HashMap, HashSet};

use entity::clock::Clock;
use entity::id::{LeadId, TenantId};
use entity::json::Texts;
use entity::value::{LeadSource, OnDuplicate};
use entity::{TenantScoped, conversation, import, lead, opt_out};
use events::Outbox;
use sea_orm::sea_query::{Expr, ExprTrait, Func, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Value,
};
use search::{Kind, entry};

use super::Person;
use crate::leads::{add_tags, blank, lock_each, marked};
use crate::outbound::recheck_quiet_hours;
use db::each::{self, Change};

/// What became of some rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// How many people are new.
    pub created: usize,
    /// How many were known and have changed.
    pub updated: usize,
    /// How many were known and stayed as they are.
    pub skipped: usize,
    /// How many rows can't be used.
    pub failed: usize,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum Conflict {
    /// Somebody has just become a lead by another way: the same again finds them.
    #[error("a lead was made at the same time")]
    Again,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// Whom a rehearsal has seen: what makes them known again.
pub type Seen = HashSet<String>;

/// Writes people as an import wants it. They are known by their number, or without one by their
/// e-mail address.
///
/// # Errors
/// [`Conflict`]; nothing may be committed then.
pub async fn write(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    import: &import::Model,
    people: &[Person],
) -> Result<Outcome, Conflict> {
    let tenant = import.tenant_id;
    let ids = known_ids(tx, tenant, people).await?;
    // Whoever changes anything of a person locks them, in the order of their ids.
    lock_each(tx, ids.iter().map(|id| (tenant, *id))).await?;
    let mut book = Book::open(known(tx, tenant, ids).await?);
    let outcome = book.enter(people, clock, import);
    outbox.touch(tenant);
    let changed: Vec<_> = book.changed().collect();
    change(tx, clock, &changed).await?;
    let mut fresh: Vec<_> = book.fresh().cloned().collect();
    mark(tx, tenant, &mut fresh).await?;
    if insert(tx, &mut fresh).await? < fresh.len() {
        return Err(Conflict::Again);
    }
    // An import takes no tag away.
    add_tags(tx, changed.iter().copied().chain(&fresh)).await?;
    let ids: Vec<_> = changed.iter().map(|row| row.id.0).collect();
    let ids: Vec<_> = ids
        .into_iter()
        .chain(fresh.iter().map(|row| row.id.0))
        .collect();
    entry::changed(tx, clock, tenant, Kind::Lead, &ids).await?;
    if book.moved {
        recheck_quiet_hours(tx, clock, tenant, None).await?;
    }
    Ok(outcome)
}

/// Says what [`write`] would do. `seen` is whom the rows before would have added.
///
/// # Errors
/// When the database is away.
pub async fn rehearse(
    conn: &impl ConnectionTrait,
    clock: &Clock,
    import: &import::Model,
    people: &[Person],
    seen: &mut Seen,
) -> Result<Outcome, DbErr> {
    let tenant = import.tenant_id;
    let ids = known_ids(conn, tenant, people).await?;
    let mut book = Book::open(known(conn, tenant, ids).await?);
    let (again, new): (Vec<_>, Vec<_>) = people
        .iter()
        .cloned()
        .partition(|person| key(person).is_some_and(|key| seen.contains(&key)));
    seen.extend(new.iter().filter_map(key));
    let mut outcome = book.enter(&new, clock, import);
    match import.on_duplicate {
        OnDuplicate::Update => outcome.updated += again.len(),
        OnDuplicate::Skip => outcome.skipped += again.len(),
    }
    Ok(outcome)
}

/// What makes somebody known again: the number, or else the e-mail address.
#[must_use]
pub fn key(person: &Person) -> Option<String> {
    let email = || person.email.as_deref().map(str::to_lowercase);
    person.phone.clone().or_else(email)
}

async fn known_ids(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    people: &[Person],
) -> Result<BTreeSet<LeadId>, DbErr> {
    let phones: Vec<_> = people
        .iter()
        .filter_map(|person| person.phone.as_deref())
        .collect();
    let without: Vec<_> = people
        .iter()
        .filter(|person| person.phone.is_none())
        .collect();
    let emails: Vec<_> = without.into_iter().filter_map(key).collect();
    let mut ids = BTreeSet::new();
    let select = || {
        lead::Entity::of(tenant)
            .select_only()
            .column(lead::Column::Id)
    };
    if !phones.is_empty() {
        let query = select().filter(lead::Column::Phone.is_in(phones));
        ids.extend(query.into_tuple::<LeadId>().all(conn).await?);
    }
    if !emails.is_empty() {
        let email = Func::lower(Expr::col(lead::Column::Email));
        let query = select()
            .filter(Expr::from(email).is_in(emails))
            .filter(lead::Column::Email.is_not_null());
        ids.extend(query.into_tuple::<LeadId>().all(conn).await?);
    }
    Ok(ids)
}

async fn known(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    ids: BTreeSet<LeadId>,
) -> Result<Vec<lead::Model>, DbErr> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    lead::Entity::of(tenant)
        .filter(lead::Column::Id.is_in(ids))
        .order_by_asc(lead::Column::Id)
        .all(conn)
        .await
}

/// Whom the rows are about, as they are to be.
struct Book {
    people: Vec<Entry>,
    by_phone: HashMap<String, usize>,
    by_email: HashMap<String, usize>,
    /// Whether somebody who was known lives by another clock now.
    moved: bool,
}

struct Entry {
    lead: lead::Model,
    is_new: bool,
    has_changed: bool,
}

impl Book {
    fn open(known: Vec<lead::Model>) -> Self {
        let mut book = Self {
            people: Vec::new(),
            by_phone: HashMap::new(),
            by_email: HashMap::new(),
            moved: false,
        };
        for lead in known {
            book.add(lead, false);
        }
        book
    }

    fn add(&mut self, lead: lead::Model, is_new: bool) {
        let at = self.people.len();
        if let Some(phone) = &lead.phone {
            self.by_phone.entry(phone.clone()).or_insert(at);
        }
        if let Some(email) = &lead.email {
            // Of several the one that is there longest.
            self.by_email.entry(email.to_lowercase()).or_insert(at);
        }
        self.people.push(Entry {
            lead,
            is_new,
            has_changed: false,
        });
    }

    /// Row by row: who comes a second time is known by then.
    fn enter(&mut self, people: &[Person], clock: &Clock, import: &import::Model) -> Outcome {
        let mut outcome = Outcome::default();
        for person in people {
            let known = match (&person.phone, &person.email) {
                (Some(phone), _) => self.by_phone.get(phone),
                (None, Some(email)) => self.by_email.get(&email.to_lowercase()),
                (None, None) => None,
            };
            match (known.copied(), import.on_duplicate) {
                (None, _) => {
                    self.add(new(person, clock, import.tenant_id), true);
                    outcome.created += 1;
                }
                (Some(at), OnDuplicate::Update) if self.update(at, person) => outcome.updated += 1,
                _ => outcome.skipped += 1,
            }
        }
        outcome
    }

    fn update(&mut self, at: usize, person: &Person) -> bool {
        let Some(entry) = self.people.get_mut(at) else {
            return false;
        };
        let before = entry.lead.clone();
        merge(&mut entry.lead, person);
        let changed = entry.lead != before;
        entry.has_changed |= changed;
        self.moved |= !entry.is_new && entry.lead.timezone != before.timezone;
        changed
    }

    fn fresh(&self) -> impl Iterator<Item = &lead::Model> {
        self.people
            .iter()
            .filter(|entry| entry.is_new)
            .map(|entry| &entry.lead)
    }

    fn changed(&self) -> impl Iterator<Item = &lead::Model> {
        self.people
            .iter()
            .filter(|entry| entry.has_changed && !entry.is_new)
            .map(|entry| &entry.lead)
    }
}

fn new(person: &Person, clock: &Clock, tenant: TenantId) -> lead::Model {
    let mut lead = lead::Model {
        source: LeadSource::Import,
        country: person.country.clone(),
        ..blank(
            LeadId::new(clock),
            tenant,
            person.phone.clone(),
            clock.now(),
        )
    };
    merge(&mut lead, person);
    lead
}

/// What the file says counts; what it leaves out stays.
fn merge(lead: &mut lead::Model, person: &Person) {
    let set = |field: &mut Option<String>, value: &Option<String>| {
        if value.is_some() {
            field.clone_from(value);
        }
    };
    set(&mut lead.name, &person.name);
    set(&mut lead.email, &person.email);
    set(&mut lead.timezone, &person.timezone);
    if person.country_is_given || lead.country.is_none() {
        set(&mut lead.country, &person.country);
    }
    lead.status = person.status.unwrap_or(lead.status);
    lead.source = person.source.unwrap_or(lead.source);
    for tag in &person.tags {
        if !lead.tags.0.contains(tag) {
            lead.tags.0.push(tag.clone());
        }
    }
}

async fn change(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    changed: &[&lead::Model],
) -> Result<(), DbErr> {
    let Some(first) = changed.first() else {
        return Ok(());
    };
    let now = clock.now();
    let columns = [
        "tenant_id",
        "id",
        "name",
        "email",
        "status",
        "source",
        "tags",
        "country",
        "timezone",
        "updated_at",
    ];
    let rows = changed.iter().map(|lead| {
        [
            lead.tenant_id.into(),
            lead.id.into(),
            lead.name.clone().into(),
            lead.email.clone().into(),
            lead.status.into(),
            lead.source.into(),
            tags(&lead.tags),
            lead.country.clone().into(),
            lead.timezone.clone().into(),
            now.into(),
        ]
    });
    each::update(tx, [Change::new("leads", 2, columns, rows)]).await?;
    // Every conversation shows its lead, so who polls for changes has to see this one.
    conversation::Entity::update_many()
        .col_expr(conversation::Column::UpdatedAt, Expr::value(now))
        .filter(conversation::Column::TenantId.eq(first.tenant_id))
        .filter(conversation::Column::LeadId.is_in(changed.iter().map(|lead| lead.id)))
        .exec(tx)
        .await
        .map(drop)
}

fn tags(tags: &Texts) -> Value {
    serde_json::Value::from(tags.0.clone()).into()
}

/// Marks those who must not be texted.
async fn mark(
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    fresh: &mut [lead::Model],
) -> Result<(), DbErr> {
    let phones: Vec<_> = fresh.iter().filter_map(|lead| lead.phone.clone()).collect();
    if phones.is_empty() {
        return Ok(());
    }
    let rows = opt_out::Entity::of(tenant)
        .filter(opt_out::Column::Phone.is_in(phones))
        .all(tx)
        .await?;
    let mut rows: HashMap<_, _> = rows
        .into_iter()
        .map(|row| (row.phone.clone(), row))
        .collect();
    for lead in fresh {
        let row = lead.phone.as_ref().and_then(|phone| rows.remove(phone));
        *lead = marked(lead.clone(), row);
    }
    Ok(())
}

/// Gives how many were inserted: fewer where somebody else has just added one of them.
async fn insert(tx: &impl ConnectionTrait, fresh: &mut [lead::Model]) -> Result<usize, DbErr> {
    if fresh.is_empty() {
        return Ok(0);
    }
    // Two that make the same people at once go the same way, so that none waits crosswise.
    fresh.sort_by(|one, other| one.phone.cmp(&other.phone));
    let rows = fresh
        .iter()
        .cloned()
        .map(IntoActiveModel::into_active_model);
    let key = [lead::Column::TenantId, lead::Column::Phone];
    let inserted = lead::Entity::insert_many(rows)
        .on_conflict(OnConflict::columns(key).do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    Ok(usize::try_from(inserted).unwrap_or(usize::MAX))
}
