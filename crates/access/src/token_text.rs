//! How an API token reads: `wig_`, a letter for its kind, a public id (11 characters), the secret (32 random bytes, 43
//! characters) and a CRC-32 of all before it (6 characters), each in base64 for URLs without padding. The checksum lets
//! a scanner tell a leaked token from noise and the server refuse a mistyped one without asking its store; it guards
//! nothing. The operator's own root token may be any text, so a token is always looked up by its hash.

use crate::limits::{ROOT_TOKEN_CHARACTERS_MIN, TOKEN_CHARACTERS_MAX};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::fmt;
use wigwag_base::Secret;

const PREFIX: &str = "wig_";
const ID_CHARACTERS: usize = 11;
const SECRET_CHARACTERS: usize = 43;
const CHECKSUM_CHARACTERS: usize = 6;
const TEXT_CHARACTERS: usize = PREFIX.len() + 1 + ID_CHARACTERS + SECRET_CHARACTERS + CHECKSUM_CHARACTERS;

/// What a token is for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum TokenKind {
    /// A user's API token.
    Personal,
    /// An API token that is bound to one project, or to environments.
    Bound,
    /// The root token that the server made at its first start.
    Root,
    /// A one-time link that signs in.
    LoginLink,
    /// A signed-in browser's cookie.
    Session,
    /// A callout embed token that the server minted.
    Embed,
}

impl TokenKind {
    const ALL: [(TokenKind, char); 6] = [
        (Self::Personal, 'p'),
        (Self::Bound, 'b'),
        (Self::Root, 'r'),
        (Self::LoginLink, 'l'),
        (Self::Session, 's'),
        (Self::Embed, 'e'),
    ];

    /// The letter behind `wig_`.
    pub const fn letter(self) -> char {
        Self::ALL[self as usize].1
    }
}

/// What a well-formed token tells without its secret.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TokenShape {
    /// What it is for.
    pub kind: TokenKind,
    /// A number that may be logged.
    pub public_id: u64,
}

/// Why a text is no token of this server's making.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TokenShapeError {
    /// It does not begin as ours do; the operator's root token may look so.
    NotOurs,
    /// Cut off, mistyped or made up.
    Malformed,
    /// Fewer characters than a root token must have.
    TooShort,
    /// More characters than any token has.
    TooLong,
    /// Characters that no header carries: white space, control characters, anything beyond ASCII.
    Characters,
}

impl fmt::Display for TokenShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOurs => write!(f, "is no token of this server; those begin with {PREFIX}"),
            Self::Malformed => f.write_str("is cut off or mistyped; copy the token again"),
            Self::TooShort => {
                write!(f, "is too short; take {ROOT_TOKEN_CHARACTERS_MIN} random characters or more")
            }
            Self::TooLong => write!(f, "is longer than {TOKEN_CHARACTERS_MAX} characters"),
            Self::Characters => f.write_str("may hold visible ASCII characters only, no white space"),
        }
    }
}

impl std::error::Error for TokenShapeError {}

/// The text of a token. `public_id` may be any number, best a random one; `random` must come from the system's source.
pub fn token_text(kind: TokenKind, public_id: u64, random: [u8; 32]) -> Secret<String> {
    let mut text = String::with_capacity(TEXT_CHARACTERS);
    text.push_str(PREFIX);
    text.push(kind.letter());
    URL_SAFE_NO_PAD.encode_string(public_id.to_be_bytes(), &mut text);
    URL_SAFE_NO_PAD.encode_string(random, &mut text);
    let checksum = crc32fast::hash(text.as_bytes());
    URL_SAFE_NO_PAD.encode_string(checksum.to_be_bytes(), &mut text);
    Secret::new(text)
}

/// Reads what a token tells of itself, and refuses what cannot be one before anything is looked up.
///
/// # Errors
/// [`TokenShapeError::NotOurs`] where only a look-up by hash can tell; another one where the text is no token at all.
pub fn check_shape(text: &str) -> Result<TokenShape, TokenShapeError> {
    if text.len() > TOKEN_CHARACTERS_MAX {
        return Err(TokenShapeError::TooLong);
    }
    let rest = text.strip_prefix(PREFIX).ok_or(TokenShapeError::NotOurs)?;
    if text.len() != TEXT_CHARACTERS || !text.is_ascii() {
        return Err(TokenShapeError::Malformed);
    }
    let (signed, checksum) = text.split_at(TEXT_CHARACTERS - CHECKSUM_CHARACTERS);
    if decode::<4>(checksum)? != crc32fast::hash(signed.as_bytes()).to_be_bytes() {
        return Err(TokenShapeError::Malformed);
    }
    let letter = rest.chars().next().ok_or(TokenShapeError::Malformed)?;
    let kind = TokenKind::ALL.into_iter().find(|(_, of_kind)| *of_kind == letter);
    let (kind, _) = kind.ok_or(TokenShapeError::Malformed)?;
    let public_id = u64::from_be_bytes(decode(&rest[1..=ID_CHARACTERS])?);
    decode::<32>(&rest[1 + ID_CHARACTERS..][..SECRET_CHARACTERS])?;
    Ok(TokenShape { kind, public_id })
}

/// Checks the root token that the operator sets.
///
/// # Errors
/// [`TokenShapeError`] says what is wrong.
pub fn check_root_token(text: &str) -> Result<(), TokenShapeError> {
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(TokenShapeError::Characters);
    }
    match text.len() {
        length if length < ROOT_TOKEN_CHARACTERS_MIN => Err(TokenShapeError::TooShort),
        length if length > TOKEN_CHARACTERS_MAX => Err(TokenShapeError::TooLong),
        _ => Ok(()),
    }
}

fn decode<const BYTES: usize>(text: &str) -> Result<[u8; BYTES], TokenShapeError> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| TokenShapeError::Malformed)?;
    bytes.try_into().map_err(|_| TokenShapeError::Malformed)
}

#[cfg(test)]
mod tests {
    use super::{TokenKind, TokenShape, TokenShapeError, check_root_token, check_shape, token_text};

    #[test]
    fn a_token_reads_like_this() {
        let text = token_text(TokenKind::Personal, 42, [0xa5; 32]);
        insta::assert_snapshot!(text.expose(), @"wig_pAAAAAAAAACopaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaUS8FpZQ");
        assert_eq!(check_shape(text.expose()), Ok(TokenShape { kind: TokenKind::Personal, public_id: 42 }));
        assert_eq!(format!("{text:?}"), "[secret]");
    }

    #[test]
    fn every_kind_comes_back() {
        for (kind, letter) in TokenKind::ALL {
            let text = token_text(kind, u64::MAX, [0xff; 32]);
            assert_eq!(text.expose().chars().nth(4), Some(letter));
            assert_eq!(check_shape(text.expose()), Ok(TokenShape { kind, public_id: u64::MAX }));
        }
    }

    #[test]
    fn every_single_change_is_noticed() {
        let text = token_text(TokenKind::Personal, 42, [7; 32]).expose().clone();
        for at in 0..text.len() {
            for other in ['A', 'b', '9', '_', '-', '=', ' ', '\n'] {
                let mut changed: Vec<char> = text.chars().collect();
                if changed[at] == other {
                    continue;
                }
                changed[at] = other;
                let changed: String = changed.into_iter().collect();
                assert!(check_shape(&changed).is_err(), "{changed:?}");
            }
        }
    }

    #[test]
    fn hostile_texts_are_refused_before_any_look_up() {
        let check = |text: &str, why| assert_eq!(check_shape(text), Err(why), "{text:?}");
        check("", TokenShapeError::NotOurs);
        check("glpat-xxxxxxxxxxxxxxxxxxxx", TokenShapeError::NotOurs);
        check("WIG_p", TokenShapeError::NotOurs);
        check("wig_", TokenShapeError::Malformed);
        check(&format!("wig_{}", "ä".repeat(61)), TokenShapeError::Malformed);
        check(&format!("wig_p{}ä", "A".repeat(58)), TokenShapeError::Malformed);
        check(&format!("wig_p{}", "A".repeat(60)), TokenShapeError::Malformed);
        check(&"x".repeat(512), TokenShapeError::NotOurs);
        check(&"x".repeat(513), TokenShapeError::TooLong);
    }

    #[test]
    fn the_operators_root_token_is_any_visible_text_of_32_to_512_characters() {
        let check = |text: &str, expected| assert_eq!(check_root_token(text), expected, "{text:?}");
        check(&"x".repeat(31), Err(TokenShapeError::TooShort));
        check(&"x".repeat(32), Ok(()));
        check(&"~".repeat(512), Ok(()));
        check(&"x".repeat(513), Err(TokenShapeError::TooLong));
        check("correct horse battery staple and more", Err(TokenShapeError::Characters));
        check(&"ä".repeat(32), Err(TokenShapeError::Characters));
        check("0123456789012345678901234567890123\n", Err(TokenShapeError::Characters));
    }
}
