//! The numbers on the tabs of the inbox.

use actix_web::{HttpRequest, HttpResponse, get, web::Data};
use auth::permission::ReadConversations;
use conversations::threads;
use serde::Serialize;
use utoipa::ToSchema;

use crate::conditional::read;
use crate::error::ApiError;
use crate::extract::Allowed;
use crate::state::State;

/// How many conversations there are; 1000 stands for that many or more.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConversationCounts {
    /// Those that are open.
    pub open: ConversationTally,
    /// Those with something unread, wherever they stand.
    pub unread: ConversationTally,
}

/// How many there are of one kind; 1000 stands for that many or more.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConversationTally {
    /// All of them.
    #[schema(minimum = 0, maximum = 1000)]
    pub all: i64,
    /// Those that the caller looks after.
    #[schema(minimum = 0, maximum = 1000)]
    pub mine: i64,
    /// Those that nobody looks after.
    #[schema(minimum = 0, maximum = 1000)]
    pub unassigned: i64,
}

impl From<threads::Tally> for ConversationTally {
    fn from(tally: threads::Tally) -> Self {
        Self {
            all: tally.all,
            mine: tally.mine,
            unassigned: tally.unassigned,
        }
    }
}

/// How many conversations are behind each tab of the inbox, each counted up to 1000.
#[utoipa::path(
    tag = "Conversations",
    operation_id = "count_conversations",
    responses((status = 200, body = ConversationCounts)),
)]
#[get("/conversations/counts")]
pub(super) async fn count(
    state: Data<State>,
    caller: Allowed<ReadConversations>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    read(&state, &caller, &request, async |conn| {
        let counts = threads::counts(conn, caller.tenant_id, caller.user_id()).await?;
        Ok(ConversationCounts {
            open: counts.open.into(),
            unread: counts.unread.into(),
        })
    })
    .await
}
