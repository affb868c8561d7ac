//! Names that lead to forbidden addresses: straight, by aliases, in company, or only at the second look.

use super::literals::{forbidden_v4, forbidden_v6};
use super::world::{DECOYS, LURES};
use super::zone::{Answer, Script};
use fastrand::Rng;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A name and what it answers.
pub(crate) type Named = (String, Script);

/// Times to live that names have, the hostile ones first.
const TTLS_S: [u32; 4] = [0, 0, 1, 3600];

/// A forbidden address of either family.
pub(crate) fn forbidden(rng: &mut Rng) -> IpAddr {
    if rng.bool() { IpAddr::V4(forbidden_v4(rng)) } else { IpAddr::V6(forbidden_v6(rng)) }
}

/// A name with forbidden addresses only.
pub(crate) fn straight(rng: &mut Rng, name: &str) -> Named {
    let addresses: Vec<IpAddr> = (0..rng.usize(1..4)).map(|_| forbidden(rng)).collect();
    let answer = if rng.u8(0..5) == 0 { Answer::Crossed(addresses) } else { Answer::Addresses(addresses) };
    (name.to_owned(), script(rng, vec![answer]))
}

/// A chain of aliases, to a name with forbidden addresses or to a name of this machine.
pub(crate) fn chain(rng: &mut Rng, name: &str) -> Vec<Named> {
    let length = rng.usize(1..5);
    let mut names = Vec::new();
    for step in 0..length {
        let from = if step == 0 { name.to_owned() } else { format!("alias{step}.{name}") };
        let to = if step + 1 == length && rng.u8(0..4) == 0 {
            rng.choice(["localhost.", "a.localhost."]).unwrap_or_default().to_owned()
        } else {
            format!("alias{}.{name}.", step + 1)
        };
        let answer = if rng.bool() { Answer::Alias(to) } else { Answer::BareAlias(to) };
        names.push((from, script(rng, vec![answer])));
    }
    names.push(straight(rng, &format!("alias{length}.{name}")));
    names
}

/// Public addresses with a forbidden one among them: the whole answer must be refused.
pub(crate) fn mixed(rng: &mut Rng, name: &str) -> Named {
    let mut addresses: Vec<IpAddr> = (0..rng.usize(1..20)).map(|_| LURES[rng.usize(..LURES.len())]).collect();
    for _ in 0..rng.usize(1..3) {
        addresses.insert(rng.usize(..=addresses.len()), forbidden(rng));
    }
    (name.to_owned(), script(rng, vec![Answer::Addresses(addresses)]))
}

/// A name that is honest at one look and forbidden at another.
pub(crate) fn rebinding(rng: &mut Rng, name: &str) -> Named {
    let honest = Answer::Addresses(if rng.bool() { DECOYS.into() } else { vec![DECOYS[0]] });
    let hidden = match rng.u8(0..3) {
        0 => vec![IpAddr::V4(forbidden_v4(rng))],
        1 => vec![IpAddr::V6(forbidden_v6(rng))],
        // The kind that every system can connect to.
        _ => vec![IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)],
    };
    let mut steps: Vec<Answer> = (0..rng.usize(1..4)).map(|_| honest.clone()).collect();
    for _ in 0..rng.usize(1..4) {
        steps.push(Answer::Addresses(hidden.clone()));
        if rng.bool() {
            steps.push(honest.clone());
        }
    }
    steps.push(Answer::Addresses(hidden));
    (name.to_owned(), Script { steps, ttl: 0 })
}

/// A name with just these addresses.
pub(crate) fn with_addresses(name: &str, addresses: &[IpAddr]) -> Named {
    (name.to_owned(), Script { steps: vec![Answer::Addresses(addresses.to_vec())], ttl: 0 })
}

/// The name as the host of a URL.
pub(crate) fn spelled(rng: &mut Rng, name: &str) -> String {
    match rng.u8(0..6) {
        0 => name.to_uppercase(),
        1 => format!("{name}."),
        2 => name.replace('.', "\u{3002}"),
        3 => name.replace("test", "\u{ff54}%65st"),
        _ => name.to_owned(),
    }
}

fn script(rng: &mut Rng, steps: Vec<Answer>) -> Script {
    Script { steps, ttl: TTLS_S[rng.usize(..TTLS_S.len())] }
}
