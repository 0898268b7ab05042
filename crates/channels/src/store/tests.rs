use entity::value::ChannelMode;
use secrecy::ExposeSecret;
use serde_json::json;
use test_db::{TestDb, on_both_databases};

use events::Bell;

use super::*;
use crate::fixtures::{
    ACCOUNT, API_KEY, NUMBER, OTHER_ACCOUNT, OTHER_NUMBER, OTHER_TOKEN, TOKEN, clock, input, new,
    ring, tenant, text, with_number,
};
use crate::{CredentialsInput, MASK, Patch, SettingsPatch, masked, open};

/// A tenant with a database, for tests that need but one.
struct Fixture {
    clock: Clock,
    tenant: TenantId,
}

impl Fixture {
    async fn new(db: &TestDb) -> Self {
        let clock = clock();
        let tenant = tenant(db.db().writer(), &clock).await;
        Self { clock, tenant }
    }

    async fn create(&self, db: &TestDb, new: NewChannel) -> Result<channel::Model, Error> {
        let (tx, mut outbox) = (db.db().write_tx().await.unwrap(), Outbox::new());
        let made = create(
            &tx,
            &ring("a"),
            &self.clock,
            &mut outbox,
            self.tenant,
            None,
            new,
        )
        .await?;
        outbox
            .commit(tx, self.clock.now(), &Bell::default())
            .await?;
        Ok(made)
    }

    async fn update(
        &self,
        db: &TestDb,
        id: ChannelId,
        patch: ChannelPatch,
    ) -> Result<channel::Model, Error> {
        let (tx, mut outbox) = (db.db().write_tx().await.unwrap(), Outbox::new());
        let changed = update(
            &tx,
            &ring("a"),
            &self.clock,
            &mut outbox,
            self.tenant,
            id,
            patch,
        )
        .await?;
        outbox
            .commit(tx, self.clock.now(), &Bell::default())
            .await?;
        Ok(changed)
    }

    async fn delete(&self, db: &TestDb, id: ChannelId) -> Result<channel::Model, Error> {
        let (tx, mut outbox) = (db.db().write_tx().await.unwrap(), Outbox::new());
        let deleted = delete(&tx, &self.clock, &mut outbox, self.tenant, id).await?;
        outbox
            .commit(tx, self.clock.now(), &Bell::default())
            .await?;
        Ok(deleted)
    }

    async fn get(&self, db: &TestDb, id: ChannelId) -> channel::Model {
        get(db.db().read(), self.tenant, id).await.unwrap()
    }
}

fn credentials(patch: CredentialsInput) -> ChannelPatch {
    ChannelPatch {
        credentials: Some(patch),
        ..ChannelPatch::default()
    }
}

fn token(token: &str) -> ChannelPatch {
    credentials(CredentialsInput {
        auth_token: Patch::Set(token.into()),
        ..CredentialsInput::default()
    })
}

fn tokens(channel: &channel::Model, clock: &Clock) -> Vec<String> {
    let opened = open(&ring("a"), channel).unwrap();
    opened
        .tokens(clock.now())
        .map(|token| token.expose_secret().to_owned())
        .collect()
}

fn is_invalid<T: std::fmt::Debug>(result: Result<T, Error>, pointer: &str) {
    match result {
        Err(Error::Invalid(errors)) if errors.iter().any(|error| error.pointer == pointer) => {}
        other => panic!("{pointer}: {other:?}"),
    }
}

on_both_databases! {
    async fn a_channel_reads_back_as_it_was_made(db: TestDb) {
        let fixture = Fixture::new(&db).await;
        let made = fixture.create(&db, with_number("(555) 123-4567")).await.unwrap();
        assert_eq!(fixture.get(&db, made.id).await, made);
        assert_eq!(made.phone_number.as_str(), NUMBER);
        assert_eq!(made.account_sid, ACCOUNT);
        assert_eq!((made.key_id.as_str(), made.version), ("a", 1));
        assert_eq!(tokens(&made, &fixture.clock), [TOKEN]);
        assert!(!format!("{made:?}").contains(TOKEN));
    }

    async fn every_mistake_of_a_new_channel_is_told_at_once(db: TestDb) {
        let fixture = Fixture::new(&db).await;
        let wrong = NewChannel {
            name: " \n".to_owned(),
            settings: SettingsPatch { messages_per_second: Patch::Set(0.0), ..SettingsPatch::default() },
            credentials: CredentialsInput::default(),
            ..with_number(NUMBER)
        };
        let Err(Error::Invalid(errors)) = fixture.create(&db, wrong).await else { panic!() };
        let pointers: Vec<_> = errors.iter().map(|error| error.pointer.as_ref()).collect();
        assert_eq!(pointers, [
            "/name",
            "/settings/messages_per_second",
            "/credentials/accountSid",
            "/credentials/phoneNumber",
            "/credentials/authToken",
        ]);
    }

    async fn the_same_account_and_number_again_is_a_duplicate(db: TestDb) {
        let fixture = Fixture::new(&db).await;
        fixture.create(&db, with_number(NUMBER)).await.unwrap();
        let again = fixture.create(&db, with_number("555 123 4567")).await;
        assert!(matches!(again, Err(Error::Duplicate)), "{again:?}");
        fixture.create(&db, with_number(OTHER_NUMBER)).await.unwrap();
        let other_account = CredentialsInput { account_sid: text(OTHER_ACCOUNT), ..input() };
        fixture.create(&db, new(other_account)).await.unwrap();
    }

    async fn the_database_itself_refuses_a_duplicate(db: TestDb) {
        let fixture = Fixture::new(&db).await;
        let made = fixture.create(&db, with_number(NUMBER)).await.unwrap();
        let mut again = made.into_active_model().reset_all();
        again.id = Set(ChannelId::new(&fixture.clock));
        let error: Error = again.insert(db.db().writer()).await.unwrap_err().into();
        assert!(matches!(error, Error::Duplicate), "{error:?}");
    }

    async fn another_tenant_with_the_very_token_is_refused_and_a_squatter_is_not(db: TestDb) {
        let squatter = Fixture::new(&db).await;
        let wrong = CredentialsInput { auth_token: Patch::Set(OTHER_TOKEN.into()), ..input() };
        squatter.create(&db, new(wrong)).await.unwrap();
        let owner = Fixture::new(&db).await;
        let channel = owner.create(&db, with_number(NUMBER)).await.unwrap();

        let third = Fixture::new(&db).await;
        let claimed = third.create(&db, with_number(NUMBER)).await;
        assert!(matches!(claimed, Err(Error::ClaimedElsewhere)), "{claimed:?}");
        let id = third.create(&db, with_number(OTHER_NUMBER)).await.unwrap().id;
        let number = CredentialsInput { phone_number: text(NUMBER), ..CredentialsInput::default() };
        let claimed = third.update(&db, id, credentials(number)).await;
        assert!(matches!(claimed, Err(Error::ClaimedElsewhere)), "{claimed:?}");

        owner.delete(&db, channel.id).await.unwrap();
        third.create(&db, with_number(NUMBER)).await.unwrap();
    }

    async fn the_first_channel_is_the_default_and_there_is_never_a_second(db: TestDb) {
        let fixture = Fixture::new(&db).await;
        let first = fixture.create(&db, with_number(NUMBER)).await.unwrap();
        let second = fixture.create(&db, with_number(OTHER_NUMBER)).await.unwrap();
        assert!(first.is_default && !second.is_default);
        let wanted = NewChannel { is_default: true, ..with_number("+15551234569") };
        let third = fixture.create(&db, wanted).await.unwrap();
        assert!(third.is_default && !fixture.get(&db, first.id).await.is_default);
        let patch = ChannelPatch { is_default: Some(true), ..ChannelPatch::default() };
        fixture.update(&db, second.id, patch).await.unwrap();
        let defaults: Vec<_> = list(db.db().read(), fixture.tenant, None, 10).await.unwrap()
            .into_iter().filter(|channel| channel.is_default).map(|channel| channel.id).collect();
        assert_eq!(defaults, [second.id]);
    }

    async fn the_default_channel_is_one_that_sends(db: TestDb) {
        let fixture = Fixture::new(&db).await;
        let default = async || default_channel(db.db().read(), fixture.tenant).await.unwrap().map(|c| c.id);
        assert_eq!(default().await, None);
        let first = fixture.create(&db, with_number(NUMBER)).await.unwrap();
        let second = fixture.create(&db, with_number(OTHER_NUMBER)).await.unwrap();
        assert_eq!(default().await, Some(first.id));
        let patch = ChannelPatch { status: Some(ChannelStatus::Inactive), ..ChannelPatch::default() };
        fixture.update(&db, first.id, patch).await.unwrap();
        assert_eq!(default().await, None);
        fixture.delete(&db, first.id).await.unwrap();
        assert_eq!(default().await, Some(second.id));
    }

    async fn a_deleted_channel_is_gone_with_its_secrets_and_comes_back_under_its_id(db: TestDb) {
        let fixture = Fixture::new(&db).await;
        let made = fixture.create(&db, with_number(NUMBER)).await.unwrap();
        let deleted = fixture.delete(&db, made.id).await.unwrap();
        assert_eq!(deleted.status, ChannelStatus::Inactive);
        assert_eq!(deleted.credentials, json!({"accountSid": ACCOUNT, "phoneNumber": NUMBER}));
        assert!(matches!(open(&ring("a"), &deleted), Err(OpenError::Wiped)));
        assert!(sealed_key_ids(db.db().read()).await.unwrap().is_empty());
        let found = get(db.db().read(), fixture.tenant, made.id).await;
        assert!(matches!(found, Err(Error::NotFound)), "{found:?}");
        assert!(matches!(fixture.delete(&db, made.id).await, Err(Error::NotFound)));
        let update = fixture.update(&db, made.id, token(TOKEN)).await;
        assert!(matches!(update, Err(Error::NotFound)), "{update:?}");

        let revived = fixture.create(&db, NewChannel { name: "Back".to_owned(), ..with_number(NUMBER) }).await.unwrap();
        assert_eq!((revived.id, revived.created_at), (made.id, made.created_at));
        assert_eq!((revived.name.as_str(), revived.deleted_at), ("Back", None));
        assert!(revived.is_default && revived.version > deleted.version);
        assert_eq!(tokens(&revived, &fixture.clock), [TOKEN]);
    }

    async fn another_tenants_channel_is_not_there(db: TestDb) {
        let (owner, other) = (Fixture::new(&db).await, Fixture::new(&db).await);
        let id = owner.create(&db, with_number(NUMBER)).await.unwrap().id;
        let found = get(db.db().read(), other.tenant, id).await;
        assert!(matches!(found, Err(Error::NotFound)), "{found:?}");
        assert!(matches!(other.update(&db, id, token(TOKEN)).await, Err(Error::NotFound)));
        assert!(matches!(other.delete(&db, id).await, Err(Error::NotFound)));
        assert!(list(db.db().read(), other.tenant, None, 10).await.unwrap().is_empty());
    }

    async fn the_list_goes_on_after_an_id(db: TestDb) {
        let fixture = Fixture::new(&db).await;
        let mut ids = Vec::new();
        for last in 0..5 {
            ids.push(fixture.create(&db, with_number(&format!("+1555123456{last}"))).await.unwrap().id);
        }
        fixture.delete(&db, ids.remove(2)).await.unwrap();
        let page = async |after, limit| -> Vec<_> {
            let page = list(db.db().read(), fixture.tenant, after, limit).await.unwrap();
            page.into_iter().map(|channel| channel.id).collect()
        };
        assert_eq!(page(None, 3).await, ids[..3]);
        assert_eq!(page(Some(ids[2]), 3).await, ids[3..]);
    }

    async fn the_mask_sent_back_writes_nothing(db: TestDb) {
        let fixture = Fixture::new(&db).await;
        let with_key = CredentialsInput {
            api_key_sid: text(API_KEY),
            api_key_secret: Patch::Set("keysecret".into()),
            ..input()
        };
        let made = fixture.create(&db, new(with_key)).await.unwrap();
        let shown = serde_json::to_value(masked(&made).unwrap()).unwrap();
        assert_eq!(shown, json!({
            "accountSid": ACCOUNT,
            "authToken": MASK,
            "phoneNumber": NUMBER,
            "apiKeySid": API_KEY,
            "apiKeySecret": MASK,
        }));
        fixture.clock.advance(chrono::TimeDelta::minutes(1));
        let patch = ChannelPatch {
            name: Some(made.name.clone()),
            ..credentials(serde_json::from_value(shown).unwrap())
        };
        assert_eq!(fixture.update(&db, made.id, patch).await.unwrap(), made);
        assert_eq!(fixture.get(&db, made.id).await, made);
    }

    async fn a_new_token_leaves_the_old_one_for_a_day(db: TestDb) {
        let fixture = Fixture::new(&db).await;
        let made = fixture.create(&db, with_number(NUMBER)).await.unwrap();
        let changed = fixture.update(&db, made.id, token(OTHER_TOKEN)).await.unwrap();
        assert_eq!((changed.version, changed.id), (made.version + 1, made.id));
        assert_eq!(tokens(&changed, &fixture.clock), [OTHER_TOKEN, TOKEN]);
        // Other changes leave it there.
        let number = CredentialsInput { phone_number: text(OTHER_NUMBER), ..CredentialsInput::default() };
        let changed = fixture.update(&db, made.id, credentials(number)).await.unwrap();
        assert_eq!(tokens(&changed, &fixture.clock), [OTHER_TOKEN, TOKEN]);
        fixture.clock.advance(OLD_TOKEN_VALID_FOR);
        assert_eq!(tokens(&changed, &fixture.clock), [OTHER_TOKEN]);
    }

    async fn a_number_that_the_tenant_has_already_is_a_duplicate_in_a_change_too(db: TestDb) {
        let fixture = Fixture::new(&db).await;
        fixture.create(&db, with_number(NUMBER)).await.unwrap();
        let second = fixture.create(&db, with_number(OTHER_NUMBER)).await.unwrap();
        let number = CredentialsInput { phone_number: text(NUMBER), ..CredentialsInput::default() };
        let changed = fixture.update(&db, second.id, credentials(number)).await;
        assert!(matches!(changed, Err(Error::Duplicate)), "{changed:?}");
        assert_eq!(fixture.get(&db, second.id).await, second);
    }

    async fn a_change_of_account_moves_the_columns_that_routing_looks_at(db: TestDb) {
        let fixture = Fixture::new(&db).await;
        let made = fixture.create(&db, with_number(NUMBER)).await.unwrap();
        let patch = CredentialsInput {
            account_sid: text(OTHER_ACCOUNT),
            auth_token: Patch::Set(OTHER_TOKEN.into()),
            phone_number: text(OTHER_NUMBER),
            ..CredentialsInput::default()
        };
        let changed = fixture.update(&db, made.id, credentials(patch)).await.unwrap();
        assert_eq!(changed.account_sid, OTHER_ACCOUNT);
        assert_eq!(changed.phone_number.as_str(), OTHER_NUMBER);
        assert_eq!(tokens(&changed, &fixture.clock), [OTHER_TOKEN]);
    }

    async fn name_status_mode_and_settings_change_one_by_one(db: TestDb) {
        let fixture = Fixture::new(&db).await;
        let made = fixture.create(&db, with_number(NUMBER)).await.unwrap();
        let patch: ChannelPatch = serde_json::from_value(json!({
            "name": " Reception ", "mode": "trial", "settings": {"messages_per_second": 2.5},
        })).unwrap();
        let changed = fixture.update(&db, made.id, patch).await.unwrap();
        assert_eq!((changed.name.as_str(), changed.mode), ("Reception", ChannelMode::Trial));
        assert_eq!(changed.settings.messages_per_second, Some(2.5));
        let patch = json!({"status": "connected", "settings": {"delete_media_at_twilio": true}});
        let changed = fixture.update(&db, made.id, serde_json::from_value(patch).unwrap()).await.unwrap();
        assert_eq!(changed.settings.messages_per_second, Some(2.5));
        assert_eq!((changed.status, changed.mode), (ChannelStatus::Connected, ChannelMode::Trial));
        let patch = json!({"settings": {"messages_per_second": null}});
        let changed = fixture.update(&db, made.id, serde_json::from_value(patch).unwrap()).await.unwrap();
        assert_eq!(changed.settings.messages_per_second, None);
        for pace in [0.0, -1.0, 1000.5, f64::NAN, f64::INFINITY] {
            let settings = SettingsPatch { messages_per_second: Patch::Set(pace), ..SettingsPatch::default() };
            let patch = ChannelPatch { settings: Some(settings), ..ChannelPatch::default() };
            is_invalid(fixture.update(&db, made.id, patch).await, "/settings/messages_per_second");
        }
        let patch = ChannelPatch { name: Some("a\0b".to_owned()), ..ChannelPatch::default() };
        is_invalid(fixture.update(&db, made.id, patch).await, "/name");
    }

    async fn two_first_channels_at_once_leave_one_default(db: TestDb) {
        let fixture = Fixture::new(&db).await;
        let (one, two) = tokio::join!(
            fixture.create(&db, with_number(NUMBER)),
            fixture.create(&db, with_number(OTHER_NUMBER)),
        );
        assert!(one.unwrap().is_default != two.unwrap().is_default);
    }

    async fn a_planned_channel_gets_the_id_that_was_planned(db: TestDb) {
        let fixture = Fixture::new(&db).await;
        let plan = async |new: &NewChannel| {
            plan_create(db.db().read(), &ring("a"), &fixture.clock, fixture.tenant, new).await
        };
        let mut new = with_number(NUMBER);
        let planned = plan(&new).await.unwrap();
        assert_eq!(planned.credentials.phone_number().as_str(), NUMBER);
        assert!(list(db.db().read(), fixture.tenant, None, 1).await.unwrap().is_empty());
        new.id = Some(planned.id);
        let made = fixture.create(&db, new).await.unwrap();
        assert_eq!(made.id, planned.id);
        let again = plan(&with_number(NUMBER)).await;
        assert!(matches!(again, Err(Error::Duplicate)), "{again:?}");
        fixture.delete(&db, made.id).await.unwrap();
        assert_eq!(plan(&with_number(NUMBER)).await.unwrap().id, made.id);
    }

    async fn a_change_is_planned_only_where_twilio_is_to_be_asked(db: TestDb) {
        let fixture = Fixture::new(&db).await;
        let id = fixture.create(&db, with_number(NUMBER)).await.unwrap().id;
        let plan = async |patch: &ChannelPatch| {
            plan_update(db.db().read(), &ring("a"), fixture.tenant, id, patch).await.unwrap()
        };
        assert!(plan(&token(OTHER_TOKEN)).await.is_none());
        let connected =
            ChannelPatch { status: Some(ChannelStatus::Connected), ..ChannelPatch::default() };
        assert_eq!(plan(&connected).await.unwrap().id, id);
        fixture.update(&db, id, connected.clone()).await.unwrap();
        assert!(plan(&connected).await.is_none());
        assert!(plan(&token(TOKEN)).await.is_none());
        let planned = plan(&token(OTHER_TOKEN)).await.unwrap();
        assert!(planned.credentials.has_token(&OTHER_TOKEN.into()));
    }
}
