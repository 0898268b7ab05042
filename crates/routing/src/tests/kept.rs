//! What was found once is found without the database, until it has changed.

use super::*;
use test_db::on_both_databases;

impl World<'_> {
    async fn route_with(&self, directory: &Directory, request: &Request) -> Result<Routed, Error> {
        route(directory, &self.ring, self.clock.now(), &request.webhook()).await
    }

    /// A directory that has found the channel of this request.
    async fn directory(&self, request: &Request) -> Directory {
        let directory = Directory::new(self.db.db().clone());
        self.route_with(&directory, request).await.unwrap();
        directory
    }

    async fn has_changed(&self, routed: &Routed) -> bool {
        let kept = routed.kept().unwrap();
        let unchanged = unchanged(self.db.db().read(), [&**kept]).await.unwrap();
        !unchanged.has(kept)
    }

    async fn rename(&self, channel: &channel::Model, name: String) {
        let patch = ChannelPatch {
            name: Some(name),
            ..ChannelPatch::default()
        };
        self.patch(channel, patch).await;
    }
}

fn requests(channel: &channel::Model) -> [Request; 3] {
    [
        Request::inbound(ACCOUNT, NUMBER, TOKEN),
        Request::status(ACCOUNT, Some(NUMBER), TOKEN),
        Request::inbound(ACCOUNT, NUMBER, TOKEN).at(channel, TOKEN),
    ]
}

on_both_databases! {
    async fn a_channel_is_kept_and_a_change_is_noticed(db: TestDb) {
        let world = World::new(&db);
        let channel = world.channel(ACCOUNT, NUMBER, TOKEN).await;
        for (n, request) in requests(&channel).into_iter().enumerate() {
            let directory = world.directory(&request).await;
            let before = world.route_with(&directory, &request).await.unwrap();
            assert!(!world.has_changed(&before).await);

            world.rename(&channel, format!("Desk {n}")).await;

            // As it was: whoever writes has to ask.
            let kept = world.route_with(&directory, &request).await.unwrap();
            assert_eq!(kept.channel().version, before.channel().version);
            assert!(world.has_changed(&kept).await);
            directory.forget(&kept);
            let fresh = world.route_with(&directory, &request).await.unwrap();
            assert!(fresh.channel().version > before.channel().version);
            assert!(fresh.kept().is_none());
            // Of two copies of the same the earlier one is no proof.
            let both = [&**kept.channel(), &**fresh.channel()];
            let unchanged = unchanged(db.db().read(), both).await.unwrap();
            assert_eq!(both.map(|row| unchanged.has(row)), [false, true]);
        }
    }

    async fn one_that_is_gone_is_forgotten(db: TestDb) {
        let world = World::new(&db);
        let channel = world.channel(ACCOUNT, NUMBER, TOKEN).await;
        let mut kept = Vec::new();
        for request in requests(&channel) {
            kept.push((world.directory(&request).await, request));
        }
        world.delete(&channel).await;
        for (directory, request) in kept {
            let routed = world.route_with(&directory, &request).await.unwrap();
            assert!(world.has_changed(&routed).await);
            directory.forget(&routed);
            let result = world.route_with(&directory, &request).await;
            assert!(matches!(result, Err(Error::Forbidden)), "{result:?}");
        }
    }

    async fn what_a_kept_secret_has_not_signed_is_looked_up(db: TestDb) {
        let world = World::new(&db);
        let first = world.channel(ACCOUNT, NUMBER, TOKEN).await;
        let directory = world.directory(&Request::inbound(ACCOUNT, NUMBER, TOKEN)).await;
        let second = world.channel(ACCOUNT, NUMBER, OTHER_TOKEN).await;
        for (token, channel) in [(OTHER_TOKEN, &second), (TOKEN, &first)] {
            let request = Request::inbound(ACCOUNT, NUMBER, token);
            let routed = world.route_with(&directory, &request).await.unwrap();
            assert_eq!(routed.channel().id, channel.id);
        }
        let forged = Request::inbound(ACCOUNT, NUMBER, "forged");
        let result = world.route_with(&directory, &forged).await;
        assert!(matches!(result, Err(Error::Forbidden)), "{result:?}");
    }

    async fn a_text_to_another_number_is_not_taken_for_the_kept_one(db: TestDb) {
        let world = World::new(&db);
        let tenant = world.tenant().await;
        let channel = world.channel_of(tenant, ACCOUNT, NUMBER, TOKEN).await;
        let other = world.channel_of(tenant, ACCOUNT, OTHER_NUMBER, TOKEN).await;
        let to = |number| Request::inbound(ACCOUNT, number, TOKEN).at(&channel, TOKEN);
        let directory = world.directory(&to(NUMBER)).await;
        for (number, expected) in [(OTHER_NUMBER, &other), (NUMBER, &channel)] {
            let routed = world.route_with(&directory, &to(number)).await.unwrap();
            assert_eq!(routed.channel().id, expected.id);
        }
        let of_another = Request::inbound(OTHER_ACCOUNT, NUMBER, TOKEN).at(&channel, TOKEN);
        let result = world.route_with(&directory, &of_another).await;
        assert!(matches!(result, Err(Error::Forbidden)), "{result:?}");
    }

    async fn an_inactive_channel_is_not_kept(db: TestDb) {
        let world = World::new(&db);
        let channel = world.channel(ACCOUNT, NUMBER, TOKEN).await;
        world.deactivate(&channel).await;
        let status = Request::status(ACCOUNT, Some(NUMBER), TOKEN);
        let directory = world.directory(&status).await;
        let text = Request::inbound(ACCOUNT, NUMBER, TOKEN);
        let result = world.route_with(&directory, &text).await;
        assert!(matches!(result, Err(Error::Forbidden)), "{result:?}");
        let again = world.route_with(&directory, &status).await.unwrap();
        assert!(again.kept().is_none());
    }
}
