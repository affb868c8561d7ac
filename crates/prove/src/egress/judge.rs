//! The judge: it knows what may be reached, reads the ledgers, and nothing of the client.

use super::controls::Control;
use super::receivers::Arrival;
use super::world::DECOYS;
use crate::verdict::Verdict;
use std::collections::{BTreeMap, HashSet};
use std::net::SocketAddr;

/// What the judge found.
pub(crate) struct Figures {
    /// Connections to where none may go, by destination.
    pub(crate) forbidden: Vec<(SocketAddr, usize)>,
    /// Connections to anywhere.
    pub(crate) connections: usize,
    pub(crate) controls: usize,
    /// The origins of the controls that did not arrive where they must.
    pub(crate) lost: Vec<&'static str>,
}

impl Figures {
    pub(crate) fn verdict(&self) -> Verdict {
        match (self.lost.is_empty(), self.forbidden.is_empty()) {
            // Where no request arrives, that none arrived means nothing.
            (false, _) => Verdict::Void,
            (true, true) => Verdict::Green,
            (true, false) => Verdict::Red,
        }
    }
}

/// Reads the ledgers. `connections` are the SYNs by destination, `arrivals` what the receivers wrote down.
pub(crate) fn judge(
    connections: &BTreeMap<SocketAddr, usize>,
    arrivals: &[Arrival],
    controls: &[Control],
) -> Figures {
    let permitted: HashSet<SocketAddr> = controls.iter().map(|control| control.reaches).collect();
    let forbidden = connections
        .iter()
        .filter(|(destination, _)| !permitted.contains(destination) && !DECOYS.contains(&destination.ip()))
        .map(|(destination, count)| (*destination, *count))
        .collect();
    let arrivals: HashSet<(SocketAddr, &str)> =
        arrivals.iter().map(|(at, path)| (*at, path.as_str())).collect();
    let lost = controls
        .iter()
        .enumerate()
        .filter(|(index, control)| !arrivals.contains(&(control.reaches, path(*index).as_str())))
        .map(|(_, control)| control.origin)
        .collect();
    Figures { forbidden, connections: connections.values().sum(), controls: controls.len(), lost }
}

/// The path by which a control is known when it arrives.
pub(crate) fn path(control: usize) -> String {
    format!("/control/{control}")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::egress::controls;

    /// All controls arrive, and `extra` is connected to.
    fn check(extra: Option<&str>, leave_out: usize, expected: Verdict) {
        let controls = controls::all();
        let mut connections: BTreeMap<SocketAddr, usize> =
            controls.iter().map(|control| (control.reaches, 1)).collect();
        connections.extend(extra.map(|address| (address.parse().unwrap(), 1)));
        let arrivals: Vec<Arrival> = controls
            .iter()
            .enumerate()
            .skip(leave_out)
            .map(|(index, control)| (control.reaches, path(index)))
            .collect();
        assert_eq!(judge(&connections, &arrivals, &controls).verdict(), expected, "{extra:?} {leave_out}");
    }

    #[test]
    fn one_connection_too_many_is_red_and_one_control_too_few_voids_the_proof() {
        check(None, 0, Verdict::Green);
        check(Some("9.9.9.10:22"), 0, Verdict::Green);
        check(Some("127.0.0.1:80"), 0, Verdict::Red);
        check(Some("8.8.8.8:80"), 0, Verdict::Red);
        check(Some("8.8.4.4:81"), 0, Verdict::Red);
        check(None, 1, Verdict::Void);
        check(Some("127.0.0.1:80"), 1, Verdict::Void);
    }

    #[test]
    fn there_are_two_dozen_controls() {
        assert_eq!(controls::all().len(), 24);
    }
}
