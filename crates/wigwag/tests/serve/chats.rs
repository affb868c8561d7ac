//! Chats and the real binary: signed requests from end to end, and what is told in channels.

use crate::signed::{now_s, url_form};
use crate::slack::{FLAG, SECRET, TEAM, button, pressed, said, sign, texts};
use crate::world::{Ended, Server, World};
use serde_json::json;
use wigwag_testkit::{Receiver, Reply};

/// A server that the variable alone tells of Slack.
async fn by_variable(world: &World) -> Server {
    let mut command = world.serve(&[]);
    command.env("WIGWAG_SLACK_SIGNING_SECRET", SECRET);
    Server::start(command).await
}

#[tokio::test]
async fn a_signed_command_sets_a_flag_and_its_replay_is_refused() {
    let world = World::new();
    let server = by_variable(&world).await;
    let token = server.mara("release").await;
    server.link_mara(&token).await;

    let staging = server.mara_says("random", &format!("feature set {FLAG} true --staging")).await;
    assert!(staging.contains("off -&gt; on") || staging.contains("off -> on"), "{staging}");
    let elsewhere = server.mara_says("random", &format!("feature set {FLAG} true")).await;
    assert!(elsewhere.contains("Production is changed in #production"), "{elsewhere}");
    assert_eq!(server.state("production").await, "off", "nothing was changed");

    let signed = sign(SECRET, now_s(), said("U0MARA", "production", &format!("feature set {FLAG} true")));
    server.slack(&signed).await.expect(200);
    assert_eq!(server.state("production").await, "on");
    server.mara_says("random", &format!("feature set {FLAG} false")).await;
    assert_eq!(server.state("production").await, "off", "the way back works from anywhere");

    let replayed = server.slack(&signed).await;
    assert_eq!(replayed.status, 401, "{}", replayed.text());
    assert!(replayed.text().contains("a replay is refused"), "{}", replayed.text());
    assert_eq!(server.state("production").await, "off");
    let audit = server.root.get(&format!("/v1/audit?flag={FLAG}")).await.ok();
    assert_eq!(audit.as_array().unwrap().len(), 3, "the replay changed nothing: {audit}");
    assert!(audit.as_array().unwrap().iter().all(|row| row["author"] == "mara"), "{audit}");

    server.stop().await;
    let server = by_variable(&world).await;
    assert_eq!(server.slack(&signed).await.status, 401, "nor does it after a restart");
    assert_eq!(server.state("production").await, "off");
    server.stop().await;
}

#[tokio::test]
async fn what_is_forged_late_or_of_another_workspace_is_refused() {
    let world = World::new();
    world.write("secret", format!("{SECRET}\n"));
    world.write("old", "the-secret-before");
    world.write(
        "wigwag.toml",
        format!(
            "[chat.slack]\nsigning_secret_file = \"secret\"\nprevious_signing_secret_file = \"old\"\nteam = \"{TEAM}\"\n"
        ),
    );
    let server = world.start().await;
    let body = || said("U0MARA", "production", "help");
    let now = now_s();
    for (signed, status, told) in [
        (sign(SECRET, now, body()), 200, ""),
        (sign("the-secret-before", now, body()), 200, ""),
        (sign("another", now, body()), 401, "signature is wrong"),
        (sign(SECRET, now - 400, body()), 401, "was signed"),
        (sign(SECRET, now + 400, body()), 401, "was signed"),
        (sign(SECRET, now, body().replace(TEAM, "T0ANOTHER")), 401, "another workspace"),
    ] {
        let answer = server.slack(&signed).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        assert!(answer.text().contains(told), "{}", answer.text());
    }
    let unsigned = server.root.anonymous().request("POST", "/chat/slack").outside_of_document();
    assert_eq!(unsigned.form(&body()).send().await.status, 401);
    server.stop().await;
}

#[tokio::test]
async fn who_is_not_linked_reads_and_changes_nothing() {
    let world = World::new();
    let server = by_variable(&world).await;
    let read = server.mara_says("general", &format!("feature get {FLAG}")).await;
    assert!(read.contains(FLAG), "{read}");
    let written = server.mara_says("production", &format!("feature set {FLAG} true --dev")).await;
    assert!(written.contains("wigwag chat link"), "it says what to do: {written}");
    assert_eq!(server.state("dev").await, "off");
    server.stop().await;
}

#[tokio::test]
async fn changes_in_production_are_told_in_channels_by_webhook_and_bot() {
    let world = World::new();
    let (mut webhook, mut api) = (Receiver::start().await, Receiver::start().await);
    let json = ("content-type", "application/json".to_owned());
    api.replies(Reply::With(200, json, "{\"ok\": true}".into()));
    world.write("webhook", format!("{}/services/1", webhook.url()));
    world.write("token", "xoxb-of-the-tests");
    world.write(
        "wigwag.toml",
        format!(
            "[chat]\nlog_channel = \"#flag-log\"\n[chat.slack]\nbot_token_file = \"token\"\napi_url = {:?}\n\
             [[chat.slack.channels]]\nname = \"#production\"\nwebhook_file = \"webhook\"\n\
             [[chat.slack.channels]]\nname = \"#flag-log\"\nid = \"C0FLAGLOG\"\n",
            api.url()
        ),
    );
    let server = by_variable(&world).await;
    server.root.post(&format!("/api/v4/features/{FLAG}"), json!({ "value": true })).await.created();
    let posted = webhook.next().await;
    assert_eq!(posted.uri.path(), "/hook/services/1");
    let told = texts(&serde_json::from_slice(&posted.body).unwrap()).join("\n");
    assert!(told.contains(FLAG) && told.contains("production"), "{told}");
    let posted = api.next().await;
    assert_eq!(posted.uri.path(), "/hook/chat.postMessage");
    assert_eq!(posted.header("authorization"), "Bearer xoxb-of-the-tests");
    let message: serde_json::Value = serde_json::from_slice(&posted.body).unwrap();
    assert_eq!(message["channel"], "C0FLAGLOG", "{message}");
    server.stop().await;
}

/// A Slack whose Web API, and whose addresses for answers, are a receiver's.
async fn with_answers(world: &World, more: &str) -> (Server, Receiver) {
    let answers = Receiver::start().await;
    world.write("wigwag.toml", format!("[chat.slack]\napi_url = {:?}\n{more}", answers.url()));
    let server = by_variable(world).await;
    let token = server.mara("release").await;
    server.link_mara(&token).await;
    server.mara_says("general", &format!("feature set {FLAG} true --staging")).await;
    (server, answers)
}

#[tokio::test]
async fn a_pressed_button_is_answered_where_slack_shows_it() {
    let world = World::new();
    let (server, mut answers) = with_answers(&world, "").await;
    let url = format!("{}/actions/1", answers.url());
    let shown = said("U0MARA", "production", &format!("feature set {FLAG} 10 --actors --dry-run"));
    let shown = server.slack(&sign(SECRET, now_s(), shown)).await.expect(200);
    assert_eq!(server.state("production").await, "off");

    let mut value = button(&shown["blocks"], "Apply");
    for (label, state) in [("Undo", "conditional"), ("", "off")] {
        let pressed = sign(SECRET, now_s(), pressed("U0MARA", "production", &value, &url));
        let answer = server.slack(&pressed).await;
        assert!(
            answer.status == 200 && answer.text().is_empty(),
            "Slack shows nothing of it: {}",
            answer.text()
        );
        let told = answers.next().await;
        assert_eq!(told.uri.path(), "/hook/actions/1");
        let told: serde_json::Value = serde_json::from_slice(&told.body).unwrap();
        assert_eq!(told["replace_original"], false, "{told}");
        assert_eq!(server.state("production").await, state, "{told}");
        if !label.is_empty() {
            value = button(&told["blocks"], label);
        }
        assert_eq!(server.slack(&pressed).await.status, 401, "a press is no more repeated than a command");
    }
    server.stop().await;
}

#[tokio::test]
async fn slack_is_answered_in_time_while_a_check_hangs_and_the_rest_follows() {
    let world = World::new();
    let mut prometheus = Receiver::start().await;
    let source = format!(
        "[[production_checks]]\nname = \"web health\"\nkind = \"prometheus\"\nquery = \"min(up)\"\nred_when = \"< 1\"\n\
         url = {:?}\nwhen_silent = \"pass\"\n",
        prometheus.url()
    );
    let (server, mut answers) = with_answers(&world, &source).await;
    prometheus.replies(Reply::Wait);
    let url = format!("{}/commands/1", answers.url());
    let set = said("U0MARA", "production", &format!("feature set {FLAG} 10 --actors"));
    let set = set.replace(
        &url_form(&[("response_url", "https://hooks.slack.com/commands/1/2/3".into())]),
        &url_form(&[("response_url", url)]),
    );
    let answer = server.slack(&sign(SECRET, now_s(), set)).await;
    assert!(answer.text().contains("The result follows here"), "{}", answer.text());
    assert_eq!(server.state("production").await, "off");
    prometheus.next().await;
    prometheus.release();
    let told = texts(&serde_json::from_slice(&answers.next().await.body).unwrap()).join("\n");
    assert!(told.contains("off -&gt; conditional"), "{told}");
    assert_eq!(server.state("production").await, "conditional");
    server.stop().await;
}

#[tokio::test]
async fn mattermost_is_known_by_the_token_of_its_slash_command() {
    let world = World::new();
    let mut command = world.serve(&[]);
    command.env("WIGWAG_MATTERMOST_TOKEN", "of-the-slash-command");
    let server = Server::start(command).await;
    let says = async |token: &str| {
        let body = url_form(&[
            ("token", token.into()),
            ("team_id", "team1".into()),
            ("channel_id", "channel1".into()),
            ("channel_name", "town-square".into()),
            ("user_id", "user1".into()),
            ("user_name", "mara".into()),
            ("command", "/chatops".into()),
            ("text", format!("run feature get {FLAG}")),
        ]);
        let request = server.root.anonymous().request("POST", "/chat/mattermost").outside_of_document();
        request.form(&body).send().await
    };
    let answer = says("of-the-slash-command").await;
    assert!(answer.status == 200 && answer.text().contains("Never set there"), "{}", answer.text());
    assert_eq!(says("another").await.status, 401);
    let slack = server.slack(&sign(SECRET, now_s(), said("U0MARA", "general", "help"))).await;
    assert_eq!(slack.status, 404, "Slack is not configured: {}", slack.text());
    server.stop().await;
}

#[tokio::test]
async fn secrets_in_variables_are_checked_and_never_repeated() {
    let world = World::new();
    let rule = "white space or characters that no header carries";
    for (variable, what) in [
        ("WIGWAG_SLACK_SIGNING_SECRET", "signing secret"),
        ("WIGWAG_SLACK_BOT_TOKEN", "bot token"),
        ("WIGWAG_MATTERMOST_TOKEN", "token"),
        ("WIGWAG_MATTERMOST_BOT_TOKEN", "bot token"),
        ("WIGWAG_GRAFANA_TOKEN", "token"),
    ] {
        world.write(
            "wigwag.toml",
            "[chat]\nproduction_channel = \"slack:#production\"\n[grafana]\nurl = \"https://grafana.example\"\n",
        );
        let mut command = world.serve(&[]);
        for good in ["WIGWAG_SLACK_SIGNING_SECRET", "WIGWAG_MATTERMOST_TOKEN", "WIGWAG_GRAFANA_TOKEN"] {
            command.env(good, SECRET);
        }
        command.env(variable, "two words");
        let ended = Ended::of(command).await;
        ended.refused(2, &[&format!("{variable}: holds more than a {what}: {rule}")]);
        assert!(!ended.stderr.contains("two words"), "{}", ended.stderr);
    }
}
