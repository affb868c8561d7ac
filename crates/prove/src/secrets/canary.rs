use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Random letters of a canary.
const CORE_CHARS: usize = 24;
/// So much of a canary found is the canary found: a cut leaves its beginning.
const ENOUGH_CHARS: usize = 12;

/// The words that must not come out, and those that must.
pub(super) struct Canaries {
    random: fastrand::Rng,
    all: Vec<Canary>,
    controls: Vec<Canary>,
}

/// One word.
pub(super) struct Canary {
    /// Where it was planted.
    pub(super) planted: String,
    /// Every form in which it is looked for.
    pub(super) forms: Vec<(&'static str, Vec<u8>)>,
}

impl Canaries {
    pub(super) fn new(seed: u64) -> Self {
        Self { random: fastrand::Rng::with_seed(seed), all: Vec::new(), controls: Vec::new() }
    }

    /// A new secret word, to be planted where `planted` says.
    pub(super) fn make(&mut self, planted: &str) -> String {
        let core = self.core();
        self.add_text(planted, &core);
        core
    }

    /// A new word that is no secret, and must be found.
    pub(super) fn make_control(&mut self, planted: &str) -> String {
        let core = self.core();
        self.controls.push(Canary::of(planted, core.as_bytes()));
        core
    }

    /// A secret that somebody else made.
    pub(super) fn add_text(&mut self, planted: &str, text: &str) {
        // Its end, since its beginning may tell what kind of secret it is.
        let from = text.len().saturating_sub(CORE_CHARS);
        self.all.push(Canary::of(planted, &text.as_bytes()[from..]));
    }

    /// A secret that is no text.
    pub(super) fn add_bytes(&mut self, planted: &str, bytes: &[u8]) {
        self.all.push(Canary::of(planted, &bytes[..bytes.len().min(CORE_CHARS)]));
    }

    pub(super) fn secrets(&self) -> &[Canary] {
        &self.all
    }

    pub(super) fn controls(&self) -> &[Canary] {
        &self.controls
    }

    fn core(&mut self) -> String {
        const LETTERS: &[u8] = b"abcdefghijkmnopqrstuvwxyz23456789";
        (0..CORE_CHARS).map(|_| char::from(LETTERS[self.random.usize(..LETTERS.len())])).collect()
    }
}

impl Canary {
    fn of(planted: &str, core: &[u8]) -> Self {
        let beginning = &core[..core.len().min(ENOUGH_CHARS)];
        let each = |shown: fn(u8) -> String| {
            beginning.iter().map(|byte| shown(*byte)).collect::<String>().into_bytes()
        };
        let mut forms = vec![
            ("as it is", beginning.to_vec()),
            ("hexadecimal", each(|byte| format!("{byte:02x}"))),
            ("hexadecimal", each(|byte| format!("{byte:02X}"))),
            ("percent-encoded", each(|byte| format!("%{byte:02X}"))),
            ("JSON-escaped", each(|byte| format!("\\u{byte:04x}"))),
            ("backwards", core.iter().rev().copied().collect()),
            // As `{:?}` shows bytes.
            ("as numbers", each(|byte| format!("{byte}, "))),
        ];
        for before in 0..3 {
            let text = STANDARD.encode([&[b'.'; 2][..before], core].concat());
            // The first and the last letters depend on what stands beside it.
            let from = if before == 0 { 0 } else { 4 };
            forms.push(("base64", text.as_bytes()[from..from + 16].to_vec()));
        }
        Self { planted: planted.to_owned(), forms }
    }
}

#[cfg(test)]
mod tests {
    use super::{Canaries, STANDARD};
    use base64::Engine as _;

    #[test]
    fn a_canary_is_found_in_every_form_and_when_it_was_cut() {
        let mut canaries = Canaries::new(7);
        let core = canaries.make("here");
        let forms = &canaries.secrets()[0].forms;
        let check = |text: &str| {
            let found =
                forms.iter().any(|(_, form)| text.as_bytes().windows(form.len()).any(|part| part == form));
            assert!(found, "{text}");
        };
        check(&core);
        check(&format!("x{}", &core[..12]));
        for before in ["", "u", "us", "use", "user:"] {
            check(&STANDARD.encode(format!("{before}{core}")));
        }
        check(&core.bytes().map(|byte| format!("{byte:02x}")).collect::<String>());
        check(&core.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>());
        check(&format!("{:?}", core.as_bytes()));
    }
}
