//! The server-rendered pages: the state in one sentence first, then the evidence, then what to press. Everything works
//! without script.
//!
//! ```text
//! request -> guard (own pages only may change anything) -> ask (who is signed in? else the login page)
//!         -> routes (one tree of addresses) -> page/* (asks the engine, fills a template) -> answer
//! ```
//!
//! A page is a file in `page/` that makes a view of plain texts and numbers, and a template in `templates/` that shows
//! it. `view/` holds what several pages show alike: times, states, charts, bodies.

mod answer;
mod ask;
mod assets;
mod fields;
mod guard;
pub mod limits;
mod page;
mod place;
mod routes;
mod shell;
mod view;
mod words;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn;
use axum::routing::{any, get, post};
use wigwag_engine::Engine;

/// The pages of a server, to be merged with its other routes: everything that no other route takes is a page.
pub fn router(engine: Engine) -> Router {
    Router::new()
        .route("/-/assets/{hash}/{name}", get(assets::serve))
        .route("/-/login", get(page::login::form).post(page::login::submit))
        .route("/-/login/link/{secret}", get(page::login::link).post(page::login::take_link))
        .route("/-/logout", post(page::login::leave))
        .route("/", any(routes::entry))
        .route("/{*path}", any(routes::entry))
        .layer(DefaultBodyLimit::max(limits::FORM_BYTES_MAX))
        .layer(from_fn(guard::guard))
        // The link in a mail proves by itself who may follow it, and mail programs that do come from no page of ours.
        .merge(
            Router::new()
                .route(
                    page::notices::UNSUBSCRIBE,
                    get(page::notices::ask_unsubscribe).post(page::notices::unsubscribe),
                )
                .layer(DefaultBodyLimit::max(limits::FORM_BYTES_MAX))
                .layer(from_fn(guard::strict_only)),
        )
        .with_state(engine)
}
