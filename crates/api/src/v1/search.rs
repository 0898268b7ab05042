//! `search`: leads, texts and notes by their words and numbers.

use actix_web::{HttpRequest, HttpResponse, get, web::Data};
use auth::permission;
use conversations::search::{self as found, Match};
use entity::id::{ConversationId, TenantId};
use search::{Kind, Query as Wanted, progress};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::leads::Lead;
use super::messages::Message;
use super::notes::Note;
use crate::conditional::read_beside;
use crate::error::ApiError;
use crate::extract::{Allowed, Checks, Page, Query, page};
use crate::state::{Shown, State};

const LIST: &str = "search";

/// The longest question, in characters.
const LONGEST: usize = 200;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(search_all);
}

/// Something that was found.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "they are made, written and gone")]
pub enum SearchResult {
    /// A person.
    Lead {
        /// They.
        lead: Lead,
        /// Their conversation; of several the one with the latest message.
        #[schema(required = true)]
        conversation_id: Option<ConversationId>,
    },
    /// A text.
    Message {
        /// It.
        message: Message,
        /// With whom.
        lead: Lead,
        /// Where it stands.
        conversation_id: ConversationId,
    },
    /// What the team has written down.
    Note {
        /// It.
        note: Note,
        /// About whom.
        lead: Lead,
        /// Where it stands.
        conversation_id: ConversationId,
    },
}

impl SearchResult {
    fn new(found: Match, shown: &Shown<'_>) -> Self {
        match found {
            Match::Lead { lead, conversation } => Self::Lead {
                lead: lead.into(),
                conversation_id: conversation,
            },
            Match::Message { message, lead } => Self::Message {
                conversation_id: message.message.conversation_id,
                message: Message::new(*message, shown),
                lead: lead.into(),
            },
            Match::Note { note, lead } => Self::Note {
                conversation_id: note.note.conversation_id,
                note: note.into(),
                lead: lead.into(),
            },
        }
    }
}

page!(
    /// A page of what was found.
    SearchPage of SearchResult
);

/// What can be found.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum SearchType {
    /// Leads, by name, e-mail address and number.
    Lead,
    /// Texts in and out.
    Message,
    /// Notes.
    Note,
}

/// What is looked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SearchQuery {
    /// Words, of which the beginning is enough, without regard to accents and capitals; or digits, three
    /// or more in a row. All of it has to be there.
    #[serde(default)]
    #[param(max_length = 200)]
    q: String,
    /// Only things of this type.
    #[param(inline)]
    r#type: Option<SearchType>,
}

/// Find leads, texts and notes, newest first. A page may have fewer than `limit` and yet a next one. What
/// was written a moment ago is found within two seconds. An API key needs the scopes `messages:read` and
/// `leads:read`, and for notes `conversations:read`.
#[utoipa::path(
    tag = "Search",
    operation_id = "search",
    params(SearchQuery, crate::extract::PageParameters),
    responses((status = 200, body = SearchPage)),
)]
#[get("/search")]
async fn search_all(
    state: Data<State>,
    caller: Allowed<permission::Search>,
    request: HttpRequest,
    Query(query): Query<SearchQuery>,
    page: Page,
) -> Result<HttpResponse, ApiError> {
    check(Some(&query.q))?;
    let (tenant, key) = (caller.tenant_id, &state.cursor_key);
    let before = page.after::<Uuid>(key, tenant, LIST)?;
    let reads_notes = caller.allows::<permission::ReadConversations>();
    let kinds: &[Kind] = match query.r#type {
        None if reads_notes.is_ok() => &Kind::ALL,
        None => &[Kind::Lead, Kind::Message],
        Some(SearchType::Lead) => &[Kind::Lead],
        Some(SearchType::Message) => &[Kind::Message],
        Some(SearchType::Note) => {
            reads_notes?;
            &[Kind::Note]
        }
    };
    let wanted = Wanted::parse(&query.q);
    let turn = index_turn(&state, tenant, Some(&query.q)).await?;
    read_beside(&state, &caller, &request, &turn, async |conn| {
        let found = found::find(conn, tenant, &wanted, kinds, before, page.size()).await?;
        let shown = state.shown();
        let next = found.through.as_ref();
        Ok(SearchPage {
            next_cursor: next.and_then(|next| page.cursor(key, tenant, LIST, next)),
            data: found
                .rows
                .into_iter()
                .map(|row| SearchResult::new(row, &shown))
                .collect(),
        })
    })
    .await
}

fn check(q: Option<&str>) -> Result<(), ApiError> {
    let mut checks = Checks::new();
    let fits = q.is_none_or(|q| q.chars().count() <= LONGEST);
    checks.require(fits, "q", "must have at most 200 characters");
    checks.done()
}

/// What an answer depends on that looks for `q`: what is found changes a moment after what is there, and
/// no event tells of that. Refuses a question that is too long.
///
/// # Errors
/// 422; when the database is away.
pub(crate) async fn index_turn(
    state: &State,
    tenant: TenantId,
    q: Option<&str>,
) -> Result<String, ApiError> {
    check(q)?;
    match q {
        Some(_) => Ok(progress::turn(state.db.read(), tenant).await?.to_string()),
        None => Ok(String::new()),
    }
}
