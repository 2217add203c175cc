//! The record of what was measured: what stands at its beginning, and how it is written.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use parallax_harness::case::{Case, CaseId};
use parallax_harness::error::Problem;
use parallax_harness::leg::Leg;
use parallax_harness::measure::machine::fingerprint;
use parallax_harness::measure::rounds::{Found, Lost};
use parallax_harness::record::measured::{Measured, MeasuredInfo, Unmeasured, write};
use parallax_harness::record::measurement::Measurement;
use parallax_harness::record::summary::LegInfo;
use parallax_runtime::marshal::Transport;

use super::write_failed;

/// A record that is about to be filled.
pub fn begun(
    cases: &[&Case],
    legs: &[Leg],
    transport: Transport,
    rounds: usize,
    turns: Duration,
) -> Measured {
    let started = SystemTime::now().duration_since(UNIX_EPOCH);
    Measured {
        info: MeasuredInfo {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started: started.unwrap_or_default().as_secs(),
            machine: fingerprint(),
            transport: transport.name().to_owned(),
            rounds,
            turns_ms: u64::try_from(turns.as_millis()).unwrap_or(u64::MAX),
            legs: legs.iter().map(LegInfo::of).collect(),
            cases: cases.iter().map(|case| case.id.clone()).collect(),
        },
        times: Vec::new(),
        exact: Vec::new(),
        unmeasured: Vec::new(),
    }
}

/// Takes in what rounds have found.
pub fn take_in(record: &mut Measured, found: &[(CaseId, Found)]) {
    for (case, found) in found {
        match found {
            Ok(times) => record.times.extend::<Vec<Measurement>>(times.clone()),
            Err(Lost { why, .. }) => record.unmeasured.push(Unmeasured {
                case: case.clone(),
                why: why.clone(),
            }),
        }
    }
}

/// Writes it to a file that was made before.
///
/// # Errors
/// The file can't be written.
pub fn save(file: &mut BufWriter<File>, path: &Path, record: &Measured) -> Result<(), Problem> {
    let written = write(&mut *file, record);
    written.map_err(|error| write_failed(&path.display().to_string(), &error))
}
