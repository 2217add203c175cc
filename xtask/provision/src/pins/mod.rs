//! The pinned inputs: what is obtained, from where, and how its bytes are verified.

mod source;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use parallax_failure::Failure;
use serde::Deserialize;
use toml::Spanned;

use source::{WireSource, plain};

pub use source::Source;

/// Every row of `xtask/pins.toml`, checked.
#[derive(Clone, Debug)]
pub struct Pins {
    inputs: Vec<Input>,
    /// Typical seconds of each step.
    pub estimate_seconds: BTreeMap<String, u64>,
    path: PathBuf,
}

/// One pinned input.
#[derive(Clone, Debug)]
pub struct Input {
    /// The row's name.
    pub name: String,
    /// The pinned version.
    pub version: String,
    /// How the bytes are verified.
    pub proof: Proof,
    /// Where to look, in order.
    pub sources: Vec<Source>,
    /// The download's size in megabytes, as an estimate.
    pub estimate_mb: u64,
}

/// How an input's bytes are verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// One file of exactly these bytes, kept under this name.
    Sha256 {
        /// 64 hexadecimal digits.
        sha256: String,
        /// The name in the cache.
        file: String,
    },
    /// Packages whose hashes are in an index that the archive's key has signed.
    ArchiveSignature {
        /// Package names.
        packages: Vec<String>,
        /// All come from one suite, in one version.
        same_version: bool,
        /// A package that no suite has is left out.
        optional: bool,
    },
}

impl Input {
    /// The text that identifies the bytes; it is part of the key of every step that uses the row.
    /// A hash identifies them whatever the source; packages that the archive signs depend on the suites, too.
    pub fn identity(&self) -> String {
        match &self.proof {
            Proof::Sha256 { sha256, .. } => format!("{} {sha256}", self.version),
            Proof::ArchiveSignature {
                packages,
                same_version,
                optional,
            } => {
                let sources: Vec<String> = self.sources.iter().map(ToString::to_string).collect();
                format!(
                    "{} {packages:?} {same_version} {optional} {sources:?}",
                    self.version
                )
            }
        }
    }
}

impl Pins {
    /// Reads and checks the file.
    ///
    /// # Errors
    /// The file is missing or malformed; the message names file and line.
    pub fn load(path: &Path) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| Failure::usage(format!("cannot read {}: {error}", path.display())))?;
        Self::parse(path, &text)
    }

    /// Checks the text of a pin file; `path` is for messages.
    ///
    /// # Errors
    /// As for [`Pins::load`].
    pub fn parse(path: &Path, text: &str) -> Result<Self, Failure> {
        let place = |offset: usize| format!("{}:{}", path.display(), line_of(text, offset));
        let wire: WirePins = toml::from_str(text).map_err(|error| {
            Failure::usage(format!("{}: {}", place(error.span().map_or(0, |span| span.start)), error.message()))
                .hint("xtask/pins.toml's own rows show every key; `git checkout xtask/pins.toml` restores the file")
        })?;
        let mut inputs: Vec<Input> = Vec::new();
        for row in wire.input {
            let span = row.span();
            let input = row.into_inner().check().map_err(|(offset, message)| {
                Failure::usage(format!("{}: {message}", place(offset.unwrap_or(span.start))))
                    .hint("correct that row of the pin file; `git diff xtask/pins.toml` shows what changed")
            })?;
            if inputs.iter().any(|other| other.name == input.name) {
                return Err(Failure::usage(format!(
                    "{}: a second row named \"{}\"",
                    place(span.start),
                    input.name
                ))
                .hint("give each input one row"));
            }
            inputs.push(input);
        }
        Ok(Self {
            inputs,
            estimate_seconds: wire.estimate_seconds,
            path: path.to_path_buf(),
        })
    }

    /// The row that a step needs.
    ///
    /// # Errors
    /// The file has no such row.
    pub fn get(&self, name: &str) -> Result<&Input, Failure> {
        self.inputs
            .iter()
            .find(|input| input.name == name)
            .ok_or_else(|| {
                Failure::usage(format!("{}: no row named \"{name}\"", self.path.display()))
                    .hint("`git checkout xtask/pins.toml` restores the file")
            })
    }

    /// Every suite that a row names, with whether its source packages are wanted.
    pub fn suites(&self) -> Vec<(String, bool)> {
        let mut suites: Vec<(String, bool)> = Vec::new();
        for source in self.inputs.iter().flat_map(|input| &input.sources) {
            let (suite, wants_source) = match source {
                Source::Url(_) | Source::Pypi { .. } => continue,
                Source::AptSource { suite, .. } => (suite, true),
                Source::AptBinary { suite, .. } => (suite, false),
            };
            match suites.iter_mut().find(|(name, _)| name == suite) {
                Some((_, source)) => *source |= wants_source,
                None => suites.push((suite.clone(), wants_source)),
            }
        }
        suites
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes()
        .take(offset)
        .filter(|byte| *byte == b'\n')
        .count()
        + 1
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WirePins {
    input: Vec<Spanned<WireInput>>,
    #[serde(default)]
    estimate_seconds: BTreeMap<String, u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireInput {
    name: Spanned<String>,
    version: String,
    file: Option<Spanned<String>>,
    sha256: Option<Spanned<String>>,
    verified: Option<Spanned<String>>,
    #[serde(default)]
    packages: Vec<Spanned<String>>,
    #[serde(default)]
    same_version: bool,
    #[serde(default)]
    optional: bool,
    #[serde(default)]
    estimate_mb: u64,
    sources: Vec<Spanned<WireSource>>,
}

/// The offset in the text, where it is known more closely than the row, and the message.
type Complaint = (Option<usize>, String);

impl WireInput {
    fn check(self) -> Result<Input, Complaint> {
        let name = self.name.get_ref().clone();
        check_name("name", &self.name)?;
        if self.sources.is_empty() {
            return Err((None, format!("\"{name}\" has no sources")));
        }
        let proof = match (self.sha256, self.verified) {
            (Some(sha256), None) => {
                let at = sha256.span().start;
                let sha256 = sha256.into_inner();
                if sha256.len() != 64
                    || !sha256
                        .bytes()
                        .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
                {
                    let message = format!(
                        "sha256 of \"{name}\" must be 64 lower-case hexadecimal digits, not \"{sha256}\""
                    );
                    return Err((Some(at), message));
                }
                let file = self.file.ok_or((
                    None,
                    format!("\"{name}\" has a sha256 but no `file` to keep it under"),
                ))?;
                check_name("file", &file)?;
                Proof::Sha256 {
                    sha256,
                    file: file.into_inner(),
                }
            }
            (None, Some(verified)) if verified.get_ref() == "archive-signature" => {
                if self.packages.is_empty() {
                    return Err((None, format!("\"{name}\" has no packages")));
                }
                self.packages
                    .iter()
                    .try_for_each(|package| check_name("package", package))?;
                let packages = self.packages.into_iter().map(Spanned::into_inner).collect();
                Proof::ArchiveSignature {
                    packages,
                    same_version: self.same_version,
                    optional: self.optional,
                }
            }
            (None, Some(verified)) => {
                let message = format!(
                    "`verified` can only be \"archive-signature\", not \"{}\"",
                    verified.get_ref()
                );
                return Err((Some(verified.span().start), message));
            }
            _ => {
                return Err((
                    None,
                    format!("\"{name}\" needs exactly one of `sha256` and `verified`"),
                ));
            }
        };
        let signed = matches!(proof, Proof::ArchiveSignature { .. });
        let mut sources = Vec::new();
        for source in self.sources {
            let at = source.span().start;
            let source = source
                .into_inner()
                .check()
                .map_err(|message| (Some(at), message))?;
            if signed && !matches!(source, Source::AptBinary { package: None, .. }) {
                let message = format!(
                    "\"{name}\" is verified by the archive's signature, so its sources are `apt-binary = {{ suite }}`"
                );
                return Err((Some(at), message));
            }
            sources.push(source);
        }
        Ok(Input {
            name,
            version: self.version,
            proof,
            sources,
            estimate_mb: self.estimate_mb,
        })
    }
}

fn check_name(what: &str, name: &Spanned<String>) -> Result<(), Complaint> {
    plain(what, name.get_ref()).map_err(|message| (Some(name.span().start), message))
}

#[cfg(test)]
mod tests;
