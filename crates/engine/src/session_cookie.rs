//! How a session reaches a browser, in one place for every face that sets or reads it: the cookie, and the address of
//! a one-time link.

use crate::{Engine, NewLoginLink, NewSession};
use wigwag_access::SessionLimit;

/// The names of a browser's two cookies. The session that a banner's button made has one of its own: the button may be
/// pressed by any page, and must not take a full sign-in away.
struct Names {
    full: &'static str,
    button: &'static str,
}

/// Over https: the prefix makes browsers refuse the cookie from anywhere else than this very host.
const NAMES: Names = Names { full: "__Host-wigwag", button: "__Host-wigwag-button" };
/// Over plain http, where browsers refuse the prefix: loopback and test installations.
const NAMES_PLAIN: Names = Names { full: "wigwag", button: "wigwag-button" };

impl Engine {
    /// The cookies that may hold a session, the fuller one first.
    pub fn session_cookie_names(&self) -> [&'static str; 2] {
        let Names { full, button } = self.names();
        [full, button]
    }

    /// The `Set-Cookie` that signs a browser in.
    pub fn session_cookie(&self, session: &NewSession) -> String {
        let age_s = session.session.expires_at.since(self.now()).as_secs();
        let name = match session.session.limit {
            SessionLimit::Unlimited => self.names().full,
            SessionLimit::HookPages(_) => self.names().button,
        };
        self.cookie(name, session.cookie.expose(), age_s)
    }

    /// The `Set-Cookie`s that make a browser forget its sessions.
    pub fn session_cookies_gone(&self) -> [String; 2] {
        self.session_cookie_names().map(|name| self.cookie(name, "", 0))
    }

    /// The address that signs in, once: the page `/-/login/link/SECRET`.
    pub fn login_link_url(&self, link: &NewLoginLink) -> String {
        format!("{}/-/login/link/{}", self.settings().external_url, link.secret.expose())
    }

    fn cookie(&self, name: &str, value: &str, age_s: u64) -> String {
        let secure = if self.is_https() { "; Secure" } else { "" };
        format!("{name}={value}; Path=/; Max-Age={age_s}; HttpOnly; SameSite=Lax{secure}")
    }

    fn names(&self) -> Names {
        if self.is_https() { NAMES } else { NAMES_PLAIN }
    }

    fn is_https(&self) -> bool {
        self.settings().external_url.starts_with("https://")
    }
}
