use wigwag_access::{Group, Namespace, Token, User, UserRole, UserState};
use wigwag_base::Timestamp;
use wigwag_engine::{Member, PlacedProject, Settings};
use wigwag_wire::{Date, Time, groups, members, projects, tokens, users};

const fn state(user: &User) -> &'static str {
    match user.state {
        UserState::Active => "active",
        UserState::Blocked => "blocked",
    }
}

fn web_url(settings: &Settings, path: &str) -> String {
    format!("{}/{path}", settings.external_url)
}

/// A user; address and role are for admins and the user's own eyes.
pub(crate) fn user(user: &User, settings: &Settings, sees_all: bool) -> users::User {
    users::User {
        id: user.id.0,
        username: user.username.clone(),
        name: user.name.clone(),
        state: state(user),
        web_url: web_url(settings, &user.username),
        created_at: Time(user.created_at),
        email: sees_all.then(|| user.email.clone()),
        is_admin: sees_all.then_some(user.role == UserRole::Admin),
    }
}

/// A token, with its text where it was just made.
pub(crate) fn token(token: &Token, now: Timestamp, text: Option<String>) -> tokens::Token {
    let expired = token.expires_at.is_some_and(|at| at <= now);
    tokens::Token {
        id: token.id.0,
        name: token.name.clone(),
        revoked: token.revoked_at.is_some(),
        created_at: Time(token.created_at),
        scopes: token.scopes.iter().map(wigwag_access::Scope::name).collect(),
        user_id: token.user.0,
        last_used_at: token.last_used_at.map(Time),
        active: token.revoked_at.is_none() && !expired,
        expires_at: token.expires_at.map(Date),
        project_id: token.project.map(|project| project.0),
        environments: token.environments.as_ref().map(|names| names.to_vec()),
        token: text,
    }
}

/// A group; `line` is it and the groups above it, where they are at hand.
pub(crate) fn group(group: &Group, line: &[Group], settings: &Settings) -> groups::Group {
    let names: Vec<&str> = line.iter().rev().map(|group| group.name.as_str()).collect();
    let full_name = if names.is_empty() { group.name.clone() } else { names.join(" / ") };
    groups::Group {
        id: group.id.0,
        name: group.name.clone(),
        path: group.path.clone(),
        full_name,
        full_path: group.full_path.clone(),
        parent_id: group.parent.map(|parent| parent.0),
        visibility: "private",
        web_url: web_url(settings, &format!("groups/{}", group.full_path)),
        created_at: Time(group.created_at),
    }
}

/// A project; `owner` is the user in whose own namespace it lies, if it lies in one.
pub(crate) fn project(
    placed: &PlacedProject,
    owner: Option<&User>,
    settings: &Settings,
) -> projects::Project {
    let project = &placed.project;
    let namespace = namespace(placed, owner);
    let mut names: Vec<&str> = placed.ancestors.iter().rev().map(|group| group.name.as_str()).collect();
    if names.is_empty() {
        names.push(&namespace.name);
    }
    names.push(&project.name);
    projects::Project {
        id: project.id.0,
        name: project.name.clone(),
        name_with_namespace: names.join(" / "),
        path: project.path.clone(),
        path_with_namespace: project.full_path.clone(),
        visibility: "private",
        web_url: web_url(settings, &project.full_path),
        created_at: Time(project.created_at),
        namespace,
    }
}

fn namespace(placed: &PlacedProject, owner: Option<&User>) -> projects::Namespace {
    let above = placed.project.full_path.rsplit_once('/').map_or("", |(above, _)| above);
    match (placed.project.namespace, placed.ancestors.first()) {
        (Namespace::Group(id), group) => projects::Namespace {
            id: id.0,
            name: group.map_or_else(|| above.to_owned(), |group| group.name.clone()),
            path: group.map_or_else(|| above.to_owned(), |group| group.path.clone()),
            kind: "group",
            full_path: above.to_owned(),
            parent_id: group.and_then(|group| group.parent).map(|parent| parent.0),
        },
        (Namespace::User(id), _) => projects::Namespace {
            id: id.0,
            name: owner.map_or_else(|| above.to_owned(), |owner| owner.name.clone()),
            path: above.to_owned(),
            kind: "user",
            full_path: above.to_owned(),
            parent_id: None,
        },
    }
}

/// A member.
pub(crate) fn member(member: &Member, settings: &Settings) -> members::Member {
    members::Member {
        id: member.user.id.0,
        username: member.user.username.clone(),
        name: member.user.name.clone(),
        state: state(&member.user),
        web_url: web_url(settings, &member.user.username),
        access_level: member.level.number(),
    }
}
