//! Every order of the inbox, page by page: none left out, none twice, wherever a page ends.

use chrono::{DateTime, Utc};
use entity::conversation::{self, Column};
use entity::conversation_label;
use entity::id::{LabelId, UserId};
use entity::value::ConversationStatus;
use sea_orm::{ActiveModelTrait, DbBackend, EntityTrait, IntoActiveModel, QueryOrder, Set};
use test_db::{TestDb, copied_id, copy_row, on_both_databases};

use super::World;
use super::team::label;

use crate::threads::{self, Assigned, Listed, Position, Sort, ThreadFilter, ThreadOrder};

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

/// Whether a row is one that a filter is for.
type Wanted<'a> = dyn Fn(&conversation::Model) -> bool + 'a;

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

/// Two thousand conversations. Few are closed, all of them far from the beginning; most are pending, but
/// none near it. Who carries the label has a time until which it was snoozed.
async fn fill_much(world: &World<'_>, label: LabelId, user: UserId) -> Vec<conversation::Model> {
    world.texts("SM1", "Hello").await;
    let conn = world.db.db().writer();
    let one = conversation::Entity::find()
        .one(conn)
        .await
        .unwrap()
        .unwrap();
    let id = copied_id(conn.get_database_backend(), 1, "s.n");
    let at = |seconds: &str| match conn.get_database_backend() {
        DbBackend::Postgres => format!("t.created_at - ({seconds}) * interval '1 second'"),
        _ => format!(
            "strftime('%Y-%m-%dT%H:%M:%S', t.created_at, '-' || ({seconds}) || ' seconds') || '+00:00'"
        ),
    };
    let user_id = match conn.get_database_backend() {
        DbBackend::Postgres => format!("'{user}'::uuid"),
        _ => format!("unhex('{}')", user.0.simple()),
    };
    let differing = [
        ("id", id),
        ("remote_jid", "'sms_' || s.n".to_owned()),
        ("last_message_at", at("s.n / 3")),
        (
            "waiting_since",
            format!("CASE WHEN s.n % 7 = 0 THEN {} END", at("s.n % 100")),
        ),
        ("unread_count", "s.n % 3".to_owned()),
        (
            "status",
            "CASE WHEN s.n > 1500 AND s.n % 11 = 0 THEN 'closed' \
             WHEN s.n > 600 THEN 'pending' ELSE 'open' END"
                .to_owned(),
        ),
        (
            "assigned_user_id",
            format!("CASE WHEN s.n % 5 = 4 THEN {user_id} END"),
        ),
        (
            "snoozed_until",
            format!("CASE WHEN s.n > 700 THEN {} END", at("s.n")),
        ),
    ];
    let differing: Vec<_> = differing
        .iter()
        .map(|(name, sql)| (*name, &**sql))
        .collect();
    let copied = copy_row(conn, "conversations", ("id", one.id.0), 2000, &differing);
    copied.await.unwrap();
    let all = conversation::Entity::find().all(conn).await.unwrap();
    let carried = all.iter().filter(|row| row.snoozed_until.is_some());
    let carried: Vec<_> = carried
        .map(|row| conversation_label::Model {
            tenant_id: row.tenant_id,
            conversation_id: row.id,
            label_id: label,
        })
        .collect();
    db::each::insert_new(conn, &carried).await.unwrap();
    all
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

    async fn what_is_rare_is_found_however_far_it_is(db: TestDb) {
        let world = World::new(&db).await;
        let (made, user) = (world.make_label("VIP").await.unwrap(), UserId::new(&world.clock));
        let rows = fill_much(&world, made.id, user).await;
        let status = |status| ThreadFilter { status: Some(status), ..ThreadFilter::default() };
        let of = |assigned| ThreadFilter { assigned: Some(assigned), ..ThreadFilter::default() };
        let vip = ThreadFilter { label: Some(label("vip")), ..ThreadFilter::default() };
        let both = ThreadFilter { status: Some(ConversationStatus::Closed), ..vip.clone() };
        let closed = |row: &conversation::Model| row.status == ConversationStatus::Closed;
        let theirs = |row: &conversation::Model| row.assigned_user_id == Some(user);
        let is_vip = |row: &conversation::Model| row.snoozed_until.is_some();
        let lists: [(ThreadFilter, Box<Wanted<'_>>); 6] = [
            (status(ConversationStatus::Closed), Box::new(closed)),
            (status(ConversationStatus::Pending), Box::new(|row| row.status == ConversationStatus::Pending)),
            (of(Assigned::To(user)), Box::new(theirs)),
            (of(Assigned::Nobody), Box::new(move |row| !theirs(row))),
            (vip, Box::new(is_vip)),
            (both, Box::new(move |row| is_vip(row) && closed(row))),
        ];
        for (filter, wanted) in lists {
            for sort in [Sort::Newest, Sort::Waiting, Sort::Unread] {
                let wanted = rows.iter().filter(|row| wanted(row)).cloned().collect();
                let expected = sorted(wanted, sort);
                assert!(!expected.is_empty(), "{filter:?}");
                let first = ThreadOrder::Inbox(sort, None);
                let found = pages(&world, &filter, 200, first, |row| position(sort, row)).await;
                let ids = |rows: &[conversation::Model]| rows.iter().map(|row| row.id).collect::<Vec<_>>();
                assert_eq!(ids(&found), ids(&expected), "{filter:?}, {sort:?}");
            }
        }
    }
}
