use super::chapters::{CHAPTERS, Chapter};
use super::marks::{Mark, View, happens};
use crate::demo::facts::Facts;
use crate::demo::folder;
use anyhow::Result;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// How far a chapter is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ChapterState {
    /// Everything of it happened.
    Done,
    /// The first that is not done.
    Current,
    /// Later.
    Ahead,
}

impl ChapterState {
    /// The word on the page.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Current => "current",
            Self::Ahead => "ahead",
        }
    }
}

/// What has happened so far, kept on disk.
pub(crate) struct Story {
    path: PathBuf,
    happened: BTreeSet<Mark>,
}

impl Story {
    /// Reads how far it is.
    pub(crate) fn open(path: PathBuf) -> Result<Self> {
        let kept: Value = folder::read(&path)?.map_or(Ok(Value::Null), |text| serde_json::from_str(&text))?;
        let names = kept["happened"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let happened = names.filter_map(Mark::find).collect();
        Ok(Self { path, happened })
    }

    /// Ticks what happens by these facts and, if somebody just looked at a page, by that.
    pub(crate) fn goes_on(&mut self, facts: &Facts, view: Option<View>) {
        let before = self.happened.len();
        loop {
            let happened = &self.happened;
            let news = |mark: &Mark| !happened.contains(mark) && happens(*mark, facts, view, happened);
            let Some(mark) = Mark::ALL.into_iter().map(|(mark, _)| mark).find(news) else { break };
            self.happened.insert(mark);
        }
        if self.happened.len() > before {
            self.keep();
        }
    }

    /// Nothing has happened.
    pub(crate) fn begin_again(&mut self) {
        self.happened.clear();
        self.keep();
    }

    /// Whether `mark` happened.
    pub(crate) fn has(&self, mark: Mark) -> bool {
        self.happened.contains(&mark)
    }

    /// How far each chapter is.
    pub(crate) fn states(&self) -> Vec<ChapterState> {
        let done = |chapter: &Chapter| chapter.done_when.iter().all(|mark| self.has(*mark));
        let current = CHAPTERS.iter().position(|chapter| !done(chapter));
        let state = |(index, chapter): (usize, &Chapter)| match current {
            _ if done(chapter) => ChapterState::Done,
            Some(current) if current == index => ChapterState::Current,
            _ => ChapterState::Ahead,
        };
        CHAPTERS.iter().enumerate().map(state).collect()
    }

    /// A story that cannot be kept goes on; after a restart it is where it was last kept.
    fn keep(&self) {
        let names: Vec<&str> = self.happened.iter().map(|mark| mark.name()).collect();
        if let Err(error) = folder::write(&self.path, &json!({ "happened": names }).to_string()) {
            tracing::warn!("{error:#}");
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{ChapterState, Mark, Story};
    use crate::demo::facts::{Facts, Health, PlaceFacts};
    use crate::demo::harbor::{PerPlace, Place, Viewer};
    use crate::demo::story::{Page, View};

    fn facts(lighthouse: PlaceFacts, ferry: PlaceFacts) -> Facts {
        Facts { places: PerPlace([lighthouse, ferry]), flag_before_production: [true; 2], ..Facts::default() }
    }

    fn works(published: u64) -> PlaceFacts {
        PlaceFacts { published, arrived: published, ..PlaceFacts::default() }
    }

    fn fails(flag_on: bool, banner: Option<&str>) -> PlaceFacts {
        PlaceFacts {
            health: Health::Disabled,
            failures: 6,
            broken: true,
            refused: 6,
            waiting: 9,
            published: 20,
            arrived: 11,
            flag_on,
            banners: [banner.map(str::to_owned), None],
            ..PlaceFacts::default()
        }
    }

    #[test]
    fn the_whole_story_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("story.json");
        let mut story = Story::open(path.clone()).unwrap();
        let mut check = |facts: Facts, view: Option<(Viewer, Place)>, done: usize| {
            let view = view.map(|(viewer, place)| View { viewer, place, page: Page::Activity });
            story.goes_on(&facts, view);
            let states = story.states();
            assert_eq!(
                states.iter().filter(|state| **state == ChapterState::Done).count(),
                done,
                "{facts:?}"
            );
            assert_eq!(states.get(done).copied(), (done < states.len()).then_some(ChapterState::Current));
        };
        let banner = Some("Webhook disabled");
        check(facts(works(0), works(0)), None, 0);
        check(facts(works(9), works(9)), None, 1);
        check(facts(fails(false, None), works(9)), None, 3);
        check(facts(fails(true, banner), works(9)), None, 4);
        check(facts(fails(true, banner), works(9)), Some((Viewer::Reporter, Place::Lighthouse)), 4);
        check(facts(fails(true, banner), works(9)), Some((Viewer::Maintainer, Place::Ferry)), 5);
        check(facts(fails(true, banner), fails(true, banner)), None, 5);
        check(facts(fails(true, banner), fails(true, None)), None, 6);
        check(facts(PlaceFacts { broken: false, ..fails(true, banner) }, fails(true, banner)), None, 6);
        let flagged = PlaceFacts { flag_on: true, ..works(30) };
        check(facts(flagged, fails(true, banner)), None, 8);
        check(facts(works(31), fails(false, None)), None, 9);
        check(facts(works(32), works(40)), None, 10);
        assert!(Story::open(path).unwrap().has(Mark::Whole), "it is kept");
    }

    #[test]
    fn names_of_marks_are_theirs_alone() {
        for (mark, name) in Mark::ALL {
            assert_eq!((Mark::find(name), mark.name()), (Some(mark), name));
        }
    }
}
