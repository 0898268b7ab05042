//! `activity`: who did what.

use actix_web::{HttpRequest, HttpResponse, get, web::Data};
use auth::Principal;
use auth::permission::{ReadChannels, ReadConversations, ReadKeys, ReadTeam};
use chrono::{DateTime, Utc};
use conversations::activity::{self, ActivityFilter, ActivityView};
use entity::happening::Happening;
use entity::id::{ActivityId, ChannelId, ConversationId, LeadId};
use entity::json::Person;
use entity::value::ActivityKind;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::conditional::read;
use crate::error::ApiError;
use crate::extract::{Allowed, Page, Query, page};
use crate::state::State;

/// The list that cursors belong to.
const LIST: &str = "activity";

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list);
}

/// Something that somebody did, or that came about by itself.
#[derive(Debug, Serialize, ToSchema)]
pub struct Activity {
    /// The entry.
    pub id: ActivityId,
    /// What it was.
    #[serde(flatten)]
    pub happening: Happening,
    /// Who did it; null where it came about by itself, or where they have left and are not known
    /// any more. What a program did, who made its API key has done.
    #[schema(required = true)]
    pub actor: Option<Person>,
    /// In which conversation.
    #[schema(required = true)]
    pub conversation_id: Option<ConversationId>,
    /// About which lead.
    #[schema(required = true)]
    pub lead_id: Option<LeadId>,
    /// About which channel, or by which.
    #[schema(required = true)]
    pub channel_id: Option<ChannelId>,
    /// When.
    pub created_at: DateTime<Utc>,
}

impl From<ActivityView> for Activity {
    fn from(view: ActivityView) -> Self {
        Self {
            id: view.id,
            happening: view.happening,
            actor: view.actor,
            conversation_id: view.conversation_id,
            lead_id: view.lead_id,
            channel_id: view.channel_id,
            created_at: view.created_at,
        }
    }
}

page!(
    /// A page of activity.
    ActivityPage of Activity
);

/// Which activity to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ActivityQuery {
    /// What concerns one conversation: what happened in it, and to its lead as such.
    conversation_id: Option<ConversationId>,
    /// About one lead, in their conversations too.
    lead_id: Option<LeadId>,
    /// Of one kind.
    #[param(inline)]
    kind: Option<ActivityKind>,
}

/// What was done, newest first. Of channels, the team and API keys only who may see those sees it.
#[utoipa::path(
    tag = "Activity",
    operation_id = "list_activity",
    params(ActivityQuery, crate::extract::PageParameters),
    responses((status = 200, body = ActivityPage)),
)]
#[get("/activity")]
async fn list(
    state: Data<State>,
    caller: Allowed<ReadConversations>,
    request: HttpRequest,
    Query(query): Query<ActivityQuery>,
    page: Page,
) -> Result<HttpResponse, ApiError> {
    let (tenant, key) = (caller.tenant_id, &state.cursor_key);
    let before = page.after(key, tenant, LIST)?;
    let filter = ActivityFilter {
        conversation: query.conversation_id,
        lead: query.lead_id,
        kind: query.kind,
        hidden: hidden_from(&caller),
    };
    read(&state, &caller, &request, async |conn| {
        let rows = activity::list(conn, tenant, &filter, before, page.fetch()).await?;
        let (rows, next_cursor) = page.cut(rows, key, tenant, LIST, |row| row.id);
        let views = activity::views(conn, rows).await?;
        Ok(ActivityPage {
            data: views.into_iter().map(Activity::from).collect(),
            next_cursor,
        })
    })
    .await
}

/// The kinds that tell of what the caller may not see.
fn hidden_from(caller: &Principal) -> Vec<ActivityKind> {
    let all = ActivityKind::ALL.iter().copied();
    all.filter(|kind| !may_see(caller, *kind)).collect()
}

fn may_see(caller: &Principal, kind: ActivityKind) -> bool {
    use ActivityKind as K;
    let seen = match kind {
        // A conversation shows its lead. What is hidden is rare, so a page is never long in coming.
        K::ConversationAssigned
        | K::ConversationStatusChanged
        | K::ControlStarted
        | K::ControlEnded
        | K::LabelsChanged
        | K::PriorityChanged
        | K::OptedOut
        | K::OptedIn
        | K::LeadCreated
        | K::LeadDeleted
        | K::LeadsImported => caller.allows::<ReadConversations>(),
        K::ChannelCreated | K::ChannelChanged | K::ChannelDeleted => {
            caller.allows::<ReadChannels>()
        }
        K::MemberAdded | K::MemberChanged | K::MemberRemoved => caller.allows::<ReadTeam>(),
        K::ApiKeyCreated | K::ApiKeyRevoked => caller.allows::<ReadKeys>(),
    };
    seen.is_ok()
}
