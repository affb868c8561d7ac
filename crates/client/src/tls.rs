//! Whom the client trusts: the machine's certificate authorities (`SSL_CERT_FILE` and `SSL_CERT_DIR` name others), the
//! public ones if the machine has none, and whoever the program adds.

use std::fmt;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

/// # Errors
/// What is wrong with `authorities` (PEM).
pub(crate) fn config(authorities: Option<&[u8]>) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    if let Some(pem) = authorities {
        let wrong = |why: &dyn fmt::Display| format!("the certificate authorities that were given: {why}");
        let given: Vec<_> = CertificateDer::pem_slice_iter(pem).collect();
        if given.is_empty() {
            return Err(wrong(&"there is no certificate in the PEM"));
        }
        for authority in given {
            roots.add(authority.map_err(|error| wrong(&error))?).map_err(|error| wrong(&error))?;
        }
    }
    with_roots(roots)
}

/// For a server without TLS: spares it the machine's certificates.
pub(crate) fn trusting_nobody() -> Result<ClientConfig, String> {
    with_roots(RootCertStore::empty())
}

fn with_roots(roots: RootCertStore) -> Result<ClientConfig, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("TLS cannot be set up: {error}"))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}
