//! Secrets at rest: XChaCha20-Poly1305, bound to the place where they lie, so that a value moved to another row or
//! column does not open.

use crate::error::Fault;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use wigwag_ports::StoreError;

/// The version of a store's first key; named in every sealed value, and another one after each change of the key.
const FIRST_KEY_VERSION: u8 = 1;
const NONCE_BYTES: usize = 24;

/// The key under which secrets are sealed; it comes from a file or the environment, never from the store.
#[derive(Clone)]
pub struct DataKey([u8; 32]);

impl DataKey {
    /// Takes 32 random bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl DataKey {
    /// Its bytes.
    pub(crate) const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for DataKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[secret]")
    }
}

/// Where a sealed value lies.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) table: &'static str,
    pub(crate) row: i64,
    pub(crate) column: &'static str,
}

impl Place {
    fn associated_data(self, key_version: u8) -> String {
        format!("{}|{}|{}|{key_version}", self.table, self.row, self.column)
    }
}

/// Seals and opens.
#[derive(Clone)]
pub(crate) struct Sealer {
    cipher: XChaCha20Poly1305,
    key_version: u8,
}

impl Sealer {
    /// Of a store that never had another key.
    pub(crate) fn new(key: &DataKey) -> Self {
        Self::of_version(key, FIRST_KEY_VERSION)
    }

    /// Of a store whose key is its `key_version`-th.
    pub(crate) fn of_version(key: &DataKey, key_version: u8) -> Self {
        Self { cipher: XChaCha20Poly1305::new(&key.0.into()), key_version }
    }

    /// The version of the key that follows this one.
    pub(crate) const fn next_version(&self) -> u8 {
        match self.key_version {
            u8::MAX => FIRST_KEY_VERSION,
            version => version + 1,
        }
    }

    /// Key version, nonce, then the sealed bytes.
    pub(crate) fn seal(&self, place: Place, plain: &[u8]) -> Result<Vec<u8>, Fault> {
        let mut sealed = vec![self.key_version; 1 + NONCE_BYTES];
        let mut nonce = [0; NONCE_BYTES];
        let no_chance = |_| StoreError::Unavailable("the system gives no random bytes".into());
        getrandom::fill(&mut nonce).map_err(no_chance)?;
        sealed[1..].copy_from_slice(&nonce);
        let aad = place.associated_data(self.key_version);
        let payload = Payload { msg: plain, aad: aad.as_bytes() };
        let too_long = |_| StoreError::LimitReached("a secret is too long to be sealed".into());
        sealed.extend(self.cipher.encrypt(&XNonce::from(nonce), payload).map_err(too_long)?);
        Ok(sealed)
    }

    pub(crate) fn open(&self, place: Place, sealed: &[u8]) -> Result<Vec<u8>, Fault> {
        let damaged = || {
            let Place { table, row, column } = place;
            StoreError::Fatal(format!(
                "the sealed {column} of row {row} of {table} does not open; restore a backup"
            ))
        };
        let (version, rest) = sealed.split_first().ok_or_else(damaged)?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_BYTES>().ok_or_else(damaged)?;
        let aad = place.associated_data(*version);
        let payload = Payload { msg: sealed, aad: aad.as_bytes() };
        Ok(self.cipher.decrypt(&XNonce::from(*nonce), payload).map_err(|_| damaged())?)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{DataKey, Place, Sealer};

    const PLACE: Place = Place { table: "hooks", row: 7, column: "token" };

    #[test]
    fn opens_only_where_it_was_sealed_and_under_its_key() {
        let sealer = Sealer::new(&DataKey::new([1; 32]));
        let sealed = sealer.seal(PLACE, b"s3cret").unwrap();
        let check = |sealer: &Sealer, place: Place, bytes: &[u8], opens: bool| {
            assert_eq!(sealer.open(place, bytes).is_ok_and(|plain| plain == b"s3cret"), opens);
        };
        check(&sealer, PLACE, &sealed, true);
        check(&sealer, Place { row: 8, ..PLACE }, &sealed, false);
        check(&sealer, Place { column: "url", ..PLACE }, &sealed, false);
        check(&sealer, Place { table: "users", ..PLACE }, &sealed, false);
        check(&Sealer::new(&DataKey::new([2; 32])), PLACE, &sealed, false);
        for cut in 0..sealed.len() {
            check(&sealer, PLACE, &sealed[..cut], false);
        }
        for at in 0..sealed.len() {
            let mut flipped = sealed.clone();
            flipped[at] ^= 1;
            check(&sealer, PLACE, &flipped, false);
        }
        assert!(!sealed.windows(6).any(|window| window == b"s3cret"));
        assert_ne!(sealer.seal(PLACE, b"s3cret").unwrap(), sealed, "nonces repeat");
    }
}
