//! `[mail]`: the mail server.

use super::entry::Entry;
use crate::limits::CA_FILE_BYTES_MAX;
use anyhow::{Result, anyhow, bail};
use std::fs::File;
use std::io::Read;
use toml::Value;
use wigwag_egress::{SmtpConfig, SmtpTls};

const KEYS: [&str; 8] = ["host", "port", "tls", "user", "password_file", "password_env", "from", "ca_file"];

/// The password's variable where the file names none.
const PASSWORD: &str = "WIGWAG_MAIL_PASSWORD";

/// The mail server, and whom it is trusted by besides the public roots.
pub(crate) struct MailConfig {
    pub(crate) smtp: SmtpConfig,
    /// PEM of an authority of one's own.
    pub(crate) ca: Option<Vec<u8>>,
}

/// What the file says of the mail server.
pub(super) fn mail(value: &Value) -> Result<MailConfig> {
    let entry = Entry::of(value, "mail", &KEYS)?;
    let (tls, usual_port) = match entry.text("tls")? {
        Some("implicit") => (SmtpTls::Implicit, 465),
        None | Some("starttls") => (SmtpTls::StartTls, 587),
        Some("none") => (SmtpTls::None, 25),
        Some(other) => bail!("mail: tls: must be \"starttls\", \"implicit\" or \"none\", and is {other:?}"),
    };
    let port = match entry.table.get("port") {
        None => usual_port,
        Some(value) => value
            .as_integer()
            .and_then(|port| u16::try_from(port).ok())
            .filter(|port| *port > 0)
            .ok_or_else(|| anyhow!("mail: port: must be a whole number from 1 to 65535"))?,
    };
    let smtp = SmtpConfig {
        host: entry.needed("host")?.to_owned(),
        port,
        tls,
        login: login(&entry, tls)?,
        from: entry.needed("from")?.to_owned(),
        // Known once the server listens.
        hello: String::new(),
    };
    Ok(MailConfig { smtp, ca: entry.filled("ca_file")?.map(ca).transpose()? })
}

fn login(entry: &Entry<'_>, tls: SmtpTls) -> Result<Option<(String, wigwag_base::Secret<String>)>> {
    let Some(user) = entry.filled("user")? else {
        if entry.secret("password")?.is_some() {
            bail!("mail: user: is missing: a password is of no use without it");
        }
        return Ok(None);
    };
    let Some(password) = entry.secret_or("password", PASSWORD)? else {
        bail!("mail: the password is missing: set {PASSWORD}, or password_file = \"FILE\"");
    };
    if tls == SmtpTls::None {
        bail!(
            "mail: tls: \"none\" would show the password to everybody on the way; use \"starttls\" or \"implicit\""
        );
    }
    Ok(Some((user.to_owned(), password)))
}

fn ca(path: &str) -> Result<Vec<u8>> {
    let read = || {
        let mut pem = Vec::new();
        File::open(path)?.take(CA_FILE_BYTES_MAX + 1).read_to_end(&mut pem)?;
        Ok::<_, std::io::Error>(pem)
    };
    let pem = read().map_err(|error| anyhow!("mail: ca_file: {path}: {error}"))?;
    if pem.len() as u64 > CA_FILE_BYTES_MAX {
        bail!("mail: ca_file: {path}: is longer than {CA_FILE_BYTES_MAX} bytes");
    }
    Ok(pem)
}

#[cfg(test)]
mod tests;
