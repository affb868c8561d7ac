//! TLS for outgoing connections: checked against the public roots, or not at all where the hook's owner says so.

use crate::config::{Config, SetupError};
use crate::connection::Fingerprint;
use crate::identity;
use crate::limits::IDENTITIES_READY_MAX;
use quick_cache::sync::Cache;
use rustls::client::WantsClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use std::sync::Arc;
use tokio_rustls::TlsConnector;
use wigwag_ports::egress::{CertificateCheck, EgressError, Identity};

/// One connector for each [`CertificateCheck`] and identity; their session caches are apart, so that a session begun
/// unchecked, or by somebody else, is never resumed as another.
pub(crate) struct Connectors {
    provider: Arc<CryptoProvider>,
    roots: Arc<RootCertStore>,
    verify: TlsConnector,
    skip: TlsConnector,
    own: Cache<(Fingerprint, CertificateCheck), TlsConnector>,
}

impl Connectors {
    pub(crate) fn new(config: &Config) -> Result<Self, SetupError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let roots = Arc::new(roots(config)?);
        let nobody = |check| connector(builder(&provider, &roots, check).with_no_client_auth());
        Ok(Self {
            verify: nobody(CertificateCheck::Verify),
            skip: nobody(CertificateCheck::Skip),
            own: Cache::new(IDENTITIES_READY_MAX),
            provider,
            roots,
        })
    }

    /// The connector for requests that show `identity`, or nothing.
    ///
    /// # Errors
    /// [`EgressError::Tls`] for an identity that was not read by us.
    pub(crate) fn of(
        &self,
        check: CertificateCheck,
        identity: Option<&Identity>,
    ) -> Result<TlsConnector, EgressError> {
        let Some(identity) = identity else {
            return Ok(match check {
                CertificateCheck::Verify => self.verify.clone(),
                CertificateCheck::Skip => self.skip.clone(),
            });
        };
        self.own.get_or_insert_with(&(identity.fingerprint, check), || {
            let builder = builder(&self.provider, &self.roots, check);
            let (chain, key) = identity::of_rustls(identity)?;
            let client = builder.with_client_auth_cert(chain, key);
            client.map(connector).map_err(|error| EgressError::Tls(error.to_string()))
        })
    }
}

type Builder = rustls::ConfigBuilder<ClientConfig, WantsClientCert>;

/// A client's configuration but for what it shows of itself.
fn builder(provider: &Arc<CryptoProvider>, roots: &Arc<RootCertStore>, check: CertificateCheck) -> Builder {
    let builder = ClientConfig::builder_with_provider(Arc::clone(provider))
        .with_safe_default_protocol_versions()
        .expect("ring supports the versions of TLS that rustls calls safe");
    match check {
        CertificateCheck::Verify => builder.with_root_certificates(Arc::clone(roots)),
        CertificateCheck::Skip => {
            builder.dangerous().with_custom_certificate_verifier(Arc::new(Unchecked(Arc::clone(provider))))
        }
    }
}

fn connector(mut client: ClientConfig) -> TlsConnector {
    client.alpn_protocols = vec![b"http/1.1".to_vec()];
    TlsConnector::from(Arc::new(client))
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
