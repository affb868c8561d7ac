//! Every page with something on it: a real engine on a fresh store, half a day of events delivered to a receiver that
//! fails in every way. Prints where it listens; sign in as `root` or `mara`, `rupert`, with the password it prints.
//!
//! `cargo run -p wigwag-pages --example gallery -- 127.0.0.1:8099`

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "an example: a mistake in it should stop it")]

#[path = "../tests/house/mod.rs"]
mod house;

use house::{House, PASSWORD};
use std::sync::atomic::Ordering;
use std::time::Duration;
use wigwag_access::{AccessLevel, ChatRole, Project, Source};
use wigwag_base::Secret;
use wigwag_engine::deployments::DeploymentInput;
use wigwag_engine::hook_admin::{HookFields, HookView};
use wigwag_hooks::{FailurePolicy, HookScope, PolicyChoice, Switch, WhilePaused};

const MINUTE: Duration = Duration::from_secs(60);
const STEPS: u32 = 47;

#[tokio::main]
async fn main() {
    let listen = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:0".into());
    let listener = tokio::net::TcpListener::bind(&listen).await.unwrap();
    let address = listener.local_addr().unwrap();
    let house = House::new(&format!("http://{address}"), 15 * MINUTE * STEPS).await;
    furnish(&house).await;
    println!("password: {PASSWORD}");
    println!("listening on http://{address}");
    axum::serve(listener, house.router()).await.unwrap();
}

async fn furnish(house: &House) {
    let acme = house.group("acme", "Acme").await;
    let shop = house.project(acme, "shop", "Shop").await;
    let docs = house.project(acme, "documentation", "Documentation").await;
    house.project(acme, "quiet", "Quiet <corner> & co").await;
    let mara = house.user("mara", "Mara Lindqvist").await;
    let rupert = house.user("rupert", "Rupert Okafor").await;
    let ines = house.user("ines", "Inês Carvalho").await;
    let group = Source::Group(acme);
    house.member(&mara, Source::Project(shop.id), AccessLevel::Maintainer).await;
    house.member(&mara, Source::Project(docs.id), AccessLevel::Maintainer).await;
    house.member(&rupert, group, AccessLevel::Reporter).await;
    house.member(&ines, group, AccessLevel::Owner).await;
    flags(house).await;
    let failing = hooks(house, &shop, &docs, HookScope::Group(acme)).await;
    history(house, &shop, &docs).await;
    let (billing, warehouse) = failing;
    house.until_health(billing.hook.scope, &billing, "disabled").await;
    house.until_health(warehouse.hook.scope, &warehouse, "paused").await;
    chat(house).await;
    flags_lately(house).await;
    let own = wigwag_engine::callouts::Viewer::Oneself;
    for _ in 0..3 {
        house.engine.callouts(&house::signed_in(&mara), &own, Source::Project(shop.id), None).await.unwrap();
    }
    house.engine.watch().followed();
}

/// Hooks in every state; the two whose state the gallery waits for.
async fn hooks(house: &House, shop: &Project, docs: &Project, group: HookScope) -> (HookView, HookView) {
    let (in_shop, in_docs) = (HookScope::Project(shop.id), HookScope::Project(docs.id));
    let billing = house.hook(in_shop, "Billing sync", "404").await;
    let quick = FailurePolicy::new(2, MINUTE, 1.0, MINUTE, Some(5)).unwrap();
    let fields = HookFields {
        failure_policy: Some(PolicyChoice::Own(quick)),
        token: Some(Secret::new("secret-of-billing".into())),
        description: Some("Invoices into the books. Owned by the finance team.".into()),
        event_types: Some(vec!["invoice.*".into(), "order.paid".into()]),
        ..HookFields::default()
    };
    house.engine.update_hook(&house.root, in_shop, billing.hook.id, fields).await.unwrap();
    house.hook(in_shop, "Search index", "200").await;
    let warehouse = house.hook(in_shop, "Warehouse", "switch").await;
    let patient = FailurePolicy::new(4, 20 * MINUTE, 4.0, 300 * MINUTE, None).unwrap();
    let fields = HookFields { failure_policy: Some(PolicyChoice::Own(patient)), ..HookFields::default() };
    house.engine.update_hook(&house.root, in_shop, warehouse.hook.id, fields).await.unwrap();
    house
        .hook(in_shop, "", "200-a-rather-long-path-that-goes-on-and-on-for-a-receiver-with-many-tenants")
        .await;
    let off = house.hook(in_shop, "Mail relay (old)", "200").await;
    let fields = HookFields { enabled: Some(Switch::Off), ..HookFields::default() };
    house.engine.update_hook(&house.root, in_shop, off.hook.id, fields).await.unwrap();
    house.hook(in_docs, "Site build", "200").await;
    let polite = house.hook(in_docs, "Chat relay", "503-retry").await;
    let fields = HookFields {
        while_paused: Some(WhilePaused::Drop),
        failure_policy: Some(PolicyChoice::Own(FailurePolicy { threshold: 1, ..FailurePolicy::REFERENCE })),
        ..HookFields::default()
    };
    house.engine.update_hook(&house.root, in_docs, polite.hook.id, fields).await.unwrap();
    house.hook(group, "Audit stream", "200").await;
    house.hook(HookScope::System, "Everything, for the data lake", "200").await;
    (billing, warehouse)
}

/// Half a day: every quarter of an hour some events; the warehouse breaks towards the end.
async fn history(house: &House, shop: &Project, docs: &Project) {
    for step in 0..STEPS {
        if step == STEPS - 3 {
            house.switch.store(500, Ordering::SeqCst);
        }
        let busy = 3 + (step * 7 % 11) + if step % 12 > 7 { 6 } else { 0 };
        for n in 0..busy {
            let payload = format!(
                r#"{{"object_kind":"push","ref":"refs/heads/main","step":{step},"n":{n},"user":{{"name":"Mara <b>Lindqvist</b>"}}}}"#
            );
            house.publish(shop.id, "push", &payload).await;
            if n % 4 == 0 {
                house.publish(docs.id, "push", &payload).await;
            }
        }
        if step % 6 == 0 {
            house
                .publish(shop.id, "invoice.paid", r#"{"invoice":4711,"amount":"99.00","currency":"EUR"}"#)
                .await;
        }
        ask_flags(house, step);
        settle(house).await;
        house.clock.forward(15 * MINUTE);
        house.engine.look();
    }
    settle(house).await;
}

const OF_SHOP: &str = "milestone: '17.4'\ngroup: group::checkout\ndefault_enabled: false\n";
const CHECKOUT: &str = "milestone: '17.3'
group: group::checkout
default_enabled: false
description: Pay with one click.
depends_on: [saved_cards]
feature_issue_url: https://code.example/acme/shop/-/issues/7
rollout_issue_url: https://code.example/acme/shop/-/issues/8
channel: '#checkout'
";
const LONG: &str =
    "a_rather_long_name_of_a_flag_that_somebody_thought_would_tell_everything_that_there_is_to_know_about_it";

/// Definitions of every kind, with mistakes in some files, and what was set half a day ago.
async fn flags(house: &House) {
    let about = |text: &str| format!("{OF_SHOP}description: {text}\n");
    house.define("beta", "one_click_checkout", CHECKOUT).await;
    house
        .define("ops", "saved_cards", "milestone: '17.1'\ngroup: group::checkout\ndefault_enabled: true\n")
        .await;
    house.define("wip", "new_basket", &about("The basket as the new design has it.")).await;
    let gift = about("Give a card to somebody.") + "depends_on: [saved_cards]\n";
    house.define("beta", "gift_cards", &gift).await;
    let old = "milestone: '16.9'\ngroup: group::search\ndefault_enabled: false\nowners: [mara, ines]\n";
    house.define("derisk", "faster_search", old).await;
    house.define("experiment", "green_button", &about("Whether a green button sells more.")).await;
    house.define("wip", LONG, &about("So long that it has to wrap.")).await;
    house.define("wip", "half_written", "milestone: 17.10\ngroup: group::checkout\ncolour: blue\n").await;
    house.define("beta", "unloved", "milestone: '17.2'\ndefault_enabled: maybe\n").await;
    house.run("feature set one_click_checkout true --dev --staging", "cli").await;
    house.run("feature set one_click_checkout true --project=acme/shop,acme/documentation", "page").await;
}

/// What was set within the last hour, and an incident.
async fn flags_lately(house: &House) {
    for (text, via) in [
        ("feature set webhooks_failed_callout true --project=acme/shop", "console"),
        ("feature set webhooks_failed_callout true --dev", "console"),
        (
            "feature set one_click_checkout 25 --actors --reason='a quarter of all, after a quiet week'",
            "page",
        ),
        ("feature set one_click_checkout opt_out --user=rupert", "page"),
        ("feature set faster_search 50 --random --ignore-random-deprecation-check --staging", "cli"),
        ("feature set green_button true --feature-group=staff", "console"),
        ("feature set saved_cards false --dev", "console"),
    ] {
        house.run(text, via).await;
    }
    let reason = Some("incident 4711".to_owned());
    house.engine.override_flag(&house.root, "staging", "new_basket", reason).await.unwrap();
}

/// What the pipeline reported, and who is who in the chats.
async fn chat(house: &House) {
    for (environment, digit, status) in [
        ("production", "a", "success"),
        ("staging", "a", "success"),
        ("staging", "b", "success"),
        ("production", "b", "running"),
        ("dev", "c", "failed"),
        ("dev", "d", "success"),
    ] {
        let input = DeploymentInput {
            environment: environment.into(),
            sha: digit.repeat(40),
            reference: "main".into(),
            is_tag: false,
            status: status.into(),
            project: None,
        };
        house.engine.record_deployment(&house.root, input).await.unwrap();
    }
    for (name, role) in [("mara", ChatRole::Release), ("rupert", ChatRole::Developer)] {
        house.engine.set_chat_role(&house.root, name, role, "page").await.unwrap();
    }
    house.run("rollout note one_click_checkout 'Carts are fine so far.'", "cli").await;
    house.run("rollout rollback gift_cards --reason='codes were sent twice'", "cli").await;
}

/// Programs ask for a flag.
fn ask_flags(house: &House, step: u32) {
    for n in 0..(step * 7 % 11 + 2) {
        let project = format!("Project:{}", 1 + n % 3);
        let asked = [project.as_str()];
        house.engine.evaluate_flag(&house.root, "production", "one_click_checkout", &asked).unwrap();
    }
}

/// Waits until no request is under way any more: the figures stand still.
async fn settle(house: &House) {
    let mut before = u64::MAX;
    house
        .until("the figures to stand still", async |engine| {
            tokio::time::sleep(Duration::from_millis(30)).await;
            let all = engine
                .figures(&house.root, wigwag_base::Timestamp::from_secs(0), Duration::from_secs(900))
                .await
                .unwrap();
            let sum: u64 = all.iter().map(|figure| figure.succeeded + figure.failed).sum();
            std::mem::replace(&mut before, sum) == sum
        })
        .await;
}
