use crate::Api;
use crate::errors::{Problem, V1Errors};
use crate::extract::{Caller, JsonBody, Query};
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::USER_AGENT;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_chat::Reply;
use wigwag_engine::Engine;
use wigwag_wire::chatops::{
    Block, ChatopsInput, ChatopsReply, Completion, CompletionQuery, Completions, Field,
};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(run)).routes(routes!(complete))
}

/// Runs a chat command. What the command itself refuses is said in the reply, with `ok` false.
#[utoipa::path(post, path = "/v1/chatops", tag = "chatops", request_body = ChatopsInput,
    responses((status = 200, body = ChatopsReply), V1Errors))]
async fn run(
    State(engine): State<Engine>,
    Caller(caller): Caller,
    headers: HeaderMap,
    JsonBody(input): JsonBody<ChatopsInput>,
) -> Result<Json<ChatopsReply>, Problem> {
    let reply = engine.run_command(&caller, &input.text, input.channel.as_deref(), via(&headers)).await?;
    Ok(Json(shown(&reply)))
}

/// What could stand at a place of a command.
#[utoipa::path(get, path = "/v1/chatops/complete", tag = "chatops", params(CompletionQuery),
    responses((status = 200, body = Completions), V1Errors))]
async fn complete(
    State(engine): State<Engine>,
    Caller(caller): Caller,
    Query(query): Query<CompletionQuery>,
) -> Result<Json<Completions>, Problem> {
    let text = query.text.unwrap_or_default();
    let at = |cursor: i64| {
        usize::try_from(cursor).map_err(|_| Problem::invalid("cursor", "must be a byte of the text, from 0"))
    };
    let cursor = query.cursor.map(at).transpose()?.unwrap_or(text.len());
    let found = engine.complete_command(&caller, &text, cursor).await?;
    let one = |one: wigwag_chat::Completion| Completion {
        start: one.start,
        end: one.end,
        text: one.text,
        help: one.help,
    };
    Ok(Json(Completions { completions: found.into_iter().map(one).collect() }))
}

/// Where a command came from, for the audit log: the command line says so of itself.
fn via(headers: &HeaderMap) -> &'static str {
    let agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok());
    if agent.is_some_and(|agent| agent.starts_with("wigwag/")) { "cli" } else { "api" }
}

fn shown(reply: &Reply) -> ChatopsReply {
    let block = |block: &wigwag_chat::Block| match block {
        wigwag_chat::Block::Text(text) => Block::Text { text: text.clone() },
        wigwag_chat::Block::Code(text) => Block::Code { text: text.clone() },
        wigwag_chat::Block::Table { columns, rows } => {
            Block::Table { columns: columns.clone(), rows: rows.clone() }
        }
        wigwag_chat::Block::Fields(fields) => {
            let field =
                |(label, value): &(String, String)| Field { label: label.clone(), value: value.clone() };
            Block::Fields { fields: fields.iter().map(field).collect() }
        }
    };
    ChatopsReply { ok: reply.ok, text: reply.to_text(), blocks: reply.blocks.iter().map(block).collect() }
}
