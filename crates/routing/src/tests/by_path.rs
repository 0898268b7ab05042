//! The URLs of single channels: the path names the channel, and nothing else finds one.

use test_db::on_both_databases;

use super::*;

on_both_databases! {
    async fn a_webhook_goes_to_the_channel_in_its_url(db: TestDb) {
        let world = World::new(&db);
        let channel = world.channel(ACCOUNT, NUMBER, TOKEN).await;
        let text = Request::inbound(ACCOUNT, NUMBER, TOKEN).at(&channel, TOKEN);
        assert_eq!(world.routed(&text).await, [channel.id]);
        let status = Request::status(ACCOUNT, Some(NUMBER), TOKEN).at(&channel, TOKEN);
        assert_eq!(world.routed(&status).await, [channel.id]);
        let of_a_pool = Request::status(ACCOUNT, Some("+15550000000"), TOKEN).at(&channel, TOKEN);
        assert_eq!(world.routed(&of_a_pool).await, [channel.id]);
    }

    async fn another_tenants_valid_signature_is_worth_nothing_here(db: TestDb) {
        let world = World::new(&db);
        let channel = world.channel(ACCOUNT, NUMBER, TOKEN).await;
        world.channel(OTHER_ACCOUNT, OTHER_NUMBER, OTHER_TOKEN).await;
        for request in [
            Request::inbound(OTHER_ACCOUNT, OTHER_NUMBER, OTHER_TOKEN),
            Request::inbound(OTHER_ACCOUNT, NUMBER, OTHER_TOKEN),
            Request::inbound(ACCOUNT, NUMBER, OTHER_TOKEN),
            Request::status(OTHER_ACCOUNT, Some(NUMBER), OTHER_TOKEN),
            Request::status(ACCOUNT, Some(NUMBER), OTHER_TOKEN),
        ] {
            world.is_forbidden(&request.at(&channel, OTHER_TOKEN)).await;
        }
    }

    async fn the_account_must_be_named_and_be_the_channels(db: TestDb) {
        let world = World::new(&db);
        let channel = world.channel(ACCOUNT, NUMBER, TOKEN).await;
        let other = Request::inbound(OTHER_ACCOUNT, NUMBER, TOKEN).at(&channel, TOKEN);
        world.is_forbidden(&other).await;
        let fields = [("MessageSid", "SM1"), ("From", CUSTOMER), ("To", NUMBER)];
        let unnamed = Request::new(Kind::Inbound, "https://x", &fields, TOKEN);
        world.is_forbidden(&unnamed.at(&channel, TOKEN)).await;
    }

    async fn a_text_to_another_number_of_the_tenant_goes_to_that_channel(db: TestDb) {
        let world = World::new(&db);
        let first = world.channel(ACCOUNT, NUMBER, TOKEN).await;
        let second = world.channel_of(first.tenant_id, ACCOUNT, OTHER_NUMBER, TOKEN).await;
        let text = Request::inbound(ACCOUNT, OTHER_NUMBER, TOKEN).at(&first, TOKEN);
        assert_eq!(world.routed(&text).await, [second.id]);
        world.deactivate(&second).await;
        world.is_forbidden(&text).await;
    }

    async fn a_text_to_a_number_that_the_tenant_has_not_is_refused_with_a_service_or_without(db: TestDb) {
        let world = World::new(&db);
        let channel = world.channel(ACCOUNT, NUMBER, TOKEN).await;
        world.channel(ACCOUNT, OTHER_NUMBER, TOKEN).await;
        world.channel_of(channel.tenant_id, OTHER_ACCOUNT, OTHER_NUMBER, TOKEN).await;
        let mut request = Request::inbound(ACCOUNT, OTHER_NUMBER, TOKEN);
        world.is_forbidden(&request.clone().at(&channel, TOKEN)).await;
        request.body += "&MessagingServiceSid=MG0123456789abcdef0123456789abcdef";
        world.is_forbidden(&request.at(&channel, TOKEN)).await;
    }

    async fn inactive_unknown_and_deleted_channels_are_refused_alike(db: TestDb) {
        let world = World::new(&db);
        let channel = world.channel(ACCOUNT, NUMBER, TOKEN).await;
        let text = Request::inbound(ACCOUNT, NUMBER, TOKEN).at(&channel, TOKEN);
        let status = Request::status(ACCOUNT, Some(NUMBER), TOKEN).at(&channel, TOKEN);
        let unknown = channel::Model { id: ChannelId::new(&world.clock), ..channel.clone() };
        world.is_forbidden(&text.clone().at(&unknown, TOKEN)).await;
        world.deactivate(&channel).await;
        world.is_forbidden(&text).await;
        assert_eq!(world.routed(&status).await, [channel.id]);
        world.delete(&channel).await;
        world.is_forbidden(&text).await;
        world.is_forbidden(&status).await;
    }

    async fn a_genuine_body_that_is_no_form_is_malformed_and_a_forged_one_forbidden(db: TestDb) {
        // SHA-256 of `{"a":1}`.
        let digest = "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862";
        let world = World::new(&db);
        let channel = world.channel(ACCOUNT, NUMBER, TOKEN).await;
        let url = format!("https://sms.example.com/x?bodySHA256={digest}");
        let sign = |token: &str| {
            Some(compute(&url, Body::Empty, &token.into(), Algorithm::HmacSha1))
        };
        let request = Request {
            channel: Some(channel.id),
            body: r#"{"a":1}"#.to_owned(),
            content_type: Some("application/json".to_owned()),
            signature: sign(TOKEN),
            url: url.clone(),
            ..Request::inbound(ACCOUNT, NUMBER, TOKEN)
        };
        let result = world.route(&request).await;
        assert!(matches!(result, Err(Error::Malformed)), "{result:?}");
        for forged in [
            Request { signature: sign(OTHER_TOKEN), ..request.clone() },
            Request { body: r#"{"a":2}"#.to_owned(), ..request.clone() },
            Request { channel: None, ..request },
        ] {
            world.is_forbidden(&forged).await;
        }
    }
}
