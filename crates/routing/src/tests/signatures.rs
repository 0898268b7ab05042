//! Which secrets count.

use test_db::on_both_databases;

use super::*;

const KEY_ID: &str = "webhooks_sharedkey_1";
const SHARED: &str = "a secret made at Twilio";

fn header(algorithm: &str) -> Option<String> {
    Some(format!("key={KEY_ID},algorithm={algorithm}"))
}

on_both_databases! {
    async fn both_tokens_count_while_one_is_replaced(db: TestDb) {
        let world = World::new(&db);
        let channel = world.channel(ACCOUNT, NUMBER, TOKEN).await;
        let credentials = CredentialsInput {
            auth_token: Patch::Set(OTHER_TOKEN.into()),
            ..CredentialsInput::default()
        };
        let credentials = Some(credentials);
        world.patch(&channel, ChannelPatch { credentials, ..ChannelPatch::default() }).await;
        let (old, new) =
            (Request::inbound(ACCOUNT, NUMBER, TOKEN), Request::inbound(ACCOUNT, NUMBER, OTHER_TOKEN));
        assert_eq!(world.routed(&new).await, [channel.id]);
        assert_eq!(world.routed(&old).await, [channel.id]);
        world.clock.advance(TimeDelta::hours(24));
        assert_eq!(world.routed(&new).await, [channel.id]);
        world.is_forbidden(&old).await;
    }

    async fn a_shared_key_signs_with_either_algorithm_and_the_token_no_longer_does(db: TestDb) {
        let world = World::new(&db);
        let channel = world.channel(ACCOUNT, NUMBER, TOKEN).await;
        world.share_a_key(&channel, KEY_ID, SHARED).await;
        let plain = Request::inbound(ACCOUNT, NUMBER, TOKEN);
        for (name, algorithm) in
            [("HMAC_SHA256", Algorithm::HmacSha256), ("HMAC_SHA1", Algorithm::HmacSha1)]
        {
            let request = Request { settings: header(name), ..plain.clone() };
            assert_eq!(world.routed(&request.clone().signed(SHARED, algorithm)).await, [channel.id]);
            assert_eq!(
                world.routed(&Request { settings: header(name), ..plain.clone().at(&channel, TOKEN) }
                    .signed(SHARED, algorithm)).await,
                [channel.id]
            );
            world.is_forbidden(&request.signed(TOKEN, algorithm)).await;
        }
        world.is_forbidden(&plain).await;
        world.is_forbidden(&plain.signed(SHARED, Algorithm::HmacSha1)).await;
    }

    async fn an_unknown_key_or_algorithm_is_refused(db: TestDb) {
        let world = World::new(&db);
        let channel = world.channel(ACCOUNT, NUMBER, TOKEN).await;
        let plain = Request::inbound(ACCOUNT, NUMBER, TOKEN);
        // The channel has no such key.
        let request = Request { settings: header("HMAC_SHA1"), ..plain.clone() };
        world.is_forbidden(&request).await;
        world.share_a_key(&channel, KEY_ID, SHARED).await;
        for settings in [
            "key=another,algorithm=HMAC_SHA1".to_owned(),
            format!("key={KEY_ID},algorithm=HMAC_MD5"),
            "algorithm=HMAC_SHA1".to_owned(),
        ] {
            let request = Request { settings: Some(settings), ..plain.clone() };
            world.is_forbidden(&request.clone().signed(SHARED, Algorithm::HmacSha1)).await;
            world.is_forbidden(&request).await;
        }
    }

    async fn another_tenants_shared_key_is_not_looked_at(db: TestDb) {
        let world = World::new(&db);
        let channel = world.channel(ACCOUNT, NUMBER, TOKEN).await;
        world.share_a_key(&channel, KEY_ID, SHARED).await;
        let other = world.channel(OTHER_ACCOUNT, OTHER_NUMBER, OTHER_TOKEN).await;
        let request = Request::inbound(OTHER_ACCOUNT, OTHER_NUMBER, TOKEN);
        let request = Request { settings: header("HMAC_SHA256"), ..request };
        world.is_forbidden(&request.clone().signed(SHARED, Algorithm::HmacSha256)).await;
        let at_channel = Request { settings: header("HMAC_SHA256"), ..request.at(&other, TOKEN) };
        world.is_forbidden(&at_channel.signed(SHARED, Algorithm::HmacSha256)).await;
    }

    async fn a_row_that_does_not_open_refuses_and_stands_in_nobodys_way(db: TestDb) {
        let world = World::new(&db);
        let broken = world.channel(ACCOUNT, NUMBER, OTHER_TOKEN).await;
        let owner = world.channel(ACCOUNT, NUMBER, TOKEN).await;
        let mut moved: channel::ActiveModel = broken.clone().into();
        moved.credentials = Set(owner.credentials.clone());
        moved.update(db.db().writer()).await.unwrap();
        assert_eq!(world.routed(&Request::inbound(ACCOUNT, NUMBER, TOKEN)).await, [owner.id]);
        let at_broken = Request::inbound(ACCOUNT, NUMBER, TOKEN).at(&broken, TOKEN);
        world.is_forbidden(&at_broken).await;
    }
}

#[test]
fn a_form_is_told_by_its_content_type() {
    for form in [
        None,
        Some(""),
        Some("application/x-www-form-urlencoded"),
        Some("Application/X-WWW-Form-Urlencoded ; charset=UTF-8"),
    ] {
        assert!(is_form(form), "{form:?}");
    }
    for other in [
        "application/json",
        "text/plain",
        "application/x-www-form-urlencoded-not",
    ] {
        assert!(!is_form(Some(other)), "{other}");
    }
}
