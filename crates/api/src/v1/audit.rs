use crate::errors::{Problem, V1Errors};
use crate::extract::{Caller, Paged, Query};
use crate::listing::listing;
use crate::{Api, convert};
use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_engine::Engine;
use wigwag_ports::flags::AuditFilter;
use wigwag_wire::audit::{AuditQuery, AuditRow, AuditVerdict, VerifyQuery};
use wigwag_wire::server::PageQuery;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(verify))
}

/// Who changed what, newest first. Admins only.
#[utoipa::path(get, path = "/v1/audit", tag = "server", params(AuditQuery, PageQuery),
    responses((status = 200, body = [AuditRow]), V1Errors))]
async fn list(
    State(engine): State<Engine>,
    Caller(caller): Caller,
    Query(query): Query<AuditQuery>,
    Paged(page): Paged,
    uri: Uri,
) -> Result<Response, Problem> {
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let since = match given(query.since) {
        None => None,
        Some(text) => {
            let wrong = || Problem::invalid("since", "is no time; write 2026-01-31 or 2026-01-31T12:00:00Z");
            Some(convert::day_or_time(&text).ok_or_else(wrong)?)
        }
    };
    let filter = AuditFilter { since, flag: given(query.flag), author: given(query.author) };
    let found = engine.audit(&caller, filter, page).await?;
    Ok(listing(engine.settings(), &uri, found, convert::audit_row))
}

/// Whether the audit log is the chain that it was written as. Keep `head` elsewhere and ask for it again later: a log that
/// was cut off, or written anew, is whole in itself, but does not hold it. Admins only.
#[utoipa::path(get, path = "/v1/audit/verify", tag = "server", params(VerifyQuery),
    responses((status = 200, body = AuditVerdict), V1Errors))]
async fn verify(
    State(engine): State<Engine>,
    Caller(caller): Caller,
    Query(query): Query<VerifyQuery>,
) -> Result<Json<AuditVerdict>, Problem> {
    let asked = query.head.filter(|text| !text.is_empty());
    let kept = match &asked {
        None => None,
        Some(text) => {
            let wrong =
                || Problem::invalid("head", "is no head of the chain; write its 64 hexadecimal digits");
            Some(convert::hash_of_hex(text).ok_or_else(wrong)?)
        }
    };
    let check = engine.verify_audit(&caller, kept).await?;
    Ok(Json(convert::audit_verdict(&check, kept)))
}
