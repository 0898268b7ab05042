//! Signed requests against channels in a real database.

use channels::{
    ChannelPatch, CredentialsInput, MasterKey, NewChannel, Patch, SettingsPatch, SharedKeyInput,
};
use chrono::TimeDelta;
use entity::clock::Clock;
use entity::id::TenantId;
use entity::json::QuietHours;
use entity::tenant;
use entity::value::{ChannelMode, ChannelStatus, ChannelType};
use events::Outbox;
use sea_orm::{ActiveModelTrait, Set};
use test_db::TestDb;
use twilio::signature::{Algorithm, Body, compute};

use super::*;

mod by_path;
mod kept;
mod lookups;
mod shared_url;
mod signatures;

const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
const OTHER_ACCOUNT: &str = "ACffffffffffffffffffffffffffffffff";
const TOKEN: &str = "9f86d081884c7d659a2feaa0c55ad015";
const OTHER_TOKEN: &str = "60303ae22b998861bce3b28f33eec1be";
const NUMBER: &str = "+15551234567";
const OTHER_NUMBER: &str = "+15551234568";
const CUSTOMER: &str = "+15557654321";

/// A database, a key ring and a clock that stands still.
struct World<'a> {
    db: &'a TestDb,
    ring: KeyRing,
    clock: Clock,
}

impl<'a> World<'a> {
    fn new(db: &'a TestDb) -> Self {
        Self {
            db,
            ring: KeyRing::new(vec![MasterKey::generate()]).unwrap(),
            clock: Clock::manual(DateTime::from_timestamp(1_790_000_000, 0).unwrap()),
        }
    }

    async fn tenant(&self) -> TenantId {
        let id = TenantId::new(&self.clock);
        let row = tenant::ActiveModel {
            id: Set(id),
            name: Set("Dental practice".to_owned()),
            default_country: Set("US".to_owned()),
            timezone: Set("America/New_York".to_owned()),
            quiet_hours: Set(QuietHours::default()),
            created_at: Set(self.clock.now()),
            updated_at: Set(self.clock.now()),
        };
        row.insert(self.db.db().writer()).await.unwrap();
        id
    }

    /// A channel of a new tenant.
    async fn channel(&self, account: &str, number: &str, token: &str) -> channel::Model {
        let tenant = self.tenant().await;
        self.channel_of(tenant, account, number, token).await
    }

    async fn channel_of(
        &self,
        tenant: TenantId,
        account: &str,
        number: &str,
        token: &str,
    ) -> channel::Model {
        let new = NewChannel {
            r#type: ChannelType::TwilioSms,
            name: "Front desk".to_owned(),
            status: ChannelStatus::Active,
            mode: ChannelMode::Production,
            is_default: false,
            settings: SettingsPatch::default(),
            credentials: CredentialsInput {
                account_sid: Patch::Set(account.to_owned()),
                auth_token: Patch::Set(token.into()),
                phone_number: Patch::Set(number.to_owned()),
                ..CredentialsInput::default()
            },
            id: None,
        };
        let conn = self.db.db().writer();
        channels::create(
            conn,
            &self.ring,
            &self.clock,
            &mut Outbox::new(),
            tenant,
            None,
            new,
        )
        .await
        .unwrap()
    }

    async fn patch(&self, channel: &channel::Model, patch: ChannelPatch) {
        let conn = self.db.db().writer();
        let (tenant, id) = (channel.tenant_id, channel.id);
        channels::update(
            conn,
            &self.ring,
            &self.clock,
            &mut Outbox::new(),
            tenant,
            id,
            patch,
        )
        .await
        .unwrap();
    }

    async fn deactivate(&self, channel: &channel::Model) {
        let status = Some(ChannelStatus::Inactive);
        self.patch(
            channel,
            ChannelPatch {
                status,
                ..ChannelPatch::default()
            },
        )
        .await;
    }

    async fn delete(&self, channel: &channel::Model) {
        let conn = self.db.db().writer();
        let (tenant, id) = (channel.tenant_id, channel.id);
        channels::delete(conn, &self.clock, &mut Outbox::new(), tenant, id)
            .await
            .unwrap();
    }

    async fn share_a_key(&self, channel: &channel::Model, id: &str, secret: &str) {
        let key = SharedKeyInput {
            id: id.to_owned(),
            secret: Some(secret.into()),
        };
        let credentials = CredentialsInput {
            shared_keys: Patch::Set(vec![key]),
            ..CredentialsInput::default()
        };
        let credentials = Some(credentials);
        self.patch(
            channel,
            ChannelPatch {
                credentials,
                ..ChannelPatch::default()
            },
        )
        .await;
    }

    async fn route(&self, request: &Request) -> Result<Routed, Error> {
        let webhook = request.webhook();
        route(
            &Directory::new(self.db.db().clone()),
            &self.ring,
            self.clock.now(),
            &webhook,
        )
        .await
    }

    /// The channels that a request is routed to.
    async fn routed(&self, request: &Request) -> Vec<ChannelId> {
        let routed = self.route(request).await.unwrap();
        routed.channels().iter().map(|channel| channel.id).collect()
    }

    async fn is_forbidden(&self, request: &Request) {
        let result = self.route(request).await;
        assert!(matches!(result, Err(Error::Forbidden)), "{result:?}");
    }
}

/// A request, signed unless a test takes that back.
#[derive(Clone)]
struct Request {
    kind: Kind,
    channel: Option<ChannelId>,
    url: String,
    body: String,
    content_type: Option<String>,
    signature: Option<String>,
    settings: Option<String>,
}

impl Request {
    /// A text from a customer, on the URL that all channels share.
    fn inbound(account: &str, to: &str, token: &str) -> Self {
        let fields = [
            ("MessageSid", "SM1"),
            ("AccountSid", account),
            ("From", CUSTOMER),
            ("To", to),
        ];
        Self::new(
            Kind::Inbound,
            "https://sms.example.com/api/webhooks/twilio/sms",
            &fields,
            token,
        )
    }

    /// A status callback, on the URL that all channels share.
    fn status(account: &str, from: Option<&str>, token: &str) -> Self {
        let mut fields = vec![
            ("MessageSid", "SM1"),
            ("AccountSid", account),
            ("To", CUSTOMER),
        ];
        fields.extend(from.map(|from| ("From", from)));
        let url = "https://sms.example.com/api/webhooks/twilio/status";
        Self::new(Kind::Status, url, &fields, token)
    }

    fn new(kind: Kind, url: &str, fields: &[(&str, &str)], token: &str) -> Self {
        let encode = |(name, value): &(&str, &str)| format!("{name}={}", value.replace('+', "%2B"));
        let body = fields.iter().map(encode).collect::<Vec<_>>().join("&");
        let unsigned = Self {
            kind,
            channel: None,
            url: url.to_owned(),
            body,
            content_type: Some("application/x-www-form-urlencoded; charset=UTF-8".to_owned()),
            signature: None,
            settings: None,
        };
        unsigned.signed(token, Algorithm::HmacSha1)
    }

    /// The same, come to a channel's own URL.
    fn at(self, channel: &channel::Model, token: &str) -> Self {
        let at_channel = Self {
            channel: Some(channel.id),
            url: format!(
                "https://sms.example.com/api/webhooks/twilio/channels/{}/x",
                channel.id
            ),
            ..self
        };
        at_channel.signed(token, Algorithm::HmacSha1)
    }

    fn signed(self, secret: &str, algorithm: Algorithm) -> Self {
        let form = Form::parse(self.body.as_bytes()).unwrap();
        let signature = compute(&self.url, Body::Form(&form), &secret.into(), algorithm);
        Self {
            signature: Some(signature),
            ..self
        }
    }

    fn webhook(&self) -> Webhook<'_> {
        Webhook {
            kind: self.kind,
            channel: self.channel,
            url: &self.url,
            body: self.body.as_bytes(),
            content_type: self.content_type.as_deref(),
            signature: self.signature.as_deref(),
            signature_settings: self.settings.as_deref(),
        }
    }
}
