//! The URLs that all channels share: account and number find the candidates.

use test_db::on_both_databases;

use super::*;

on_both_databases! {
    async fn a_text_goes_to_the_channel_with_its_account_and_number(db: TestDb) {
        let world = World::new(&db);
        let channel = world.channel(ACCOUNT, NUMBER, TOKEN).await;
        world.channel(OTHER_ACCOUNT, NUMBER, OTHER_TOKEN).await;
        world.channel(ACCOUNT, OTHER_NUMBER, TOKEN).await;
        let routed = world.route(&Request::inbound(ACCOUNT, NUMBER, TOKEN)).await.unwrap();
        assert_eq!(routed.kind(), Kind::Inbound);
        assert_eq!((&**routed.channel(), routed.channels().len()), (&channel, 1));
        assert_eq!(routed.form().get("From"), Some(CUSTOMER));
        assert!(!format!("{routed:?}").contains(CUSTOMER));
    }

    async fn whatever_is_wrong_the_answer_is_the_same(db: TestDb) {
        let world = World::new(&db);
        world.channel(ACCOUNT, NUMBER, TOKEN).await;
        world.channel(OTHER_ACCOUNT, OTHER_NUMBER, OTHER_TOKEN).await;
        let good = Request::inbound(ACCOUNT, NUMBER, TOKEN);
        for request in [
            Request { signature: None, ..good.clone() },
            Request { signature: Some(String::new()), ..good.clone() },
            Request { body: format!("{}&x=1", good.body), ..good.clone() },
            Request { url: format!("{}?x=1", good.url), ..good.clone() },
            Request { body: String::new(), ..good.clone() }.signed(TOKEN, Algorithm::HmacSha1),
            Request::inbound(ACCOUNT, NUMBER, OTHER_TOKEN),
            Request::inbound(ACCOUNT, OTHER_NUMBER, TOKEN),
            Request::inbound(ACCOUNT, OTHER_NUMBER, OTHER_TOKEN),
            Request::inbound(OTHER_ACCOUNT, NUMBER, OTHER_TOKEN),
            Request::inbound(ACCOUNT, "15551234567", TOKEN),
            Request::inbound(ACCOUNT, &format!("whatsapp:{NUMBER}"), TOKEN),
            Request::inbound(ACCOUNT, "%00", TOKEN),
            Request::inbound("AC%00", NUMBER, TOKEN),
            Request::status("AC%00", None, TOKEN),
            Request::status(ACCOUNT, Some(NUMBER), OTHER_TOKEN),
            Request::status("", Some(NUMBER), TOKEN),
        ] {
            world.is_forbidden(&request).await;
        }
    }

    async fn however_many_squat_on_a_number_the_signature_picks_its_owner(db: TestDb) {
        let world = World::new(&db);
        let squatter = world.channel(ACCOUNT, NUMBER, OTHER_TOKEN).await;
        // More than one page of them.
        let squatters = (0..candidates::PAGE + 1).map(|_| {
            let id = ChannelId::new(&world.clock);
            channel::Model { id, tenant_id: squatter.tenant_id, ..squatter.clone() }
        });
        lookups::insert_each_for_a_tenant(&world, squatters).await;
        let owner = world.channel(ACCOUNT, NUMBER, TOKEN).await;
        assert_eq!(world.routed(&Request::inbound(ACCOUNT, NUMBER, TOKEN)).await, [owner.id]);
        assert_eq!(world.routed(&Request::status(ACCOUNT, Some(NUMBER), TOKEN)).await, [owner.id]);
        assert_eq!(world.routed(&Request::status(ACCOUNT, None, TOKEN)).await, [owner.id]);
    }

    async fn inactive_channels_get_statuses_only_and_deleted_ones_nothing(db: TestDb) {
        let world = World::new(&db);
        let channel = world.channel(ACCOUNT, NUMBER, TOKEN).await;
        let text = Request::inbound(ACCOUNT, NUMBER, TOKEN);
        let status = Request::status(ACCOUNT, Some(NUMBER), TOKEN);
        world.deactivate(&channel).await;
        world.is_forbidden(&text).await;
        assert_eq!(world.routed(&status).await, [channel.id]);
        world.delete(&channel).await;
        world.is_forbidden(&text).await;
        world.is_forbidden(&status).await;
    }

    async fn a_status_without_a_known_sender_goes_to_all_whose_token_signed_it(db: TestDb) {
        let world = World::new(&db);
        let first = world.channel(ACCOUNT, NUMBER, TOKEN).await;
        let second = world.channel_of(first.tenant_id, ACCOUNT, OTHER_NUMBER, TOKEN).await;
        let shares_the_account = world.channel(ACCOUNT, "+15551234569", TOKEN).await;
        world.channel(ACCOUNT, "+15551234560", OTHER_TOKEN).await;
        world.channel(OTHER_ACCOUNT, NUMBER, TOKEN).await;
        let all = [first.id, second.id, shares_the_account.id];
        for from in [None, Some("+15550000000"), Some("ACME"), Some("")] {
            let mut routed = world.routed(&Request::status(ACCOUNT, from, TOKEN)).await;
            routed.sort();
            assert_eq!(routed, all, "{from:?}");
        }
        let narrowed = Request::status(ACCOUNT, Some(OTHER_NUMBER), TOKEN);
        assert_eq!(world.routed(&narrowed).await, [second.id]);
    }

    async fn a_sender_that_another_tenant_squats_on_does_not_hide_the_account(db: TestDb) {
        let world = World::new(&db);
        world.channel(ACCOUNT, OTHER_NUMBER, OTHER_TOKEN).await;
        let owner = world.channel(ACCOUNT, NUMBER, TOKEN).await;
        let status = Request::status(ACCOUNT, Some(OTHER_NUMBER), TOKEN);
        assert_eq!(world.routed(&status).await, [owner.id]);
    }

    async fn a_messaging_service_in_the_request_decides_nothing(db: TestDb) {
        let world = World::new(&db);
        world.channel(ACCOUNT, NUMBER, TOKEN).await;
        let mut request = Request::inbound(ACCOUNT, OTHER_NUMBER, TOKEN);
        request.body += "&MessagingServiceSid=MG0123456789abcdef0123456789abcdef";
        world.is_forbidden(&request.signed(TOKEN, Algorithm::HmacSha1)).await;
    }

    async fn more_fields_than_a_webhook_has_are_too_many_whoever_signed(db: TestDb) {
        let world = World::new(&db);
        let body = vec!["a=1"; 1_001].join("&");
        let request = Request { body, ..Request::inbound(ACCOUNT, NUMBER, TOKEN) };
        let result = world.route(&request).await;
        assert!(matches!(result, Err(Error::TooManyFields)), "{result:?}");
    }
}
