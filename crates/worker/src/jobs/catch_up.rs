//! Brings in what Twilio knows and we were not told, as nobody answered its webhooks here.
//!
//! Account by account, Twilio's list is read from where it was read to last and compared with what
//! is here. Normally nothing is missing, and a look costs one request and one row. After a long
//! absence the list is read in slices of time, as it begins with the newest and has no end.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use channels::{KeyRing, OpenError};
use chrono::{DateTime, TimeDelta, Utc};
use conversations::catch_up as store;
use conversations::delivery::{self, StatusUpdate};
use conversations::inbound::{self, Inbound};
use conversations::sending::RetryPolicy;
use db::Db;
use entity::clock::Clock;
use entity::{catch_up, channel};
use events::{Bell, Outbox};
use futures_util::future::join_all;
use sea_orm::DbErr;
use tokio::time::Instant;
use twilio::client::{CallError, MessageFilter, MessageResource};
use twilio::webhook::InboundMedia;

use super::{Job, Round};
use crate::figures;

/// HTTP's word for credentials that don't hold.
const UNAUTHORIZED: u16 = 401;

/// How many accounts are looked at at once.
const AT_ONCE: u64 = 8;

/// How long a look may take before somebody else begins it anew.
const LEASE: TimeDelta = TimeDelta::minutes(10);

/// How long a look goes on before it gives the account back for now: those looked at beside it wait
/// for it, and a list that is read slowly must not outlast the lease.
const PATIENCE: Duration = Duration::from_secs(120);

/// What Twilio got so recently is left to its webhook, which is tried for 15 s.
const RECENT: TimeDelta = TimeDelta::seconds(30);

/// Each look begins so long before the end of the last: Twilio's list may run behind its clock.
const OVERLAP: TimeDelta = TimeDelta::minutes(3);

/// What is read as one piece at most, and at least however much there is.
const LONGEST_SLICE: TimeDelta = TimeDelta::hours(6);
const SHORTEST_SLICE: TimeDelta = TimeDelta::minutes(1);

/// How long a page is, and how many make a piece too long.
const PAGE_SIZE: u16 = 1000;
const PAGES: usize = 30;

/// How many pieces are read at one go.
const SLICES: usize = 40;

/// How often it is gone through which accounts there are.
const ENROL_EVERY: TimeDelta = TimeDelta::seconds(30);

/// How long an account that can't be read is left alone at most.
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(6);

/// Compares Twilio's lists with what is here: on start, after the database was away, and every few
/// minutes. Comes round every two seconds to see which account is due.
#[derive(Debug)]
pub(crate) struct CatchUp {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) bell: Bell,
    pub(crate) keys: Arc<KeyRing>,
    pub(crate) twilio: twilio::Client,
    pub(crate) policy: RetryPolicy,
    /// How often each account is looked at.
    pub(crate) every: Duration,
    /// When the accounts were gone through last, in milliseconds since 1970.
    pub(crate) enrolled_ms: AtomicI64,
    /// Whether we have been here all the time since the last round.
    pub(crate) present: AtomicBool,
}

/// Why an account could not be looked at.
#[derive(Debug, thiserror::Error)]
enum LookError {
    #[error("none of the account's credentials can be opened")]
    Open(#[from] OpenError),
    #[error("Twilio's list can't be read")]
    Call(#[from] CallError),
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// A part of Twilio's list.
enum Slice {
    Whole(Vec<MessageResource>),
    /// The newest of it, and there is more.
    TooLong(Vec<MessageResource>),
}

/// What a look brought in.
#[derive(Clone, Copy, Debug, Default)]
struct Found {
    texts: u64,
    statuses: u64,
}

impl Job for CatchUp {
    const NAME: &'static str = "catch_up";
    const EVERY: Duration = Duration::from_secs(2);

    async fn round(&self) -> Result<Round, DbErr> {
        let was_present = self.present.swap(false, Ordering::Relaxed);
        let now_ms = self.clock.now_ms();
        let enrolled_ms = self.enrolled_ms.load(Ordering::Relaxed);
        let every_ms = i64::try_from(self.every.as_millis()).unwrap_or(i64::MAX);
        let enrol_ms = ENROL_EVERY.num_milliseconds().min(every_ms);
        let enrols = !was_present || now_ms - enrolled_ms >= enrol_ms;
        if !enrols && !store::is_any_due(self.db.read(), &self.clock).await? {
            self.present.store(true, Ordering::Relaxed);
            return Ok(Round::Done);
        }
        let tx = self.db.write_tx().await?;
        if enrols {
            store::enrol(&tx, &self.clock).await?;
            self.enrolled_ms.store(now_ms, Ordering::Relaxed);
        }
        if !was_present {
            store::hurry(&tx, &self.clock, self.clock.now() - self.recent() * 2).await?;
        }
        let accounts = store::take(&tx, &self.clock, AT_ONCE, LEASE).await?;
        tx.commit().await?;
        let looks = accounts.iter().map(|account| self.look(account));
        for ended in join_all(looks).await {
            ended?;
        }
        // Not reached when the database failed: then the next round begins as the first one did.
        self.present.store(true, Ordering::Relaxed);
        Ok(if accounts.len() as u64 == AT_ONCE {
            Round::More
        } else {
            Round::Done
        })
    }
}

impl CatchUp {
    /// Looks at an account and gives it back, whatever came of it.
    async fn look(&self, account: &catch_up::Model) -> Result<(), DbErr> {
        let mut through = account.through;
        let ended = self.read_on(account, &mut through).await;
        let now = self.clock.now();
        let (next_at, failures) = match ended {
            Ok(true) => (now + self.wait(0), 0),
            // There is more to read.
            Ok(false) => (now, 0),
            Err(LookError::Database(error)) => return Err(error),
            Err(error) => {
                tell(account, &error);
                (now + self.wait(account.failures + 1), account.failures + 1)
            }
        };
        figures::looked(if failures > 0 { "failed" } else { "done" });
        store::give_back(self.db.writer(), account, through, next_at, failures).await
    }

    /// What is left to its webhook; less where a look comes round sooner.
    fn recent(&self) -> TimeDelta {
        TimeDelta::from_std(self.every).map_or(RECENT, |every| every.min(RECENT))
    }

    /// How long an account is left alone: as set, give or take a tenth, so that all of them are not
    /// looked at in one moment; longer each time that it could not be read.
    fn wait(&self, failures: i32) -> TimeDelta {
        let every = i64::try_from(self.every.as_millis()).unwrap_or(i64::MAX);
        let [byte] = entity::random::bytes();
        let jitter = every / 10 * (i64::from(byte) - 128) / 128;
        let doubled = every.saturating_mul(1 << failures.clamp(0, 10));
        TimeDelta::milliseconds(doubled.saturating_add(jitter))
            .min(LONGEST_WAIT.max(TimeDelta::milliseconds(every)))
    }

    /// Reads the list on from where it was read to, and moves `through` with every piece; says
    /// whether it has come to the end.
    async fn read_on(
        &self,
        account: &catch_up::Model,
        through: &mut DateTime<Utc>,
    ) -> Result<bool, LookError> {
        let channels = store::channels(self.db.read(), account).await?;
        let end = self.clock.now() - self.recent();
        let mut found = Found::default();
        let mut slice = LONGEST_SLICE;
        let mut keys = self.credentials(&channels);
        let begun = Instant::now();
        for _ in 0..SLICES {
            if *through >= end || channels.is_empty() || begun.elapsed() > PATIENCE {
                break;
            }
            let from = (*through - OVERLAP).max(end - store::FURTHEST);
            let until = (from + OVERLAP + slice).min(end);
            match self.list(&mut keys, from, until).await? {
                Slice::TooLong(_) if slice > SHORTEST_SLICE => {
                    slice = (slice / 4).max(SHORTEST_SLICE);
                }
                Slice::TooLong(listed) => {
                    let account = &account.account_sid;
                    tracing::warn!(
                        account,
                        "More in one minute than can be compared; only the newest of it was"
                    );
                    found.add(self.reconcile(&channels, listed).await?);
                    *through = until;
                }
                Slice::Whole(listed) => {
                    found.add(self.reconcile(&channels, listed).await?);
                    *through = until;
                }
            }
        }
        let whole = *through >= end || channels.is_empty();
        if whole && !channels.is_empty() {
            let asked = self
                .ask_for_last_words(account, &channels, &mut keys, end)
                .await;
            if asked.is_err() {
                // Who is asked for goes by the age since the last look, so this must not count as one.
                *through = account.through;
            }
            found.add(asked?);
        }
        found.tell(account);
        Ok(whole)
    }

    /// One piece of the list.
    async fn list(
        &self,
        keys: &mut Keys,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Slice, LookError> {
        let filter = MessageFilter {
            date_sent_after: Some(from),
            date_sent_before: Some(until),
            page_size: Some(PAGE_SIZE),
            ..MessageFilter::default()
        };
        let mut page = loop {
            let answer = self.twilio.list_messages(keys.now()?, &filter).await;
            if !keys.passes_by(&answer) {
                break answer?;
            }
        };
        let mut listed = Vec::new();
        for _ in 0..PAGES {
            listed.append(&mut page.items);
            let Some(next) = page.next else {
                return Ok(Slice::Whole(listed));
            };
            page = self.twilio.next_messages(keys.now()?, &next).await?;
        }
        Ok(Slice::TooLong(listed))
    }

    /// What opens the account, of each of its channels that can be opened: one may have been given
    /// the new token already, and another still have the old one.
    fn credentials(&self, channels: &[channel::Model]) -> Keys {
        let mut keys = Keys {
            to_try: VecDeque::new(),
            problem: None,
        };
        for channel in channels {
            match channels::open(&self.keys, channel) {
                Ok(opened) => keys.to_try.push_back(opened.twilio()),
                Err(error) => keys.problem = Some(error),
            }
        }
        keys
    }

    /// Brings in what of a piece of the list is missing here, oldest first, each by itself: few are
    /// missing, and none waits for another.
    async fn reconcile(
        &self,
        channels: &[channel::Model],
        listed: Vec<MessageResource>,
    ) -> Result<Found, LookError> {
        let missing = store::missing(self.db.read(), channels, listed).await?;
        let mut found = Found::default();
        for (channel, text) in missing.texts {
            let media = self.media(&channel, &text).await?;
            if let Some(text) = Inbound::listed(channel, text, media) {
                self.receive(text).await?;
                found.texts += 1;
            }
        }
        for status in missing.statuses {
            self.record(status).await?;
            found.statuses += 1;
        }
        Ok(found)
    }

    async fn media(
        &self,
        channel: &channel::Model,
        text: &MessageResource,
    ) -> Result<Vec<InboundMedia>, LookError> {
        if text.num_media.unwrap_or(0) == 0 {
            return Ok(Vec::new());
        }
        let credentials = channels::open(&self.keys, channel)?.twilio();
        let listed = self.twilio.list_media(&credentials, &text.sid).await?;
        let item = |(index, (media, url)): (usize, (twilio::client::MediaResource, String))| {
            InboundMedia {
                index: u32::try_from(index).unwrap_or(u32::MAX),
                url,
                content_type: media.content_type,
            }
        };
        Ok(listed.into_iter().enumerate().map(item).collect())
    }

    async fn receive(&self, text: Inbound) -> Result<(), DbErr> {
        let tx = self.db.write_tx().await?;
        let mut outbox = Outbox::new();
        inbound::receive(&tx, &self.clock, &mut outbox, &[text]).await?;
        outbox.commit(tx, self.clock.now(), &self.bell).await
    }

    async fn record(&self, status: StatusUpdate) -> Result<(), DbErr> {
        let tx = self.db.write_tx().await?;
        let mut outbox = Outbox::new();
        delivery::record(&tx, &self.clock, &mut outbox, &self.policy, &[status]).await?;
        outbox.commit(tx, self.clock.now(), &self.bell).await
    }

    /// Asks for the texts whose last word is overdue, one by one.
    async fn ask_for_last_words(
        &self,
        account: &catch_up::Model,
        channels: &[channel::Model],
        keys: &mut Keys,
        until: DateTime<Utc>,
    ) -> Result<Found, LookError> {
        let mut found = Found::default();
        let sids = store::without_last_word(self.db.read(), account, until).await?;
        if sids.is_empty() {
            return Ok(found);
        }
        let mut told = Vec::new();
        for sid in sids {
            match self.twilio.fetch_message(keys.now()?, &sid).await {
                Ok(message) => told.push(message),
                // Twilio keeps messages for a while only, and tenants may delete them there.
                Err(CallError::Refused(refusal)) if refusal.http_status == 404 => {}
                Err(error) => return Err(error.into()),
            }
        }
        let missing = store::missing(self.db.read(), channels, told).await?;
        for status in missing.statuses {
            self.record(status).await?;
            found.statuses += 1;
        }
        Ok(found)
    }
}

/// Credentials of one account, to be tried until some are let in.
struct Keys {
    to_try: VecDeque<twilio::Credentials>,
    /// Why there are none, or fewer.
    problem: Option<OpenError>,
}

impl Keys {
    fn now(&mut self) -> Result<&twilio::Credentials, OpenError> {
        let problem = &mut self.problem;
        self.to_try
            .front()
            .ok_or_else(|| problem.take().unwrap_or(OpenError::Wiped))
    }

    /// Whether Twilio does not let these in, and there are others to be tried.
    fn passes_by<T>(&mut self, answer: &Result<T, CallError>) -> bool {
        let refused = matches!(answer, Err(CallError::Refused(refusal))
            if refusal.http_status == UNAUTHORIZED);
        let passes = refused && self.to_try.len() > 1;
        if passes {
            self.to_try.pop_front();
        }
        passes
    }
}

impl Found {
    fn add(&mut self, more: Self) {
        self.texts += more.texts;
        self.statuses += more.statuses;
    }

    fn tell(self, account: &catch_up::Model) {
        figures::caught_up(self.texts, self.statuses);
        if self.texts + self.statuses > 0 {
            tracing::info!(
                tenant.id = %account.tenant_id,
                account = account.account_sid,
                texts = self.texts,
                statuses = self.statuses,
                "Found at Twilio what its webhooks could not tell us",
            );
        }
    }
}

/// Once for each time that an account goes wrong; it is tried again and again.
fn tell(account: &catch_up::Model, error: &LookError) {
    let error = error as &dyn std::error::Error;
    if account.failures == 0 {
        tracing::warn!(
            tenant.id = %account.tenant_id,
            account = account.account_sid,
            error,
            "What an account has at Twilio can't be compared with ours",
        );
    } else {
        tracing::debug!(
            tenant.id = %account.tenant_id,
            account = account.account_sid,
            failures = account.failures,
            error,
            "What an account has at Twilio still can't be compared with ours",
        );
    }
}
