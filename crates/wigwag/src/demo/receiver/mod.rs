//! The demo's receiver, a process of its own: what a customer would run behind a hook's URL. It checks the signature,
//! writes every arrival into its ledger before it answers, and answers 500 while its switch says broken. It ends when
//! its standard input does, so that no demo, however it ended, leaves one behind.
//!
//! ```text
//! POST /lighthouse, /ferry     a delivery
//! GET  /-/state?keys=A,B       what arrived, per service; which of the keys did
//! POST /-/switch/SERVICE       {"broken": true}
//! ```

mod ledger;
mod switches;

use super::harbor::Place;
use super::{folder, limits};
use crate::cli::ReceiverOptions;
use anyhow::{Context, Result, anyhow};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use ledger::{Answered, Arrival, Ledger, Signed};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::Read;
use std::sync::{Arc, Mutex, MutexGuard};
use switches::Switches;
use wigwag_base::Secret;
use wigwag_hooks::SigningKey;

/// The file beside the ledger that holds the signing token, which also opens `/-/`.
pub(crate) const TOKEN_FILE: &str = "signing-token";

/// What stands in the delivery log when the receiver is broken.
const BROKEN: &str =
    "The receiver is broken: somebody pulled its plug in the demo. Mend it there, then try again.";

struct Receiver {
    key: SigningKey,
    token: Secret<String>,
    kept: Mutex<Kept>,
}

struct Kept {
    ledger: Ledger,
    switches: Switches,
}

impl Receiver {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Runs until standard input ends.
pub(crate) fn run(options: ReceiverOptions) -> Result<()> {
    crate::serve::log_to_stderr();
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let path = options.ledger.with_file_name(TOKEN_FILE);
    let token = folder::read(&path)?.with_context(|| format!("{} is missing", path.display()))?;
    let receiver = Arc::new(Receiver {
        key: SigningKey::parse(&token).map_err(|error| anyhow!("{}: {error}", path.display()))?,
        token: Secret::new(token),
        kept: Mutex::new(Kept {
            ledger: Ledger::open(&options.ledger)?,
            switches: Switches::open(options.ledger.with_file_name("switches.json"))?,
        }),
    });
    let routes = Router::new()
        .route("/{service}", post(deliver))
        .route("/-/state", get(state))
        .route("/-/switch/{service}", post(throw))
        .layer(DefaultBodyLimit::max(limits::BODY_BYTES_MAX))
        .with_state(receiver);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let address = ("127.0.0.1", options.port);
        let listener = tokio::net::TcpListener::bind(address)
            .await
            .with_context(|| format!("the receiver cannot listen on port {}", options.port))?;
        axum::serve(listener, routes).await.context("the receiver's listener ended")
    })
}

async fn deliver(
    State(receiver): State<Arc<Receiver>>,
    Path(service): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(place) = Place::find(&service) else { return StatusCode::NOT_FOUND.into_response() };
    let signed = signed(&receiver.key, &headers, &body);
    let mut kept = receiver.kept();
    let answered = match signed {
        Signed::Wrong => Answered::Unauthorized,
        Signed::Verified if kept.switches.broken(place) => Answered::Broken,
        Signed::Verified => Answered::Taken,
    };
    let payload: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let arrival = Arrival {
        place,
        key: payload["key"].as_str().map(str::to_owned),
        message: text(&headers, "webhook-id").to_owned(),
        event: payload["event"].as_str().unwrap_or("test").to_owned(),
        signed,
        answered,
    };
    if let Err(error) = kept.ledger.write(arrival) {
        return (StatusCode::INSUFFICIENT_STORAGE, format!("the ledger cannot be written: {error}"))
            .into_response();
    }
    match answered {
        Answered::Taken => (StatusCode::OK, "thank you").into_response(),
        Answered::Broken => (StatusCode::INTERNAL_SERVER_ERROR, BROKEN).into_response(),
        Answered::Unauthorized => {
            (StatusCode::UNAUTHORIZED, "the signature is wrong or too old").into_response()
        }
    }
}

/// As any receiver should judge: the right key, and not too old.
fn signed(key: &SigningKey, headers: &HeaderMap, body: &[u8]) -> Signed {
    let Ok(at_s) = text(headers, "webhook-timestamp").parse::<i64>() else { return Signed::Wrong };
    let age_s = at_s.abs_diff(crate::clock::SystemClock::of_machine().as_secs());
    let id = text(headers, "webhook-id");
    let right = wigwag_hooks::verify(key, id, at_s, body, text(headers, "webhook-signature"));
    if right && age_s <= limits::SIGNATURE_AGE_MAX_S { Signed::Verified } else { Signed::Wrong }
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

async fn state(
    State(receiver): State<Arc<Receiver>>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    if !admitted(&receiver, &headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let kept = receiver.kept();
    let keys = query.get("keys").map(String::as_str).unwrap_or_default().split(',');
    let arrived: Vec<&str> = keys.filter(|key| kept.ledger.has(key)).collect();
    let service = |place: Place| {
        let counts = kept.ledger.counts(place);
        json!({
            "broken": kept.switches.broken(place),
            "arrived": counts.arrived,
            "repeated": counts.repeated,
            "refused": counts.refused,
            "unsigned": counts.unsigned,
            "other_id": counts.other_id,
        })
    };
    let [lighthouse, ferry] = Place::ALL.map(service);
    Json(json!({ "services": [lighthouse, ferry], "arrived": arrived })).into_response()
}

async fn throw(
    State(receiver): State<Arc<Receiver>>,
    Path(service): Path<String>,
    headers: HeaderMap,
    Json(wanted): Json<Value>,
) -> Response {
    if !admitted(&receiver, &headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let (Some(place), Some(broken)) = (Place::find(&service), wanted["broken"].as_bool()) else {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    };
    match receiver
        .kept()
        .switches
        .throw(place, if broken { switches::To::Broken } else { switches::To::Mended })
    {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => (StatusCode::INSUFFICIENT_STORAGE, format!("{error:#}")).into_response(),
    }
}

fn admitted(receiver: &Receiver, headers: &HeaderMap) -> bool {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    given.and_then(|value| value.strip_prefix("Bearer ")) == Some(receiver.token.expose())
}
