use crate::Api;
use crate::errors::{Problem, V1Errors};
use crate::extract::{Caller, JsonBody};
use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_chat::Reply;
use wigwag_engine::Engine;
use wigwag_wire::chatops::{Block, ChatopsInput, ChatopsReply, Field};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(run))
}

/// Runs a chat command. What the command itself refuses is said in the reply, with `ok` false.
#[utoipa::path(post, path = "/v1/chatops", tag = "chatops", request_body = ChatopsInput,
    responses((status = 200, body = ChatopsReply), V1Errors))]
async fn run(
    State(engine): State<Engine>,
    Caller(caller): Caller,
    JsonBody(input): JsonBody<ChatopsInput>,
) -> Result<Json<ChatopsReply>, Problem> {
    let reply = engine.run_command(&caller, &input.text, input.channel.as_deref(), "api").await?;
    Ok(Json(shown(&reply)))
}

fn shown(reply: &Reply) -> ChatopsReply {
    let block = |block: &wigwag_chat::Block| match block {
        wigwag_chat::Block::Text(text) => Block::Text { text: text.clone() },
        wigwag_chat::Block::Code(text) => Block::Code { text: text.clone() },
        wigwag_chat::Block::Fields(fields) => {
            let field =
                |(label, value): &(String, String)| Field { label: label.clone(), value: value.clone() };
            Block::Fields { fields: fields.iter().map(field).collect() }
        }
    };
    ChatopsReply { ok: reply.ok, text: reply.to_text(), blocks: reply.blocks.iter().map(block).collect() }
}
