//! A text to send, as all of these requests boil down to.

use auth::Principal;
use chrono::{DateTime, Utc};
use conversations::messages::MessageView;
use conversations::outbound::{self, Recipient};
use conversations::{by_number, leads};
use entity::id::{LeadId, TenantId};
use entity::value::SendPriority;
use events::Outbox;
use sea_orm::DatabaseTransaction;

use crate::error::{ApiError, FieldError};
use crate::state::State;
use crate::v1::messages::Compose;

/// A text to send.
#[derive(Debug)]
pub(super) struct Text {
    /// The lead, as the client names it.
    pub(super) lead: Option<String>,
    /// The number, as somebody typed it; at least one of the two is there.
    pub(super) number: Option<String>,
    pub(super) message: String,
    pub(super) priority: SendPriority,
    pub(super) send_at: Option<DateTime<Utc>>,
    /// What the request calls the number: `/to`.
    pub(super) number_pointer: &'static str,
}

impl Text {
    /// Gives the text to the gate that all texts pass.
    pub(super) async fn submit(
        self,
        state: &State,
        caller: &Principal,
        tx: &DatabaseTransaction,
        outbox: &mut Outbox,
    ) -> Result<MessageView, ApiError> {
        let tenant = caller.tenant_id;
        let number_pointer = self.number_pointer;
        let to = recipient(tx, tenant, self.lead, self.number, number_pointer).await?;
        let compose = Compose {
            body: self.message,
            send_at: self.send_at,
            ..Compose::default()
        };
        let draft = compose.draft(caller, to, self.priority)?;
        outbound::submit(
            tx,
            &state.clock,
            outbox,
            &state.settings.terms,
            tenant,
            draft,
        )
        .await
        .map_err(|error| renamed(error.into(), number_pointer))
    }
}

/// To whom: the lead that is named, by its own number; else the number. If there are both they
/// have to agree, since nobody can tell which of the two was meant.
async fn recipient(
    tx: &DatabaseTransaction,
    tenant: TenantId,
    lead: Option<String>,
    number: Option<String>,
    number_pointer: &str,
) -> Result<Recipient, ApiError> {
    let Some(lead) = lead else {
        let number = number.ok_or_else(|| ApiError::field(number_pointer, "is missing"))?;
        return Ok(Recipient::Number(number));
    };
    // What has not the form of an id names nothing.
    let id: LeadId = lead.trim().parse().map_err(|_| ApiError::NotFound)?;
    let lead = leads::get(tx, tenant, id).await?;
    let Some(phone) = lead.phone else {
        let detail = "has no phone number: add one to the lead first";
        return Err(ApiError::field("/leadId", detail));
    };
    if let Some(number) = number {
        let typed = by_number::parse(tx, tenant, &number, number_pointer).await?;
        if typed.as_str() != phone {
            let detail = "is not the number of this lead: leave it out, or change the lead";
            return Err(ApiError::field(number_pointer, detail));
        }
    }
    Ok(Recipient::Lead(id))
}

/// The same error with the fields as the request calls them.
fn renamed(error: ApiError, number_pointer: &str) -> ApiError {
    let ApiError::Invalid(errors) = error else {
        return error;
    };
    let rename = |error: FieldError| {
        let pointer = match error.pointer.as_str() {
            "/to" => number_pointer,
            "/body" => "/message",
            "/send_at" => "/scheduledTime",
            other => other,
        };
        FieldError::new(pointer, error.detail)
    };
    ApiError::Invalid(errors.into_iter().map(rename).collect())
}
