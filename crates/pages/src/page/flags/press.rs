//! What is pressed on a flag's page. Turning off and taking back never ask.

use crate::answer::{Outcome, page_with};
use crate::ask::{Ask, done};
use crate::fields::query_string;
use crate::page::flags::{FLAGS, VIA, href, show};
use crate::shell::{Crumb, Nav, Notice, Shell, Tone};
use crate::words::sentence;
use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use wigwag_engine::EngineError;
use wigwag_engine::command::Transport;
use wigwag_engine::flags::{FlagChange, Mode, Occasion, SeenStep, TargetNames, UnknownFlag};
use wigwag_flags::{Change, Origin};

/// A button of a flag's page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Button {
    /// Off for everyone.
    Off,
    /// The last change taken back.
    Undo,
    /// Off on this node, whatever is stored and whether or not the store answers.
    Override,
    /// The end of that.
    Lift,
}

impl Button {
    /// The last part of its address.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        match word {
            "off" => Some(Self::Off),
            "undo" => Some(Self::Undo),
            "override" => Some(Self::Override),
            "lift" => Some(Self::Lift),
            _ => None,
        }
    }
}

/// Does what a button says, in the environment that the form names.
pub(crate) async fn press(ask: &Ask, name: &str, button: Button) -> Outcome {
    let (flag, places) = show::find(ask, name)?;
    let sent = ask.form.get("environment").unwrap_or_default();
    let base = ask.engine.flag_board().base_of(sent).ok_or(EngineError::NotFound("environment"))?;
    let flag_text = flag.as_str();
    let (word, outcome) = match button {
        Button::Off => {
            let change = FlagChange {
                environment: base.to_owned(),
                flag: flag.clone(),
                change: Change::DisableEveryone,
                names: TargetNames::default(),
            };
            let made = ask.engine.set_flags(&ask.principal, vec![change], occasion()).await;
            if let Err(error @ EngineError::Unavailable { .. }) = &made {
                let place = places.iter().find(|place| place.name == base);
                let elsewhere =
                    place.and_then(|place| place.remote.as_ref()).map(|remote| remote.url.clone());
                return Ok(not_stored(ask, flag_text, base, elsewhere, error));
            }
            ("off", made.map(drop))
        }
        Button::Undo => {
            let mark = |field: &str| ask.form.get(field).and_then(|mark| mark.parse().ok());
            let (Some(before), Some(after)) = (mark("before"), mark("after")) else {
                return Err(EngineError::Invalid { field: "before", rule: "is no mark of a state".into() });
            };
            let seen = SeenStep { before, after };
            let undone =
                ask.engine.undo_flag_from(&ask.principal, base, &flag, seen, &Transport::direct(VIA)).await;
            ("undone", undone.map(drop))
        }
        Button::Override => {
            let reason = ask.form.filled("reason").map(ToOwned::to_owned);
            let overridden = ask.engine.override_flag(&ask.principal, base, flag_text, reason).await;
            ("overridden", overridden.map(drop))
        }
        Button::Lift => ("lifted", ask.engine.lift_override(&ask.principal, base, flag_text).await),
    };
    match outcome {
        Ok(()) => done(&format!("{}?{}", href(flag_text), query_string(&[("done", word), ("at", base)]))),
        Err(error @ (EngineError::Conflict(_) | EngineError::Invalid { .. })) => {
            let text = format!("Nothing was changed: {error}.");
            let notice = Some(Notice { tone: Tone::Bad, text });
            show::render(ask, name, notice, StatusCode::CONFLICT).await
        }
        Err(other) => Err(other),
    }
}

fn occasion() -> Occasion {
    Occasion {
        via: VIA.into(),
        origin: Origin::Command,
        reason: None,
        unknown: UnknownFlag::Accept,
        mode: Mode::Make,
        spoken: None,
    }
}

#[derive(Template)]
#[template(path = "flag_gone.html")]
struct GonePage {
    shell: Shell,
    name: String,
    href: String,
    environment: String,
    problem: String,
    /// The other server that keeps it, if one does.
    elsewhere: Option<String>,
}

/// Whoever keeps the flag does not answer, and it must go off all the same.
fn not_stored(
    ask: &Ask,
    name: &str,
    environment: &str,
    elsewhere: Option<String>,
    error: &EngineError,
) -> axum::response::Response {
    let href = href(name);
    let crumbs = [
        Crumb { text: "Flags".into(), href: Some(FLAGS.into()) },
        Crumb { text: name.to_owned(), href: Some(href.clone()) },
    ];
    let view = GonePage {
        shell: Shell::of(ask, Nav::Flags).at(&crumbs),
        name: name.to_owned(),
        href,
        environment: environment.to_owned(),
        problem: sentence(&error.to_string()),
        elsewhere,
    };
    let mut answer = page_with(StatusCode::SERVICE_UNAVAILABLE, &view);
    if let EngineError::Unavailable { retry_after, .. } = error {
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(retry_after.as_secs().max(1)));
    }
    answer
}
