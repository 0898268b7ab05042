//! The ways to what is looked for, and which of them a search takes.

use std::cmp::Reverse;

use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use crate::Query;
use crate::find::Bounds;
use crate::lookup::{Entry, Index};
use crate::terms::{Need, Way};

/// How a search comes to things, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Path {
    /// By these terms, side by side: each thing has at least one of them.
    Terms(Vec<String>),
    /// By all terms that begin so; that few things have one that they are read at once.
    Beginning(String),
    /// Everything there is, one after the other: what is looked for is frequent, and no term leads
    /// there better.
    Everything,
}

impl Path {
    /// How many lists are read side by side.
    pub(crate) fn lists(&self) -> usize {
        match self {
            Self::Terms(terms) => terms.len(),
            Self::Beginning(_) | Self::Everything => 1,
        }
    }

    /// The entries of the next things along the path, newest first, and how far back they reach; to its end if
    /// that is none.
    pub(crate) async fn step<C: ConnectionTrait>(
        &self,
        index: &Index<'_, C>,
        before: Uuid,
        each: u64,
    ) -> Result<(Vec<Entry>, Option<Uuid>), DbErr> {
        let lists = match self {
            Self::Terms(terms) => index.latest(terms, before, each).await?,
            Self::Beginning(with) => vec![index.latest_beginning(with, before, each).await?],
            Self::Everything => {
                let entries = index.latest_entries(before, each).await?;
                let reached = entries.last().map(|(id, ..)| *id);
                let reached = reached.filter(|_| is_cut(&entries, each));
                return Ok((entries, reached));
            }
        };
        let (ids, reached) = merged(&lists, each);
        Ok((index.entries(&ids).await?, reached))
    }
}

/// The path with the fewest things along it; none where something that is looked for is nowhere.
pub(crate) async fn choose<C: ConnectionTrait>(
    index: &Index<'_, C>,
    query: &Query,
    bounds: &Bounds,
) -> Result<Option<Path>, DbErr> {
    let mut ways: Vec<_> = query.needs().iter().flat_map(Need::ways).collect();
    if let [Way::Term(only)] = &ways[..] {
        return Ok(Some(Path::Terms(vec![only.clone()])));
    }
    // Long words are rare: after one that is, of others little has to be counted.
    ways.sort_by_key(|way| Reverse(way.length()));
    let (mut best, mut fewest) = (None, bounds.counted);
    for way in &ways {
        let count = index.count(way, fewest).await?;
        if count == 0 {
            return Ok(None);
        }
        if count < fewest {
            (best, fewest) = (Some(way), count);
        }
    }
    match best {
        Some(Way::Term(term)) => Ok(Some(Path::Terms(vec![term.clone()]))),
        Some(Way::Beginning(with)) => Ok(Some(Path::Beginning(with.clone()))),
        None => frequent(index, &ways, bounds).await,
    }
}

/// Where all that is looked for is frequent: by the first way with few enough terms, else through
/// everything.
async fn frequent<C: ConnectionTrait>(
    index: &Index<'_, C>,
    ways: &[Way],
    bounds: &Bounds,
) -> Result<Option<Path>, DbErr> {
    for way in ways {
        let found = match way {
            Way::Term(term) => vec![term.clone()],
            Way::Beginning(with) => index.beginning(with, bounds.words + 1).await?,
        };
        if found.len() as u64 <= bounds.words {
            return Ok(Some(Path::Terms(found)));
        }
    }
    Ok((!ways.is_empty()).then_some(Path::Everything))
}

/// Of several lists the ids as far back as all of them reach.
fn merged(lists: &[Vec<Uuid>], each: u64) -> (Vec<Uuid>, Option<Uuid>) {
    // Of a list that was cut nothing is known beyond its last, so the latest of those is the end.
    let reached = lists
        .iter()
        .filter(|list| is_cut(list, each))
        .filter_map(|list| list.last())
        .max()
        .copied();
    let mut ids = lists.concat();
    ids.retain(|id| reached.is_none_or(|reached| *id >= reached));
    ids.sort_unstable_by_key(|id| Reverse(*id));
    ids.dedup();
    (ids, reached)
}

fn is_cut<T>(list: &[T], each: u64) -> bool {
    list.len() as u64 >= each
}
