//! The usual texts of a batch: those with no word to obey. A handful of statements reads and writes them
//! all.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::iter;

use db::each;
use entity::clock::Clock;
use entity::id::{ChannelId, ConversationId, LeadId, MessageId, TenantId};
use entity::phone::{Sender, remote_jid};
use entity::{conversation, lead, message};
use events::Outbox;
use sea_orm::{ConnectionTrait, DbErr, Value};

use super::rows::{lead_after, of_leads, of_threads, row, tell, thread_after};
use super::{Inbound, Received, newcomers};
use crate::outbound::WAITING;
use crate::{attachments, outbound};

/// A text and who it is from.
pub(super) type Text<'batch> = (&'batch Inbound, &'batch Sender);

/// Whom the texts of a batch are from, as far as they are known, and where the usual ones belong; all of
/// it locked.
#[derive(Debug)]
pub(super) struct Known {
    leads: HashMap<LeadId, lead::Model>,
    threads: HashMap<ConversationId, conversation::Model>,
    /// Of each text of the batch.
    places: Vec<Option<Place>>,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    lead: LeadId,
    thread: ConversationId,
}

impl Known {
    /// Locks the people in the order of their ids, and then their conversations in that of theirs: two
    /// batches don't wait crosswise. Makes those that are not there.
    pub(super) async fn lock(
        tx: &impl ConnectionTrait,
        clock: &Clock,
        outbox: &mut Outbox,
        texts: &[Text<'_>],
    ) -> Result<Self, DbErr> {
        let mut leads = lock_leads(tx, texts).await?;
        leads.extend(newcomers::people(tx, clock, outbox, &leads, texts).await?);
        let by_phone: HashMap<_, _> = leads
            .iter()
            .filter_map(|lead| Some(((lead.tenant_id, lead.phone.as_deref()?), lead.id)))
            .collect();
        let lead_of = |text: &Text<'_>| by_phone.get(&person(text)).copied();
        let is_at_home = |text: &&Text<'_>| is_usual(text) && lead_of(text).is_some();
        let usual: Vec<_> = texts.iter().filter(is_at_home).copied().collect();
        let mut threads = lock_threads(tx, &usual).await?;
        let at_home = usual
            .iter()
            .filter_map(|text| Some((*text, lead_of(text)?)));
        threads.extend(newcomers::conversations(tx, clock, &threads, at_home).await?);
        let by_place: HashMap<_, _> = threads
            .iter()
            .map(|thread| ((thread.channel_id, thread.remote_jid.as_str()), thread))
            .collect();
        let place = |text: &Text<'_>| {
            let (inbound, sender) = text;
            let lead = lead_of(text).filter(|_| is_usual(text))?;
            let jid = remote_jid(sender);
            let thread = by_place.get(&(inbound.channel.id, jid.as_str()))?;
            // One that another lead had before has to be handed over first.
            (thread.lead_id == lead).then_some(Place {
                lead,
                thread: thread.id,
            })
        };
        let mut places: Vec<_> = texts.iter().map(place).collect();
        // Those of one person stay in their order: all together, or each alone.
        let unusual: HashSet<_> = iter::zip(texts, &places)
            .filter(|(_, place)| place.is_none())
            .map(|(text, _)| person(text))
            .collect();
        for (text, place) in iter::zip(texts, &mut places) {
            *place = place.filter(|_| !unusual.contains(&person(text)));
        }
        Ok(Self {
            places,
            leads: leads.into_iter().map(|lead| (lead.id, lead)).collect(),
            threads: threads
                .into_iter()
                .map(|thread| (thread.id, thread))
                .collect(),
        })
    }

    /// Stores the usual texts; nothing is said of the others, which are to be stored one by one.
    pub(super) async fn store(
        mut self,
        tx: &impl ConnectionTrait,
        clock: &Clock,
        outbox: &mut Outbox,
        texts: &[Text<'_>],
    ) -> Result<Vec<Option<Received>>, DbErr> {
        let now = clock.now();
        let placed = iter::zip(texts, &self.places).map(|((inbound, _), place)| {
            let place = (*place)?;
            let thread = self.threads.get(&place.thread)?;
            Some((place, row(MessageId::new(clock), inbound, thread, now)))
        });
        let placed: Vec<_> = placed.collect();
        let rows = placed.iter().flatten().map(|(_, row)| row);
        let fresh: HashSet<MessageId> = each::insert(tx, rows, message::Column::Id).await?;
        let (mut leads, mut threads) = (BTreeSet::new(), BTreeSet::new());
        for ((inbound, _), placed) in iter::zip(texts, &placed) {
            let Some((place, row)) = placed.as_ref().filter(|(_, row)| fresh.contains(&row.id))
            else {
                continue;
            };
            attachments::expect(tx, clock, row, &inbound.text.media).await?;
            if let Some(lead) = self.leads.get_mut(&place.lead)
                && let Some(thread) = self.threads.get_mut(&place.thread)
            {
                *lead = lead_after(outbox, lead.clone(), &inbound.text, now, now);
                *thread = thread_after(thread.clone(), row, lead, now, now);
                tell(outbox, row, thread);
            }
            leads.insert(place.lead);
            threads.insert(place.thread);
        }
        let people = of_leads(leads.iter().filter_map(|id| self.leads.get(id)));
        let threads: Vec<_> = threads
            .iter()
            .filter_map(|id| self.threads.get(id))
            .collect();
        each::update(tx, [people, of_threads(threads.iter().copied())]).await?;
        cancel_on_reply(tx, clock, outbox, &threads).await?;
        let received = placed.iter().map(|placed| {
            let (_, row) = placed.as_ref()?;
            Some(match fresh.contains(&row.id) {
                true => Received::Stored(row.id),
                false => Received::Duplicate,
            })
        });
        Ok(received.collect())
    }
}

/// Who it is from.
pub(super) fn person<'batch>((inbound, sender): &Text<'batch>) -> (TenantId, &'batch str) {
    (inbound.tenant_id(), sender.as_str())
}

/// Whether nothing but the text itself comes of it: it is no word to obey, and is not found late.
fn is_usual(
    (
        Inbound {
            text, listed_at, ..
        },
        _,
    ): &Text<'_>,
) -> bool {
    listed_at.is_none() && text.opt_out_type.is_none() && sms_text::keyword(&text.body).is_none()
}

async fn lock_leads(
    tx: &impl ConnectionTrait,
    texts: &[Text<'_>],
) -> Result<Vec<lead::Model>, DbErr> {
    let people: BTreeSet<_> = texts.iter().map(person).collect();
    let keys = people
        .into_iter()
        .map(|(tenant, phone)| [tenant.into(), Value::from(phone)]);
    each::lock::<lead::Entity, 2>(tx, ["tenant_id", "phone"], keys.collect()).await
}

async fn lock_threads(
    tx: &impl ConnectionTrait,
    texts: &[Text<'_>],
) -> Result<Vec<conversation::Model>, DbErr> {
    let places: BTreeSet<(TenantId, ChannelId, String)> = texts
        .iter()
        .map(|(inbound, sender)| (inbound.tenant_id(), inbound.channel.id, remote_jid(sender)))
        .collect();
    let keys = places
        .into_iter()
        .map(|(tenant, channel, jid)| [tenant.into(), channel.into(), Value::from(jid)]);
    let columns = ["tenant_id", "channel_id", "remote_jid"];
    each::lock::<conversation::Entity, 3>(tx, columns, keys.collect()).await
}

/// Takes back what was to be dropped should these people write first.
async fn cancel_on_reply(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    threads: &[&conversation::Model],
) -> Result<(), DbErr> {
    let keys = threads
        .iter()
        .map(|thread| [thread.tenant_id.into(), Value::from(thread.id)]);
    let waiting: Vec<_> = WAITING.iter().map(|status| format!("'{status}'")).collect();
    let droppable = format!(
        " AND cancel_on_reply AND status IN ({})",
        waiting.join(", ")
    );
    let columns = ["tenant_id", "conversation_id"];
    let found = each::find::<message::Entity, 2>(tx, columns, keys.collect(), &droppable).await?;
    let found: BTreeSet<_> = found
        .into_iter()
        .map(|row| (row.tenant_id, row.conversation_id))
        .collect();
    for (tenant, conversation) in found {
        outbound::cancel_on_reply(tx, clock, outbox, tenant, conversation).await?;
    }
    Ok(())
}
