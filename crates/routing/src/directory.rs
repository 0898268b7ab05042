//! Channels looked up for webhooks: what is asked at the same time is asked of the database at once, and
//! what was found is kept for the next.
//!
//! What is kept may be out of date, as any replica changes channels. It can do no harm: it counts only if
//! its secret made the signature (else the channel is looked up), and whoever writes what a webhook tells
//! asks in the transaction whether it is [`unchanged`]. So a channel that was connected, changed or removed a moment ago is
//! found as it is.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use channels::{KeyRing, OpenError, Opened};
use db::{Db, each};
use entity::channel;
use entity::id::{ChannelId, TenantId};
use entity::phone::PhoneNumber;
use hashlink::LruCache;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use together::{Batch, NotDone, Together};

use crate::Routed;
use crate::candidates::{self, takes_texts};

/// So many are kept, those that were asked for last: about 20 MB.
const MOST_KEPT: usize = 8192;

/// Looks channels up.
#[derive(Debug)]
pub struct Directory {
    db: Db,
    lookups: Together<Lookups>,
    kept: Mutex<LruCache<Key, Arc<Known>>>,
}

/// A channel and its secrets.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) channel: Arc<channel::Model>,
    pub(crate) opened: Opened,
}

impl Known {
    pub(crate) fn open(ring: &KeyRing, channel: channel::Model) -> Result<Self, OpenError> {
        Ok(Self {
            opened: channels::open(ring, &channel)?,
            channel: Arc::new(channel),
        })
    }
}

impl Directory {
    /// Works on the runtime that this is called on, which has to outlive all requests.
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self {
            lookups: Together::new(Lookups { db: db.clone() }),
            kept: Mutex::new(LruCache::new(MOST_KEPT)),
            db,
        }
    }

    /// For what is looked up seldom.
    pub(crate) fn conn(&self) -> &sea_orm::DatabaseConnection {
        self.db.read()
    }

    /// What was found by this key before.
    pub(crate) fn kept(&self, key: &Key) -> Option<Arc<Known>> {
        self.lock().get(key).cloned()
    }

    /// Keeps the only channel that was found by this key. One that takes no texts isn't kept: which of
    /// several is meant depends on that.
    pub(crate) fn keep(&self, key: Key, known: &Arc<Known>) {
        if takes_texts(&known.channel) {
            self.lock().insert(key, Arc::clone(known));
        }
    }

    /// Forgets the channel of a webhook, which is not [`unchanged`].
    pub fn forget(&self, routed: &Routed) {
        let mut kept = self.lock();
        if let Some(channel) = routed.kept() {
            kept.remove(&Key::Id(channel.id));
            kept.remove(&Key::number(&channel.account_sid, &channel.phone_number));
        }
    }

    fn lock(&self) -> MutexGuard<'_, LruCache<Key, Arc<Known>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The channel that a URL names.
    pub(crate) async fn by_id(&self, id: ChannelId) -> Result<Option<channel::Model>, NotDone> {
        Ok(self.lookups.run(Key::Id(id)).await?.pop())
    }

    /// The first of the channels with an account and number, oldest first: [`candidates::PAGE`], or all
    /// if there are fewer.
    pub(crate) async fn with_number(
        &self,
        account_sid: &str,
        number: &PhoneNumber,
    ) -> Result<Vec<channel::Model>, NotDone> {
        self.lookups.run(Key::number(account_sid, number)).await
    }
}

/// Channels that are what they were when they were read.
#[derive(Debug, Default)]
pub struct Unchanged(HashSet<(ChannelId, i32)>);

impl Unchanged {
    /// Whether the channel, as it was read, is one of them: an earlier copy of the same one is not.
    #[must_use]
    pub fn has(&self, channel: &channel::Model) -> bool {
        self.0.contains(&(channel.id, channel.version))
    }
}

/// Which of these channels are what they were when they were read.
///
/// # Errors
/// When the database is away.
pub async fn unchanged(
    tx: &impl ConnectionTrait,
    channels: impl IntoIterator<Item = &channel::Model>,
) -> Result<Unchanged, DbErr> {
    let read: HashSet<_> = channels
        .into_iter()
        .map(|row| (row.id, row.version))
        .collect();
    let keys = read
        .into_iter()
        .map(|(id, version)| [id.into(), Value::from(version)]);
    let (what, columns) = ("id, version FROM channels", ["id", "version"]);
    let same: Vec<Version> = each::select(tx, what, columns, keys.collect(), "").await?;
    let same = same.into_iter().map(|row| (row.id, row.version));
    Ok(Unchanged(same.collect()))
}

#[derive(FromQueryResult)]
struct Version {
    id: ChannelId,
    version: i32,
}

/// By what a channel is looked up.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    Id(ChannelId),
    Number(String, PhoneNumber),
}

impl Key {
    pub(crate) fn number(account_sid: &str, number: &PhoneNumber) -> Self {
        Self::Number(account_sid.to_owned(), number.clone())
    }
}

#[derive(Debug)]
struct Lookups {
    db: Db,
}

/// Mostly a number has one channel. Whoever has connected one many times is looked up alone.
const MOST_AT_ONCE: usize = 2 * candidates::PAGE;

impl Batch for Lookups {
    type Item = Key;
    type Outcome = Vec<channel::Model>;

    /// As many as webhooks may wait to be written.
    const MOST_WAITING: usize = 1024;

    fn tenant(_: &Key) -> Option<TenantId> {
        None
    }

    async fn run(&self, keys: &[Key]) -> Result<Vec<Vec<channel::Model>>, DbErr> {
        let mut found = self.by_id(keys).await?;
        let by_number = self.by_number(keys).await?;
        found.extend(by_number);
        let channels = |key| found.get(key).cloned().unwrap_or_default();
        Ok(keys.iter().map(channels).collect())
    }
}

impl Lookups {
    async fn by_id(&self, keys: &[Key]) -> Result<HashMap<Key, Vec<channel::Model>>, DbErr> {
        let ids = keys.iter().filter_map(|key| match key {
            Key::Id(id) => Some([Value::from(*id)]),
            Key::Number(..) => None,
        });
        let and = " AND deleted_at IS NULL";
        let conn = self.db.read();
        let found = each::find::<channel::Entity, 1>(conn, ["id"], ids.collect(), and).await?;
        Ok(found
            .into_iter()
            .map(|row| (Key::Id(row.id), vec![row]))
            .collect())
    }

    async fn by_number(&self, keys: &[Key]) -> Result<HashMap<Key, Vec<channel::Model>>, DbErr> {
        let numbers = keys.iter().filter_map(|key| match key {
            Key::Number(account, number) => {
                Some([account.as_str().into(), Value::from(number.clone())])
            }
            Key::Id(_) => None,
        });
        let columns = ["account_sid", "phone_number"];
        let and = format!(" AND deleted_at IS NULL ORDER BY id LIMIT {MOST_AT_ONCE}");
        let conn = self.db.read();
        let rows = each::find::<channel::Entity, 2>(conn, columns, numbers.collect(), &and).await?;
        if rows.len() >= MOST_AT_ONCE {
            return self.one_by_one(keys).await;
        }
        let mut found: HashMap<_, Vec<_>> = HashMap::new();
        for row in rows {
            let key = Key::Number(row.account_sid.clone(), row.phone_number.clone());
            found.entry(key).or_default().push(row);
        }
        Ok(found)
    }

    async fn one_by_one(&self, keys: &[Key]) -> Result<HashMap<Key, Vec<channel::Model>>, DbErr> {
        let mut found = HashMap::new();
        for key in keys {
            if let Key::Number(account, number) = key {
                let page = candidates::with_number(account, number, None);
                found.insert(key.clone(), page.all(self.db.read()).await?);
            }
        }
        Ok(found)
    }
}
