//! Links to files: signed, and good until some hour.
//!
//! A link is short, since it may stand in a text that is paid for by its length: 43 signs after the
//! address of the service. It names the file and how it is wanted; whose it is, the file's row knows.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretSlice};
use sha2::Sha256;
use uuid::Uuid;

/// Where links begin, below the public URL.
const PATH: &str = "/m/";

/// What precedes the seal: a byte that says how the file is wanted, its id, and three for the hour.
const PLAIN: usize = 20;

/// How much of the seal is kept: 96 bits.
const SEAL: usize = 12;

const HOUR: i64 = 3600;

/// In which form a file is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Variant {
    // Links have these numbers: they stay.
    /// As it came.
    Original = 0,
    /// Made to fit into an MMS.
    Fitted = 1,
    /// Small, for lists.
    Thumbnail = 2,
}

impl Variant {
    const ALL: [Self; 3] = [Self::Original, Self::Fitted, Self::Thumbnail];
}

/// What a link is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Which file.
    pub media: Uuid,
    /// In which form.
    pub variant: Variant,
    /// Until when.
    pub expires_at: DateTime<Utc>,
}

/// Makes links and reads them.
#[derive(Clone, Debug)]
pub struct Links {
    base: String,
    /// The first signs, every one is good.
    keys: Vec<SecretSlice<u8>>,
}

impl Links {
    /// Links below `public_url`. The first of the keys signs, all of them are believed: a key is
    /// replaced by putting a new one before it, and taken away when its links have run out.
    #[must_use]
    pub fn new(public_url: &str, keys: Vec<SecretSlice<u8>>) -> Self {
        Self {
            base: public_url.trim_end_matches('/').to_owned(),
            keys,
        }
    }

    /// The same with each of the keys signing in turn: what has been signed may have been signed by
    /// another than the first.
    pub fn by_each_key(&self) -> impl Iterator<Item = Self> {
        (0..self.keys.len()).map(|n| {
            let mut links = self.clone();
            links.keys.rotate_left(n);
            links
        })
    }

    /// A link that holds at least until `until`.
    #[must_use]
    pub fn link(&self, media: Uuid, variant: Variant, until: DateTime<Utc>) -> String {
        let mut bytes = Vec::with_capacity(PLAIN + SEAL);
        bytes.push(variant as u8);
        bytes.extend_from_slice(media.as_bytes());
        let hour = (until.timestamp().max(0) + HOUR - 1) / HOUR;
        let hour = u32::try_from(hour).unwrap_or(u32::MAX).min(0x00FF_FFFF);
        bytes.extend_from_slice(&hour.to_be_bytes()[1..]);
        if let Some(key) = self.keys.first() {
            let seal = sealed(key, &bytes).finalize().into_bytes();
            bytes.extend_from_slice(&seal[..SEAL]);
        }
        format!("{}{PATH}{}", self.base, URL_SAFE_NO_PAD.encode(bytes))
    }

    /// A link for a page that is shown now. It is the same for an hour, so that an answer that holds
    /// it does not change by itself, and then holds for another one at least.
    #[must_use]
    pub fn for_page(&self, media: Uuid, variant: Variant, now: DateTime<Utc>) -> String {
        let began = now.timestamp().div_euclid(HOUR) * HOUR;
        let hour = DateTime::from_timestamp(began, 0).unwrap_or(now);
        self.link(media, variant, hour + TimeDelta::hours(2))
    }

    /// What links of [`Links::for_page`] have in common at `now`: it changes when they do. Whoever tells
    /// a client that nothing has changed has to know that.
    #[must_use]
    pub fn edition(&self, now: DateTime<Utc>) -> String {
        let hour = now.timestamp().div_euclid(HOUR).to_be_bytes();
        let Some(key) = self.keys.first() else {
            return String::new();
        };
        // Shorter than what a link is sealed over, so it is never a link's seal.
        let seal = sealed(key, &hour).finalize().into_bytes();
        URL_SAFE_NO_PAD.encode(&seal[..SEAL])
    }

    /// What the last part of a link's path is good for; nothing when it is none of ours, or over.
    #[must_use]
    pub fn read(&self, token: &str, now: DateTime<Utc>) -> Option<Grant> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (plain, seal) = bytes.split_at_checked(PLAIN)?;
        if seal.len() != SEAL {
            return None;
        }
        let is_ours = |key| sealed(key, plain).verify_truncated_left(seal).is_ok();
        if !self.keys.iter().any(is_ours) {
            return None;
        }
        let variant = Variant::ALL
            .into_iter()
            .find(|variant| *variant as u8 == plain[0])?;
        let media = Uuid::from_slice(&plain[1..17]).ok()?;
        let hour = u32::from_be_bytes([0, plain[17], plain[18], plain[19]]);
        let expires_at = DateTime::from_timestamp(i64::from(hour) * HOUR, 0)?;
        (now < expires_at).then_some(Grant {
            media,
            variant,
            expires_at,
        })
    }
}

fn sealed(key: &SecretSlice<u8>, plain: &[u8]) -> Hmac<Sha256> {
    // HMAC takes keys of any length.
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key.expose_secret())
        .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    mac.update(plain);
    mac
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(byte: u8) -> SecretSlice<u8> {
        SecretSlice::from(vec![byte; 32])
    }

    fn links(keys: &[u8]) -> Links {
        Links::new(
            "https://x.example/",
            keys.iter().map(|byte| key(*byte)).collect(),
        )
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    fn token(link: &str) -> &str {
        link.strip_prefix("https://x.example/m/").unwrap()
    }

    const FILE: Uuid = Uuid::from_u128(0x0192_7000_0000_7000_8000_0000_0000_0001);

    #[test]
    fn a_link_is_short_and_says_what_it_is_for() {
        let link = links(&[1]).link(FILE, Variant::Fitted, at(10));
        assert_eq!(token(&link).len(), 43);
        let grant = links(&[1]).read(token(&link), at(0)).unwrap();
        assert_eq!((grant.media, grant.variant), (FILE, Variant::Fitted));
        assert!(grant.expires_at >= at(10));
    }

    /// A link that was given out must be read by what is built later.
    #[test]
    fn links_that_have_been_given_out_hold() {
        for (variant, given) in [
            (
                Variant::Original,
                "AAGScAAAAHAAgAAAAAAAAAEHoSDQ-helygTqTDJ-qhM",
            ),
            (
                Variant::Fitted,
                "AQGScAAAAHAAgAAAAAAAAAEHoSB11yRoJUfylcXrvXQ",
            ),
            (
                Variant::Thumbnail,
                "AgGScAAAAHAAgAAAAAAAAAEHoSCmY0ZhUQEodeMci_c",
            ),
        ] {
            let link = links(&[1]).link(FILE, variant, at(0));
            assert_eq!(token(&link), given);
            let grant = links(&[1]).read(given, at(-9)).unwrap();
            assert_eq!((grant.media, grant.variant), (FILE, variant));
        }
    }

    #[test]
    fn a_link_ends() {
        let link = links(&[1]).link(FILE, Variant::Original, at(10));
        let end = links(&[1]).read(token(&link), at(0)).unwrap().expires_at;
        assert!(
            links(&[1])
                .read(token(&link), end - TimeDelta::seconds(1))
                .is_some()
        );
        assert!(links(&[1]).read(token(&link), end).is_none());
    }

    #[test]
    fn a_link_of_a_key_that_is_being_replaced_still_holds() {
        let old = links(&[1]).link(FILE, Variant::Original, at(0));
        assert!(links(&[2, 1]).read(token(&old), at(-9)).is_some());
        let new = links(&[2, 1]).link(FILE, Variant::Original, at(0));
        assert!(links(&[1]).read(token(&new), at(-9)).is_none());
        assert!(links(&[]).read(token(&old), at(-9)).is_none());
        let by_each: Vec<_> = links(&[2, 1])
            .by_each_key()
            .map(|links| links.link(FILE, Variant::Original, at(0)))
            .collect();
        assert_eq!(by_each, [new, old]);
    }

    #[test]
    fn links_of_a_page_change_by_the_hour() {
        let links = links(&[1]);
        let on_the_hour = at(-(at(0).timestamp() % HOUR));
        let page = |seconds| {
            links.for_page(
                FILE,
                Variant::Thumbnail,
                on_the_hour + TimeDelta::seconds(seconds),
            )
        };
        assert_eq!(page(0), page(3599));
        assert_ne!(page(0), page(3600));
        let edition = |seconds| links.edition(on_the_hour + TimeDelta::seconds(seconds));
        assert_eq!(edition(0), edition(3599));
        assert_ne!(edition(0), edition(3600));
        let other = self::links(&[2, 1]).edition(on_the_hour);
        assert_ne!(other, edition(0), "the key signs them");
        let late = on_the_hour + TimeDelta::seconds(3599 + 3600);
        assert!(links.read(token(&page(3599)), late).is_some());
    }

    proptest! {
        #[test]
        fn a_link_with_one_bit_changed_is_none(bit in 0_usize..256) {
            let link = links(&[1]).link(FILE, Variant::Original, at(10));
            let mut bytes = URL_SAFE_NO_PAD.decode(token(&link)).unwrap();
            bytes[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(links(&[1]).read(&URL_SAFE_NO_PAD.encode(bytes), at(0)).is_none());
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in ".{0,80}") {
            prop_assert!(links(&[1]).read(&text, at(0)).is_none());
        }
    }
}
