//! What a lookup costs does not depend on how many channels there are.

use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel, QueryTrait, Statement};
use test_db::on_both_databases;

use super::*;

/// Inserts copies of a channel, each for a tenant of its own.
pub(super) async fn insert_each_for_a_tenant(
    world: &World<'_>,
    copies: impl Iterator<Item = channel::Model>,
) {
    let conn = world.db.db().writer();
    let copies: Vec<_> = copies
        .map(|copy| channel::Model {
            tenant_id: TenantId::new(&world.clock),
            ..copy
        })
        .collect();
    let template = tenant::Entity::find().one(conn).await.unwrap().unwrap();
    let tenants = copies.iter().map(|copy| {
        let tenant = tenant::Model {
            id: copy.tenant_id,
            ..template.clone()
        };
        tenant.into_active_model().reset_all()
    });
    let tenants: Vec<_> = tenants.collect();
    let channels: Vec<_> = copies
        .into_iter()
        .map(|copy| copy.into_active_model().reset_all())
        .collect();
    for some in tenants.chunks(500) {
        let insert = tenant::Entity::insert_many(some.to_vec());
        insert.exec_without_returning(conn).await.unwrap();
    }
    for some in channels.chunks(500) {
        let insert = channel::Entity::insert_many(some.to_vec());
        insert.exec_without_returning(conn).await.unwrap();
    }
}

/// How the database would answer a query.
async fn plan(db: &TestDb, mut query: Statement) -> String {
    let (explain, column) = match query.db_backend {
        DbBackend::Postgres => ("EXPLAIN", "QUERY PLAN"),
        _ => ("EXPLAIN QUERY PLAN", "detail"),
    };
    query.sql = format!("{explain} {}", query.sql);
    let rows = db.db().read().query_all_raw(query).await.unwrap();
    let lines = rows
        .into_iter()
        .map(|row| row.try_get::<String>("", column).unwrap());
    lines.collect::<Vec<_>>().join("\n")
}

/// A channel among `count` others, each of another tenant, account and number.
async fn among(world: &World<'_>, count: usize) -> channel::Model {
    let channel = world.channel(ACCOUNT, NUMBER, TOKEN).await;
    let others = (0..count).map(|number| channel::Model {
        id: ChannelId::new(&world.clock),
        account_sid: format!("AC{number:032x}"),
        phone_number: format!("+1555{number:07}").parse().unwrap(),
        ..channel.clone()
    });
    insert_each_for_a_tenant(world, others).await;
    world
        .db
        .db()
        .writer()
        .execute_unprepared("ANALYZE")
        .await
        .unwrap();
    channel
}

/// How long the middle one of 300 webhooks takes.
async fn median(world: &World<'_>, request: &Request) -> Duration {
    let mut times = Vec::new();
    for _ in 0..300 {
        let start = Instant::now();
        world.route(request).await.unwrap();
        times.push(start.elapsed());
    }
    times.sort();
    times[150]
}

on_both_databases! {
    async fn candidates_are_found_by_index(db: TestDb) {
        let world = World::new(&db);
        let channel = among(&world, 2_000).await;
        let (backend, number) = (db.db().backend(), NUMBER.parse().unwrap());
        for query in [
            candidates::with_number(ACCOUNT, &number, None).build(backend),
            candidates::with_number(ACCOUNT, &number, Some(channel.id)).build(backend),
            candidates::of_account(ACCOUNT, None).build(backend),
        ] {
            let plan = plan(&db, query).await;
            assert!(plan.contains("channels_account_sid_phone_number"), "{plan}");
            assert!(!plan.contains("SCAN channels") && !plan.contains("Seq Scan"), "{plan}");
        }
        let routed = world.routed(&Request::inbound(ACCOUNT, NUMBER, TOKEN)).await;
        assert_eq!(routed, [channel.id]);
    }
    #[ignore = "a measurement, not fit for a busy machine"]
    async fn a_hundred_thousand_channels_cost_what_a_hundred_do(db: TestDb) {
        let text = Request::inbound(ACCOUNT, NUMBER, TOKEN);
        let status = Request::status(ACCOUNT, Some(NUMBER), TOKEN);
        let anonymous = Request::status(ACCOUNT, None, TOKEN);
        let few = TestDb::new(db.backend()).await;
        let (few, many) = (World::new(&few), World::new(&db));
        let among_few = among(&few, 100).await;
        let among_many = among(&many, 100_000).await;
        for request in [text.clone(), status, anonymous] {
            let (few, many) = (median(&few, &request).await, median(&many, &request).await);
            println!("{:?}: {few:?} among 100, {many:?} among 100,000", request.kind);
            assert!(many < few * 2, "{few:?}, {many:?}");
        }
        let (few, many) = (
            median(&few, &text.clone().at(&among_few, TOKEN)).await,
            median(&many, &text.at(&among_many, TOKEN)).await,
        );
        println!("by path: {few:?} among 100, {many:?} among 100,000");
        assert!(many < few * 2, "{few:?}, {many:?}");
    }
}
