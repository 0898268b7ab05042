//! Steps go up and down again, and what was there is there afterwards.
#![cfg(test)]

use db::{Db, Options};
use migrations::Migrator;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use sea_orm_migration::MigratorTrait;
use test_db::{Backend, Scratch};
use uuid::Uuid;

const TENANT: u128 = 1;
const NEIGHBOUR: u128 = 2;

/// Runs `body` on a blank database of either kind.
async fn on_both(body: impl AsyncFn(&Db)) {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let scratch = Scratch::blank(backend).await.unwrap();
        let db = Db::connect(&Options::new(scratch.url())).await.unwrap();
        body(&db).await;
    }
}

async fn run(db: &Db, sql: &str, ids: &[u128]) {
    let ids = ids.iter().map(|id| Uuid::from_u128(*id).into());
    let statement = Statement::from_sql_and_values(db.backend(), sql, ids);
    db.writer().execute_raw(statement).await.unwrap();
}

/// One text of each row.
async fn texts(db: &Db, sql: &str) -> Vec<String> {
    let statement = Statement::from_string(db.backend(), sql);
    let rows = db.read().query_all_raw(statement).await.unwrap();
    let text = |row: &sea_orm::QueryResult| row.try_get_by_index(0).unwrap();
    rows.iter().map(text).collect()
}

/// A tenant with a lead on a channel.
async fn tenant(db: &Db, id: u128) {
    let now = "'2026-01-01 00:00:00+00:00'";
    for sql in [
        format!("INSERT INTO tenants VALUES ($1, 'T', 'US', 'UTC', '{{}}', {now}, {now})"),
        format!(
            "INSERT INTO leads (id, tenant_id, source, status, tags, sms_enabled, sms_opt_out, \
             created_at, updated_at) VALUES ($1, $1, 'sms', 'new', '[]', false, false, {now}, {now})"
        ),
        format!(
            "INSERT INTO channels (id, tenant_id, type, name, status, mode, is_default, \
             phone_number, account_sid, credentials, key_id, settings, version, created_at, \
             updated_at) VALUES ($1, $1, 'twilio_sms', 'C', 'active', 'production', false, \
             '+15551234567', 'AC', '{{}}', 'a', '{{}}', 1, {now}, {now})"
        ),
    ] {
        run(db, &sql, &[id]).await;
    }
}

async fn conversation(db: &Db, tenant: u128, id: u128, labels: &str) {
    let now = "'2026-01-01 00:00:00+00:00'";
    let sql = format!(
        "INSERT INTO conversations (id, tenant_id, channel_id, lead_id, remote_jid, \
         remote_address, status, control, unread_count, priority, labels, last_message_at, \
         created_at, updated_at) VALUES ($1, $2, $2, $2, '{id}', '{id}', 'open', 'ai', 0, \
         'normal', '{labels}', {now}, {now}, {now})"
    );
    run(db, &sql, &[id, tenant]).await;
}

/// `tenant: label: number of the conversation`, sorted.
async fn carried(db: &Db) -> Vec<String> {
    let last = |column: &str| match db.backend() {
        DbBackend::Postgres => format!("right({column}::text, 2)"),
        _ => format!("substr(lower(hex({column})), -2)"),
    };
    let (tenant, conversation) = (last("labels.tenant_id"), last("conversation_id"));
    let mut rows = texts(
        db,
        &format!(
            "SELECT {tenant} || ': ' || name || ': ' || {conversation} FROM labels \
             JOIN conversation_labels ON conversation_labels.tenant_id = labels.tenant_id \
               AND label_id = labels.id"
        ),
    )
    .await;
    rows.sort();
    rows
}

#[tokio::test]
async fn every_step_goes_down_and_up_again() {
    on_both(async |db| {
        migrations::up(db.writer()).await.unwrap();
        Migrator::down(db.writer(), None).await.unwrap();
        migrations::up(db.writer()).await.unwrap();
        assert!(!migrations::pending(db.read()).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn labels_in_lists_become_rows_and_lists_again() {
    on_both(async |db| {
        Migrator::up(db.writer(), Some(8)).await.unwrap();
        tenant(db, TENANT).await;
        tenant(db, NEIGHBOUR).await;
        conversation(db, TENANT, 17, r#"["VIP", "Straße", "vip"]"#).await;
        conversation(db, TENANT, 18, "[]").await;
        conversation(db, TENANT, 19, r#"["STRASSE"]"#).await;
        conversation(db, NEIGHBOUR, 20, r#"["vip"]"#).await;

        Migrator::up(db.writer(), Some(1)).await.unwrap();
        let expected = [
            "01: Straße: 11",
            "01: Straße: 13",
            "01: VIP: 11",
            "02: vip: 14",
        ];
        assert_eq!(carried(db).await, expected);
        let folded = texts(db, "SELECT folded FROM labels ORDER BY folded").await;
        assert_eq!(folded, ["strasse", "vip", "vip"]);

        Migrator::down(db.writer(), Some(1)).await.unwrap();
        let lists = "SELECT CAST(labels AS text) FROM conversations ORDER BY id";
        let lists = texts(db, lists).await;
        let lists: Vec<_> = lists.iter().map(|list| list.replace(' ', "")).collect();
        assert_eq!(
            lists,
            [r#"["Straße","VIP"]"#, "[]", r#"["Straße"]"#, r#"["vip"]"#]
        );
        Migrator::up(db.writer(), Some(1)).await.unwrap();
        assert_eq!(carried(db).await, expected);
    })
    .await;
}

/// Keys by which rows go with others, and for which no index begins with their columns: each row that
/// goes would have the whole table read. Lanes and users go once in a while.
const WITHOUT_INDEX: &str = "\
    SELECT conrelid::regclass::text || ': ' || conname FROM pg_constraint AS key \
    WHERE contype = 'f' \
    AND conname NOT IN ('lane_entries_lane_id_fkey', 'sessions_user_id_fkey') AND NOT EXISTS ( \
        SELECT 1 FROM pg_index WHERE indrelid = conrelid AND indpred IS NULL \
            AND (indkey::int2[])[0:cardinality(conkey) - 1] @> conkey)";

#[tokio::test]
async fn what_goes_with_others_is_found_by_an_index() {
    let scratch = Scratch::blank(Backend::Postgres).await.unwrap();
    let db = Db::connect(&Options::new(scratch.url())).await.unwrap();
    migrations::up(db.writer()).await.unwrap();
    assert_eq!(texts(&db, WITHOUT_INDEX).await, [""; 0]);
}
