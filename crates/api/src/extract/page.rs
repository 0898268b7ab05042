//! Pages of lists.
//!
//! A list is read in the order of a key that no two rows share, and a cursor is the key of the
//! last row seen. It is sealed with an HMAC over the tenant, the kind of list, its path and its
//! filters, so that a cursor of another list, another tenant or somebody's imagination is refused
//! instead of guessed at.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use entity::id::TenantId;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretSlice};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::Sha256;
use utoipa::IntoParams;

use super::{query, unversioned};
use crate::error::ApiError;

/// What is returned unless something else is asked for.
const DEFAULT_LIMIT: u64 = 50;
const MAX_LIMIT: u64 = 200;
/// Bytes of the seal: half of SHA-256 is plenty.
const SEAL: usize = 16;
/// Changes when the form of cursors does, which makes the old ones foreign.
const VERSION: &[u8] = b"cursor-2";

/// Which page of a list is wanted: `?limit=` (1 to 200, else 50) and `?cursor=`.
#[derive(Clone, Debug)]
pub struct Page {
    /// How many rows.
    pub limit: u64,
    cursor: Option<String>,
    /// Which list: path and filters, see [`place`].
    place: String,
}

/// What a list takes in its query, for its description.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageParameters {
    /// How many to return.
    #[param(value_type = Option<u64>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

impl Page {
    /// Whether this is the beginning of the list.
    #[must_use]
    pub fn is_first(&self) -> bool {
        self.cursor.is_none()
    }

    /// How many rows to fetch: one more than wanted shows whether there is a next page.
    #[must_use]
    pub fn fetch(&self) -> u64 {
        self.limit + 1
    }

    /// The key after which this page begins; nothing on the first page. `kind` names the list and,
    /// where it can be sorted in several ways, the way: `conversations:waiting`.
    ///
    /// # Errors
    /// 422 when the cursor is broken or belongs to another list or tenant.
    pub fn after<K: DeserializeOwned>(
        &self,
        key: &CursorKey,
        tenant: TenantId,
        kind: &str,
    ) -> Result<Option<K>, ApiError> {
        let Some(cursor) = &self.cursor else {
            return Ok(None);
        };
        let refused = || ApiError::field("cursor", "is not a cursor of this list");
        let bytes = BASE64.decode(cursor).map_err(|_| refused())?;
        let (json, seal) = bytes.split_last_chunk::<SEAL>().ok_or_else(refused)?;
        key.mac(tenant, [kind, &self.place], json)
            .verify_truncated_left(seal)
            .map_err(|_| refused())?;
        serde_json::from_slice(json)
            .map(Some)
            .map_err(|_| refused())
    }

    /// Cuts what was fetched (see [`Page::fetch`]) to the page, and makes the cursor of the next
    /// page if there is one. `of` gives a row's key.
    pub fn cut<R, K: Serialize>(
        &self,
        mut rows: Vec<R>,
        key: &CursorKey,
        tenant: TenantId,
        kind: &str,
        of: impl Fn(&R) -> K,
    ) -> (Vec<R>, Option<String>) {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        if rows.len() <= limit {
            return (rows, None);
        }
        rows.truncate(limit);
        let next = rows.last();
        let next = next.and_then(|row| self.cursor(key, tenant, kind, &of(row)));
        (rows, next)
    }

    /// The cursor of the page that begins after this key, for lists that know themselves where a page
    /// ends.
    pub fn cursor<K: Serialize>(
        &self,
        key: &CursorKey,
        tenant: TenantId,
        kind: &str,
        after: &K,
    ) -> Option<String> {
        let mut bytes = serde_json::to_vec(after).ok()?;
        let mac = key.mac(tenant, [kind, &self.place], &bytes);
        let seal = mac.finalize().into_bytes();
        bytes.extend_from_slice(&seal[..SEAL]);
        Some(BASE64.encode(bytes))
    }

    /// How many rows are wanted.
    #[must_use]
    pub fn size(&self) -> usize {
        usize::try_from(self.limit).unwrap_or(usize::MAX)
    }
}

impl FromRequest for Page {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let given = query::parse::<PageParameters>(request.query_string());
        let place = place(request.path(), request.query_string());
        ready(given.and_then(|given| Self::new(given, place)))
    }
}

/// The path without the version, and the query without what may differ from page to page.
fn place(path: &str, query: &str) -> String {
    let mut filters: Vec<_> = form_urlencoded::parse(query.as_bytes())
        .filter(|(name, _)| name != "limit" && name != "cursor")
        .collect();
    // Nobody promises to write them in the same order again.
    filters.sort();
    let filters = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(filters)
        .finish();
    format!("{}?{filters}", unversioned(path))
}

impl Page {
    fn new(given: PageParameters, place: String) -> Result<Self, ApiError> {
        let limit = match given.limit {
            None => DEFAULT_LIMIT,
            Some(text) => text
                .parse()
                .ok()
                .filter(|limit| (1..=MAX_LIMIT).contains(limit))
                .ok_or_else(|| {
                    ApiError::field("limit", format!("must be from 1 to {MAX_LIMIT}"))
                })?,
        };
        Ok(Self {
            limit,
            cursor: given.cursor,
            place,
        })
    }
}

/// Seals cursors. The same on all replicas, or they would refuse each other's.
#[derive(Clone, Debug)]
pub struct CursorKey(SecretSlice<u8>);

impl CursorKey {
    /// A key of its own, derived from a secret that all replicas share.
    #[must_use]
    pub fn derive(secret: &[u8]) -> Self {
        let mut mac = keyed(secret);
        mac.update(b"list cursors");
        Self(SecretSlice::from(mac.finalize().into_bytes().to_vec()))
    }

    fn mac(&self, tenant: TenantId, list: [&str; 2], json: &[u8]) -> Hmac<Sha256> {
        let mut mac = keyed(self.0.expose_secret());
        mac.update(VERSION);
        mac.update(tenant.0.as_bytes());
        for part in list {
            // The length keeps a part's end from being taken for the beginning of the next.
            mac.update(&part.len().to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac.update(json);
        mac
    }
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
fn keyed(secret: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(secret).expect("HMAC takes keys of any length")
}

/// Makes a page of a list a named type, so that the OpenAPI document has one schema for each.
macro_rules! page {
    ($(#[$doc:meta])* $name:ident of $item:ty) => {
        $(#[$doc])*
        #[derive(Debug, serde::Serialize, utoipa::ToSchema)]
        pub struct $name {
            /// The rows of this page.
            pub data: Vec<$item>,
            /// `cursor` for the next page; null on the last one.
            #[schema(required = true)]
            pub next_cursor: Option<String>,
        }
    };
}
pub(crate) use page;

#[cfg(test)]
mod tests {
    use entity::clock::Clock;

    use super::*;

    fn page(query: &str) -> Result<Page, ApiError> {
        query::parse(query).and_then(|given| Page::new(given, "/leads?".to_owned()))
    }

    fn key() -> CursorKey {
        CursorKey::derive(b"secret")
    }

    fn next(tenant: TenantId, kind: &str) -> Page {
        let (rows, cursor) =
            page("limit=2")
                .unwrap()
                .cut(vec![1, 2, 3], &key(), tenant, kind, |row| (*row, "x"));
        assert_eq!(rows, [1, 2]);
        Page {
            limit: 2,
            cursor,
            place: "/leads?".to_owned(),
        }
    }

    #[test]
    fn a_limit_is_taken_or_refused_but_never_changed() {
        assert_eq!(page("").unwrap().limit, 50);
        assert_eq!(page("limit=200").unwrap().limit, 200);
        for limit in ["0", "201", "-1", "many", ""] {
            assert!(page(&format!("limit={limit}")).is_err(), "{limit}");
        }
    }

    #[test]
    fn a_cursor_leads_on_from_the_last_row() {
        let tenant = TenantId::new(&Clock::System);
        let after: Option<(i32, String)> = next(tenant, "leads")
            .after(&key(), tenant, "leads")
            .unwrap();
        assert_eq!(after, Some((2, "x".to_owned())));
    }

    #[test]
    fn the_last_page_has_no_cursor() {
        let tenant = TenantId::new(&Clock::System);
        let (rows, cursor) =
            page("limit=2")
                .unwrap()
                .cut(vec![1, 2], &key(), tenant, "leads", |row| *row);
        assert_eq!((rows.len(), cursor), (2, None));
    }

    #[test]
    fn a_cursor_from_elsewhere_is_refused() {
        let (tenant, other) = (TenantId::new(&Clock::System), TenantId::new(&Clock::System));
        let page = next(tenant, "leads");
        let after = |key: &CursorKey, tenant, kind| page.after::<(i32, String)>(key, tenant, kind);
        assert!(after(&key(), other, "leads").is_err());
        assert!(after(&key(), tenant, "messages").is_err());
        assert!(after(&CursorKey::derive(b"other"), tenant, "leads").is_err());
        let elsewhere = Page {
            place: "/conversations/7/messages?".to_owned(),
            ..page.clone()
        };
        let found = elsewhere.after::<(i32, String)>(&key(), tenant, "leads");
        assert!(found.is_err());
        assert!(page.after::<Vec<bool>>(&key(), tenant, "leads").is_err());
    }

    #[test]
    fn a_list_is_known_by_path_and_filters_on_every_page() {
        let first = place("/api/v1/leads", "q=a&limit=2&tag=b");
        assert_eq!(first, place("/api/leads", "tag=b&q=a&limit=9&cursor=x"));
        assert_ne!(first, place("/api/v1/leads", "q=b&tag=b"));
        assert_ne!(first, place("/api/v1/messages", "q=a&tag=b"));
    }

    #[test]
    fn a_broken_cursor_is_refused() {
        let tenant = TenantId::new(&Clock::System);
        for cursor in ["", "x", "!!", "AAAA", "é", &"A".repeat(100)] {
            let page = Page {
                limit: 1,
                cursor: Some(cursor.to_owned()),
                place: String::new(),
            };
            assert!(
                page.after::<i32>(&key(), tenant, "leads").is_err(),
                "{cursor}"
            );
        }
    }
}
