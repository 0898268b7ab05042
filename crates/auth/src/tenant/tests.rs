use chrono::TimeDelta;
use test_db::{TestDb, on_both_databases};

use super::*;
use crate::field::Invalid;
use crate::testing::{assert_matches, clock, tenant_of};

fn hours(start: &str, end: &str) -> QuietHours {
    QuietHours {
        enabled: true,
        start: start.to_owned(),
        end: end.to_owned(),
    }
}

fn from_to(start: &str, end: &str) -> QuietHoursChange {
    QuietHoursChange {
        enabled: None,
        start: Some(start.to_owned()),
        end: Some(end.to_owned()),
    }
}

on_both_databases! {
    async fn changes_made_at_once_all_count(db: TestDb) {
        let (db, clock) = (db.db(), clock());
        let tenant = tenant_of(db, &clock, "ana@example.com").await.tenant.id;
        let change = async |hours| {
            let tx = db.write_tx().await.unwrap();
            let quiet_hours = Some(hours);
            let change = Change { quiet_hours, ..Change::default() };
            update(&tx, &clock, tenant, change).await.unwrap();
            tx.commit().await.unwrap();
        };
        let start = QuietHoursChange { start: Some("20:00".to_owned()), ..Default::default() };
        let end = QuietHoursChange { end: Some("09:30".to_owned()), ..Default::default() };

        tokio::join!(change(start), change(end));

        let present = get(db.read(), tenant).await.unwrap().quiet_hours;
        assert_eq!((present.start.as_str(), present.end.as_str()), ("20:00", "09:30"));
    }

    async fn only_what_is_named_changes(db: TestDb) {
        let (db, clock) = (db.db(), clock());
        let before = tenant_of(db, &clock, "ana@example.com").await.tenant;
        let other = tenant_of(db, &clock, "bob@example.com").await.tenant;
        clock.advance(TimeDelta::seconds(1));
        let change = Change {
            default_country: Some("br".to_owned()),
            timezone: Some("America/Sao_Paulo".to_owned()),
            quiet_hours: Some(from_to("22:30", "07:00")),
            ..Change::default()
        };
        let after = update(db.writer(), &clock, before.id, change).await.unwrap();
        assert_eq!(after.name, before.name);
        assert_eq!(after.default_country, "BR");
        assert_eq!(after.timezone, "America/Sao_Paulo");
        assert_eq!(after.quiet_hours, hours("22:30", "07:00"));
        assert_eq!(after.updated_at, clock.now());
        assert_eq!(get(db.read(), before.id).await.unwrap(), after);
        assert_eq!(get(db.read(), other.id).await.unwrap(), other);
    }

    async fn what_can_t_be_is_refused_field_by_field(db: TestDb) {
        let (db, clock) = (db.db(), clock());
        let tenant = tenant_of(db, &clock, "ana@example.com").await.tenant;
        let change = Change {
            name: Some("Casa\nVerde".to_owned()),
            timezone: Some("UTC+3".to_owned()),
            quiet_hours: Some(from_to("9:05", "24:00")),
            ..Change::default()
        };
        let Err(Error::Invalid(mistakes)) = update(db.writer(), &clock, tenant.id, change).await else {
            panic!("it was taken");
        };
        let invalid = |field, problem| Invalid { field, problem };
        assert_eq!(
            mistakes,
            [
                invalid("name", Problem::ControlCharacter),
                invalid("timezone", Problem::TimeZone),
                invalid("quiet_hours/start", Problem::TimeOfDay),
                invalid("quiet_hours/end", Problem::TimeOfDay),
            ]
        );
        let nobody = TenantId::new(&clock);
        let result = update(db.writer(), &clock, nobody, Change::default()).await;
        assert_matches!(result, Err(Error::NotFound));
    }
}
