//! What people do not want to be told of by mail: chosen on a page or over the API, or by the link in every mail, which
//! works without signing in.

use crate::authenticate::derived_key;
use crate::rights::allow;
use crate::{Engine, EngineError};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use wigwag_access::{Action, Principal, Source, Thing, User};
use wigwag_base::UserId;
use wigwag_hooks::Switch;
use wigwag_ports::notices::OptOut;
use wigwag_ports::registry::UserKey;

/// Where the link in a mail leads.
const OPT_OUT_PATH: &str = "/-/notices/unsubscribe";

/// What a user is told of by mail.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NoticePreferences {
    /// Whether mail is sent at all.
    pub mail: Switch,
    /// Projects and groups of whose hooks nothing is told.
    pub silent: Vec<Source>,
}

/// What a user wants to change of it; what is `None` stays as it is.
#[derive(Clone, Default, Debug)]
pub struct NoticeWish {
    /// Whether mail is sent at all.
    pub mail: Option<Switch>,
    /// All projects of whose hooks nothing shall be told.
    pub silent_projects: Option<Vec<Source>>,
    /// All groups of whose hooks nothing shall be told.
    pub silent_groups: Option<Vec<Source>>,
}

impl Engine {
    /// Changes what the asking user is told of, in steps of which each holds by itself.
    ///
    /// # Errors
    /// As [`Engine::set_notice_opt_out`]; the steps before it are made then.
    pub async fn choose_notices(
        &self,
        principal: &Principal,
        wish: NoticeWish,
    ) -> Result<NoticePreferences, EngineError> {
        let before = self.notice_preferences(principal).await?;
        if let Some(mail) = wish.mail {
            let silence = Switch::from_bool(!mail.is_on());
            self.set_notice_opt_out(principal, OptOut::Everything, silence).await?;
        }
        let is_project = |source: &&Source| matches!(source, Source::Project(_));
        let (projects, groups): (Vec<&Source>, Vec<&Source>) = before.silent.iter().partition(is_project);
        for (had, wanted) in [(projects, wish.silent_projects), (groups, wish.silent_groups)] {
            let Some(wanted) = wanted else { continue };
            for source in had.iter().filter(|source| !wanted.contains(source)) {
                self.set_notice_opt_out(principal, OptOut::Of(**source), Switch::Off).await?;
            }
            for source in wanted.iter().filter(|source| !had.contains(source)) {
                self.set_notice_opt_out(principal, OptOut::Of(*source), Switch::On).await?;
            }
        }
        self.notice_preferences(principal).await
    }

    /// What the asking user is told of by mail.
    ///
    /// # Errors
    /// [`EngineError::Forbidden`]; the store's.
    pub async fn notice_preferences(&self, principal: &Principal) -> Result<NoticePreferences, EngineError> {
        allow(principal, Action::ReadSelf, Thing::User(principal.user))?;
        let mut preferences = NoticePreferences { mail: Switch::On, silent: Vec::new() };
        for what in self.inner.store.opt_outs(principal.user).await? {
            match what {
                OptOut::Everything => preferences.mail = Switch::Off,
                OptOut::Of(source) => preferences.silent.push(source),
            }
        }
        Ok(preferences)
    }

    /// Whether this server is set up to send mail at all.
    pub fn sends_mail(&self) -> bool {
        self.inner.outside.mailer.is_some()
    }

    /// Begins (on) or ends (off) not telling the asking user.
    ///
    /// # Errors
    /// [`EngineError::Forbidden`]; [`EngineError::NotFound`] for a project or group that the user may not see.
    pub async fn set_notice_opt_out(
        &self,
        principal: &Principal,
        what: OptOut,
        to: Switch,
    ) -> Result<(), EngineError> {
        allow(principal, Action::ChooseOwnNotices, Thing::User(principal.user))?;
        // Ending it needs no right: who lost one may still tidy up.
        if let (OptOut::Of(source), Switch::On) = (what, to) {
            let level = self.level(principal.user, source).await?;
            let noun = match source {
                Source::Project(_) => "project",
                Source::Group(_) => "group",
            };
            level.ok_or(EngineError::NotFound(noun))?;
        }
        Ok(self.inner.store.set_opt_out(principal.user, what, to).await?)
    }

    /// The user whose mail brought a link, if the link is ours.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] (`link`); the store's.
    pub async fn opt_out_reader(&self, user: UserId, key: &str) -> Result<User, EngineError> {
        const UNKNOWN: EngineError = EngineError::NotFound("link");
        let given = URL_SAFE_NO_PAD.decode(key).map_err(|_| UNKNOWN)?;
        let known = self.inner.store.user(UserKey::Id(user)).await?;
        let known = known.ok_or(UNKNOWN)?;
        match self.opt_out_mac(&known).verify_slice(&given) {
            Ok(()) => Ok(known),
            Err(_) => Err(UNKNOWN),
        }
    }

    /// Ends mail for whoever got the link.
    ///
    /// # Errors
    /// As [`Engine::opt_out_reader`].
    pub async fn opt_out_by_link(&self, user: UserId, key: &str, to: Switch) -> Result<(), EngineError> {
        let reader = self.opt_out_reader(user, key).await?;
        Ok(self.inner.store.set_opt_out(reader.id, OptOut::Everything, to).await?)
    }

    /// The link that ends mail for a user. It holds for the address that it is sent to.
    pub fn opt_out_url(&self, user: &User) -> String {
        let key = URL_SAFE_NO_PAD.encode(self.opt_out_mac(user).finalize().into_bytes());
        format!("{}{OPT_OUT_PATH}?user={}&key={key}", self.inner.settings.external_url, user.id)
    }

    fn opt_out_mac(&self, user: &User) -> Hmac<Sha256> {
        let key = derived_key(&self.inner.root_key, "notice opt-out");
        let mut mac: Hmac<Sha256> =
            Hmac::new_from_slice(key.expose()).expect("HMAC takes a key of any length");
        mac.update(&user.id.0.to_be_bytes());
        mac.update(user.email.as_bytes());
        mac
    }
}
