//! Changing a flag: the form, what the change would do, and making exactly that.

use crate::answer::{Outcome, page_with};
use crate::ask::{Ask, done};
use crate::fields::query_string;
use crate::page::flags::form::{Complaint, Form};
use crate::page::flags::places::Place;
use crate::page::flags::preview::{Shown, preview};
use crate::page::flags::{FLAGS, VIA, href, show};
use crate::shell::{Crumb, Nav, Notice, Shell, Tone};
use crate::words::sentence;
use askama::Template;
use axum::http::StatusCode;
use wigwag_engine::EngineError;
use wigwag_engine::flags::StateMark;
use wigwag_flags::FlagName;

#[derive(Template)]
#[template(path = "flag_change.html")]
struct ChangePage {
    shell: Shell,
    name: String,
    href: String,
    form: Form,
    complaint: Option<Complaint>,
    shown: Option<Shown>,
}

impl ChangePage {
    /// Whether a check refuses what would change.
    fn is_refused(&self) -> bool {
        self.shown.as_ref().is_some_and(|shown| shown.is_refused)
    }

    /// What is wrong with a field.
    fn error(&self, field: &str) -> Option<&String> {
        self.complaint.as_ref().filter(|complaint| complaint.field == field).map(|complaint| &complaint.rule)
    }
}

/// The form, and what it would do if it is filled in.
pub(crate) async fn ask_change(ask: &Ask, name: &str) -> Outcome {
    let (flag, places) = show::find(ask, name)?;
    let form = Form::read(ask, &ask.query, &places);
    render(ask, &flag, &places, form, None, StatusCode::OK).await
}

/// Makes what was shown.
pub(crate) async fn make(ask: &Ask, name: &str) -> Outcome {
    let (flag, places) = show::find(ask, name)?;
    let form = Form::read(ask, &ask.form, &places);
    let refused = |text: String| Some(Notice { tone: Tone::Bad, text });
    let command = match form.command(ask, &flag) {
        Ok(command) => command,
        Err(_) => return render(ask, &flag, &places, form, None, StatusCode::UNPROCESSABLE_ENTITY).await,
    };
    let seen: Option<StateMark> = ask.form.get("seen").and_then(|mark| mark.parse().ok());
    let Some(seen) = seen else {
        let text = "Look at what the change does before you make it.".to_owned();
        return render(ask, &flag, &places, form, refused(text), StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    match ask.engine.make_previewed(&ask.principal, &command, seen, VIA).await {
        Ok(written) if !written.remarks.is_empty() => {
            let text = format!("Changed in {}. {}", written.environment, written.remarks.join(" "));
            show::render(ask, name, Some(Notice { tone: Tone::Warning, text }), StatusCode::OK).await
        }
        Ok(written) => {
            let fields = [("done", "changed"), ("at", written.environment.as_str())];
            done(&format!("{}?{}", href(name), query_string(&fields)))
        }
        Err(error @ EngineError::Conflict(_)) => {
            let text = format!("Nothing was changed: {error}. Below is what the change would do now.");
            render(ask, &flag, &places, form, refused(text), StatusCode::CONFLICT).await
        }
        Err(error @ EngineError::Invalid { .. }) => {
            let text = format!("Nothing was changed. {}", sentence(&error.to_string()));
            render(ask, &flag, &places, form, refused(text), StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(other) => Err(other),
    }
}

async fn render(
    ask: &Ask,
    flag: &FlagName,
    places: &[Place],
    form: Form,
    notice: Option<Notice>,
    status: StatusCode,
) -> Outcome {
    let mut status = status;
    let (mut complaint, mut shown) = (None, None);
    if form.is_asked {
        match form.command(ask, flag) {
            Ok(command) => shown = Some(preview(ask, flag, places, &form, &command).await?),
            Err(wrong) => {
                complaint = Some(wrong);
                status = StatusCode::UNPROCESSABLE_ENTITY;
            }
        }
    }
    let href = href(flag.as_str());
    let crumbs = [
        Crumb { text: "Flags".into(), href: Some(FLAGS.into()) },
        Crumb { text: flag.to_string(), href: Some(href.clone()) },
        Crumb { text: "Change".into(), href: Some(format!("{href}/change")) },
    ];
    let shell = Shell::of(ask, Nav::Flags).at(&crumbs).telling(notice);
    let view = ChangePage { shell, name: flag.to_string(), href, form, complaint, shown };
    Ok(page_with(status, &view))
}
