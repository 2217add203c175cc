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
    requires: Vec<String>,
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

/// `family.toml`: what holds for every case of a folder.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireFamily {
    #[serde(default)]
    requires: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireLimits {
    wall_ms: Option<u64>,
    memory_mb: Option<u64>,
    output_mb: Option<u64>,
    open_files: Option<u64>,
}

/// What a case's own file says of it.
pub struct Settings {
    pub description: Option<String>,
    pub expect: Class,
    pub policy: Option<String>,
    pub places: Vec<WirePlace>,
    pub requires: Vec<String>,
    pub limits: Limits,
    pub inputs: Vec<Input>,
}

/// The largest value of a limit in MiB: what 32-bit memory can address.
const MOST_MIB: u64 = 4096;

/// The longest wall-clock limit, an hour.
const MOST_MILLISECONDS: u64 = 3_600_000;

/// How many files a case may have open: no fewer than an interpreter needs to start, no more than most systems allow.
const OPEN_FILES: std::ops::RangeInclusive<u64> = 16..=1024;

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
    check_requires(path, &wire.requires)?;
    for (index, input) in wire.input.iter().enumerate() {
        if let Input::Array(array) = input {
            array.check().map_err(|reason| {
                Problem::usage(format!("{}: input {}: {reason}", path.display(), index + 1))
                    .hint("docs/CORPUS.md describes generated arrays")
            })?;
        }
    }
    let open_files = limits.open_files.unwrap_or(default.open_files);
    if !OPEN_FILES.contains(&open_files) {
        let (least, most) = (OPEN_FILES.start(), OPEN_FILES.end());
        return Err(Problem::usage(format!(
            "{}: limits.open_files: {open_files} is not between {least} and {most}",
            path.display()
        ))
        .hint("the unit is open files, standard streams and directories included"));
    }
    let output = mebibytes("output_mb", limits.output_mb, default.output as u64)?;
    Ok(Settings {
        description: wire.description,
        // An error nobody expected is no pass, even where both legs agree on it.
        expect: wire.expect.unwrap_or(Class::Returned),
        policy: wire.policy,
        places: wire.compare,
        requires: wire.requires,
        limits: Limits {
            wall,
            memory: mebibytes("memory_mb", limits.memory_mb, default.memory)?,
            output: usize::try_from(output).unwrap_or(usize::MAX),
            open_files,
        },
        inputs: wire.input,
    })
}

/// The name of the file that speaks for a whole folder; no case can have it.
pub const FAMILY: &str = "family.toml";

/// The modules that every case of a folder needs.
pub fn family_requires(path: &Path) -> Result<Vec<String>, Problem> {
    let wire: WireFamily = read_toml(path)?.unwrap_or_default();
    check_requires(path, &wire.requires)?;
    Ok(wire.requires)
}

fn check_requires(path: &Path, modules: &[String]) -> Result<(), Problem> {
    let is_name =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_');
    match modules.iter().find(|name| !name.split('.').all(is_name)) {
        Some(name) => Err(Problem::usage(format!(
            "{}: requires: {name:?} is no name of a Python module",
            path.display()
        ))
        .hint("write it as `import` does: requires = [\"numpy\"]")),
        None => Ok(()),
    }
}
