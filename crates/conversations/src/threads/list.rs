//! Listing conversations: filters, and whom they are with.

use std::collections::{HashMap, HashSet};

use entity::TenantScoped;
use entity::conversation::{self, Column};
use entity::id::{LeadId, TenantId};
use entity::row::{Rows, TableRow};
use sea_orm::{ConnectionTrait, DbErr, QuerySelect, Value};
use search::find::{leads_among, newest};
use search::{Kind, Query};

use super::filter::{ThreadFilter, Wanted};
use super::order::{Part, ThreadOrder};
use super::{ThreadView, Whole, views, whole};

/// A page of the inbox.
#[derive(Clone, Debug, Default)]
pub struct Listed {
    /// The conversations, in order.
    pub rows: Vec<ThreadView>,
    /// The conversation at which looking for more was given up, though there are more.
    pub stopped: Option<conversation::Model>,
}

/// How many people can be named in a question.
const NAMED: usize = 1000;

/// How often the index is asked for them.
const ROUNDS: usize = 4;

/// How many conversations of a list are looked at before an index is asked for those that are wanted, and
/// after that where they are many.
const NEAR: u64 = 500;
const FAR: u64 = 10_000;

/// A list of so many had been looked at as a whole among the first [`NEAR`], whatever has come since.
const SHORT: u64 = NEAR - 100;

/// How many conversations are asked about at once, and in one page.
const STEP: u64 = 500;
const WALKED: u64 = 5000;

/// The tenant's conversations, at most `limit`.
///
/// # Errors
/// When the database is away.
pub async fn list(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    filter: &ThreadFilter,
    order: ThreadOrder,
    limit: u64,
) -> Result<Listed, DbErr> {
    let Some(wanted) = Wanted::new(conn, tenant, filter).await? else {
        return Ok(Listed::default());
    };
    let wanted = Page {
        wanted: &wanted,
        unread: filter.unread,
        order,
        limit,
    };
    let q = filter.q.as_deref().map(str::trim);
    let (rows, stopped) = match q.filter(|q| !q.is_empty()).map(Query::parse) {
        None => (wanted.read(conn).await?, None),
        Some(looked_for) => match few(conn, tenant, &looked_for).await? {
            Some(people) => (wanted.with(conn, &people).await?, None),
            None => walk(conn, wanted, &looked_for).await?,
        },
    };
    let rows = views(conn, tenant, rows).await?;
    Ok(Listed { rows, stopped })
}

/// What is asked for.
#[derive(Clone, Copy)]
struct Page<'a> {
    wanted: &'a Wanted<'a>,
    unread: Option<bool>,
    order: ThreadOrder,
    limit: u64,
}

impl Page<'_> {
    /// Reads it in one of several ways, of which each costs little where it is enough.
    ///
    /// What is wanted stands near the beginning, mostly. If not, and an index has so few that these can be
    /// sorted, it is among them. If it has many, one comes along every so often.
    async fn read(&self, conn: &impl ConnectionTrait) -> Result<Vec<Whole>, DbErr> {
        if self.wanted.may_be_rare() {
            let near = self.among_the_first(conn, NEAR).await?;
            if near.len() as u64 >= self.limit || self.has_no_more_than(conn, SHORT).await? {
                return Ok(near);
            }
            if let Some(few) = self.wanted.few(conn).await? {
                let these = || self.among(conn, Column::Id, few.iter().copied());
                return self.whole(conn, |part| self.of(part, these())).await;
            }
            let far = self.among_the_first(conn, FAR).await?;
            if far.len() as u64 >= self.limit {
                return Ok(far);
            }
        }
        let all = |part: &Part| self.of(part, self.wanted.all());
        self.whole(conn, all).await
    }

    /// Those with these people.
    async fn with(
        &self,
        conn: &impl ConnectionTrait,
        people: &[LeadId],
    ) -> Result<Vec<Whole>, DbErr> {
        let these = || self.among(conn, Column::LeadId, people.iter().copied());
        self.whole(conn, |part| self.of(part, these())).await
    }

    fn among(
        &self,
        conn: &impl ConnectionTrait,
        column: Column,
        values: impl Iterator<Item = impl Into<Value>>,
    ) -> Rows<conversation::Model> {
        let backend = conn.get_database_backend();
        conversation::Entity::rows_among(backend, self.wanted.tenant, column, values)
    }

    fn of(&self, part: &Part, rows: Rows<conversation::Model>) -> Rows<conversation::Model> {
        part.of(self.wanted.of(rows)).limit(self.limit)
    }

    /// A way that PostgreSQL does not choose by itself: it takes filters for independent of each other and of
    /// the order. A page of which too little is found that way is not a page: more may follow in that part of
    /// the list.
    async fn among_the_first(
        &self,
        conn: &impl ConnectionTrait,
        many: u64,
    ) -> Result<Vec<Whole>, DbErr> {
        let page = |part: &Part| {
            let first = part.of(self.wanted.all()).limit(many);
            let first = first.joined(conversation::Entity, |_| {});
            part.sorted(self.wanted.of(first)).limit(self.limit)
        };
        let first_part = self.pages(conn, page).into_iter().take(1);
        self.in_order(conn, first_part, |page| whole(self.wanted.tenant, page))
            .await
    }

    /// Whether the list would end there if it were not narrowed.
    async fn has_no_more_than(
        &self,
        conn: &impl ConnectionTrait,
        many: u64,
    ) -> Result<bool, DbErr> {
        let next = |part: &Part| part.of(self.wanted.all()).offset(many).limit(1);
        let mut parts = self.pages(conn, next).into_iter();
        match (parts.next(), parts.next()) {
            (Some(first), None) => Ok(first.all(conn).await?.is_empty()),
            // Another part follows.
            _ => Ok(false),
        }
    }

    async fn whole(
        &self,
        conn: &impl ConnectionTrait,
        page: impl Fn(&Part) -> Rows<conversation::Model>,
    ) -> Result<Vec<Whole>, DbErr> {
        let pages = self.pages(conn, page);
        self.in_order(conn, pages, |page| whole(self.wanted.tenant, page))
            .await
    }

    fn pages(
        &self,
        conn: &impl ConnectionTrait,
        page: impl Fn(&Part) -> Rows<conversation::Model>,
    ) -> Vec<Rows<conversation::Model>> {
        let backend = conn.get_database_backend();
        self.order.pages(backend, page, self.unread)
    }

    /// The first rows of a list, from the first of `pages` that has as many.
    async fn in_order<R: TableRow>(
        &self,
        conn: &impl ConnectionTrait,
        pages: impl IntoIterator<Item = Rows<conversation::Model>>,
        read: impl Fn(Rows<conversation::Model>) -> Rows<R>,
    ) -> Result<Vec<R>, DbErr> {
        let mut rows = Vec::new();
        for page in pages {
            let page = self.order.sorted(read(page)).limit(self.limit);
            rows = page.all(conn).await?;
            if rows.len() as u64 >= self.limit {
                break;
            }
        }
        Ok(rows)
    }
}

/// The people who are looked for, if they are so few that they can be named.
async fn few(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    query: &Query,
) -> Result<Option<Vec<LeadId>>, DbErr> {
    let (mut people, mut before) = (Vec::new(), None);
    for _ in 0..ROUNDS {
        let found = newest(conn, tenant, Kind::Lead, query, before, NAMED + 1).await?;
        people.extend(found.hits.into_iter().map(|hit| hit.lead));
        before = found.through;
        if before.is_none() || people.len() > NAMED {
            break;
        }
    }
    Ok(Some(people).filter(|people| before.is_none() && people.len() <= NAMED))
}

/// Goes through the conversations in their order and asks of each whether its person is looked for:
/// where those are many, it doesn't take long. Says where it stopped before its end.
async fn walk(
    conn: &impl ConnectionTrait,
    page: Page<'_>,
    looked_for: &Query,
) -> Result<(Vec<Whole>, Option<conversation::Model>), DbErr> {
    let (tenant, limit) = (page.wanted.tenant, page.limit);
    let mut next = Page {
        limit: STEP,
        ..page
    };
    let (mut found, mut walked) = (Vec::new(), 0);
    let stopped = loop {
        let pages = next.pages(conn, |part| next.of(part, page.wanted.all()));
        // What is sorted has to have a name.
        let alone = |page: Rows<_>| page.joined(conversation::Entity, |_| {});
        let step: Vec<conversation::Model> = next.in_order(conn, pages, alone).await?;
        let people: Vec<_> = step.iter().map(|row| row.lead_id).collect();
        let people = leads_among(conn, tenant, looked_for, &people).await?;
        let people: HashSet<_> = people.into_iter().collect();
        walked += step.len() as u64;
        let last = step.last().cloned().filter(|_| step.len() as u64 >= STEP);
        found.extend(step.into_iter().filter(|row| people.contains(&row.lead_id)));
        if found.len() as u64 >= limit {
            found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            break None;
        }
        match last {
            Some(last) if walked < WALKED => next.order = next.order.after(&last),
            stopped => break stopped,
        }
    };
    let last = found
        .last()
        .filter(|_| found.len() as u64 >= limit)
        .cloned();
    let rows = read_whole(conn, tenant, found).await?;
    // One that has gone meanwhile must not look like the end.
    let is_short = (rows.len() as u64) < limit;
    Ok((rows, stopped.or(last.filter(|_| is_short))))
}

/// The rest of what is shown of these conversations, which stay where, and as, they were found: by them it
/// is gone on.
async fn read_whole(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    found: Vec<conversation::Model>,
) -> Result<Vec<Whole>, DbErr> {
    let (backend, ids) = (conn.get_database_backend(), found.iter().map(|row| row.id));
    let rows = conversation::Entity::rows_among(backend, tenant, Column::Id, ids);
    let rows = whole(tenant, rows).all(conn).await?;
    let mut rows: HashMap<_, _> = rows
        .into_iter()
        .map(|row| (row.conversation.id, row))
        .collect();
    let here = |conversation: conversation::Model| {
        let row = rows.remove(&conversation.id)?;
        Some(Whole {
            conversation,
            ..row
        })
    };
    Ok(found.into_iter().filter_map(here).collect())
}
