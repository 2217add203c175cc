//! Where the parts of the C toolchain for WASI are, whether it was unpacked from packages or is a WASI SDK.

use std::path::PathBuf;

use anyhow::Result;
use parallax_failure::Failure;

use crate::machine::WasiSdk;
use crate::store::{Key, Step};

/// The guest's target triple.
pub const TARGET: &str = "wasm32-wasip1";

/// The compiler's run-time library, in the folder of the unpacked packages.
pub const BUILTINS: &str = "libclang_rt.builtins-wasm32.a";

/// Programs and folders of the toolchain.
#[derive(Clone, Debug)]
pub struct WasiToolchain {
    bin: PathBuf,
    /// The folder to pass as `--sysroot`.
    pub sysroot: PathBuf,
    /// wasi-libc's start files and libraries.
    pub libc: PathBuf,
    /// The compiler's run-time library.
    pub builtins: PathBuf,
    /// What goes into the key of a step that uses the toolchain.
    identity: Vec<(&'static str, String)>,
}

impl WasiToolchain {
    /// From the two steps that unpack packages.
    pub fn from_packages(llvm: &Step, wasi_libc: &Step) -> Self {
        let sysroot = wasi_libc.dir.join("usr");
        Self {
            bin: llvm.dir.join("bin"),
            libc: sysroot.join("lib/wasm32-wasip1"),
            sysroot,
            builtins: llvm.dir.join(BUILTINS),
            identity: [llvm, wasi_libc]
                .map(|step| (step.name, step.key.clone()))
                .to_vec(),
        }
    }

    /// From a WASI SDK.
    ///
    /// # Errors
    /// It has no C library or no run-time library for wasm32.
    pub fn from_sdk(sdk: &WasiSdk) -> Result<Self> {
        let sysroot = sdk.path.join("share/wasi-sysroot");
        let known = ["wasm32-wasip1", "wasm32-wasi"].map(|triple| sysroot.join("lib").join(triple));
        let Some(libc) = known
            .into_iter()
            .find(|folder| folder.join("libc.a").is_file())
        else {
            let failure = Failure::environment(format!(
                "no lib/wasm32-wasip1/libc.a in {}",
                sysroot.display()
            ));
            return Err(failure
                .hint("unset WASI_SDK_PATH to use the distribution's packages")
                .into());
        };
        Ok(Self {
            bin: sdk.path.join("bin"),
            sysroot,
            libc,
            builtins: sdk.builtins()?,
            identity: vec![
                ("wasi-sdk", sdk.path.display().to_string()),
                ("clang", sdk.clang.clone()),
            ],
        })
    }

    /// A key to which the toolchain is added.
    pub fn in_key(&self, key: Key) -> Key {
        let add = |key: Key, (label, value): &(&str, String)| key.with(label, value.as_str());
        self.identity.iter().fold(key, add)
    }

    /// The path of one of the toolchain's programs.
    pub fn program(&self, name: &str) -> PathBuf {
        self.bin.join(name)
    }

    /// The compiler as makefiles call it.
    pub fn cc(&self) -> String {
        format!(
            "{} --target={TARGET} --sysroot={}",
            self.program("clang").display(),
            self.sysroot.display()
        )
    }
}
