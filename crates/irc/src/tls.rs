//! TLS as it is wanted: verified, with our certificate where we have one.
//!
//! A server is trusted when an authority in the binary or in the operator's file vouches for it, or when it is the
//! very certificate whose fingerprint the operator wrote down. There is no way to switch that off: a bot with an
//! account's password must know whom it tells it to.

use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use tokio_rustls::rustls::{self, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use crate::ConfigError;
use crate::config::Trust;

/// Makes the client's side of TLS.
///
/// # Errors
/// [`ConfigError`] naming the file that cannot be read or used.
pub fn client(trust: &Trust, certificate: Option<(&Path, &Path)>) -> Result<Arc<ClientConfig>, ConfigError> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|why| ConfigError::tls(&"TLS", &why))?;
    let builder = match trust {
        Trust::Authorities(extra) => {
            let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
            if let Some(file) = extra {
                for certificate in certificates(file)? {
                    roots.add(certificate).map_err(|why| ConfigError::tls(&file.display(), &why))?;
                }
            }
            builder.with_root_certificates(roots)
        }
        Trust::Fingerprint(fingerprint) => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Pinned { fingerprint: *fingerprint, provider })),
    };
    let config = match certificate {
        None => builder.with_no_client_auth(),
        Some((chain, key)) => {
            let file = std::fs::File::open(key).map_err(|why| ConfigError::file(key, &why))?;
            let secret = PrivateKeyDer::from_pem_reader(BufReader::new(file))
                .map_err(|why| ConfigError::tls(&key.display(), &why))?;
            builder
                .with_client_auth_cert(certificates(chain)?, secret)
                .map_err(|why| ConfigError::tls(&chain.display(), &why))?
        }
    };
    Ok(Arc::new(config))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, ConfigError> {
    let file = std::fs::File::open(path).map_err(|why| ConfigError::file(path, &why))?;
    let all: Result<Vec<_>, _> = CertificateDer::pem_reader_iter(BufReader::new(file)).collect();
    let all = all.map_err(|why| ConfigError::tls(&path.display(), &why))?;
    if all.is_empty() {
        return Err(ConfigError::tls(&path.display(), &"no certificate in it"));
    }
    Ok(all)
}

/// Trusts one certificate.
#[derive(Debug)]
struct Pinned {
    fingerprint: [u8; 32],
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let found: [u8; 32] = Sha256::digest(end_entity.as_ref()).into();
        if found == self.fingerprint {
            return Ok(ServerCertVerified::assertion());
        }
        let hex: Vec<String> = found.iter().map(|byte| format!("{byte:02x}")).collect();
        Err(rustls::Error::General(format!("the server's certificate has the fingerprint {}", hex.concat())))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
