//! Who writes for the first time, and the conversations that begin: those of a whole batch made at once.

use std::collections::{BTreeMap, HashMap, HashSet};

use db::each;
use entity::clock::Clock;
use entity::id::{ConversationId, LeadId};
use entity::phone::remote_jid;
use entity::{conversation, lead, message, opt_out};
use events::Outbox;
use sea_orm::{ConnectionTrait, DbErr, Value};

use super::rows::stranger;
use super::together::{Text, person};
use crate::{leads, threads};

/// Makes the leads that are not among `known`. One that somebody else has just made is left out.
///
/// All of a batch are made here, in the order of their numbers: two batches that made the same ones
/// crosswise would deadlock.
pub(super) async fn people(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    known: &[lead::Model],
    texts: &[Text<'_>],
) -> Result<Vec<lead::Model>, DbErr> {
    let known: HashSet<_> = known
        .iter()
        .filter_map(|lead| Some((lead.tenant_id, lead.phone.as_deref()?)))
        .collect();
    let unknown = |text: &&Text<'_>| !known.contains(&person(text));
    let unknown: Vec<_> = texts.iter().filter(unknown).copied().collect();
    // Of a text told once more the sender may go by another number by now.
    let stored = stored(tx, &unknown).await?;
    let mut fresh = BTreeMap::new();
    for text in unknown {
        let (inbound, sender) = text;
        if !stored.contains(inbound.text.message_sid.as_str()) {
            let lead = || stranger(clock, inbound, sender);
            fresh.entry(person(&text)).or_insert_with(lead);
        }
    }
    let keys = fresh
        .keys()
        .map(|(tenant, phone)| [(*tenant).into(), Value::from(*phone)]);
    let columns = ["tenant_id", "phone"];
    let opted_out = each::find::<opt_out::Entity, 2>(tx, columns, keys.collect(), "").await?;
    let mut opted_out: HashMap<_, _> = opted_out
        .into_iter()
        .map(|row| ((row.tenant_id, row.phone.clone()), row))
        .collect();
    let marked = |((tenant, phone), lead): ((_, &str), _)| {
        leads::marked(lead, opted_out.remove(&(tenant, phone.to_owned())))
    };
    let rows: Vec<_> = fresh.into_iter().map(marked).collect();
    let made: HashSet<LeadId> = each::insert(tx, &rows, lead::Column::Id).await?;
    let made: Vec<_> = rows
        .into_iter()
        .filter(|row| made.contains(&row.id))
        .collect();
    for lead in &made {
        leads::tell_created(clock, outbox, lead);
    }
    Ok(made)
}

/// The SIDs of those texts that are stored already.
async fn stored(tx: &impl ConnectionTrait, texts: &[Text<'_>]) -> Result<HashSet<String>, DbErr> {
    let keys = texts.iter().map(|(inbound, _)| {
        let sid = inbound.text.message_sid.as_str();
        [inbound.tenant_id().into(), Value::from(sid)]
    });
    let (sid, columns) = (message::Column::InboundSid, ["tenant_id", "inbound_sid"]);
    each::column::<message::Entity, _, 2>(tx, sid, columns, keys.collect()).await
}

/// Begins the conversations of these people that are not among `known`. Their leads are locked, so that
/// nobody else does.
pub(super) async fn conversations(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    known: &[conversation::Model],
    texts: impl Iterator<Item = (Text<'_>, LeadId)>,
) -> Result<Vec<conversation::Model>, DbErr> {
    let known: HashSet<_> = known
        .iter()
        .map(|thread| (thread.channel_id, thread.remote_jid.clone()))
        .collect();
    let mut fresh = BTreeMap::new();
    for ((inbound, sender), lead) in texts {
        let at = (inbound.channel.id, remote_jid(sender));
        if !known.contains(&at) {
            let (tenant, channel) = (inbound.tenant_id(), inbound.channel.id);
            let thread = || threads::fresh(clock, tenant, channel, lead, sender);
            fresh.entry(at).or_insert_with(thread);
        }
    }
    let rows: Vec<_> = fresh.into_values().collect();
    let made: HashSet<ConversationId> = each::insert(tx, &rows, conversation::Column::Id).await?;
    Ok(rows
        .into_iter()
        .filter(|row| made.contains(&row.id))
        .collect())
}
