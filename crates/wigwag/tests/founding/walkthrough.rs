//! The walk in the documentation: every line that it tells newcomers to type is typed, in its order, in one shell, and what
//! comes back is what the page shows. `WIGWAG_WALK=record` writes what comes back into the page instead.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where the page says that the server is.
const SHOWN: &str = "127.0.0.1:8080";

/// What stands between the outputs of two lines.
const MARK: &str = "--- next line of the walk ---";

/// One line that is typed, and what the page shows after it.
struct Step {
    /// The number of its line in the page, from 0.
    at: usize,
    /// With the lines that continue it.
    lines: usize,
    typed: String,
    shown: Vec<String>,
}

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/using/chatops.md")
}

/// Every line of the blocks called `console`: typed behind `$ `, continued behind `> `, else shown.
fn steps(text: &str) -> Vec<Step> {
    let (mut steps, mut within): (Vec<Step>, bool) = (Vec::new(), false);
    for (at, line) in text.lines().enumerate() {
        match line {
            "```console" => within = true,
            "```" => within = false,
            _ if !within => {}
            _ => match (line.strip_prefix("$ "), line.strip_prefix("> "), steps.last_mut()) {
                (Some(typed), ..) => {
                    steps.push(Step { at, lines: 1, typed: typed.into(), shown: Vec::new() });
                }
                (None, Some(more), Some(step)) if step.shown.is_empty() => {
                    step.typed += &format!("\n{more}");
                    step.lines += 1;
                }
                (.., Some(step)) => step.shown.push(line.into()),
                (.., None) => panic!("{line:?} stands before anything is typed"),
            },
        }
    }
    steps
}

/// A port that is free now, below those that the system gives to whoever asks for any: no other test takes it meanwhile.
fn free_address() -> String {
    let first = 20_000 + (std::process::id() % 10_000) as u16;
    let mut ports = (first..first + 1_000).filter(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    format!("127.0.0.1:{}", ports.next().expect("one of a thousand ports is free"))
}

/// What comes back for each step.
fn type_all(steps: &[Step]) -> Vec<Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    let address = free_address();
    let typed: Vec<String> = steps.iter().map(|step| format!("{}\necho '{MARK}'", step.typed)).collect();
    let script = format!("exec 2>&1\n{}\n", typed.join("\n").replace(SHOWN, &address));
    std::fs::write(folder.path().join("walk.sh"), script).unwrap();
    let bin = Path::new(env!("CARGO_BIN_EXE_wigwag")).parent().unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let work = folder.path().join("work");
    std::fs::create_dir(&work).unwrap();
    // Ends the shell and all that it began, should anything hang.
    let shell = Command::new("timeout")
        .args(["120", "bash", "../walk.sh"])
        .current_dir(&work)
        .env_clear()
        .envs([("PATH", path.as_str()), ("LC_ALL", "C.UTF-8"), ("GIT_CONFIG_NOSYSTEM", "1")])
        .env("HOME", folder.path())
        .envs([("WIGWAG_LISTEN", address.clone()), ("WIGWAG_URL", format!("http://{address}"))])
        .stdin(Stdio::null())
        .output()
        .expect("timeout and bash are there");
    let text = String::from_utf8_lossy(&shell.stdout).replace(&address, SHOWN);
    let mut outputs: Vec<Vec<String>> = vec![Vec::new()];
    for line in text.lines() {
        match line.split_once(MARK) {
            Some((before, _)) => {
                let last = outputs.last_mut().unwrap();
                last.extend((!before.is_empty()).then(|| before.trim_end().to_owned()));
                outputs.push(Vec::new());
            }
            None => outputs.last_mut().unwrap().push(line.trim_end().to_owned()),
        }
    }
    outputs.pop();
    assert_eq!(outputs.len(), steps.len(), "the shell ended early:\n{text}");
    outputs
}

/// Whether a line is as shown, where `...` stands for anything.
fn fits(shown: &str, is: &str) -> bool {
    let mut parts = shown.split("...");
    let Some(mut rest) = is.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut open = false;
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
        open = part.is_empty();
    }
    open || rest.is_empty()
        || shown.contains("...") && shown.rsplit("...").next().is_some_and(|end| is.ends_with(end))
}

fn fit(shown: &[String], is: &[String]) -> bool {
    shown.len() == is.len() && shown.iter().zip(is).all(|(shown, is)| fits(shown, is))
}

#[test]
fn the_walk_of_the_documentation_comes_to_what_it_shows() {
    let text = std::fs::read_to_string(page()).unwrap();
    let steps = steps(&text);
    assert!(steps.len() > 40, "the page has {} lines to type", steps.len());
    let outputs = type_all(&steps);
    if std::env::var("WIGWAG_WALK").is_ok_and(|word| word == "record") {
        return record(&text, &steps, &outputs);
    }
    let differs = |(step, is): (&Step, &Vec<String>)| {
        let shown = step.shown.join("\n");
        (!fit(&step.shown, is))
            .then(|| format!("$ {}\n{}\n-- shown is --\n{shown}", step.typed, is.join("\n")))
    };
    let wrong: Vec<String> = steps.iter().zip(&outputs).filter_map(differs).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Writes what came back into the page where it shows something else.
fn record(text: &str, steps: &[Step], outputs: &[Vec<String>]) {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for (step, is) in steps.iter().zip(outputs).rev() {
        if !fit(&step.shown, is) {
            let begin = step.at + step.lines;
            lines.splice(begin..begin + step.shown.len(), is.iter().cloned());
        }
    }
    std::fs::write(page(), lines.join("\n") + "\n").unwrap();
}

#[test]
fn dots_stand_for_anything() {
    for (shown, is, expected) in [
        ("a", "a", true),
        ("a", "ab", false),
        ("a...", "abc", true),
        ("...c", "abc", true),
        ("a...c", "abc", true),
        ("a...c...e", "abcde", true),
        ("a...c", "abd", false),
        ("...c", "abcd", false),
        ("...", "", true),
        ("", "a", false),
    ] {
        assert_eq!(fits(shown, is), expected, "{shown:?} {is:?}");
    }
}
