//! TLS for outgoing connections: checked against the public roots, or not at all where the hook's owner says so.

use crate::config::{Config, SetupError};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use std::sync::Arc;
use tokio_rustls::TlsConnector;
use wigwag_ports::egress::CertificateCheck;

/// One connector for each [`CertificateCheck`]; their session caches are apart, so that a session begun unchecked is
/// never resumed as a checked one.
pub(crate) struct Connectors {
    verify: TlsConnector,
    skip: TlsConnector,
}

impl Connectors {
    pub(crate) fn new(config: &Config) -> Result<Self, SetupError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = || {
            ClientConfig::builder_with_provider(Arc::clone(&provider))
                .with_safe_default_protocol_versions()
                .expect("ring supports the versions of TLS that rustls calls safe")
        };
        let mut verify = builder().with_root_certificates(roots(config)?).with_no_client_auth();
        let mut skip = builder()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Unchecked(Arc::clone(&provider))))
            .with_no_client_auth();
        for client in [&mut verify, &mut skip] {
            client.alpn_protocols = vec![b"http/1.1".to_vec()];
        }
        Ok(Self { verify: TlsConnector::from(Arc::new(verify)), skip: TlsConnector::from(Arc::new(skip)) })
    }

    pub(crate) const fn of(&self, check: CertificateCheck) -> &TlsConnector {
        match check {
            CertificateCheck::Verify => &self.verify,
            CertificateCheck::Skip => &self.skip,
        }
    }
}

fn roots(config: &Config) -> Result<RootCertStore, SetupError> {
    let mut store = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    for pem in &config.extra_roots {
        let before = store.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|error| SetupError::Root(error.to_string()))?;
            store.add(certificate).map_err(|error| SetupError::Root(error.to_string()))?;
        }
        if store.len() == before {
            return Err(SetupError::Root("it holds no certificate".to_owned()));
        }
    }
    Ok(store)
}

/// Accepts every certificate and signature.
#[derive(Debug)]
struct Unchecked(Arc<CryptoProvider>);

impl ServerCertVerifier for Unchecked {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
