//! Certificates that clients show: read from PEM, and told apart.

use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use sha2::{Digest, Sha256};
use wigwag_base::{Secret, Timestamp};
use wigwag_ports::egress::{EgressError, Identity, IdentityError};
use x509_parser::parse_x509_certificate;

/// Reads a chain and its key, and sees that they belong together.
pub(crate) fn read(certificate: &str, key: &Secret<String>) -> Result<Identity, IdentityError> {
    let unreadable = |error: PemError| IdentityError::Certificate(told(&error));
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(certificate.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(unreadable)?;
    let Some(own) = chain.first() else {
        return Err(IdentityError::Certificate("there is none in it".to_owned()));
    };
    let no_x509 =
        || IdentityError::Certificate("it holds something else than an X.509 certificate".to_owned());
    let (_, parsed) = parse_x509_certificate(own).map_err(|_| no_x509())?;
    for further in &chain[1..] {
        parse_x509_certificate(further).map_err(|_| no_x509())?;
    }
    let subject = parsed.subject().to_string();
    let expires_at = Timestamp::from_secs(parsed.validity().not_after.timestamp());
    let der = PrivateKeyDer::from_pem_slice(key.expose().as_bytes())
        .map_err(|error| IdentityError::Key(told(&error)))?;
    let signing = any_supported_type(&der)
        .map_err(|_| IdentityError::Key("it is no RSA, ECDSA or Ed25519 key that can be used".to_owned()))?;
    CertifiedKey::new(chain.clone(), signing).keys_match().map_err(|_| IdentityError::Mismatch)?;
    let key = der.secret_der().to_vec();
    Ok(Identity {
        fingerprint: fingerprint(&chain, &key),
        chain: chain.into_iter().map(|one| one.to_vec()).collect(),
        key: Secret::new(key),
        subject,
        expires_at,
    })
}

/// An identity as rustls takes it.
pub(crate) fn of_rustls(
    identity: &Identity,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), EgressError> {
    let chain = identity.chain.iter().cloned().map(CertificateDer::from).collect();
    let key = PrivateKeyDer::try_from(identity.key.expose().clone());
    Ok((chain, key.map_err(|error| EgressError::Tls(error.to_owned()))?))
}

/// Each part with its length before it, so that no two identities give the same bytes.
fn fingerprint(chain: &[CertificateDer<'_>], key: &[u8]) -> [u8; 32] {
    let mut digest = Sha256::new();
    for part in chain.iter().map(AsRef::as_ref).chain([key]) {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    digest.finalize().into()
}

/// What is wrong with a text, without the text.
fn told(error: &PemError) -> String {
    match error {
        PemError::NoItemsFound => "there is none in it",
        PemError::MissingSectionEnd { .. } => "its last line is missing",
        PemError::IllegalSectionStart { .. } => "its first line is not one of PEM",
        PemError::Base64Decode(_) => "it is not in base64",
        _ => "it cannot be read",
    }
    .to_owned()
}
