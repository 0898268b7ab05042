//! Sends one text, or finds out what became of one.
//!
//! Three steps, each safe to die in. First the attempt is written down and committed, a moment before
//! the text's turn; then, at its turn, the request goes out, if the claim still holds; then what was
//! learned is written down, whoever holds the claim by then. A text whose request got no answer is not sent again but looked up in
//! Twilio's list ([`lookup`]): Twilio would take it twice.

mod closing;
mod lookup;
mod request;
mod sharing;
mod stale;
mod words;

use std::sync::Arc;
use std::time::Duration;

use channels::KeyRing;
use chrono::DateTime;
use conversations::sending::{self, Answer, Begin, Outgoing, RetryPolicy};
use db::Db;
use entity::clock::Clock;
use entity::id::MessageId;
use events::{Bell, Outbox};
use media::Links;
use queue::{Claim, Class, Turn};
use sea_orm::DbErr;
use together::Desk;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use crate::{Worker, figures};
use closing::Learned;
use sharing::{Beginnings, Closings, Writers};

/// How long to wait before a text is begun anew after an error: a deadlock or a hiccup is over soon,
/// a lease lasts long.
const WAITS: [Duration; 3] = [
    Duration::from_millis(50),
    Duration::from_millis(200),
    Duration::from_secs(1),
];

/// For how long it is believed that a claim holds: it is checked for at least as long ahead.
const FRESH: Duration = Duration::from_millis(500);

/// Sends the texts that wait in the lanes, each when its turn comes.
#[derive(Debug)]
pub(crate) struct SendMessage {
    db: Db,
    clock: Clock,
    bell: Bell,
    keys: Arc<KeyRing>,
    twilio: twilio::Client,
    public_url: String,
    links: Links,
    policy: RetryPolicy,
    lease: Duration,
    beginnings: Writers<Beginnings>,
    closings: Writers<Closings>,
    /// How many texts may be at the database alone at once that nobody waits for: half of its
    /// connections. Hundreds are in hand, and a connection is had by whoever asked first, so they would
    /// keep people's requests waiting, and the replies among the texts.
    places: Semaphore,
}

impl From<Worker> for SendMessage {
    fn from(worker: Worker) -> Self {
        let places = Ord::max(worker.db.connections() / 2, 1);
        let desk = Desk {
            db: worker.db.clone(),
            clock: worker.clock.clone(),
            bell: worker.bell.clone(),
        };
        Self {
            places: Semaphore::new(places as usize),
            beginnings: Writers::new(&desk, Beginnings(worker.clock.clone())),
            closings: Writers::new(&desk, Closings(worker.clock.clone())),
            db: worker.db,
            clock: worker.clock,
            bell: worker.bell,
            keys: worker.keys,
            twilio: worker.twilio,
            public_url: worker.public_url,
            links: worker.links,
            policy: worker.policy,
            lease: worker.lease,
        }
    }
}

impl queue::Handler for SendMessage {
    async fn handle(&self, turn: Turn) {
        let deadline = Instant::now() + self.lease;
        let claim = &turn.claim;
        match self.begin(claim).await {
            Ok((Begin::Send(outgoing), checked)) => {
                let outgoing = Arc::from(outgoing);
                self.send(&turn, &outgoing, checked, deadline).await;
            }
            Ok((Begin::Settle(outgoing), _)) => {
                turn.comes().await;
                self.settle(&turn, &Arc::from(outgoing), deadline).await;
            }
            Ok((Begin::Later(_) | Begin::Drop, _)) => {}
            Ok((Begin::Expired, _)) => self.end_stale(claim).await,
            // Nothing was sent. The text comes up again when the lease runs out.
            Err(error) => tracing::warn!(
                message.id = %claim.payload,
                error = &error as &dyn std::error::Error,
                "A text could not be begun; it comes up again",
            ),
        }
    }
}

impl SendMessage {
    /// Begins a text, with others or else alone, and then several times if need be: begun twice, it is
    /// found as begun and comes up later. Says when the claim was seen to hold.
    async fn begin(&self, claim: &Claim) -> Result<(Begin, Instant), DbErr> {
        match self.beginnings.of(claim.class).run(claim.clone()).await {
            Ok(Some(begun)) => return Ok(begun),
            Ok(None) => {}
            Err(error) => tracing::debug!(
                message.id = %claim.payload,
                error = &error as &dyn std::error::Error,
                "A text could not be begun with others; trying alone",
            ),
        }
        for wait in WAITS {
            match self.try_begin(claim).await {
                Ok(begun) => return Ok(begun),
                Err(error) => tracing::debug!(
                    message.id = %claim.payload,
                    error = &error as &dyn std::error::Error,
                    "A text could not be begun; trying again",
                ),
            }
            tokio::time::sleep(wait).await;
        }
        self.try_begin(claim).await
    }

    async fn try_begin(&self, claim: &Claim) -> Result<(Begin, Instant), DbErr> {
        let place = self.place(claim).await;
        let checked = Instant::now();
        let tx = self.db.write_tx().await?;
        if !queue::holds(&tx, &self.clock, claim.entry, claim.lease, FRESH).await? {
            // Somebody else has it by now.
            return Ok((Begin::Drop, checked));
        }
        let mut outbox = Outbox::new();
        let (tenant, id) = (claim.tenant, MessageId(claim.payload));
        let turn = DateTime::from_timestamp_micros(claim.start_at_us).unwrap_or_default();
        let (clock, policy) = (&self.clock, &self.policy);
        let begun = sending::begin(&tx, clock, &mut outbox, policy, tenant, id, turn).await?;
        match &begun {
            Begin::Later(at) => {
                let due_ms = at.timestamp_millis();
                queue::again(&tx, claim.lane, claim.entry, claim.lease, due_ms).await?;
            }
            Begin::Drop | Begin::Expired => {
                queue::done(&tx, claim.entry, claim.lease).await?;
            }
            Begin::Send(_) | Begin::Settle(_) => {}
        }
        outbox.commit(tx, self.clock.now(), &self.bell).await?;
        drop(place);
        Ok((begun, checked))
    }

    /// A place at the database; a reply needs none.
    async fn place(&self, claim: &Claim) -> Option<SemaphorePermit<'_>> {
        if claim.class == Class::Reply {
            return None;
        }
        // It is never closed.
        self.places.acquire().await.ok()
    }

    async fn send(
        &self,
        turn: &Turn,
        outgoing: &Arc<Outgoing>,
        checked: Instant,
        deadline: Instant,
    ) {
        let claim = &turn.claim;
        let (credentials, text) = match self.request(outgoing) {
            Ok(request) => request,
            Err(error) => {
                let refused = request::unopenable(&outgoing.channel, &error);
                return self
                    .close(claim, outgoing, Learned::Answer(refused), deadline)
                    .await;
            }
        };
        match self.holds_at_its_turn(turn, checked).await {
            Ok(true) => {}
            // Somebody else has it, and will find the attempt that was written down.
            Ok(false) => return,
            Err(error) => {
                tracing::warn!(
                    message.id = %outgoing.message.id,
                    error = &error as &dyn std::error::Error,
                    "A claim can't be checked, so its text is not sent; it comes up again",
                );
                // A request that was never sent is no attempt.
                return self
                    .close(claim, outgoing, Learned::Answer(Answer::NotSent), deadline)
                    .await;
            }
        }
        // From here on the text may be at Twilio.
        self.note_age(outgoing);
        let answer = request::answer(self.twilio.create_message(&credentials, &text).await);
        turn.carried_out();
        request::tell(outgoing, &answer);
        self.close(claim, outgoing, Learned::Answer(answer), deadline)
            .await;
    }

    /// Waits for the turn and says whether the claim, which held at `checked`, holds then.
    ///
    /// The database was asked while there was time. At the instant itself only the machine's monotonic
    /// clock is read, which goes on while the process is stopped: texts that wait for a query would
    /// come close to each other, and one that was held up is checked again.
    async fn holds_at_its_turn(&self, turn: &Turn, checked: Instant) -> Result<bool, DbErr> {
        turn.comes().await;
        let (mut checked, mut holds) = (checked, true);
        while holds && checked.elapsed() >= FRESH {
            checked = Instant::now();
            holds = self.holds(&turn.claim).await?;
        }
        Ok(holds)
    }

    async fn holds(&self, claim: &Claim) -> Result<bool, DbErr> {
        let _place = self.place(claim).await;
        queue::holds(self.db.read(), &self.clock, claim.entry, claim.lease, FRESH).await
    }

    /// First attempts only: a later one has waited on purpose.
    fn note_age(&self, outgoing: &Outgoing) {
        let message = &outgoing.message;
        if outgoing.attempt.number == 1 {
            let due = message.scheduled_at.unwrap_or(message.created_at);
            figures::left(
                message.priority,
                (self.clock.now() - due).num_milliseconds(),
            );
        }
    }

    async fn settle(&self, turn: &Turn, outgoing: &Arc<Outgoing>, deadline: Instant) {
        let found = self.look_up(outgoing).await;
        turn.carried_out();
        let learned = match found {
            Ok(found) => {
                figures::looked_up(if found.is_some() { "found" } else { "absent" });
                Learned::Listed(found)
            }
            Err(error) => {
                let age = self.clock.now() - outgoing.attempt.created_at;
                match lookup::beyond_reach(&error, age) {
                    Some(answer) => {
                        figures::looked_up("impossible");
                        lookup::tell_given_up(outgoing, &error);
                        Learned::Answer(answer)
                    }
                    None => {
                        figures::looked_up("failed");
                        lookup::tell(outgoing, &error);
                        Learned::Nothing
                    }
                }
            }
        };
        self.close(&turn.claim, outgoing, learned, deadline).await;
    }

    fn request(
        &self,
        outgoing: &Outgoing,
    ) -> Result<(twilio::Credentials, twilio::client::NewMessage), channels::OpenError> {
        let opened = channels::open(&self.keys, &outgoing.channel)?;
        let now = self.clock.now();
        let text = request::text(outgoing, &opened, &self.public_url, &self.links, now);
        Ok((opened.twilio(), text))
    }
}

/// What the metrics call an answer.
pub(super) const fn outcome(answer: &Answer) -> &'static str {
    match answer {
        Answer::Accepted { .. } => "accepted",
        Answer::Refused {
            throttled: true, ..
        } => "throttled",
        Answer::Refused { .. } => "refused",
        Answer::NotSent => "not_sent",
        Answer::Unknown => "unknown",
    }
}
