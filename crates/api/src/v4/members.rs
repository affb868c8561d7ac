//! Members of projects and groups: what both kinds of routes do.

use crate::convert;
use crate::errors::V4Error;
use crate::extract::{V4, user_key};
use crate::listing::listing;
use axum::http::Uri;
use axum::response::Response;
use serde::de::IgnoredAny;
use wigwag_access::{AccessLevel, Membership, Source};
use wigwag_base::UserId;
use wigwag_engine::{Engine, EngineError, MemberReach};
use wigwag_wire::members::{Member, MemberInput};

pub(super) async fn list(
    engine: &Engine,
    source: Source,
    reach: MemberReach,
    uri: &Uri,
    call: &V4<IgnoredAny>,
) -> Result<Response, V4Error> {
    let found = engine.members(&call.caller, source, reach, call.page).await?;
    Ok(listing(engine.settings(), uri, found, |member| convert::member(member, engine.settings())))
}

pub(super) async fn get(
    engine: &Engine,
    source: Source,
    reach: MemberReach,
    user: i64,
    call: &V4<IgnoredAny>,
) -> Result<Member, V4Error> {
    let member = engine.member(&call.caller, source, UserId(user), reach).await?;
    Ok(convert::member(&member, engine.settings()))
}

pub(super) async fn add(engine: &Engine, source: Source, call: V4<MemberInput>) -> Result<Member, V4Error> {
    let V4 { caller, input, .. } = call;
    let user = match (input.user_id, input.username) {
        (Some(id), _) => UserId(id),
        (None, Some(name)) => {
            let found = engine.find_user(user_key(&name)).await?;
            found.ok_or(EngineError::NotFound("user"))?.id
        }
        (None, None) => return Err(V4Error::missing("user_id")),
    };
    let membership = Membership { user, source, level: level(input.access_level)? };
    let member = engine.add_member(&caller, membership).await?;
    Ok(convert::member(&member, engine.settings()))
}

pub(super) async fn change(
    engine: &Engine,
    source: Source,
    user: i64,
    call: V4<MemberInput>,
) -> Result<Member, V4Error> {
    let level = level(call.input.access_level)?;
    let membership = Membership { user: UserId(user), source, level };
    let member = engine.change_member(&call.caller, membership).await?;
    Ok(convert::member(&member, engine.settings()))
}

pub(super) async fn remove(
    engine: &Engine,
    source: Source,
    user: i64,
    call: &V4<IgnoredAny>,
) -> Result<(), V4Error> {
    Ok(engine.remove_member(&call.caller, source, UserId(user)).await?)
}

fn level(number: Option<i64>) -> Result<AccessLevel, V4Error> {
    let number = number.ok_or_else(|| V4Error::missing("access_level"))?;
    AccessLevel::from_number(number)
        .ok_or_else(|| V4Error::invalid("access_level", "does not have a valid value"))
}
