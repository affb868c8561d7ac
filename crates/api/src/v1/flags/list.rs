use crate::errors::{Problem, V1Errors};
use crate::extract::Caller;
use crate::{Api, convert};
use axum::Json;
use axum::extract::State;
use std::collections::BTreeMap;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_access::Principal;
use wigwag_engine::flags::FlagView;
use wigwag_engine::{Engine, EngineError};
use wigwag_flags::{FlagName, life};
use wigwag_wire::flags::{FlagInEnvironment, FlagList, FlagRow, PastLife, UnreadEnvironment};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Every flag that is defined or stored in an environment that the token may read, with what it is in each; and the
/// environments that could not be read.
#[utoipa::path(get, path = "/v1/flags", tag = "features", responses((status = 200, body = FlagList), V1Errors))]
async fn list(State(engine): State<Engine>, Caller(caller): Caller) -> Result<Json<FlagList>, Problem> {
    let mut rows: BTreeMap<FlagName, FlagRow> = BTreeMap::new();
    let mut unread = Vec::new();
    let mut refused = None;
    let mut readable = 0;
    for environment in &engine.settings().environments {
        match in_environment(&engine, &caller, &environment.name) {
            Ok(flags) => {
                readable += 1;
                for (view, place) in flags {
                    let row = rows.entry(view.name.clone()).or_insert_with(|| row(&view));
                    row.environments.push(place);
                }
            }
            Err(error) => {
                let (environment, reason) = (environment.name.clone(), error.to_string());
                unread.push(UnreadEnvironment { environment, reason });
                refused = refused.or(Some(error));
            }
        }
    }
    match refused {
        Some(refused) if readable == 0 => return Err(refused.into()),
        _ => mark_past_life(&engine, &mut rows),
    }
    Ok(Json(FlagList { flags: rows.into_values().collect(), unread }))
}

fn mark_past_life(engine: &Engine, rows: &mut BTreeMap<FlagName, FlagRow>) {
    let definitions = engine.flag_board().definitions();
    let all = || definitions.iter().map(AsRef::as_ref);
    let Some(now) = life::newest_milestone(all()) else { return };
    for stale in life::stale(all(), now) {
        if let Some(row) = rows.get_mut(stale.name.as_str()) {
            row.past_life = Some(PastLife { age: stale.age, owner: stale.owner });
        }
    }
}

/// The flags of one environment.
fn in_environment(
    engine: &Engine,
    caller: &Principal,
    environment: &str,
) -> Result<Vec<(FlagView, FlagInEnvironment)>, EngineError> {
    let snapshot = engine.flag_snapshot(caller, environment)?;
    let place = |view: FlagView| {
        let place = FlagInEnvironment {
            environment: environment.to_owned(),
            state: view.state().as_str(),
            stored: view.stored.is_some(),
            overridden: snapshot.overridden(view.name.as_str()),
        };
        (view, place)
    };
    Ok(engine.flags(caller, environment)?.into_iter().map(place).collect())
}

fn row(view: &FlagView) -> FlagRow {
    FlagRow {
        name: view.name.to_string(),
        definition: view.definition.as_deref().map(convert::definition),
        past_life: None,
        environments: Vec::new(),
    }
}
