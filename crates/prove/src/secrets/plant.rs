//! Plants the canaries, and makes the server use and refuse them.

use super::canary::Canaries;
use super::receivers::WAYS;
use super::sieve::Outputs;
use crate::api::{Api, publish};
use crate::http::Connection;
use crate::server::ROOT_TOKEN;
use anyhow::{Context, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

/// The file of the mail server's password, beside the settings.
const PASSWORD_FILE: &str = "mail-password";

/// What is configured; the secrets come by variables, and one by a file.
const SETTINGS: &str = r##"
delivery_deadline_s = 1
[chat]
production_channel = "slack:#production"
log_channel = "slack:#log"
[chat.slack]
api_url = "http://127.0.0.1:9/api"
team = "T0123ABCD"
[[chat.slack.channels]]
name = "#production"
id = "C0123ABCD"
[[chat.slack.channels]]
name = "#log"
id = "C0123ABCE"
[chat.mattermost]
url = "http://127.0.0.1:9"
[grafana]
url = "http://127.0.0.1:9"
[[production_checks]]
name = "alerts"
kind = "prometheus"
url = "http://127.0.0.1:9"
token_env = "PROOF_PROMETHEUS_TOKEN"
query = "up"
red_when = "< 1"
deadline_s = 1
[mail]
host = "127.0.0.1"
port = 9
user = "wigwag"
from = "wigwag@example.com"
password_file = "##;

/// Writes the settings into `folder`, and the file of the password beside them.
pub(super) fn configure(folder: &Path, canaries: &mut Canaries) -> Result<()> {
    let file = folder.join(PASSWORD_FILE);
    std::fs::write(&file, canaries.make("the mail server's password"))?;
    let settings = format!("{SETTINGS}{}\n", json!(file.to_str().context("a path is a text")?));
    Ok(std::fs::write(folder.join("wigwag.toml"), settings)?)
}

/// The variable with the address of the chat that is told of failing hooks.
pub(super) const CHAT_URL: &str = "WIGWAG_NOTICES_CHAT_URL";

/// Variables of the server's environment, each a canary.
pub(super) const VARIABLES: [(&str, &str); 6] = [
    ("WIGWAG_SLACK_SIGNING_SECRET", "Slack's signing secret"),
    ("WIGWAG_SLACK_BOT_TOKEN", "Slack's bot token"),
    ("WIGWAG_MATTERMOST_TOKEN", "Mattermost's token"),
    ("WIGWAG_MATTERMOST_BOT_TOKEN", "Mattermost's bot token"),
    ("WIGWAG_GRAFANA_TOKEN", "Grafana's token"),
    ("PROOF_PROMETHEUS_TOKEN", "the production check's token"),
];

/// The user that signs in.
const USER: &str = "kim";

pub(super) struct World {
    pub(super) api: Api,
    pub(super) project: i64,
    pub(super) group: i64,
    pub(super) user: i64,
    pub(super) token: i64,
    /// Hooks of the project, of the group, and of the system.
    pub(super) hooks: [Vec<i64>; 3],
    /// The signed-in browser's.
    pub(super) cookie: String,
    receiver: SocketAddr,
}

/// What one hook is given to keep.
struct Kept {
    token: String,
    header: String,
    variable: String,
    odd: String,
    user: String,
    password: String,
    signing_token: String,
}

impl Kept {
    fn make(hook: &str, canaries: &mut Canaries) -> Self {
        let mut make = |what: &str| canaries.make(&format!("{what} of hook {hook}"));
        let key = make("signing key");
        let kept = Self {
            token: make("token"),
            header: make("custom header"),
            variable: make("URL variable"),
            odd: format!("{}\"&<é>", make("URL variable with odd letters")),
            user: make("user in the URL"),
            password: make("password in the URL"),
            signing_token: format!("whsec_{}", STANDARD.encode(&key)),
        };
        canaries.add_text(&format!("signing token of hook {hook}"), &kept.signing_token);
        kept
    }

    fn fields(&self, name: &str) -> Value {
        json!({
            "name": name,
            "token": self.token,
            "signing_token": self.signing_token,
            "custom_headers": [
                { "key": "X-Team", "value": self.header },
                { "key": "X-Odd", "value": format!("{}\"&<>", self.header) },
            ],
            "url_variables": [{ "key": "key", "value": self.variable }, { "key": "odd", "value": self.odd }],
            "failure_policy": "off",
            "retry_policy": { "delays_s": [] },
        })
    }
}

impl World {
    pub(super) async fn plant(
        address: SocketAddr,
        receiver: SocketAddr,
        canaries: &mut Canaries,
    ) -> Result<Self> {
        let api = Api { address };
        let password = canaries.make("a user's password");
        let user = json!({
            "username": USER, "name": "Kim", "email": "kim@example.com", "admin": true, "password": password,
        });
        let user =
            api.must("POST", "/api/v4/users", &user).await?["id"].as_i64().context("a user has an id")?;
        let path = format!("/api/v4/users/{USER}/personal_access_tokens");
        let token = api.must("POST", &path, &json!({ "name": "planted", "scopes": ["api"] })).await?;
        canaries.add_text("a user's token", token["token"].as_str().context("a token has a text")?);
        let link = api.must("POST", "/v1/login_links", &json!({ "user": USER })).await?;
        canaries.add_text("a login link", link["url"].as_str().context("a link has an address")?);
        let key = api.must("POST", "/v1/embed_keys", &json!({})).await?;
        let pem = key["private_key"].as_str().context("a key has a private half")?;
        let inner: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
        canaries.add_text("an embed key", inner.trim_end_matches('='));
        let group = api.group("planted").await?;
        let project = api.project("shop", Some(group)).await?;
        let cookie = sign_in(address, &password).await?;
        canaries.add_text("a session's cookie", cookie.split_once('=').map_or("", |pair| pair.1));
        let token = token["id"].as_i64().context("a token has an id")?;
        let hooks = Default::default();
        let mut world = Self { api, project, group, user, token, hooks, cookie, receiver };
        world.make_hooks(canaries).await?;
        Ok(world)
    }

    async fn make_hooks(&mut self, canaries: &mut Canaries) -> Result<()> {
        let receiver = self.receiver;
        let mut urls: Vec<(String, String)> = WAYS
            .iter()
            .map(|way| ((*way).to_owned(), format!("http://USER@{receiver}/{way}/{{key}}?odd={{odd}}")))
            .collect();
        urls.extend([
            ("no-name".to_owned(), "http://USER@{key}.invalid/{odd}".to_owned()),
            ("refused".to_owned(), "http://USER@127.0.0.1:9/{key}?odd={odd}".to_owned()),
            ("no-tls".to_owned(), format!("https://USER@{receiver}/{{key}}?odd={{odd}}")),
        ]);
        for (name, url) in urls {
            let kept = Kept::make(&name, canaries);
            let title = canaries.make_control(&format!("name of hook {name}"));
            let url = url.replace("USER", &format!("{}:{}", kept.user, kept.password));
            let mut fields = kept.fields(&title);
            if url.starts_with("https:") {
                show_certificate(&mut fields, canaries)?;
            }
            self.hooks[0].push(self.api.hook(self.project, &url, fields).await?);
        }
        for (place, path) in
            [(1, format!("/api/v4/groups/{}/hooks", self.group)), (2, "/api/v4/hooks".to_owned())]
        {
            let kept = Kept::make(&path, canaries);
            let mut fields = kept.fields("one more");
            fields["url"] =
                format!("http://{}:{}@{receiver}/body/{{key}}?odd={{odd}}", kept.user, kept.password).into();
            fields["event_types"] = json!(["*"]);
            let made = self.api.must("POST", &path, &fields).await?;
            self.hooks[place].push(made["id"].as_i64().context("a hook has an id")?);
        }
        // Its template makes nothing of the payload.
        let kept = Kept::make("with a template", canaries);
        let mut fields = kept.fields("with a template");
        fields["custom_webhook_template"] = r#"{"a": "{{missing.path}}", "b": {{missing.path}}}"#.into();
        let url = format!("http://{receiver}/body/{{key}}?odd={{odd}}");
        self.hooks[0].push(self.api.hook(self.project, &url, fields).await?);
        Ok(())
    }

    /// Sends, tests, sends again, fails and is refused.
    pub(super) async fn provoke(
        &mut self,
        events: usize,
        canaries: &mut Canaries,
        outputs: &mut Outputs,
    ) -> Result<()> {
        let mut connection = Connection::open(self.api.address).await?;
        for number in 0..events {
            publish(&mut connection, self.project, &format!(r#"{{"number":{number}}}"#)).await?;
        }
        let project = format!("/api/v4/projects/{}/hooks", self.project);
        let begun = Instant::now();
        for hook in &self.hooks[0] {
            let path = format!("{project}/{hook}/events");
            while self.api.get(&path).await?.as_array().is_none_or(|rows| rows.len() < events) {
                if begun.elapsed() > Duration::from_secs(30) {
                    bail!("hook {hook} has no attempts after 30 s");
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        for hook in self.hooks[0].iter().take(2) {
            let first = self.api.get(&format!("{project}/{hook}/events")).await?[0]["id"].clone();
            for path in [
                format!("{project}/{hook}/test/push_events"),
                format!("{project}/{hook}/events/{first}/resend"),
            ] {
                let answer = self.api.ask("POST", &path, &Value::Null).await?;
                outputs.add("answers to changes", &path, answer.body.to_string().into_bytes());
            }
        }
        self.be_refused(canaries, outputs).await
    }

    /// Everything that is wrong is refused, in words that repeat no secret.
    async fn be_refused(&self, canaries: &mut Canaries, outputs: &mut Outputs) -> Result<()> {
        let hooks = format!("/api/v4/projects/{}/hooks", self.project);
        let hook = format!("{hooks}/{}", self.hooks[0][0]);
        let mut secret = |what: &str| canaries.make(&format!("{what}, refused"));
        let good = format!("http://{}/x", self.receiver);
        let wrong = [
            json!({ "url": format!("http://u:{}@10.0.0.1/", secret("password to a forbidden address")) }),
            json!({ "url": format!("ftp://u:{}@a.example/", secret("password in a wrong scheme")) }),
            json!({ "url": format!("http://u:{}@a b.example/", secret("password in no URL")) }),
            json!({ "url": "http://{key}/", "url_variables": [{ "key": "key", "value": format!("{} /", secret("variable in the host")) }] }),
            json!({ "url": good, "url_variables": [{ "key": "", "value": secret("variable without a name") }] }),
            json!({ "url": good, "custom_headers": [{ "key": "Host", "value": secret("header Host") }] }),
            json!({ "url": good, "custom_headers": [{ "key": "X-A", "value": format!("{}\r\nX-B: 1", secret("header of two lines")) }] }),
            json!({ "url": good, "signing_token": format!("whsec_{}!", secret("signing token")) }),
            json!({ "url": good, "token": format!("{}\n", secret("token of two lines")) }),
            json!({ "url": good, "token": { "value": secret("token that is an object") } }),
            json!({ "url": good, "custom_headers": secret("headers that are a text") }),
        ];
        let user = json!({ "username": USER, "name": "Kim", "email": "kim@example.com", "password": secret("password of a name that is taken") });
        let again = json!({ "username": "x", "name": "X", "email": "no address", "password": secret("password beside a bad address") });
        let calls =
            wrong.iter().flat_map(|body| [("POST", hooks.as_str(), body), ("PUT", hook.as_str(), body)]);
        for (method, path, body) in
            calls.chain([("POST", "/api/v4/users", &user), ("POST", "/api/v4/users", &again)])
        {
            let answer = self.api.ask(method, path, body).await?;
            if answer.status < 300 {
                bail!("{method} {path} with {body} should be refused, and was answered {}", answer.status);
            }
            outputs.add("refusals", path, answer.body.to_string().into_bytes());
        }
        let broken = format!(r#"{{"url":"{good}","token":"{}" oops"#, secret("token in broken JSON"));
        let wrong_token = secret("token that nobody has");
        let wrong_password = format!("login={USER}&password={}", secret("password that is wrong"));
        let address = self.api.address;
        for request in [
            post(
                address,
                &hooks,
                &format!("PRIVATE-TOKEN: {ROOT_TOKEN}\r\nContent-Type: application/json\r\n"),
                &broken,
            ),
            post(
                address,
                &hooks,
                &format!("PRIVATE-TOKEN: {wrong_token}\r\nContent-Type: application/json\r\n"),
                "{}",
            ),
            post(
                address,
                "/-/login",
                "Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n",
                &wrong_password,
            ),
        ] {
            outputs.add("refusals", "by hand", exchange(address, &request).await?);
        }
        Ok(())
    }
}

/// Lets a hook's requests show a certificate. Its key is a secret, but for the public half that both hold.
fn show_certificate(fields: &mut Value, canaries: &mut Canaries) -> Result<()> {
    let own = rcgen::generate_simple_self_signed(vec!["shop.example".to_owned()])?;
    let (pem, bytes) = (own.signing_key.serialize_pem(), own.signing_key.serialize_der());
    let private =
        bytes.get(PRIVATE_FROM..PRIVATE_FROM + PRIVATE_BYTES).context("a key is as long as it is")?;
    canaries.add_bytes("a client key's secret number", private);
    let text: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let (from, to) = (PRIVATE_FROM / 3 * 4, (PRIVATE_FROM + PRIVATE_BYTES) / 3 * 4);
    canaries.add_text("a client key", text.get(from..to).context("a key's text is as long as it is")?);
    fields["client_certificate"] = own.cert.pem().into();
    fields["client_key"] = pem.into();
    Ok(())
}

/// Where the secret number lies in the PKCS #8 form of a P-256 key, and its length.
const PRIVATE_FROM: usize = 36;
const PRIVATE_BYTES: usize = 32;

async fn sign_in(address: SocketAddr, password: &str) -> Result<String> {
    let form = "Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n";
    let body = format!("login={USER}&password={password}&next=/");
    let answer = exchange(address, &post(address, "/-/login", form, &body)).await?;
    let answer = String::from_utf8_lossy(&answer);
    let cookie = answer.lines().find_map(|line| {
        line.split_once(": ")
            .filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
            .map(|(_, value)| value)
    });
    let cookie = cookie.and_then(|cookie| cookie.split(';').next()).context("signing in gives no cookie")?;
    Ok(cookie.to_owned())
}

fn post(address: SocketAddr, path: &str, headers: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
}

/// Sends a request as it is and gives what comes back until the end, or for a second.
pub(super) async fn exchange(address: SocketAddr, request: &str) -> Result<Vec<u8>> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(address).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    let read = async { while stream.read_buf(&mut answer).await.is_ok_and(|count| count > 0) {} };
    // Streams do not end.
    let _ = tokio::time::timeout(Duration::from_secs(1), read).await;
    Ok(answer)
}
