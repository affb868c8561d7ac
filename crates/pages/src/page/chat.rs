//! Chats: which chat accounts are one's own, the code that links one; for administrators who may what, and what waits to
//! be said.

use crate::answer::{Outcome, page, page_with};
use crate::ask::{Ask, done};
use crate::limits::{MESSAGES_PER_PAGE, ROLES_SHOWN_MAX};
use crate::shell::{Nav, Notice, Shell, Tone};
use crate::view::{Pager, When};
use askama::Template;
use axum::http::StatusCode;
use wigwag_access::{Action, ChatRole, Thing};
use wigwag_engine::chat::KnownLink;
use wigwag_engine::{EngineError, allow};
use wigwag_ports::chat_users::ChatUser;
use wigwag_ports::outbox::Message;

/// Where the page is.
pub(crate) const CHAT: &str = "/-/chat";

/// A button of the page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Button {
    /// Makes a code.
    Code,
    /// Ends a link.
    Unlink,
    /// Gives a role.
    Role,
}

impl Button {
    /// The last part of its address.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        match word {
            "code" => Some(Self::Code),
            "unlink" => Some(Self::Unlink),
            "role" => Some(Self::Role),
            _ => None,
        }
    }
}

#[derive(Template)]
#[template(path = "chat.html")]
struct ChatPage {
    shell: Shell,
    /// The code just made, with the time at which it ends.
    code: Option<(String, When)>,
    role: ChatRole,
    links: Vec<LinkRow>,
    server: Option<ServerView>,
    production_channel: String,
}

/// What those see who may give roles.
struct ServerView {
    links: Vec<LinkRow>,
    roles: Vec<(String, Vec<(&'static str, bool)>)>,
    roles_more: usize,
    role_words: Vec<&'static str>,
    messages: Vec<MessageRow>,
    pager: Pager,
}

struct LinkRow {
    platform: String,
    team: String,
    id: String,
    name: String,
    username: String,
    at: When,
}

struct MessageRow {
    destination: String,
    at: When,
    /// When it is tried next; none if it was given up.
    next: Option<When>,
    attempts: u32,
    error: String,
}

pub(crate) async fn show(ask: &Ask) -> Outcome {
    let notice = match ask.query.get("done") {
        Some("unlinked") => Some("That account is no longer linked."),
        Some("role") => Some("The role holds from now on."),
        _ => None,
    };
    let notice = notice.map(|text| Notice { tone: Tone::Good, text: text.to_owned() });
    Ok(page(&view(ask, None, notice).await?))
}

/// Does what a button says.
pub(crate) async fn press(ask: &Ask, button: Button) -> Outcome {
    let sent = |name: &str| ask.form.get(name).unwrap_or_default().trim().to_owned();
    match button {
        Button::Code => {
            let made = ask.engine.make_link_code(&ask.principal).await?;
            let code = (made.code, When::new(made.expires_at, ask.now));
            Ok(page(&view(ask, Some(code), None).await?))
        }
        Button::Unlink => {
            let who = ChatUser { platform: sent("platform"), team: sent("team"), id: sent("id") };
            ask.engine.end_chat_link(&ask.principal, who, "page").await?;
            done(&format!("{CHAT}?done=unlinked"))
        }
        Button::Role => {
            let role = ChatRole::from_word(&sent("role"))
                .ok_or(EngineError::Invalid { field: "role", rule: "is none".into() })?;
            match ask.engine.set_chat_role(&ask.principal, &sent("username"), role, "page").await {
                Ok(_) => done(&format!("{CHAT}?done=role")),
                Err(EngineError::NotFound(_)) => {
                    let text = format!("There is no user {:?} here; write the username.", sent("username"));
                    let notice = Some(Notice { tone: Tone::Bad, text });
                    Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &view(ask, None, notice).await?))
                }
                Err(error) => Err(error),
            }
        }
    }
}

async fn view(
    ask: &Ask,
    code: Option<(String, When)>,
    notice: Option<Notice>,
) -> Result<ChatPage, EngineError> {
    if ask.limit().is_some() {
        return Err(EngineError::NotFound("page"));
    }
    let own = ask.engine.chat_links(&ask.principal, Some(ask.principal.user)).await?;
    Ok(ChatPage {
        shell: Shell::of(ask, Nav::Console).telling(notice),
        code,
        role: if ask.is_admin() { ChatRole::Admin } else { ask.user.chat_role },
        links: own.into_iter().map(|known| link_row(ask, known)).collect(),
        server: match allow(&ask.principal, Action::ManageChat, Thing::Server) {
            Ok(_) => Some(server(ask).await?),
            Err(_) => None,
        },
        production_channel: ask.engine.settings().chat.production_channel.clone(),
    })
}

async fn server(ask: &Ask) -> Result<ServerView, EngineError> {
    let links = ask.engine.chat_links(&ask.principal, None).await?;
    let roles = ask.engine.chat_roles(&ask.principal).await?;
    let listing = ask.engine.outbox(&ask.principal, ask.query.page(MESSAGES_PER_PAGE)).await?;
    let pager = Pager::new(&listing, "Pages of messages", CHAT, &[], "#outbox");
    let words = ChatRole::ALL.map(ChatRole::as_str);
    let shown = roles.iter().take(ROLES_SHOWN_MAX).map(|known| {
        let choices = words.map(|word| (word, word == known.role.as_str())).to_vec();
        (known.username.clone(), choices)
    });
    Ok(ServerView {
        roles: shown.collect(),
        roles_more: roles.len().saturating_sub(ROLES_SHOWN_MAX),
        role_words: words.to_vec(),
        links: links.into_iter().take(ROLES_SHOWN_MAX).map(|known| link_row(ask, known)).collect(),
        messages: listing.rows.into_iter().map(|message| message_row(ask, message)).collect(),
        pager,
    })
}

fn link_row(ask: &Ask, known: KnownLink) -> LinkRow {
    let KnownLink { link, username } = known;
    let ChatUser { platform, team, id } = link.who;
    LinkRow { platform, team, id, name: link.name, username, at: When::new(link.linked_at, ask.now) }
}

fn message_row(ask: &Ask, message: Message) -> MessageRow {
    MessageRow {
        destination: message.destination,
        at: When::new(message.at, ask.now),
        next: message.due_at.map(|at| When::new(at, ask.now)),
        attempts: message.attempts,
        error: message.last_error.unwrap_or_default(),
    }
}
