//! Upstream downloads over HTTPS.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use ureq::tls::{RootCerts, TlsConfig};

/// Longest time to wait for a host; then the next source is tried.
const CONNECT: Duration = Duration::from_secs(10);
/// Longest time for a whole file: 25 MB at 14 kB/s.
const WHOLE: Duration = Duration::from_secs(1800);

/// Downloads to `path`. The proxy variables of the environment are honoured.
///
/// # Errors
/// Why the source does not have the file, in a phrase.
pub fn download(url: &str, path: &Path) -> Result<(), String> {
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::PlatformVerifier)
        .build();
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .tls_config(tls)
        .https_only(true)
        .timeout_resolve(Some(CONNECT))
        .timeout_connect(Some(CONNECT))
        .timeout_recv_response(Some(CONNECT * 3))
        .timeout_global(Some(WHOLE))
        .build()
        .into();
    let mut response = agent.get(url).call().map_err(|error| error.to_string())?;
    let mut file =
        File::create(path).map_err(|error| format!("cannot create {}: {error}", path.display()))?;
    std::io::copy(&mut response.body_mut().as_reader(), &mut file)
        .map_err(|error| error.to_string())?;
    Ok(())
}
