//! What happens at the harbor. The n-th event of a project is always the same.

use crate::demo::harbor::Place;

/// One thing that happens.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Happening {
    /// The platform's own event type.
    pub(crate) event_type: &'static str,
    /// What people read.
    pub(crate) text: String,
}

const SHIPS: [&str; 7] = ["Anemone", "Bluefin", "Corriedale", "Dunlin", "Eider", "Fulmar", "Gannet"];
const BEARINGS: [&str; 5] = ["north-east", "east", "south", "south-west", "north"];

/// The `n`-th event of `place`.
pub(crate) fn happening(place: Place, n: u64) -> Happening {
    match place {
        Place::Lighthouse => at_the_lighthouse(n),
        Place::Ferry => at_the_ferry(n),
    }
}

fn at_the_lighthouse(n: u64) -> Happening {
    let ship = SHIPS[(n % 7) as usize];
    let bearing = BEARINGS[(n % 5) as usize];
    let miles = 2 + n % 9;
    let (event_type, text) = match n % 4 {
        0 => ("lamp.turned", format!("The lamp has turned {} times", 100 + n)),
        1 => ("ship.sighted", format!("{ship} sighted, {miles} miles {bearing}")),
        2 => ("weather.measured", format!("Wind {bearing}, {} knots", 4 + n % 23)),
        _ => ("ship.passed", format!("{ship} passed, bound {bearing}")),
    };
    Happening { event_type, text }
}

fn at_the_ferry(n: u64) -> Happening {
    let boat = SHIPS[(n % 7) as usize];
    let pier = 1 + n % 4;
    let (event_type, text) = match n % 4 {
        0 => ("ticket.sold", format!("{} tickets sold at pier {pier}", 1 + n % 5)),
        1 => ("ferry.boarding", format!("{boat} is boarding at pier {pier}")),
        2 => ("ferry.departed", format!("{boat} left pier {pier} with {} aboard", 12 + n % 70)),
        _ => ("ferry.arrived", format!("{boat} arrived at pier {pier}")),
    };
    Happening { event_type, text }
}

#[cfg(test)]
mod tests {
    use super::happening;
    use crate::demo::harbor::Place;

    #[test]
    fn every_event_has_a_legal_type_and_the_same_text_again() {
        for place in Place::ALL {
            for n in 0..200 {
                let happened = happening(place, n);
                assert!(wigwag_hooks::EventType::new(happened.event_type).is_some(), "{happened:?}");
                assert_eq!(happened, happening(place, n));
            }
        }
    }
}
