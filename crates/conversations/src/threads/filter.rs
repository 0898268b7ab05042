//! Which conversations a list is about, and where an index has those that are few.

use entity::conversation::{self, Column};
use entity::id::{ChannelId, ConversationId, LabelId, LeadId, TenantId, UserId};
use entity::row::Rows;
use entity::value::ConversationStatus;
use entity::{TenantScoped, conversation_label};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QuerySelect, QueryTrait};

use super::order::{READ, UNREAD};
use crate::labels::{self, LabelName};

/// Whose conversations.
#[derive(Clone, Copy, Debug)]
pub enum Assigned {
    /// Nobody's.
    Nobody,
    /// One person's.
    To(UserId),
}

/// Which conversations to list.
#[derive(Clone, Debug, Default)]
pub struct ThreadFilter {
    /// Where they stand.
    pub status: Option<ConversationStatus>,
    /// Whose they are.
    pub assigned: Option<Assigned>,
    /// Whether there is something unread.
    pub unread: Option<bool>,
    /// By one of our numbers.
    pub channel: Option<ChannelId>,
    /// With one person.
    pub lead: Option<LeadId>,
    /// With a label.
    pub label: Option<LabelName>,
    /// Words of the person's name or e-mail address, or digits of their number.
    pub q: Option<String>,
}

/// How many conversations are few enough to be named in a question, and sorted.
const NAMED: u64 = 1000;

/// A filter for the rows of one tenant.
pub(super) struct Wanted<'a> {
    pub(super) tenant: TenantId,
    filter: &'a ThreadFilter,
    label: Option<LabelId>,
}

impl<'a> Wanted<'a> {
    /// None where nothing can be wanted: no label has that name.
    pub(super) async fn new(
        conn: &impl ConnectionTrait,
        tenant: TenantId,
        filter: &'a ThreadFilter,
    ) -> Result<Option<Self>, DbErr> {
        let mut label = None;
        if let Some(name) = &filter.label {
            match labels::named(conn, tenant, name).await? {
                Some(row) => label = Some(row.id),
                None => return Ok(None),
            }
        }
        Ok(Some(Self {
            tenant,
            filter,
            label,
        }))
    }

    /// All of the tenant's that the order of a list may have an index of: those with something unread have
    /// their own.
    pub(super) fn all(&self) -> Rows<conversation::Model> {
        self.by_unread(conversation::Entity::rows_of(self.tenant))
    }

    /// Whether there may be many more than are wanted, and no index that has these alone.
    pub(super) fn may_be_rare(&self) -> bool {
        let filter = self.filter;
        let narrowed = filter.status.is_some() || filter.assigned.is_some();
        filter.lead.is_none() && (narrowed || filter.channel.is_some() || self.label.is_some())
    }

    /// Those of the rows that are wanted.
    pub(super) fn of(&self, rows: Rows<conversation::Model>) -> Rows<conversation::Model> {
        let mut rows = self.by_unread(rows);
        if let Some(standing) = self.standing() {
            rows = rows.filter(standing);
        }
        if let Some(channel) = self.filter.channel {
            rows = rows.filter(Column::ChannelId.eq(channel));
        }
        if let Some(lead) = self.filter.lead {
            rows = rows.filter(Column::LeadId.eq(lead));
        }
        if let Some(label) = self.label {
            rows = rows.filter(Column::Id.in_subquery(self.carriers(label)));
        }
        rows
    }

    fn by_unread(&self, rows: Rows<conversation::Model>) -> Rows<conversation::Model> {
        match self.filter.unread {
            Some(true) => rows.filter(Expr::cust(UNREAD)),
            Some(false) => rows.filter(Expr::cust(READ)),
            None => rows,
        }
    }

    /// By status and person.
    fn standing(&self) -> Option<SimpleExpr> {
        let status = self.filter.status.map(|status| Column::Status.eq(status));
        let assigned = self.filter.assigned.map(|assigned| match assigned {
            Assigned::Nobody => Column::AssignedUserId.is_null(),
            Assigned::To(user) => Column::AssignedUserId.eq(user),
        });
        match (status, assigned) {
            (Some(status), Some(assigned)) => Some(status.and(assigned)),
            (status, assigned) => status.or(assigned),
        }
    }

    fn carriers(&self, label: LabelId) -> SelectStatement {
        Query::select()
            .column(conversation_label::Column::ConversationId)
            .from(conversation_label::Entity)
            .and_where(conversation_label::Column::TenantId.eq(self.tenant))
            .and_where(conversation_label::Column::LabelId.eq(label))
            .take()
    }

    /// Conversations among which all that are wanted are, if an index has so few.
    pub(super) async fn few(
        &self,
        conn: &impl ConnectionTrait,
    ) -> Result<Option<Vec<ConversationId>>, DbErr> {
        let filter = self.filter;
        let mut indexed = Vec::new();
        indexed.extend(self.label.map(|label| self.carriers(label)));
        indexed.extend(self.standing().map(|standing| {
            // The index begins with the status.
            let status = filter
                .status
                .map_or(ConversationStatus::ALL.to_vec(), |one| vec![one]);
            self.ids(Column::Status.is_in(status).and(standing))
        }));
        indexed.extend(
            filter
                .channel
                .map(|channel| self.ids(Column::ChannelId.eq(channel))),
        );
        for mut ids in indexed {
            let rows = conn.query_all(ids.limit(NAMED + 1)).await?;
            if rows.len() as u64 <= NAMED {
                let id = |row: &sea_orm::QueryResult| row.try_get_by_index(0);
                return rows.iter().map(id).collect::<Result<_, _>>().map(Some);
            }
        }
        Ok(None)
    }

    fn ids(&self, which: SimpleExpr) -> SelectStatement {
        let ids = conversation::Entity::of(self.tenant).filter(which);
        ids.select_only().column(Column::Id).into_query()
    }
}
