//! The settings of one case: the `.toml` beside its manifest.

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use super::places::{Form, WireDefault, WirePlace, resolve};
use super::policy_file::Table;
use super::text_file::{Text, read_toml};
use crate::case::input::Input;
use crate::case::{Exact, Ignored, Limits, Requirement};
use crate::error::Problem;
use crate::outcome::Class;
use crate::verdict::policy::Policies;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireSettings {
    description: Option<String>,
    expect: Option<Class>,
    policy: Option<Spanned<String>>,
    terms: Option<Spanned<u64>>,
    limits: Option<WireLimits>,
    #[serde(default)]
    requires: Vec<Spanned<String>>,
    #[serde(default)]
    ignore: Vec<Spanned<String>>,
    #[serde(default)]
    exact_paths: bool,
    #[serde(default)]
    exact_errors: bool,
    #[serde(default)]
    compare: Vec<Spanned<WirePlace>>,
    #[serde(default)]
    input: Vec<Spanned<Input>>,
}

/// `family.toml`: what holds for every case of a folder.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireFamily {
    #[serde(default)]
    requires: Vec<Spanned<String>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireLimits {
    wall_ms: Option<Spanned<u64>>,
    memory_mb: Option<Spanned<u64>>,
    output_mb: Option<Spanned<u64>>,
    open_files: Option<Spanned<u64>>,
}

/// What a case's own file says of it.
pub struct Settings {
    pub description: Option<String>,
    pub expect: Class,
    pub policies: Policies,
    pub ignored: Ignored,
    pub exact: Exact,
    pub requires: Vec<Requirement>,
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
///
/// # Errors
/// Names file, line and column of what doesn't fit, and what to write instead.
pub fn load(path: &Path, policies: &Table, form: Form) -> Result<Settings, Problem> {
    let Some((wire, text)) = read_toml::<WireSettings>(path)? else {
        return Ok(Settings {
            description: None,
            expect: Class::Returned,
            policies: policies.exact().into(),
            ignored: Ignored::default(),
            exact: Exact::default(),
            requires: Vec::new(),
            limits: Limits::default(),
            inputs: Vec::new(),
        });
    };
    let requires = requirements(&wire.requires, &text)?;
    for input in &wire.input {
        if let Input::Array(array) = input.get_ref() {
            array.check().map_err(|reason| {
                let hint = "docs/CORPUS.md describes generated arrays";
                text.refuse(&input.span(), &format!("input: {reason}"), hint)
            })?;
        }
    }
    let default = WireDefault {
        policy: wire.policy,
        terms: wire.terms,
    };
    Ok(Settings {
        description: wire.description,
        // An error nobody expected is no pass, even where both legs agree on it.
        expect: wire.expect.unwrap_or(Class::Returned),
        policies: resolve(&text, default, wire.compare, policies, form)?,
        ignored: ignored(&wire.ignore, &text)?,
        exact: Exact {
            paths: wire.exact_paths,
            errors: wire.exact_errors,
        },
        requires,
        limits: limits(wire.limits.unwrap_or_default(), &text)?,
        inputs: wire.input.into_iter().map(Spanned::into_inner).collect(),
    })
}

fn limits(wire: WireLimits, text: &Text<'_>) -> Result<Limits, Problem> {
    let default = Limits::default();
    let within = |key: &str, value: Option<Spanned<u64>>, least: u64, most: u64, unit: &str| {
        let Some(value) = value else { return Ok(None) };
        let (span, value) = (value.span(), value.into_inner());
        if (least..=most).contains(&value) {
            return Ok(Some(value));
        }
        let reason = format!("limits.{key}: {value} is not between {least} and {most}");
        Err(text.refuse(&span, &reason, &format!("the unit is {unit}")))
    };
    let memory = within("memory_mb", wire.memory_mb, 1, MOST_MIB, "MiB")?;
    let output = within("output_mb", wire.output_mb, 1, MOST_MIB, "MiB")?;
    let output = output.map(|mebibytes| usize::try_from(mebibytes << 20).unwrap_or(usize::MAX));
    let wall = within(
        "wall_ms",
        wire.wall_ms,
        1,
        MOST_MILLISECONDS,
        "milliseconds",
    )?;
    let (least, most) = (*OPEN_FILES.start(), *OPEN_FILES.end());
    let unit = "open files, standard streams and directories included";
    let open_files = within("open_files", wire.open_files, least, most, unit)?;
    Ok(Limits {
        wall: wall.map_or(default.wall, Duration::from_millis),
        memory: memory.map_or(default.memory, |mebibytes| mebibytes << 20),
        output: output.unwrap_or(default.output),
        open_files: open_files.unwrap_or(default.open_files),
    })
}

fn ignored(names: &[Spanned<String>], text: &Text<'_>) -> Result<Ignored, Problem> {
    let mut ignored = Ignored::default();
    for name in names {
        match name.get_ref().as_str() {
            "printed" => ignored.printed = true,
            "files" => ignored.files = true,
            other => {
                let reason = format!("ignore: {other:?} is nothing that can be left out");
                let hint = "known are \"printed\" (what the case prints) and \"files\" (what it leaves in its directory)";
                return Err(text.refuse(&name.span(), &reason, hint));
            }
        }
    }
    Ok(ignored)
}

/// The name of the file that speaks for a whole folder; no case can have it.
pub const FAMILY: &str = "family.toml";

/// The modules that every case of a folder needs.
///
/// # Errors
/// Those of [`load`].
pub fn family_requires(path: &Path) -> Result<Vec<Requirement>, Problem> {
    match read_toml::<WireFamily>(path)? {
        Some((wire, text)) => requirements(&wire.requires, &text),
        None => Ok(Vec::new()),
    }
}

fn requirements(modules: &[Spanned<String>], text: &Text<'_>) -> Result<Vec<Requirement>, Problem> {
    let is_name =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_');
    let requirement = |name: &Spanned<String>| {
        let module = name.get_ref();
        if !module.split('.').all(is_name) {
            let reason = format!("requires: {module:?} is no name of a Python module");
            let hint = "write it as `import` does: requires = [\"numpy\"]";
            return Err(text.refuse(&name.span(), &reason, hint));
        }
        Ok(Requirement {
            module: module.clone(),
            origin: text.place(&name.span()),
        })
    };
    modules.iter().map(requirement).collect()
}
