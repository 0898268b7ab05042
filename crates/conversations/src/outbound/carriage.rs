//! How files go to their recipient: with the message where that can be, else as links in its text.

use std::collections::HashSet;

use ::media::kind;
use ::media::picture::FITS;
use ::media::{Links, Variant};
use chrono::{DateTime, TimeDelta, Utc};
use entity::clock::Clock;
use entity::id::{MediaId, MessageId, TenantId};
use entity::phone::{NumberKind, PhoneNumber};
use entity::value::{MediaStatus, SentAs};
use entity::{TenantScoped, channel, media, message};
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
};

use crate::{Error, Problem, attachments};

/// So many files a message has at most: what Twilio takes.
const MOST: usize = 10;

/// What Twilio takes of all files of a message.
const ALL: u64 = 5_000_000;

/// What carriers take of a file that they can't make smaller.
const OTHER: u64 = 500_000;

/// The countries between which MMS go.
const WITH_MMS: [&str; 3] = ["US", "CA", "PR"];

/// How long a link in a text holds.
const LINK_FOR: TimeDelta = TimeDelta::days(90);

/// What can be shown in place and made smaller by carriers.
const PICTURES: [&str; 3] = ["image/jpeg", "image/png", "image/gif"];

/// How many bytes a file has as part of an MMS, or why it can't be one.
///
/// # Errors
/// A sentence for people.
pub fn fits(file: &media::Model) -> Result<u64, String> {
    if let Some(size) = file.fitted_size {
        return Ok(size.unsigned_abs());
    }
    let size = file.size.unwrap_or(0).unsigned_abs();
    let name = file.content_type.as_str();
    if PICTURES.contains(&name) {
        if size <= ALL {
            return Ok(size);
        }
        return Err(format!("it has {size} bytes, and an MMS at most {ALL}"));
    }
    if !kind::named(name).is_some_and(|kind| kind.by_mms) {
        return Err(format!("files of type {name} can't be sent by MMS"));
    }
    if size > OTHER {
        return Err(format!(
            "it has {size} bytes, and files other than pictures at most {OTHER} in an MMS"
        ));
    }
    Ok(size)
}

/// Whether a channel can send an MMS to a number. Of one that Twilio was not asked about, that is
/// assumed.
fn by_mms(channel: &channel::Model, to: &PhoneNumber) -> bool {
    channel.mms != Some(false) && can_be_mms(&channel.phone_number, to)
}

/// Whether MMS go from a number to another, if the first has them.
fn can_be_mms(from: &PhoneNumber, to: &PhoneNumber) -> bool {
    let there = |number: &PhoneNumber| {
        number
            .country()
            .is_some_and(|country| WITH_MMS.contains(&country.to_string().as_str()))
    };
    (there(from) || from.kind() == NumberKind::TollFree) && there(to)
}

/// How each file of a message goes.
fn plan(possible: bool, files: &[media::Model]) -> Vec<SentAs> {
    let mut room = ALL;
    let way = |file: &media::Model| match fits(file) {
        Ok(size) if possible && size <= room => {
            room -= size;
            SentAs::Mms
        }
        _ => SentAs::Link,
    };
    files.iter().map(way).collect()
}

/// The files that a draft names, in its order.
pub(super) async fn files(
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    ids: &[MediaId],
) -> Result<Vec<media::Model>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    if ids.len() > MOST {
        let detail = format!("a message has at most {MOST} files");
        return Err(Error::invalid("/media_ids", detail));
    }
    let found = media::Entity::of(tenant)
        .filter(media::Column::Id.is_in(ids.iter().copied()))
        .filter(media::Column::Status.eq(MediaStatus::Stored))
        .all(tx)
        .await?;
    let (mut files, mut problems) = (Vec::new(), Vec::new());
    for (n, id) in ids.iter().enumerate() {
        match found.iter().find(|file| file.id == *id) {
            Some(file) => files.push(file.clone()),
            None => problems.push(missing(n)),
        }
    }
    if problems.is_empty() {
        Ok(files)
    } else {
        Err(Error::Invalid(problems))
    }
}

fn missing(n: usize) -> Problem {
    Problem {
        pointer: format!("/media_ids/{n}"),
        detail: "there is no such file".to_owned(),
    }
}

/// What a message carries.
pub(super) struct Load {
    files: Vec<media::Model>,
    ways: Vec<SentAs>,
}

impl Load {
    pub(super) fn new(
        channel: &channel::Model,
        to: &PhoneNumber,
        files: Vec<media::Model>,
    ) -> Self {
        let ways = plan(by_mms(channel, to), &files);
        Self { files, ways }
    }

    pub(super) fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether something goes with the message: then it is no text, and counts as one segment.
    pub(super) fn is_mms(&self) -> bool {
        self.ways.contains(&SentAs::Mms)
    }

    /// The text as it will leave.
    pub(super) fn text(&self, body: &str, links: &Links, now: DateTime<Utc>) -> String {
        let linked = self.files.iter().zip(&self.ways);
        let linked = linked.filter(|(_, way)| **way == SentAs::Link);
        append(body, linked.map(|(file, _)| file), links, now)
    }

    /// Gives the files to the message. One that another message has is taken a second time, as the
    /// file itself is kept once.
    ///
    /// What [`files`] found may have changed: another message may be taking the same file in this
    /// moment, and housekeeping may have removed it. Hence the locks, which everybody takes in the
    /// same order.
    pub(super) async fn write(
        self,
        tx: &impl ConnectionTrait,
        clock: &Clock,
        message: &message::Model,
    ) -> Result<(), Error> {
        if self.files.is_empty() {
            return Ok(());
        }
        let mut free = free(tx, message.tenant_id, &self.files).await?;
        let kept = attachments::hold(tx, clock, message.tenant_id, &self.files).await?;
        for (n, (file, way)) in self.files.into_iter().zip(self.ways).enumerate() {
            if !attachments::digests(&file).all(|digest| kept.contains(digest)) {
                return Err(Error::Invalid(vec![missing(n)]));
            }
            let is_free = free.remove(&file.id);
            let mut row = file.into_active_model();
            row.message_id = Set(Some(message.id));
            row.position = Set(i32::try_from(n).unwrap_or(i32::MAX));
            row.sent_as = Set(Some(way));
            row.updated_at = Set(clock.now());
            if is_free {
                row.update(tx).await?;
            } else {
                row.id = Set(MediaId::new(clock));
                row.source_url = Set(None);
                row.next_try_ms = Set(None);
                row.created_at = Set(clock.now());
                row.reset_all().insert(tx).await?;
            }
        }
        Ok(())
    }
}

/// Which of these files no message has, locked until the end of the transaction.
async fn free(
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    files: &[media::Model],
) -> Result<HashSet<MediaId>, DbErr> {
    let free = media::Entity::of(tenant)
        .filter(media::Column::Id.is_in(files.iter().map(|file| file.id)))
        .filter(media::Column::MessageId.is_null())
        .order_by_asc(media::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .all(tx)
        .await?;
    Ok(free.into_iter().map(|file| file.id).collect())
}

/// The files of a message, in order.
pub(crate) async fn of_message(
    conn: &impl ConnectionTrait,
    message: &message::Model,
) -> Result<Vec<media::Model>, DbErr> {
    if message.num_media == 0 {
        return Ok(Vec::new());
    }
    of(conn, message.tenant_id, message.id).await
}

async fn of(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    message: MessageId,
) -> Result<Vec<media::Model>, DbErr> {
    media::Entity::of(tenant)
        .filter(media::Column::MessageId.eq(message))
        .order_by_asc(media::Column::Position)
        .all(conn)
        .await
}

/// The text of a message with the links that it carries, which hold from `at` on: the same each time
/// for the same time.
pub(crate) fn with_links(
    body: &str,
    files: &[media::Model],
    links: &Links,
    at: DateTime<Utc>,
) -> String {
    let linked = files
        .iter()
        .filter(|file| file.sent_as == Some(SentAs::Link));
    append(body, linked, links, at)
}

fn append<'a>(
    body: &str,
    linked: impl Iterator<Item = &'a media::Model>,
    links: &Links,
    at: DateTime<Utc>,
) -> String {
    let mut text = body.to_owned();
    for file in linked {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&links.link(file.id.0, outgoing(file), at + LINK_FOR));
    }
    text
}

/// In which form a file leaves: what was made to fit tells nothing but what is seen.
const fn outgoing(file: &media::Model) -> Variant {
    match file.fitted_digest {
        Some(_) => Variant::Fitted,
        None => Variant::Original,
    }
}

/// Whether something goes with the message itself.
pub(super) fn is_mms(files: &[media::Model]) -> bool {
    files.iter().any(|file| file.sent_as == Some(SentAs::Mms))
}

/// Where Twilio fetches what goes with a message, until `until`.
pub(crate) fn media_urls(
    files: &[media::Model],
    links: &Links,
    until: DateTime<Utc>,
) -> Vec<String> {
    let with = files
        .iter()
        .filter(|file| file.sent_as == Some(SentAs::Mms));
    with.map(|file| links.link(file.id.0, outgoing(file), until))
        .collect()
}

/// As large as what is made to fit: then ten of them go with one message.
const _: () = assert!(FITS * MOST as u64 <= ALL);

#[cfg(test)]
mod tests;
