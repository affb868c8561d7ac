//! What every page has around its content: address bar of the server, where one is, who one is.

use crate::ask::Ask;
use crate::assets;

/// Which entry of the navigation is the present page's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Nav {
    /// None of them.
    None,
    /// The overview.
    Overview,
    /// Projects and groups, and everything below them.
    Projects,
    /// Flags.
    Flags,
    /// Which hooks fail, across projects.
    Hooks,
    /// Hooks of the system.
    System,
    /// What runs where.
    Deployments,
    /// The console and the chats.
    Console,
    /// The audit log.
    Audit,
}

/// A step of the way to the present page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Crumb {
    /// Its name.
    pub(crate) text: String,
    /// Its address; none where there is no page, or one may not open it.
    pub(crate) href: Option<String>,
}

/// Something to tell above the page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Notice {
    /// How it looks and is announced.
    pub(crate) tone: Tone,
    /// What it says.
    pub(crate) text: String,
}

/// How good or bad something is. Colour is never all that tells: an icon and a word go with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Tone {
    /// All is well.
    Good,
    /// Neither one nor the other: for some.
    Part,
    /// Look at it.
    Warning,
    /// Do something.
    Bad,
    /// Neither.
    Plain,
}

impl Tone {
    /// The class of the style sheet.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Part => "part",
            Self::Warning => "warning",
            Self::Bad => "bad",
            Self::Plain => "plain",
        }
    }

    /// How a screen reader announces it.
    pub(crate) const fn role(self) -> &'static str {
        if matches!(self, Self::Bad) { "alert" } else { "status" }
    }
}

/// Who is signed in, for the corner of the page.
pub(crate) struct Visitor {
    /// What people read.
    pub(crate) name: String,
    /// How one signs in.
    pub(crate) username: String,
    /// Whether the session opens hook pages only.
    pub(crate) is_limited: bool,
    /// Whether the server's own pages are shown.
    pub(crate) is_admin: bool,
}

/// The frame of a page.
pub(crate) struct Shell {
    pub(crate) style: String,
    pub(crate) script: String,
    pub(crate) icon: String,
    pub(crate) nav: Nav,
    pub(crate) visitor: Option<Visitor>,
    pub(crate) crumbs: Vec<Crumb>,
    pub(crate) notice: Option<Notice>,
}

impl Shell {
    /// The frame for somebody who is signed in.
    pub(crate) fn of(ask: &Ask, nav: Nav) -> Self {
        let visitor = Visitor {
            name: ask.user.name.clone(),
            username: ask.user.username.clone(),
            is_limited: ask.limit().is_some(),
            is_admin: ask.is_admin(),
        };
        Self { nav, visitor: Some(visitor), ..Self::outside() }
    }

    /// The frame for somebody who is not.
    pub(crate) fn outside() -> Self {
        Self {
            style: assets::address("wigwag.css"),
            script: assets::address("wigwag.js"),
            icon: assets::address("wigwag.svg"),
            nav: Nav::None,
            visitor: None,
            crumbs: Vec::new(),
            notice: None,
        }
    }

    /// With the way to the page.
    pub(crate) fn at(mut self, crumbs: &[Crumb]) -> Self {
        self.crumbs = crumbs.to_vec();
        self
    }

    /// With something to tell.
    pub(crate) fn telling(mut self, notice: Option<Notice>) -> Self {
        self.notice = notice;
        self
    }

    /// `page` for the entry of the page one is on, for `aria-current`.
    pub(crate) fn current(&self, nav: Nav) -> &'static str {
        if self.nav == nav { "page" } else { "false" }
    }
}
