//! The distribution, the processor and the host's compilers, on which keys and the choice of packages depend.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;
use parallax_failure::Failure;

use crate::process::{hermetic, read};
use crate::store::Cache;
use crate::{files, tools};

/// The machine that provisioning runs on.
#[derive(Clone, Debug)]
pub struct Machine {
    /// Debian's name for this release ("bookworm"), empty elsewhere.
    pub codename: String,
    /// The operating system as it calls itself.
    pub os: String,
    /// The processor's architecture, as Rust names it.
    pub arch: &'static str,
    /// First line of `gcc --version`.
    pub gcc: String,
    /// `rustc -vV`.
    pub rustc: String,
    /// `rustc --print sysroot`.
    pub rust_sysroot: PathBuf,
    /// The SDK that `WASI_SDK_PATH` names.
    pub wasi_sdk: Option<WasiSdk>,
}

/// A WASI SDK that the user has already.
#[derive(Clone, Debug)]
pub struct WasiSdk {
    /// The folder with `bin/clang`.
    pub path: PathBuf,
    /// First line of `clang --version`.
    pub clang: String,
}

impl Machine {
    /// Asks the machine.
    ///
    /// # Errors
    /// A compiler is missing, or `WASI_SDK_PATH` is not a WASI SDK.
    pub fn inspect() -> Result<Self> {
        tools::require(&["cargo", "rustc", "gcc", "make", "tar", "xz"])?;
        let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
        let rustc = read(Command::new("rustc").arg("-vV"))?;
        let rust_sysroot = PathBuf::from(read(Command::new("rustc").args(["--print", "sysroot"]))?);
        Ok(Self {
            codename: release_field(&release, "VERSION_CODENAME"),
            os: release_field(&release, "PRETTY_NAME"),
            arch: std::env::consts::ARCH,
            gcc: first_line(&read(hermetic("gcc").arg("--version"))?),
            rustc,
            rust_sysroot,
            wasi_sdk: WasiSdk::from_environment()?,
        })
    }

    /// The compiler's version number ("1.95.0").
    pub fn rustc_release(&self) -> &str {
        self.rustc_field("release: ").unwrap_or("unknown")
    }

    /// The target triple of this machine.
    pub fn host_triple(&self) -> &str {
        self.rustc_field("host: ").unwrap_or("unknown")
    }

    fn rustc_field(&self, label: &str) -> Option<&str> {
        self.rustc.lines().find_map(|line| line.strip_prefix(label))
    }
}

impl WasiSdk {
    fn from_environment() -> Result<Option<Self>> {
        let Some(path) = std::env::var_os("WASI_SDK_PATH").filter(|value| !value.is_empty()) else {
            return Ok(None);
        };
        let path = std::path::absolute(path)?;
        Cache::at(path.clone()).map_err(|_| {
            Failure::usage(format!(
                "WASI_SDK_PATH={} holds a blank or a special character",
                path.display()
            ))
            .hint("link or move the SDK to a plain path")
        })?;
        for part in [
            "bin/clang",
            "bin/llvm-ar",
            "bin/llvm-ranlib",
            "bin/llvm-strip",
            "bin/wasm-ld",
            "share/wasi-sysroot",
        ] {
            if !path.join(part).exists() {
                let failure = Failure::environment(format!(
                    "WASI_SDK_PATH={} has no {part}: {} does not exist",
                    path.display(),
                    path.join(part).display()
                ));
                return Err(failure
                    .hint("point WASI_SDK_PATH to an unpacked wasi-sdk, or unset it to use the distribution's packages")
                    .into());
            }
        }
        let clang = first_line(&read(hermetic(path.join("bin/clang")).arg("--version"))?);
        Ok(Some(Self { path, clang }))
    }

    /// The compiler's run-time library, whose place differs between releases of the SDK.
    ///
    /// # Errors
    /// It is in none of the known places.
    pub fn builtins(&self) -> Result<PathBuf> {
        let clang = self.path.join("lib/clang");
        for version in files::sorted_entries(&clang)? {
            for folder in [
                "lib/wasi",
                "lib/wasip1",
                "lib/wasm32-unknown-wasip1",
                "lib/wasm32-unknown-wasi",
            ] {
                for file in ["libclang_rt.builtins-wasm32.a", "libclang_rt.builtins.a"] {
                    let path = version.join(folder).join(file);
                    if path.is_file() {
                        return Ok(path);
                    }
                }
            }
        }
        let failure = Failure::environment(format!(
            "no libclang_rt.builtins for wasm32 below {}",
            clang.display()
        ));
        Err(failure
            .hint("unset WASI_SDK_PATH to use the distribution's packages")
            .into())
    }
}

fn release_field(release: &str, name: &str) -> String {
    let value = release
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    value.unwrap_or_default().trim_matches('"').to_owned()
}

/// The first line of a program's `--version`.
pub fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn os_release_is_read_with_and_without_quotes() {
        let text = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_CODENAME=bookworm\n";
        assert_eq!(release_field(text, "VERSION_CODENAME"), "bookworm");
        assert_eq!(
            release_field(text, "PRETTY_NAME"),
            "Debian GNU/Linux 12 (bookworm)"
        );
        assert_eq!(release_field(text, "ID"), "");
    }
}
