//! The places from which an input can be obtained, and their form in the pin file.

use serde::Deserialize;

/// One place that may have an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// An upstream download.
    Url(String),
    /// A file of a source package.
    AptSource {
        package: String,
        suite: String,
        file: String,
    },
    /// Binary packages; without `package`, the row's own.
    AptBinary {
        package: Option<String>,
        suite: String,
    },
    /// A release on the Python package index, through the machine's own pip configuration.
    Pypi { package: String, version: String },
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Url(url) => f.write_str(url),
            Self::AptSource {
                package,
                suite,
                file,
            } => write!(f, "apt source package {package} of {suite} ({file})"),
            Self::AptBinary {
                package: Some(package),
                suite,
            } => write!(f, "apt package {package} of {suite}"),
            Self::AptBinary {
                package: None,
                suite,
            } => write!(f, "apt suite {suite}"),
            Self::Pypi { package, version } => write!(f, "pip {package}=={version}"),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) enum WireSource {
    Url(String),
    AptSource(WireAptSource),
    AptBinary(WireAptBinary),
    Pypi(WirePypi),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WireAptSource {
    package: String,
    suite: String,
    file: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WireAptBinary {
    package: Option<String>,
    suite: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WirePypi {
    package: String,
    version: String,
}

impl WireSource {
    /// Refuses text that a program would read as an option, a path or a pattern.
    pub(super) fn check(self) -> Result<Source, String> {
        match self {
            Self::Url(url) if !url.starts_with("https://") => {
                Err(format!("url \"{url}\" does not start with https://"))
            }
            Self::Url(url) => Ok(Source::Url(url)),
            Self::AptSource(WireAptSource {
                package,
                suite,
                file,
            }) => {
                plain("package", &package)?;
                plain("suite", &suite)?;
                plain("file", &file)?;
                Ok(Source::AptSource {
                    package,
                    suite,
                    file,
                })
            }
            Self::AptBinary(WireAptBinary { package, suite }) => {
                package
                    .as_deref()
                    .map_or(Ok(()), |package| plain("package", package))?;
                plain("suite", &suite)?;
                Ok(Source::AptBinary { package, suite })
            }
            Self::Pypi(WirePypi { package, version }) => {
                plain("package", &package)?;
                plain("version", &version)?;
                Ok(Source::Pypi { package, version })
            }
        }
    }
}

/// Names become file names and arguments, so only characters are allowed that no program treats specially.
pub(super) fn plain(what: &str, text: &str) -> Result<(), String> {
    let fine = text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-._~".contains(c));
    if fine {
        Ok(())
    } else {
        Err(format!("{what} \"{text}\" is not a plain name"))
    }
}
