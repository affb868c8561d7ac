use sha2::{Digest, Sha256};
use std::fmt::{self, Display};
use std::str::FromStr;
use wigwag_flags::FlagState;

/// A short mark of what is stored of a flag: equal states have equal marks, and no two others are likely to. Whoever was
/// shown a state and wants to change that very one names its mark.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StateMark([u8; 16]);

impl StateMark {
    /// The mark of what is stored; `None` is nothing.
    pub fn of(state: Option<&FlagState>) -> Self {
        let mut hash = Sha256::new();
        if let Some(state) = state {
            let FlagState { boolean, actors, opt_outs, percentage_of_actors, percentage_of_time, groups } =
                state;
            let share = |share: &Option<wigwag_base::Percentage>| share.map(|p| p.as_f64().to_bits());
            put(&mut hash, [format!("{boolean:?}")]);
            put(&mut hash, [format!("{:?}", share(percentage_of_actors))]);
            put(&mut hash, [format!("{:?}", share(percentage_of_time))]);
            put(&mut hash, actors);
            put(&mut hash, opt_outs);
            put(&mut hash, groups);
        }
        let digest: [u8; 32] = hash.finalize().into();
        let mut mark = [0; 16];
        mark.copy_from_slice(&digest[..16]);
        Self(mark)
    }
}

/// Texts with their number and lengths, so that no two lists look alike.
fn put<T: Display>(hash: &mut Sha256, texts: impl IntoIterator<Item = T, IntoIter: ExactSizeIterator>) {
    let texts = texts.into_iter();
    hash.update((texts.len() as u64).to_be_bytes());
    for text in texts {
        let text = text.to_string();
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
}

impl Display for StateMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A text that is no mark.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoMark;

impl FromStr for StateMark {
    type Err = NoMark;

    fn from_str(text: &str) -> Result<Self, NoMark> {
        let mut mark = [0; 16];
        let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if text.len() != 2 * mark.len() || !text.bytes().all(digit) {
            return Err(NoMark);
        }
        for (index, byte) in mark.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * index..2 * index + 2], 16).map_err(|_| NoMark)?;
        }
        Ok(Self(mark))
    }
}

#[cfg(test)]
mod tests {
    use super::StateMark;
    use std::collections::HashSet;
    use wigwag_flags::FlagState;

    #[test]
    fn every_difference_makes_another_mark() {
        let empty = FlagState::default;
        let states = [
            None,
            Some(empty()),
            Some(FlagState { boolean: Some(true), ..empty() }),
            Some(FlagState { boolean: Some(false), ..empty() }),
            Some(FlagState { actors: ["User:1".parse().unwrap()].into(), ..empty() }),
            Some(FlagState { opt_outs: ["User:1".parse().unwrap()].into(), ..empty() }),
            Some(FlagState { groups: ["User:1".into()].into(), ..empty() }),
            Some(FlagState { groups: ["User:1".into(), "a".into()].into(), ..empty() }),
            Some(FlagState { groups: ["User:1a".into()].into(), ..empty() }),
            Some(FlagState { percentage_of_actors: Some("32.639".parse().unwrap()), ..empty() }),
            Some(FlagState { percentage_of_actors: Some("32.64".parse().unwrap()), ..empty() }),
            Some(FlagState { percentage_of_time: Some("32.639".parse().unwrap()), ..empty() }),
        ];
        let marks: HashSet<String> =
            states.iter().map(|state| StateMark::of(state.as_ref()).to_string()).collect();
        assert_eq!(marks.len(), states.len());
        for state in &states {
            let mark = StateMark::of(state.as_ref());
            assert_eq!(mark.to_string().parse(), Ok(mark), "{state:?}");
        }
    }

    #[test]
    fn what_is_no_mark_is_told_apart() {
        let mark = StateMark::of(None).to_string();
        for text in ["", "0", &mark[1..], &format!("{mark}0"), &mark.to_uppercase(), &"é".repeat(16)] {
            assert!(text.parse::<StateMark>().is_err(), "{text}");
        }
    }
}
