//! A certificate that a server shows, and that of who signed it.

use std::io;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};

use crate::StartError;
use crate::folder::Folder;

/// Files in the server's folder, all in PEM.
pub(super) const CA: &str = "ca.pem";
pub(super) const CERTIFICATE: &str = "certificate.pem";
pub(super) const KEY: &str = "key.pem";

/// Whom the server's certificate is for.
const SUBJECTS: [&str; 2] = ["127.0.0.1", "localhost"];

/// Makes a certificate authority that signs one certificate; nobody else trusts it, and its key is forgotten.
pub(super) fn make(folder: &Folder) -> Result<(), StartError> {
    let (ca, certificate, key) =
        signed().map_err(|error| folder.refused("make a certificate".to_owned(), io::Error::other(error)))?;
    for (name, pem) in [(CA, ca), (CERTIFICATE, certificate), (KEY, key)] {
        folder.write(name, &pem)?;
    }
    Ok(())
}

/// The authority's certificate, the server's, and the server's key.
fn signed() -> Result<(String, String, String), rcgen::Error> {
    let mut ca = CertificateParams::default();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    ca.distinguished_name.push(DnType::CommonName, "Adstead's tests");
    let ca = CertifiedIssuer::self_signed(ca, KeyPair::generate()?)?;

    let mut server = CertificateParams::new(SUBJECTS.map(str::to_owned))?;
    server.distinguished_name.push(DnType::CommonName, "a server of Adstead's tests");
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    server.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    let server = server.signed_by(&key, &ca)?;
    Ok((ca.pem(), server.pem(), key.serialize_pem()))
}
