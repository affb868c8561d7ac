//! Mail by SMTP, to the one server that the operator named: resolved by our resolver, every address judged, connected to
//! exactly one of them, as any other outgoing request.
//!
//! ```text
//! resolve -> judge -> connect (TLS at once) -> EHLO -> [STARTTLS] -> [AUTH] -> MAIL, RCPT, DATA -> QUIT
//! ```

use crate::client::Client;
use crate::config::{Config, Origin, SetupError};
use crate::limits::{CONNECT_ADDRESSES_MAX, SMTP_CONNECT_DEADLINE, SMTP_DEADLINE};
use crate::target;
use async_trait::async_trait;
use lettre::address::Envelope;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters};
use lettre::transport::smtp::commands;
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter, ServerInfo};
use lettre::{Address, Message};
use std::error::Error as _;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, UNIX_EPOCH};
use wigwag_base::Secret;
use wigwag_ports::chat_platform::ChatOutError;
use wigwag_ports::egress::{EgressError, Target};
use wigwag_ports::mail::{Mail, Mailer};

/// Answers that are about the recipient's address, where they answer it and say no more: no further try makes it a better
/// one (RFC 5321, 4.2.3).
const ABOUT_THE_ADDRESS: [u16; 3] = [550, 551, 553];

/// The same in enhanced words, which say it of themselves (RFC 3463, 3.2): no such mailbox, no such system, bad syntax, moved,
/// takes no mail. Whatever else is refused concerns everybody, and operators mend it.
const ABOUT_THE_ADDRESS_ENHANCED: [&str; 5] = ["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"];

/// What of a mail a server answered to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Step {
    Sender,
    Recipient,
    Content,
}

/// The operator's mail server.
#[derive(Clone, Debug)]
pub struct SmtpConfig {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: SmtpTls,
    /// User and password, if it wants them.
    pub login: Option<(String, Secret<String>)>,
    /// From whom mail comes: `Wigwag <wigwag@example.org>`, or the address alone.
    pub from: String,
    /// How we introduce ourselves: the host of our own URL.
    pub hello: String,
}

/// How the connection to a mail server is encrypted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SmtpTls {
    /// From the first byte (port 465).
    Implicit,
    /// After asking for it; without it nothing is said (port 587).
    StartTls,
    /// Not at all.
    None,
}

/// Sends mail by SMTP.
pub struct Smtp {
    client: Client,
    config: SmtpConfig,
    target: Target,
    from: Mailbox,
    hello: ClientId,
    tls: Option<TlsParameters>,
}

impl Smtp {
    /// Checks the settings; nothing is connected to yet. `egress` is that of every other request.
    ///
    /// # Errors
    /// `FIELD: RULE`.
    pub fn new(config: SmtpConfig, egress: &Config) -> Result<Self, String> {
        let from: Mailbox = config.from.parse().map_err(|_| {
            format!("from: {:?} is no address; write \"Wigwag <wigwag@example.org>\"", config.from)
        })?;
        let bracketed =
            if config.host.contains(':') { format!("[{}]", config.host) } else { config.host.clone() };
        let wrong_host = |error: EgressError| format!("host: {error}");
        let place = target::parse(&format!("http://{bracketed}:{}/", config.port)).map_err(wrong_host)?;
        if place.path_and_query != "/" || place.basic_auth.is_some() {
            return Err(format!("host: {:?} must be a host's name or address alone", config.host));
        }
        let only = Some(Origin { host: place.host.clone(), port: place.port });
        let client =
            Client::new(&Config { only, ..egress.clone() }).map_err(|error: SetupError| error.to_string())?;
        client.judge_literal(&place).map_err(wrong_host)?;
        let tls = match config.tls {
            SmtpTls::None => None,
            SmtpTls::Implicit | SmtpTls::StartTls => Some(tls(&place.host, egress)?),
        };
        let hello = match config.hello.parse::<IpAddr>() {
            Ok(IpAddr::V4(address)) => ClientId::Ipv4(address),
            Ok(IpAddr::V6(address)) => ClientId::Ipv6(address),
            Err(_) => ClientId::Domain(config.hello.clone()),
        };
        Ok(Self { client, config, target: place, from, hello, tls })
    }

    /// Says hello to the first address that lets us.
    async fn connect(&self) -> Result<AsyncSmtpConnection, ChatOutError> {
        let addresses =
            self.client.judged(&self.target, SMTP_CONNECT_DEADLINE).await.map_err(|error| later(&error))?;
        let mut failure = None;
        for address in addresses.iter().take(CONNECT_ADDRESSES_MAX) {
            let peer = SocketAddr::new(*address, self.target.port);
            let at_once = self.tls.clone().filter(|_| self.config.tls == SmtpTls::Implicit);
            let hello = AsyncSmtpConnection::connect_tokio1(
                peer,
                Some(SMTP_CONNECT_DEADLINE),
                &self.hello,
                at_once,
                None,
            );
            match tokio::time::timeout(SMTP_CONNECT_DEADLINE, hello).await {
                Ok(Ok(connection)) => return Ok(connection),
                // The first says most: often the others are only of a family that the server does not listen on.
                Ok(Err(error)) => failure = failure.or_else(|| Some(self.told(&error))),
                Err(_) => failure = failure.or_else(|| Some(format!("{} does not say hello", self.place()))),
            }
        }
        let reason = failure.unwrap_or_else(|| format!("{} has no address", self.place()));
        Err(ChatOutError::Later { reason, after: None })
    }

    /// Encrypts and signs in, as configured.
    async fn begin(&self, connection: &mut AsyncSmtpConnection) -> Result<(), ChatOutError> {
        let later = |error: SmtpError| ChatOutError::Later { reason: self.told(&error), after: None };
        if let (SmtpTls::StartTls, Some(tls)) = (self.config.tls, &self.tls) {
            connection.starttls(tls.clone(), &self.hello).await.map_err(later)?;
        }
        if let Some((user, password)) = &self.config.login {
            let credentials = Credentials::new(user.clone(), password.expose().clone());
            // Operators mend a password: what waits meanwhile goes out then.
            connection.auth(DEFAULT_MECHANISMS, &credentials).await.map_err(later)?;
        }
        Ok(())
    }

    async fn exchange(&self, envelope: &Envelope, content: &[u8]) -> Result<(), ChatOutError> {
        let mut connection = self.connect().await?;
        // Where that fails nothing more is said: of a connection that broke within its handshake nothing is left.
        self.begin(&mut connection).await?;
        let sent = self.hand_over(&mut connection, envelope, content).await;
        // It is sent or it is not: how the server takes leave does not matter.
        let _ = tokio::time::timeout(Duration::from_secs(1), connection.abort()).await;
        sent
    }

    async fn hand_over(
        &self,
        connection: &mut AsyncSmtpConnection,
        envelope: &Envelope,
        content: &[u8],
    ) -> Result<(), ChatOutError> {
        let parameters = self.parameters(connection.server_info(), envelope, content)?;
        let refused = |step| move |error: SmtpError| self.judge(&error, step);
        let sender = commands::Mail::new(envelope.from().cloned(), parameters);
        connection.command(sender).await.map_err(refused(Step::Sender))?;
        for to in envelope.to() {
            let recipient = commands::Rcpt::new(to.clone(), Vec::new());
            connection.command(recipient).await.map_err(refused(Step::Recipient))?;
        }
        connection.command(commands::Data).await.map_err(refused(Step::Content))?;
        connection.message(content).await.map_err(refused(Step::Content))?;
        Ok(())
    }

    /// What the server must be told of a mail that is not all ASCII.
    fn parameters(
        &self,
        server: &ServerInfo,
        envelope: &Envelope,
        content: &[u8],
    ) -> Result<Vec<MailParameter>, ChatOutError> {
        let mut needs = Vec::new();
        let mut addresses = envelope.from().into_iter().chain(envelope.to());
        if addresses.any(|address| !AsRef::<str>::as_ref(address).is_ascii()) {
            needs.push((Extension::SmtpUtfEight, MailParameter::SmtpUtfEight));
        }
        if !content.is_ascii() {
            let eight_bits = MailParameter::Body(MailBodyParameter::EightBitMime);
            needs.push((Extension::EightBitMime, eight_bits));
        }
        let parameter = |(extension, parameter)| {
            let reason = || format!("{} does not support {extension}, which the mail needs", self.place());
            let lacks = || ChatOutError::Later { reason: reason(), after: None };
            server.supports_feature(extension).then_some(parameter).ok_or_else(lacks)
        };
        needs.into_iter().map(parameter).collect()
    }

    fn judge(&self, error: &SmtpError, step: Step) -> ChatOutError {
        let reason = self.told(error);
        if is_about_the_address(error, step) {
            ChatOutError::Never(reason)
        } else {
            ChatOutError::Later { reason, after: None }
        }
    }

    fn told(&self, error: &SmtpError) -> String {
        let mut text = format!("{}: {error}", self.place());
        text.retain(|letter| !letter.is_control());
        text.chars().take(ERROR_CHARACTERS_MAX).collect()
    }

    fn place(&self) -> String {
        format!("the mail server {}", self.target.authority)
    }

    fn message(&self, mail: &Mail) -> Result<Message, String> {
        let address: Address = one_line(&mail.to_address)
            .parse()
            .map_err(|error| format!("{:?} is no address that mail can go to: {error}", mail.to_address))?;
        let name = one_line(&mail.to_name);
        let to = Mailbox::new((!name.is_empty()).then_some(name), address);
        let at = UNIX_EPOCH + Duration::from_millis(u64::try_from(mail.at.as_millis()).unwrap_or_default());
        let id = format!("<{}@{}>", one_line(&mail.id), self.from.email.domain());
        let header =
            |name: &'static str, value: String| HeaderValue::new(HeaderName::new_from_ascii_str(name), value);
        Message::builder()
            .from(self.from.clone())
            .to(to)
            .date(at)
            .message_id(Some(id))
            .subject(one_line(&mail.subject))
            .raw_header(header("List-Unsubscribe", format!("<{}>", one_line(&mail.unsubscribe_url))))
            .raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".into()))
            // Answering machines keep quiet (RFC 3834).
            .raw_header(header("Auto-Submitted", "auto-generated".into()))
            .multipart(MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone()))
            .map_err(|error| format!("the message cannot be made: {error}"))
    }
}

/// Characters of a server's answer that are kept: enough to know what to do.
const ERROR_CHARACTERS_MAX: usize = 500;

#[async_trait]
impl Mailer for Smtp {
    async fn send(&self, mail: &Mail) -> Result<(), ChatOutError> {
        let message = self.message(mail).map_err(ChatOutError::Never)?;
        let content = message.formatted();
        match tokio::time::timeout(SMTP_DEADLINE, self.exchange(message.envelope(), &content)).await {
            Ok(sent) => sent,
            Err(_) => {
                let s = SMTP_DEADLINE.as_secs();
                let reason = format!("{} did not take the message within {s} s", self.place());
                Err(ChatOutError::Later { reason, after: None })
            }
        }
    }
}

/// Whether no further try can help, since the server says that it is the recipient's address that is wrong.
fn is_about_the_address(error: &SmtpError, step: Step) -> bool {
    if step == Step::Sender || !error.is_permanent() {
        return false;
    }
    let text = error.source().map(ToString::to_string).unwrap_or_default();
    match enhanced(&text) {
        Some(code) => ABOUT_THE_ADDRESS_ENHANCED.contains(&code),
        None => {
            step == Step::Recipient
                && error.status().map(u16::from).is_some_and(|code| ABOUT_THE_ADDRESS.contains(&code))
        }
    }
}

/// The enhanced code that an answer begins with, if it does (RFC 2034).
fn enhanced(text: &str) -> Option<&str> {
    let word = text.split_whitespace().next()?;
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    (word.split('.').count() == 3 && word.split('.').all(is_number)).then_some(word)
}

/// What stands in a head is one line, whatever was typed.
fn one_line(text: &str) -> String {
    let spaced = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    spaced.collect::<String>().trim().to_owned()
}

fn later(error: &EgressError) -> ChatOutError {
    ChatOutError::Later { reason: error.to_string(), after: None }
}

fn tls(host: &str, egress: &Config) -> Result<TlsParameters, String> {
    let mut builder =
        TlsParameters::builder(host.to_owned()).certificate_store(CertificateStore::WebpkiRoots);
    for pem in &egress.extra_roots {
        let root = Certificate::from_pem(pem).map_err(|error| format!("a root certificate: {error}"))?;
        builder = builder.add_root_certificate(root);
    }
    builder.build_rustls().map_err(|error| format!("tls: {error}"))
}
