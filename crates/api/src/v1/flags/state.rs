use crate::errors::{Problem, V1Errors};
use crate::extract::{At, Caller, JsonBody, environment};
use crate::{Api, convert};
use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_engine::flags::{FlagChange, FlagWritten, Mode, Occasion, TargetNames, UnknownFlag};
use wigwag_engine::{Engine, EngineError};
use wigwag_flags::{Change, FlagName, Origin};
use wigwag_wire::flag_feed::StateInput;
use wigwag_wire::flags::StateWritten;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(put))
}

/// Stores exactly this state of a flag, whatever was stored: to move flags here, and to go back to how one was.
#[utoipa::path(put, path = "/v1/flags/{name}/state", tag = "features", params(("name" = String, Path)),
    request_body = StateInput, responses((status = 200, body = StateWritten), V1Errors))]
async fn put(
    State(engine): State<Engine>,
    At(name): At<String>,
    Caller(caller): Caller,
    JsonBody(input): JsonBody<StateInput>,
) -> Result<Json<StateWritten>, Problem> {
    let environment = environment(&engine, &caller, input.environment.as_deref())?;
    if engine.flag_board().base_of(&environment).is_none() {
        return Err(EngineError::NotFound("environment").into());
    }
    let flag: FlagName = name
        .parse()
        .map_err(|error: wigwag_flags::NameError| Problem::invalid("name", &error.to_string()))?;
    let state = input.state.as_ref().map(convert::flag_state).transpose()?;
    let occasion = Occasion {
        via: "api".into(),
        origin: Origin::Rest,
        reason: input.reason.filter(|reason| !reason.trim().is_empty()),
        unknown: if input.force { UnknownFlag::Accept } else { UnknownFlag::Refuse },
        mode: Mode::Make,
        spoken: None,
    };
    let (change, names) = (Change::Replace(state), TargetNames::default());
    let change = FlagChange { environment, flag, change, names };
    let written = engine.set_flags(&caller, vec![change], occasion).await?;
    let written = written.first().ok_or(EngineError::NotFound("feature flag"))?;
    Ok(Json(told(written)))
}

fn told(written: &FlagWritten) -> StateWritten {
    StateWritten {
        name: written.flag.to_string(),
        environment: written.environment.clone(),
        before: written.before.as_ref().map(convert::feed_state),
        after: written.after.as_ref().map(convert::feed_state),
    }
}
