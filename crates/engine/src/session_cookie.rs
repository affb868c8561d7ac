//! How a session reaches a browser, in one place for every face that sets or reads it: the cookie, and the address of
//! a one-time link.

use crate::{Engine, NewLoginLink, NewSession};

/// Over https: the prefix makes browsers refuse the cookie from anywhere else than this very host.
const NAME: &str = "__Host-wigwag";
/// Over plain http, where browsers refuse the prefix: loopback and test installations.
const NAME_PLAIN: &str = "wigwag";

impl Engine {
    /// The cookie's name.
    pub fn session_cookie_name(&self) -> &'static str {
        if self.is_https() { NAME } else { NAME_PLAIN }
    }

    /// The `Set-Cookie` that signs a browser in.
    pub fn session_cookie(&self, session: &NewSession) -> String {
        let age_s = session.session.expires_at.since(self.now()).as_secs();
        self.cookie(session.cookie.expose(), age_s)
    }

    /// The `Set-Cookie` that makes a browser forget its session.
    pub fn session_cookie_gone(&self) -> String {
        self.cookie("", 0)
    }

    /// The address that signs in, once: the page `/-/login/link/SECRET`.
    pub fn login_link_url(&self, link: &NewLoginLink) -> String {
        format!("{}/-/login/link/{}", self.settings().external_url, link.secret.expose())
    }

    fn cookie(&self, value: &str, age_s: u64) -> String {
        let (name, secure) = (self.session_cookie_name(), if self.is_https() { "; Secure" } else { "" });
        format!("{name}={value}; Path=/; Max-Age={age_s}; HttpOnly; SameSite=Lax{secure}")
    }

    fn is_https(&self) -> bool {
        self.settings().external_url.starts_with("https://")
    }
}
