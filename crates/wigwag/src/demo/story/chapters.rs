use super::marks::Mark;
use crate::demo::harbor::{Place, Viewer};

/// One chapter of the guide.
pub(crate) struct Chapter {
    /// Its name in the page's address.
    pub(crate) id: &'static str,
    /// What happens, in a few words.
    pub(crate) title: &'static str,
    /// What happens and why.
    pub(crate) text: &'static str,
    /// What to press.
    pub(crate) steps: &'static [Step],
    /// What is ticked.
    pub(crate) marks: &'static [(Mark, &'static str)],
    /// The chapter is done when all of these are ticked.
    pub(crate) done_when: &'static [Mark],
}

/// Something to press.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    /// A receiver's plug.
    Break(Place),
    /// The same.
    Mend(Place),
    /// To be typed into the console.
    Command(&'static str),
    /// A project's page, looked at by somebody.
    Look(Viewer, Place),
    /// A project's hooks, on the platform.
    Hooks(Place),
}

/// The story.
pub(crate) const CHAPTERS: [Chapter; 10] = [
    Chapter {
        id: "delivered",
        title: "Events are delivered",
        text: "Tidewharf publishes about one event a second for each project, with one HTTP call. Wigwag writes the \
               event to disk, answers, and sends it, signed, to the receiver behind the project's hook.",
        steps: &[],
        marks: &[(Mark::Delivered, "Events of both projects arrived")],
        done_when: &[Mark::Delivered],
    },
    Chapter {
        id: "broken",
        title: "A receiver breaks",
        text: "The customer's server behind Lighthouse's hook begins to answer 500. It happens every day: a full disk, \
               a bad deploy, an expired password.",
        steps: &[Step::Break(Place::Lighthouse)],
        marks: &[(Mark::Broken, "It refused an event")],
        done_when: &[Mark::Broken],
    },
    Chapter {
        id: "paused",
        title: "The hook is paused, later disabled",
        text: "Wigwag stops hammering a receiver that fails. A paused hook is not called, and its events wait; when the \
               pause is over, one request tries again. The demo hurries: it pauses for seconds at the third failure and \
               disables at the sixth. By default it is the fourth, for a minute up to a day, and the fortieth.",
        steps: &[],
        marks: &[
            (Mark::Unhealthy, "First failure: unhealthy"),
            (Mark::Paused, "Third in a row: paused, events wait"),
            (Mark::Disabled, "Sixth: disabled (go on reading meanwhile)"),
        ],
        done_when: &[Mark::Paused],
    },
    Chapter {
        id: "flag",
        title: "A flag brings the banner",
        text: "Nobody has told Mara. The banner would, but its flag is on in dev and staging and still off in \
               production, which is here. Turn it on for one project, in the console below, as operators do in chat.",
        steps: &[Step::Command("feature set webhooks_failed_callout true --project=harbor/lighthouse")],
        marks: &[
            (Mark::Staged, "On in dev and staging"),
            (Mark::Hidden, "Off in production: the hook fails, no banner"),
            (Mark::Shown, "On for harbor/lighthouse: the banner is there"),
        ],
        done_when: &[Mark::Shown],
    },
    Chapter {
        id: "who",
        title: "The right person, the right page",
        text: "Mara may mend hooks, so she is told. Remi may only read, so he is not. Ferry's hook works, so there is \
               nothing to tell. And the page of the hooks themselves needs no banner that leads to it.",
        steps: &[
            Step::Look(Viewer::Reporter, Place::Lighthouse),
            Step::Look(Viewer::Maintainer, Place::Ferry),
            Step::Hooks(Place::Lighthouse),
        ],
        marks: &[
            (Mark::NotForReporter, "No banner for Remi"),
            (Mark::NotOnFerry, "No banner on Ferry"),
            (Mark::Quiet, "No banner on the hooks page"),
        ],
        done_when: &[Mark::NotForReporter, Mark::NotOnFerry],
    },
    Chapter {
        id: "closed",
        title: "Closed here, open there",
        text: "Break Ferry's receiver too, turn the flag on for the whole group, and look at Ferry. When its banner is \
               there, close it. Lighthouse's stays: closing counts for one person and one project, until a hook there \
               gets worse. From paused to disabled is worse, so Ferry's will come back once.",
        steps: &[
            Step::Break(Place::Ferry),
            Step::Command("feature set webhooks_failed_callout true --group=harbor"),
            Step::Look(Viewer::Maintainer, Place::Ferry),
        ],
        marks: &[
            (Mark::OnBoth, "Both hooks fail, both banners show"),
            (Mark::Closed, "Closed on Ferry, open on Lighthouse"),
        ],
        done_when: &[Mark::Closed],
    },
    Chapter {
        id: "mended",
        title: "Mend it",
        text: "Mend Lighthouse's receiver. Its hook is disabled by now, and stays so until a person says otherwise. \
               The banner's button opens the hook's page in Wigwag, signed in as Mara, for this project alone. Press \
               \"Enable now\", or send a test: one that succeeds enables too. Then come back to this tab.",
        steps: &[Step::Mend(Place::Lighthouse), Step::Look(Viewer::Maintainer, Place::Lighthouse)],
        marks: &[(Mark::Mended, "The receiver works"), (Mark::Enabled, "The hook is healthy")],
        done_when: &[Mark::Enabled],
    },
    Chapter {
        id: "caught-up",
        title: "Nothing was lost",
        text: "What waited arrives, oldest first, one at a time at the beginning, so that a receiver that has just woken \
               up is not run over. The banner goes by itself.",
        steps: &[],
        marks: &[(Mark::CaughtUp, "Everything that waited has arrived"), (Mark::Gone, "The banner is gone")],
        done_when: &[Mark::CaughtUp, Mark::Gone],
    },
    Chapter {
        id: "taken-back",
        title: "One command takes it back",
        text: "Ferry still fails; as soon as its hook is disabled, its banner is back. Look at it, and imagine that the \
               banner does harm. One command turns the feature off, for everybody, at once.",
        steps: &[
            Step::Look(Viewer::Maintainer, Place::Ferry),
            Step::Command("feature set webhooks_failed_callout false"),
        ],
        marks: &[(Mark::TakenBack, "Off in production, and no banner anywhere")],
        done_when: &[Mark::TakenBack],
    },
    Chapter {
        id: "whole",
        title: "Every event arrived",
        text: "Mend Ferry's receiver. If its hook is disabled, enable it: its page in Wigwag is one click from Ferry's hooks. \
               Then compare what was published with what arrived: all of it, each event under one id. Kill the demo \
               at any moment and start it again, and it is still so.",
        steps: &[Step::Mend(Place::Ferry), Step::Hooks(Place::Ferry)],
        marks: &[
            (Mark::FerryMended, "Ferry's receiver works"),
            (Mark::Whole, "Nothing waits, nothing is missing"),
        ],
        done_when: &[Mark::Whole],
    },
];
