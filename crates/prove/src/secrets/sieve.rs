//! What came out, searched for what must not.

use super::canary::{Canaries, Canary};
use crate::verdict::Verdict;
use std::collections::BTreeMap;
use std::time::Duration;

/// Findings that are printed.
const SHOWN: usize = 40;
/// Groups of outputs in which the words that are no secret must be found.
const CONTROLLED: [&str; 3] = ["operations", "pages", "data folder, after its end"];
/// Secrets that receivers are sent, by what they are called: each must have been heard.
const SENT: [&str; 5] = [
    "token of hook",
    "custom header of hook",
    "URL variable of hook",
    "user in the URL of hook",
    "password in the URL of hook",
];
/// Hooks whose receiver never hears anything.
const SILENT: [&str; 4] = ["no-name", "refused", "no-tls", "with a template"];

/// What came out, by what it is.
#[derive(Default)]
pub(super) struct Outputs(Vec<Output>);

struct Output {
    group: &'static str,
    place: String,
    /// Each byte a letter: `str` searches quickly, in every build.
    text: String,
}

impl Outputs {
    pub(super) fn add(&mut self, group: &'static str, place: &str, bytes: Vec<u8>) {
        self.0.push(Output { group, place: place.to_owned(), text: letters(&bytes) });
    }
}

fn letters(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// Where a canary is found, and in which form.
fn finding(canary: &Canary, text: &str) -> Option<&'static str> {
    canary.forms.iter().find(|(_, form)| text.contains(&letters(form))).map(|(name, _)| *name)
}

/// Searches everything, prints the figures and the verdict.
pub(super) fn judge(canaries: &Canaries, outputs: &Outputs, heard: &[u8], took: Duration) -> Verdict {
    let heard = letters(heard);
    let mut void = Vec::new();
    for canary in canaries.secrets() {
        let must = SENT.iter().any(|sent| canary.planted.starts_with(sent))
            && !SILENT.iter().any(|hook| canary.planted.ends_with(hook));
        if must && finding(canary, &heard).is_none() {
            void.push(format!("no receiver heard the {}", canary.planted));
        }
    }
    for group in CONTROLLED {
        for canary in canaries.controls() {
            let mut texts = outputs.0.iter().filter(|output| output.group == group);
            if !texts.any(|output| finding(canary, &output.text).is_some()) {
                void.push(format!("the {}, which is no secret, is not found in {group}", canary.planted));
            }
        }
    }
    let mut groups: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut leaks = Vec::new();
    for output in &outputs.0 {
        let counted = groups.entry(output.group).or_default();
        counted.0 += 1;
        counted.1 += output.text.chars().count();
        for canary in canaries.secrets() {
            if let Some(form) = finding(canary, &output.text) {
                leaks.push(format!("the {}, {form}, in {}: {}", canary.planted, output.group, output.place));
            }
        }
    }
    for (group, (count, bytes)) in &groups {
        println!("  {group:<28} {count:>5} outputs {bytes:>12} bytes");
    }
    println!(
        "secrets planted {}, outputs searched {}, found {}; words that must be found {}, missing {}; {} s",
        canaries.secrets().len(),
        outputs.0.len(),
        leaks.len(),
        canaries.controls().len(),
        void.len(),
        took.as_secs()
    );
    leaks.iter().take(SHOWN).for_each(|leak| println!("  FOUND {leak}"));
    void.iter().take(SHOWN).for_each(|what| println!("  VOID {what}"));
    let verdict = match (leaks.is_empty(), void.is_empty()) {
        (_, false) => Verdict::Void,
        (true, true) => Verdict::Green,
        (false, true) => Verdict::Red,
    };
    println!("secrets: {verdict:?}");
    verdict
}

#[cfg(test)]
mod tests {
    use super::super::canary::Canaries;
    use super::{CONTROLLED, Outputs, judge};
    use crate::verdict::Verdict;
    use std::time::Duration;

    #[test]
    fn the_judge_finds_what_came_out_and_knows_a_search_that_finds_nothing() {
        let mut canaries = Canaries::new(3);
        let secret = canaries.make("token of hook one");
        let control = canaries.make_control("name");
        let check = |outs: &[(&'static str, &str)], heard: &str, verdict| {
            let mut outputs = Outputs::default();
            for (group, text) in outs {
                outputs.add(group, "somewhere", text.as_bytes().to_vec());
            }
            assert_eq!(judge(&canaries, &outputs, heard.as_bytes(), Duration::ZERO), verdict);
        };
        let seen = CONTROLLED.map(|group| (group, control.as_str()));
        check(&seen, &secret, Verdict::Green);
        check(&[&seen[..], &[("output", &format!("x{secret}"))]].concat(), &secret, Verdict::Red);
        check(&[&seen[..], &[("output", &format!("x{}", &secret[..12]))]].concat(), &secret, Verdict::Red);
        check(&seen[1..], &secret, Verdict::Void);
        check(&seen, "", Verdict::Void);
    }
}
