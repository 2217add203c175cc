//! The settings of one case: the `.toml` beside its manifest.

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;

use super::read_toml;
use crate::case::{Input, Limits};
use crate::error::Problem;
use crate::outcome::Class;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireSettings {
    description: Option<String>,
    expect: Option<Class>,
    policy: Option<String>,
    limits: Option<WireLimits>,
    #[serde(default)]
    compare: Vec<WirePlace>,
    #[serde(default)]
    input: Vec<Input>,
}

/// A policy for a part of the outputs.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WirePlace {
    pub path: String,
    pub policy: String,
    pub scale: Option<f64>,
    pub terms: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireLimits {
    wall_ms: Option<u64>,
    memory_mb: Option<u64>,
    output_mb: Option<u64>,
}

/// What a case's own file says of it.
pub struct Settings {
    pub description: Option<String>,
    pub expect: Class,
    pub policy: Option<String>,
    pub places: Vec<WirePlace>,
    pub limits: Limits,
    pub inputs: Vec<Input>,
}

/// The largest value of a limit in MiB: what 32-bit memory can address.
const MOST_MIB: u64 = 4096;

/// The longest wall-clock limit, an hour.
const MOST_MILLISECONDS: u64 = 3_600_000;

/// Reads the settings, or gives the defaults where there is no such file.
pub fn load(path: &Path) -> Result<Settings, Problem> {
    let wire: WireSettings = read_toml(path)?.unwrap_or_default();
    let limits = wire.limits.unwrap_or_default();
    let default = Limits::default();
    let mebibytes = |key: &str, value: Option<u64>, default: u64| match value {
        None => Ok(default),
        Some(value @ 1..=MOST_MIB) => Ok(value << 20),
        Some(value) => Err(Problem::usage(format!(
            "{}: limits.{key}: {value} is not between 1 and {MOST_MIB}",
            path.display()
        ))
        .hint("the unit is MiB")),
    };
    let wall = match limits.wall_ms {
        None => default.wall,
        Some(wall @ 1..=MOST_MILLISECONDS) => Duration::from_millis(wall),
        Some(wall) => {
            return Err(Problem::usage(format!(
                "{}: limits.wall_ms: {wall} is not between 1 and {MOST_MILLISECONDS}",
                path.display()
            ))
            .hint("the unit is milliseconds"));
        }
    };
    for (index, input) in wire.input.iter().enumerate() {
        if let Input::Array(array) = input {
            array.check().map_err(|reason| {
                Problem::usage(format!("{}: input {}: {reason}", path.display(), index + 1))
                    .hint("docs/CORPUS.md describes generated arrays")
            })?;
        }
    }
    let output = mebibytes("output_mb", limits.output_mb, default.output as u64)?;
    Ok(Settings {
        description: wire.description,
        // An error nobody expected is no pass, even where both legs agree on it.
        expect: wire.expect.unwrap_or(Class::Returned),
        policy: wire.policy,
        places: wire.compare,
        limits: Limits {
            wall,
            memory: mebibytes("memory_mb", limits.memory_mb, default.memory)?,
            output: usize::try_from(output).unwrap_or(usize::MAX),
        },
        inputs: wire.input,
    })
}
