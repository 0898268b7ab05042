//! Every order of the inbox, page by page: none left out, none twice, wherever a page ends.

use chrono::{DateTime, Utc};
use entity::conversation::{self, Column};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QueryOrder, Set};
use test_db::{TestDb, on_both_databases};

use super::World;
use crate::threads::{self, Listed, Position, Sort, ThreadFilter, ThreadOrder};

/// Nine people, of whom every second waits and every third has something unread; times come twice.
async fn fill(world: &World<'_>) -> Vec<conversation::Model> {
    for n in 0..9 {
        let (sid, from) = (format!("SM{n}"), format!("+1415555010{n}"));
        let inbound = world.inbound(&sid, &from, "Hello Ann", &[]).await;
        world.receive(&[inbound]).await;
    }
    let conn = world.db.db().writer();
    let rows = conversation::Entity::find().order_by_asc(Column::Id);
    for (n, row) in (0_i64..).zip(rows.all(conn).await.unwrap()) {
        let at = |seconds| DateTime::from_timestamp(1_790_000_000 + seconds, 0);
        let mut row = row.into_active_model();
        row.waiting_since = Set(at(7 - n / 2).filter(|_| n % 2 == 0));
        row.unread_count = Set(i32::from(n % 3 == 0));
        row.last_message_at = Set(at(n % 4).unwrap());
        row.updated_at = Set(at(n % 5).unwrap());
        row.update(conn).await.unwrap();
    }
    conversation::Entity::find().all(conn).await.unwrap()
}

const FAR: DateTime<Utc> = DateTime::<Utc>::MAX_UTC;

/// The order as its words say it.
fn sorted(mut rows: Vec<conversation::Model>, sort: Sort) -> Vec<conversation::Model> {
    match sort {
        Sort::Newest => rows.sort_by_key(|row| (row.last_message_at, row.id)),
        Sort::Unread => {
            rows.sort_by_key(|row| (row.unread_count > 0, row.last_message_at, row.id));
        }
        Sort::Waiting => rows.sort_by_key(|row| (row.waiting_since.unwrap_or(FAR), row.id)),
    }
    if sort != Sort::Waiting {
        rows.reverse();
    }
    rows
}

/// All of a list, asked for in pages.
async fn pages(
    world: &World<'_>,
    filter: &ThreadFilter,
    limit: u64,
    first: ThreadOrder,
    on: impl Fn(&conversation::Model) -> ThreadOrder,
) -> Vec<conversation::Model> {
    let (mut all, mut order) = (Vec::new(), first);
    loop {
        let read = world.db.db().read();
        let page = threads::list(read, world.tenant, filter, order, limit).await;
        let Listed { rows, stopped } = page.unwrap();
        let rows: Vec<_> = rows.into_iter().map(|row| row.conversation).collect();
        let is_last = (rows.len() as u64) < limit && stopped.is_none();
        let end = stopped.or(rows.last().cloned());
        all.extend(rows);
        match end {
            Some(end) if !is_last => order = on(&end),
            _ => return all,
        }
    }
}

fn position(sort: Sort, row: &conversation::Model) -> ThreadOrder {
    let Position { rank, at, id } = sort.position(row);
    ThreadOrder::Inbox(sort, Some(Position { rank, at, id }))
}

on_both_databases! {
    async fn each_order_goes_on_where_a_page_ends(db: TestDb) {
        let world = World::new(&db).await;
        let rows = fill(&world).await;
        for sort in [Sort::Newest, Sort::Waiting, Sort::Unread] {
            for unread in [None, Some(true), Some(false)] {
                let wanted = |row: &conversation::Model| {
                    unread.is_none_or(|unread| unread == (row.unread_count > 0))
                };
                let expected = sorted(rows.iter().filter(|row| wanted(row)).cloned().collect(), sort);
                let filter = ThreadFilter { unread, ..ThreadFilter::default() };
                for limit in 1..=10 {
                    let first = ThreadOrder::Inbox(sort, None);
                    let found =
                        pages(&world, &filter, limit, first, |row| position(sort, row)).await;
                    assert_eq!(found, expected, "{sort:?}, unread: {unread:?}, by {limit}");
                }
            }
        }
    }

    async fn changes_go_on_where_a_page_ends(db: TestDb) {
        let world = World::new(&db).await;
        let mut expected = fill(&world).await;
        let since = DateTime::from_timestamp(1_790_000_001, 0).unwrap();
        expected.retain(|row| row.updated_at >= since);
        expected.sort_by_key(|row| (row.updated_at, row.id));
        let order = |after| ThreadOrder::Changed { since, after };
        for limit in 1..=10 {
            let on = |row: &conversation::Model| order(Some((row.updated_at, row.id)));
            let found = pages(&world, &ThreadFilter::default(), limit, order(None), on).await;
            assert_eq!(found, expected, "by {limit}");
        }
    }
}
