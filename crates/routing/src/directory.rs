//! Channels looked up for webhooks: what is asked at the same time is asked of the database at once.
//!
//! Nothing is kept: a channel that was connected, changed or removed a moment ago is found as it is.

use std::collections::HashMap;

use db::{Db, each};
use entity::channel;
use entity::id::{ChannelId, TenantId};
use entity::phone::PhoneNumber;
use sea_orm::{DbErr, Value};
use together::{Batch, NotDone, Together};

use crate::candidates;

/// Looks channels up.
#[derive(Debug)]
pub struct Directory {
    db: Db,
    lookups: Together<Lookups>,
}

impl Directory {
    /// Works on the runtime that this is called on, which has to outlive all requests.
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self {
            lookups: Together::new(Lookups { db: db.clone() }),
            db,
        }
    }

    /// For what is looked up seldom.
    pub(crate) fn conn(&self) -> &sea_orm::DatabaseConnection {
        self.db.read()
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
        let key = Key::Number(account_sid.to_owned(), number.clone());
        self.lookups.run(key).await
    }
}

/// By what a channel is looked up.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Id(ChannelId),
    Number(String, PhoneNumber),
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
