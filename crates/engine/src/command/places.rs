use crate::flags::FlagBoard;

/// An environment that keeps state, with those named in a command that read it.
pub(super) struct Place {
    /// The one that keeps the state.
    pub(super) base: String,
    /// As named, in deployment order.
    pub(super) named: Vec<String>,
}

impl Place {
    /// The bases of `environments`, in the order of the first that is named.
    pub(super) fn all(board: &FlagBoard, environments: &[String]) -> Vec<Place> {
        let mut places: Vec<Place> = Vec::new();
        for name in environments {
            let base = board.base_of(name).unwrap_or(name);
            match places.iter_mut().find(|place| place.base == base) {
                Some(place) => place.named.push(name.clone()),
                None => places.push(Place { base: base.to_owned(), named: vec![name.clone()] }),
            }
        }
        places
    }

    /// `staging`, or `staging (whose flags staging-canary reads)`.
    pub(super) fn title(&self) -> String {
        let readers: Vec<&str> =
            self.named.iter().map(String::as_str).filter(|name| *name != self.base).collect();
        match readers.as_slice() {
            [] => self.base.clone(),
            [one] => format!("{} (whose flags {one} reads)", self.base),
            several => format!("{} (whose flags {} read)", self.base, several.join(" and ")),
        }
    }
}
