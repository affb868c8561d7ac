use super::{Chats, chats};
use crate::limits::CHANNELS_MAX;
use toml::Table;
use wigwag_engine::limits::NOTE_CHARACTERS_MAX;
use wigwag_engine::{ChatSettings, Settings};

const CHANNEL: &str = "C0PRODUCTION";

fn read(text: &str) -> anyhow::Result<Chats> {
    let table: Table = text.parse().unwrap();
    chats(table.get("chat"), &Settings::default().environments)
}

fn check(text: &str, told: &str) {
    let error = read(text).map(|_| "good".to_owned()).unwrap_or_else(|error| error.to_string());
    assert_eq!(error, told, "{text}");
}

/// What `chat` says with these lines.
fn check_chat(more: &str, told: &str) {
    check(&format!("[chat]\n{more}"), &if told == "good" { told.into() } else { format!("chat: {told}") });
}

/// A file with a secret, and the line that names it by `key`.
struct Kept {
    folder: tempfile::TempDir,
}

impl Kept {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn line(&self, key: &str, secret: &str) -> String {
        let file = self.folder.path().join(key);
        std::fs::write(&file, secret).unwrap();
        format!("{key} = {:?}\n", file.to_str().unwrap())
    }
}

#[test]
fn nothing_said_is_the_default_and_no_chat() {
    let all = read("").unwrap();
    let default = ChatSettings::default();
    assert_eq!(all.settings.production_channel, default.production_channel);
    assert_eq!(all.settings.consistency_environment, "staging");
    assert!(all.slack.is_none() && all.mattermost.is_none());
}

#[test]
fn channels_and_words_are_taken_over() {
    let all = read(&format!(
        "[chat]\nproduction_channel = \"{CHANNEL}\"\nlog_channel = \"#flag-log\"\nsupport_channel = \"#support\"\n\
         consistency_environment = \"staging-canary\"\nannouncement = \"{{flag}} comes {{time}}: {{url}}\"\n\
         change_events_project = \"acme/ops/platform\"\n"
    ));
    let settings = all.unwrap().settings;
    assert_eq!(settings.production_channel, CHANNEL);
    assert_eq!(settings.log_channel.as_deref(), Some("#flag-log"));
    assert_eq!(settings.support_channel.as_deref(), Some("#support"));
    assert_eq!(settings.consistency_environment, "staging-canary");
    assert_eq!(settings.announcement, "{flag} comes {time}: {url}");
    assert_eq!(settings.change_events_project.as_deref(), Some("acme/ops/platform"));
}

#[test]
fn what_is_wrong_of_chat_is_named() {
    check("chat = 5", "chat: must be a table");
    let keys = "production_channel, log_channel, support_channel, consistency_environment, link_by_email, announcement, \
                change_events_project, slack, mattermost";
    check_chat("chanel = \"#a\"", &format!("there is no \"chanel\"; there are {keys}"));
    let shape = "must be a name with its '#', such as \"#production\", or an id";
    for key in ["production_channel", "log_channel", "support_channel"] {
        check_chat(&format!("{key} = \"production\""), &format!("{key}: \"production\" {shape}"));
        check_chat(&format!("{key} = \"#\""), &format!("{key}: \"#\" {shape}"));
        check_chat(&format!("{key} = \" \""), &format!("{key}: is empty"));
        check_chat(&format!("{key} = 5"), &format!("{key}: must be a text, and is integer"));
    }
    check_chat(
        "consistency_environment = \"stagign\"",
        "consistency_environment: there is no environment \"stagign\"; there are dev, staging-canary, staging, \
         production-canary, production",
    );
    check_chat("link_by_email = \"yes\"", "link_by_email: must be true or false");
    let project = "must be a project's full path, such as acme/platform";
    for path in ["platform", "/platform", "acme//platform", "acme/plat form"] {
        check_chat(
            &format!("change_events_project = {path:?}"),
            &format!("change_events_project: {path:?} {project}"),
        );
    }
}

#[test]
fn of_two_chats_it_is_said_whose_production_is() {
    let kept = Kept::new();
    let both = format!(
        "[chat.slack]\n{}[chat.mattermost]\n{}",
        kept.line("signing_secret_file", "s"),
        kept.line("token_file", "slash")
    );
    let told = |channel: &str| {
        format!(
            "chat: production_channel: two chats are configured, and it cannot be told whose {channel} is; write \
             slack:{channel} or mattermost:{channel}"
        )
    };
    check(&both, &told("#production"));
    check(&format!("[chat]\nproduction_channel = \"{CHANNEL}\"\n{both}"), &told(CHANNEL));
    check(&format!("[chat]\nproduction_channel = \"mattermost:#production\"\n{both}"), "good");
    let listed = "[[chat.mattermost.channels]]\nname = \"#production\"\nid = \"4yr8f6u9hjd4m8w3oa7g1kz5ce\"";
    check(&format!("{both}{listed}"), "good");
    let shape = "must be a name with its '#', such as \"#production\", or an id";
    for text in ["icq:#production", "slack:", "slack:production", "slack: #production"] {
        check_chat(&format!("log_channel = \"{text}\""), &format!("log_channel: \"{text}\" {shape}"));
    }
}

#[test]
fn an_announcement_fills_in_what_there_is() {
    let places = "{flag}, {description}, {state}, {time}, {author}, {url}";
    check_chat("announcement = \"a { b\"", "good");
    check_chat("announcement = \" \"", "announcement: is empty");
    check_chat(
        "announcement = \"{flagg}\"",
        &format!("announcement: there is no {{flagg}}; there are {places}"),
    );
    let long = |count: usize| format!("announcement = {:?}", "x".repeat(count));
    check_chat(&long(NOTE_CHARACTERS_MAX), "good");
    check_chat(&long(NOTE_CHARACTERS_MAX + 1), "announcement: is longer than 3000 characters");
}

#[test]
fn slack_is_read_with_both_secrets() {
    let kept = Kept::new();
    let text = "[chat.slack]\n".to_owned()
        + &kept.line("signing_secret_file", " first\n")
        + &kept.line("previous_signing_secret_file", "second")
        + &kept.line("bot_token_file", "xoxb-1")
        + "team = \"T0PLATFORM\"\n[[chat.slack.channels]]\nname = \"#production\"\nid = \"C0PRODUCTION\"\n"
        + "[[chat.slack.channels]]\nname = \"#log\"\n"
        + &kept.line("webhook_file", "https://hooks.slack.com/services/1");
    let slack = read(&text).unwrap().slack.unwrap();
    let secrets: Vec<&str> = slack.signing_secrets.iter().map(|one| one.expose().as_str()).collect();
    assert_eq!(secrets, ["first", "second"]);
    assert_eq!(slack.bot_token.unwrap().expose(), "xoxb-1");
    assert_eq!(
        (slack.team.as_deref(), slack.api_url.as_str()),
        (Some("T0PLATFORM"), "https://slack.com/api")
    );
    let channels: Vec<_> = slack
        .channels
        .iter()
        .map(|one| (one.name.as_str(), one.id.as_deref(), one.webhook.is_some()))
        .collect();
    assert_eq!(channels, [("#production", Some(CHANNEL), false), ("#log", None, true)]);
}

#[test]
fn what_is_wrong_of_slack_is_named() {
    let kept = Kept::new();
    let secret = kept.line("signing_secret_file", "s");
    let slack = |more: &str, told: &str| check(&format!("[chat.slack]\n{secret}{more}"), told);
    slack("", "good");
    check(
        "[chat.slack]\nteam = \"T01\"",
        "chat.slack: the signing secret is missing: set WIGWAG_SLACK_SIGNING_SECRET, or signing_secret_file = \"FILE\"; \
         Slack shows it under Basic Information",
    );
    check(
        "[chat.slack]\nsigning_secret = \"typed in\"",
        "chat.slack: signing_secret: a signing secret does not belong into this file; name a file (signing_secret_file) or \
         a variable (signing_secret_env)",
    );
    check(
        "[chat.slack]\nsigning_secret_env = \"NOT_SET_ANYWHERE\"",
        "chat.slack: signing_secret_env: the variable NOT_SET_ANYWHERE is not set",
    );
    slack("team = \"platform\"", "chat.slack: team: \"platform\" is no id of a workspace, such as T0123ABCD");
    slack(
        "api_url = \"slack.com\"",
        "chat.slack: api_url: \"slack.com\" must be http:// or https://, a host, and a path if there is one, such as \
         https://slack.com/api",
    );
    slack("channels = 5", "chat.slack: channels: must be tables, each under [[...]]");
    check(
        &format!("[chat]\nlink_by_email = true\n[chat.slack]\n{secret}"),
        "chat: link_by_email: needs Slack with \
         chat.slack.team and a bot's token: members are told from guests by them",
    );
    let token = kept.line("bot_token_file", "xoxb-1");
    check(&format!("[chat]\nlink_by_email = true\n[chat.slack]\n{secret}{token}team = \"T01\""), "good");
}

#[test]
fn what_is_wrong_of_channels_is_named() {
    let kept = Kept::new();
    let slack = "[chat.slack]\n".to_owned() + &kept.line("signing_secret_file", "s");
    let token = kept.line("bot_token_file", "xoxb-1");
    let place = "chat.slack.channels, table 1: ";
    let one = |more: &str, told: &str| {
        let told = if told == "good" { told.into() } else { format!("{place}{told}") };
        check(&format!("{slack}{token}[[chat.slack.channels]]\n{more}"), &told);
    };
    one("name = \"#a\"\nid = \"C0PRODUCTION\"", "good");
    one("id = \"C0PRODUCTION\"", "name: is missing");
    one("name = \"a\"", "name: \"a\" must begin with '#' and hold no white space");
    one("name = \"#a b\"", "name: \"#a b\" must begin with '#' and hold no white space");
    one("name = \"#a\"", "takes id, webhook_file or webhook_env; there is none");
    one("name = \"#a\"\nid = \"#a\"", "id: \"#a\" is no id such as C0123ABCD; the channel's details show it");
    one(
        "name = \"#a\"\nwebook_file = \"x\"",
        "there is no \"webook_file\"; there are name, id, webhook_file, webhook_env",
    );
    let webhook = kept.line("webhook_file", "hooks.slack.com/services/secret");
    one(&format!("name = \"#a\"\n{webhook}"), "webhook: what it holds must begin with https:// or http://");
    let twice = "[[chat.slack.channels]]\nname = \"#a\"\nid = \"C0PRODUCTION\"\n".repeat(2);
    check(&format!("{slack}{token}{twice}"), "chat.slack.channels, table 2: name: \"#a\" is there twice");
    let without = format!("{slack}[[chat.slack.channels]]\nname = \"#a\"\nid = \"C0PRODUCTION\"");
    check(&without, "good");
    let many = |count: usize| -> String {
        let one = |n| format!("[[chat.slack.channels]]\nname = \"#c{n}\"\nid = \"C0PRODUCTION\"\n");
        format!("{slack}{token}") + &(0..count).map(one).collect::<String>()
    };
    check(&many(CHANNELS_MAX), "good");
    check(&many(CHANNELS_MAX + 1), "chat.slack.channels: there may be 200; there are 201");
}

#[test]
fn mattermost_is_read_and_what_is_wrong_is_named() {
    let kept = Kept::new();
    let token = kept.line("token_file", "slash");
    let bot = kept.line("bot_token_file", "bot");
    let text = format!(
        "[chat.mattermost]\nurl = \"https://chat.platform.example/\"\n{token}{bot}\
         [[chat.mattermost.channels]]\nname = \"#production\"\nid = \"4yr8f6u9hjd4m8w3oa7g1kz5ce\"\n"
    );
    let mattermost = read(&text).unwrap().mattermost.unwrap();
    assert_eq!(mattermost.url.as_deref(), Some("https://chat.platform.example"));
    assert_eq!(mattermost.tokens[0].expose(), "slash");
    assert_eq!((mattermost.bot_token.unwrap().expose().as_str(), mattermost.channels.len()), ("bot", 1));

    check(
        "[chat.mattermost]\nurl = \"https://chat.platform.example\"",
        "chat.mattermost: the token is missing: set WIGWAG_MATTERMOST_TOKEN, or token_file = \"FILE\"; Mattermost shows it \
         when the slash command is made",
    );
    check(
        &format!("[chat.mattermost]\n{token}{bot}"),
        "chat.mattermost: bot_token: is of no use without url: it is shown to that server",
    );
    check(
        &format!("[chat.mattermost]\n{token}url = \"https://me:secret@chat.platform.example\""),
        "chat.mattermost: url: a name or password does not belong into it; the token is shown by itself",
    );
    check(
        &format!("[chat.mattermost]\n{token}team = \"x\""),
        "chat.mattermost: there is no \"team\"; there are url, token_file, token_env, bot_token_file, bot_token_env, channels",
    );
}
