//! From a request to the channels that it proves to be for.

use std::sync::Arc;

use channels::KeyRing;
use chrono::{DateTime, Utc};
use entity::channel;
use entity::id::ChannelId;
use entity::phone::PhoneNumber;
use sea_orm::Select;
use twilio::sid::is_account_sid;

use crate::candidates::{self, takes_texts};
use crate::directory::{Key, Known};
use crate::signed::{Payload, Signed, Unsigned};
use crate::{Directory, Error, Kind, Routed, Webhook};

/// The most channels of one account that are tried for a status callback on the shared URL whose
/// sender is none of them. Each costs microseconds, and ours carry the channel in their URL.
const MAX_OF_ACCOUNT: usize = 1_000;

/// One request on its way.
pub(crate) struct Router<'a> {
    pub(crate) directory: &'a Directory,
    pub(crate) ring: &'a KeyRing,
    pub(crate) now: DateTime<Utc>,
    pub(crate) webhook: &'a Webhook<'a>,
}

impl Router<'_> {
    pub(crate) async fn route(&self) -> Result<Routed, Error> {
        let payload = Payload::read(self.webhook).map_err(|_| Error::TooManyFields)?;
        let signed = Signed::read(self.webhook, payload).map_err(|unsigned| match unsigned {
            Unsigned::Missing => self.refused("it has no signature"),
            Unsigned::Algorithm => self.refused("its signature algorithm is unknown"),
        })?;
        let found = match (self.webhook.channel, self.webhook.kind) {
            (Some(id), _) => self.by_path(id, &signed).await?,
            (None, Kind::Inbound) => self.by_number(&signed).await?,
            (None, Kind::Status) => self.by_account(&signed).await?,
        };
        match signed.into_payload() {
            Payload::Form(form) => Ok(Routed {
                kind: self.webhook.kind,
                form,
                channels: found.channels,
                is_kept: found.is_kept,
            }),
            Payload::Other(_) => Err(Error::Malformed),
        }
    }

    /// The channel that the URL names, or the tenant's other one that a text was sent to.
    async fn by_path(&self, id: ChannelId, signed: &Signed<'_>) -> Result<Found, Error> {
        if let Some(channel) = self.kept(&Key::Id(id), signed)
            && self.is_for(signed, &channel)
        {
            return Ok(Found::kept(channel));
        }
        let found = self.directory.by_id(id).await?;
        let channel = found.ok_or_else(|| self.refused("its URL names no channel"))?;
        if !self.is_of_account(signed, &channel) {
            return Err(self.refused("its account is not the channel's"));
        }
        if self.webhook.kind == Kind::Inbound && !takes_texts(&channel) {
            return Err(self.refused("the channel is inactive"));
        }
        let known = self.proven(signed, channel);
        let known = known.ok_or_else(|| self.forged(id))?;
        self.directory.keep(Key::Id(id), &known);
        let channel = Arc::clone(&known.channel);
        Ok(match signed.payload().get("To") {
            Some(to) if self.webhook.kind == Kind::Inbound => {
                Found::fresh([self.receiver(channel, to).await?])
            }
            _ => Found::fresh([channel]),
        })
    }

    /// Whether what is signed by a channel's secret is for itself.
    fn is_for(&self, signed: &Signed<'_>, channel: &channel::Model) -> bool {
        let to = signed.payload().get("To");
        let is_to = to.is_none_or(|to| channel.phone_number.as_str() == to);
        self.is_of_account(signed, channel) && (is_to || self.webhook.kind != Kind::Inbound)
    }

    /// What is no form names no account; the channel's token alone decides.
    fn is_of_account(&self, signed: &Signed<'_>, channel: &channel::Model) -> bool {
        let is_form = matches!(signed.payload(), Payload::Form(_));
        !is_form || signed.payload().get("AccountSid") == Some(&channel.account_sid)
    }

    /// The channel with the number that a text was sent to: one tenant may have given the URL of
    /// one channel to all its numbers, or to the Messaging Service that they are in.
    async fn receiver(
        &self,
        channel: Arc<channel::Model>,
        to: &str,
    ) -> Result<Arc<channel::Model>, Error> {
        if channel.phone_number.as_str() == to {
            return Ok(channel);
        }
        let refused = || self.refused("its number is not the channel's");
        let number = PhoneNumber::from_e164(to).map_err(|_| refused())?;
        let (tenant, account) = (channel.tenant_id, &channel.account_sid);
        candidates::of_tenant(self.directory.conn(), tenant, account, &number)
            .await?
            .filter(takes_texts)
            .map(Arc::new)
            .ok_or_else(refused)
    }

    /// The oldest channel with the account and number of a text whose token made the signature.
    async fn by_number(&self, signed: &Signed<'_>) -> Result<Found, Error> {
        let account_sid = self.account_sid(signed)?;
        let to = signed.payload().get("To").unwrap_or_default();
        let number = PhoneNumber::from_e164(to)
            .map_err(|_| self.refused("it is for no number that could be ours"))?;
        match self.with_number(signed, account_sid, &number).await? {
            Ok(mut found) => {
                found.channels.truncate(1);
                Ok(found)
            }
            Err(first_tried) => Err(self.unproven(first_tried)),
        }
    }

    /// Every channel that a status callback may concern: those with the sender's number, or else
    /// all of the account, since the sender may be missing or come out of a pool.
    async fn by_account(&self, signed: &Signed<'_>) -> Result<Found, Error> {
        let account_sid = self.account_sid(signed)?;
        let from = signed
            .payload()
            .get("From")
            .and_then(|from| PhoneNumber::from_e164(from).ok());
        if let Some(from) = from
            && let Ok(found) = self.with_number(signed, account_sid, &from).await?
        {
            return Ok(found);
        }
        let query = |after| candidates::of_account(account_sid, after);
        let search = self.search(signed, MAX_OF_ACCOUNT, None, query).await?;
        if search.proven.is_empty() {
            return Err(self.unproven(search.first_tried));
        }
        Ok(search.found())
    }

    /// The channels with an account and number whose secrets made the signature, or else the first that
    /// was tried.
    ///
    /// One that is kept is believed without a look at the others: `channels` lets no second one have the
    /// token, unless two claim it in the same moment.
    async fn with_number(
        &self,
        signed: &Signed<'_>,
        account_sid: &str,
        number: &PhoneNumber,
    ) -> Result<Result<Found, Option<ChannelId>>, Error> {
        let key = Key::number(account_sid, number);
        if let Some(channel) = self.kept(&key, signed) {
            return Ok(Ok(Found::kept(channel)));
        }
        let first = self.directory.with_number(account_sid, number).await?;
        let is_alone = first.len() == 1;
        let query = |after| candidates::with_number(account_sid, number, after);
        let search = self.search(signed, usize::MAX, Some(first), query).await?;
        if let ([known], true) = (search.proven.as_slice(), is_alone) {
            self.directory.keep(key, known);
        }
        Ok(match search.proven.is_empty() {
            true => Err(search.first_tried),
            false => Ok(search.found()),
        })
    }

    /// The channel that was found by a key before, if its secret made the signature.
    fn kept(&self, key: &Key, signed: &Signed<'_>) -> Option<Arc<channel::Model>> {
        let known = self.directory.kept(key)?;
        let is_proven = signed.is_by(&known.opened, self.now);
        is_proven.then(|| Arc::clone(&known.channel))
    }

    fn account_sid<'s>(&self, signed: &'s Signed<'_>) -> Result<&'s str, Error> {
        signed
            .payload()
            .get("AccountSid")
            .filter(|text| is_account_sid(text))
            .ok_or_else(|| self.refused("it names no account"))
    }

    /// Tries the candidates that a query gives, a page at a time and about `most` of them; `first` is the
    /// first page, if it is known.
    ///
    /// For a text the first that proves right is enough, and however many have claimed the number
    /// before it, they only cost time.
    async fn search(
        &self,
        signed: &Signed<'_>,
        most: usize,
        first: Option<Vec<channel::Model>>,
        query: impl Fn(Option<ChannelId>) -> Select<channel::Entity>,
    ) -> Result<Search, Error> {
        let mut search = Search::default();
        let (mut after, mut read, mut first) = (None, 0, first);
        loop {
            let page = match first.take() {
                Some(page) => page,
                None => query(after).all(self.directory.conn()).await?,
            };
            after = page.last().map(|last| last.id);
            read += page.len();
            let is_last = page.len() < candidates::PAGE;
            for channel in page {
                if self.webhook.kind == Kind::Inbound && !takes_texts(&channel) {
                    continue;
                }
                search.first_tried.get_or_insert(channel.id);
                if let Some(known) = self.proven(signed, channel) {
                    search.proven.push(known);
                    if self.webhook.kind == Kind::Inbound {
                        return Ok(search);
                    }
                }
            }
            if is_last || read >= most {
                return Ok(search);
            }
        }
    }

    /// The channel and its secrets, if one of them made the signature.
    fn proven(&self, signed: &Signed<'_>, channel: channel::Model) -> Option<Arc<Known>> {
        let id = channel.id;
        match Known::open(self.ring, channel) {
            Ok(known) => signed
                .is_by(&known.opened, self.now)
                .then(|| Arc::new(known)),
            Err(error) => {
                tracing::error!(
                    channel.id = %id,
                    error = &error as &dyn std::error::Error,
                    "A webhook can't be checked: the channel's credentials don't open",
                );
                None
            }
        }
    }

    fn unproven(&self, first_tried: Option<ChannelId>) -> Error {
        match first_tried {
            Some(channel) => self.forged(channel),
            None => self.refused("it is for no active channel here"),
        }
    }

    /// A request for a channel, but not from its Twilio account: worth an operator's look, since
    /// a wrong token or public URL is the usual cause.
    fn forged(&self, channel: ChannelId) -> Error {
        tracing::warn!(
            channel.id = %channel,
            url.path = path(self.webhook.url),
            "Invalid Twilio webhook signature",
        );
        Error::Forbidden
    }

    fn refused(&self, reason: &'static str) -> Error {
        tracing::debug!(
            reason,
            url.path = path(self.webhook.url),
            "Refused a webhook"
        );
        Error::Forbidden
    }
}

/// The channels that a request is for.
struct Found {
    channels: Vec<Arc<channel::Model>>,
    is_kept: bool,
}

impl Found {
    fn kept(channel: Arc<channel::Model>) -> Self {
        Self {
            channels: vec![channel],
            is_kept: true,
        }
    }

    fn fresh(channels: impl IntoIterator<Item = Arc<channel::Model>>) -> Self {
        Self {
            channels: channels.into_iter().collect(),
            is_kept: false,
        }
    }
}

/// What a search has found.
#[derive(Default)]
struct Search {
    /// The channels whose secrets made the signature.
    proven: Vec<Arc<Known>>,
    /// The first that was tried, right or not.
    first_tried: Option<ChannelId>,
}

impl Search {
    fn found(self) -> Found {
        Found::fresh(self.proven.iter().map(|known| Arc::clone(&known.channel)))
    }
}

/// The path of a URL: its query could hold a customer's text.
fn path(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.find('/').map_or("/", |start| &rest[start..]);
    path.split(['?', '#']).next().unwrap_or(path)
}
