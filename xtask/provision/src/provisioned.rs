//! What a build reads, once every step is done, and the versions that its results depend on.

use std::path::PathBuf;

use anyhow::Result;

use crate::machine::first_line;
use crate::plan::Plan;
use crate::python::NativePython;
use crate::recipes::Recipe as _;
use crate::recipes::numpy_native::NumpyNative;
use crate::recipes::rust_std::RustStd;
use crate::toolchain::WasiToolchain;
use crate::wasi_deps::WasiDeps;

/// What a build needs, all of it present.
#[derive(Clone, Debug)]
pub struct Provisioned {
    /// The native CPython.
    pub native: NativePython,
    /// The folder of Python packages for the native leg; `None` where no numpy is pinned for the machine.
    pub native_site: Option<PathBuf>,
    /// What the guest links.
    pub wasi_deps: WasiDeps,
    /// The C toolchain for WASI.
    pub toolchain: WasiToolchain,
    /// The sysroot to pass to rustc for the guest; `None` when the toolchain has the target itself.
    pub rust_sysroot: Option<PathBuf>,
    /// PyO3's file for the native leg.
    pub pyo3_native: PathBuf,
    /// PyO3's file for the guest.
    pub pyo3_wasm: PathBuf,
    /// Whether nothing was left out or replaced, so that every case of the corpus can run on both legs.
    pub is_default: bool,
    /// What the native executor is made of.
    pub native_versions: Versions,
    /// What the WebAssembly executor is made of.
    pub wasm_versions: Versions,
}

/// Names and versions, in a fixed order.
pub type Versions = Vec<(&'static str, String)>;

impl Provisioned {
    /// What the steps of a plan have made.
    ///
    /// # Errors
    /// A step's record cannot be read.
    pub fn of(plan: &Plan) -> Result<Self> {
        Ok(Self {
            native: plan.native.python.clone(),
            native_site: plan.numpy.as_ref().map(NumpyNative::site),
            wasi_deps: plan.wasi.clone(),
            toolchain: plan.toolchain.clone(),
            rust_sysroot: plan.rust_std.as_ref().and_then(RustStd::sysroot),
            pyo3_native: plan.pyo3.native_file(),
            pyo3_wasm: plan.pyo3.wasm_file(),
            is_default: plan.is_default(),
            native_versions: native_versions(plan)?,
            wasm_versions: wasm_versions(plan)?,
        })
    }

    /// Both executors' versions together; where they differ, the WebAssembly one's.
    pub fn versions(&self) -> Versions {
        let mut all = self.wasm_versions.clone();
        for (name, version) in &self.native_versions {
            if !all.iter().any(|(other, _)| other == name) {
                all.push((name, version.clone()));
            }
        }
        all
    }
}

fn native_versions(plan: &Plan) -> Result<Versions> {
    let version = |row: &str| plan.pins.get(row).map(|pin| pin.version.clone());
    let numpy = match plan.numpy {
        Some(_) => version("numpy-wheel")?,
        None => crate::recipes::numpy::NO_WHEEL.to_owned(),
    };
    Ok(vec![
        ("cpython", version("cpython")?),
        ("numpy", numpy),
        ("zlib", version("zlib")?),
        ("gcc", plan.machine.gcc.clone()),
        ("rustc", first_line(&plan.machine.rustc)),
        (
            "host",
            format!("{}, {}", plan.machine.os, plan.machine.arch),
        ),
    ])
}

fn wasm_versions(plan: &Plan) -> Result<Versions> {
    let version = |row: &str| plan.pins.get(row).map(|pin| pin.version.clone());
    let mut all = match &plan.guest {
        Some(guest) => {
            let numpy = match (&guest.numpy, plan.simd) {
                (Some(_), true) => format!("{}, simd128", version("numpy")?),
                (Some(_), false) => format!("{}, scalar", version("numpy")?),
                (None, _) => plan.without_numpy().unwrap_or_default().to_owned(),
            };
            vec![
                ("cpython", version("cpython")?),
                ("numpy", numpy),
                ("zlib", version("zlib")?),
            ]
        }
        // Nobody says which releases the folder was built from.
        None => vec![
            ("cpython", plan.wasi.version.dotted.clone()),
            ("wasi_deps", plan.wasi.path.display().to_string()),
        ],
    };
    match (&plan.packages, &plan.machine.wasi_sdk) {
        (Some((llvm, _)), _) => {
            let origins = llvm.step().record()?.origins;
            let of_package = |prefix: &str| {
                let found = origins.iter().find(|one| one.name.starts_with(prefix));
                found.map_or_else(|| "unknown".to_owned(), |origin| origin.version.clone())
            };
            all.extend([
                ("clang", of_package("clang-")),
                ("lld", of_package("lld-")),
                ("compiler_rt", of_package("libclang-rt-")),
                ("wasi_libc", version("wasi-libc")?),
            ]);
        }
        (None, Some(sdk)) => all.extend([
            ("clang", sdk.clang.clone()),
            ("wasi_sdk", sdk.path.display().to_string()),
        ]),
        (None, None) => {}
    }
    all.push(("rustc", first_line(&plan.machine.rustc)));
    all.push(("rust_std", rust_std_version(plan)?));
    Ok(all)
}

fn rust_std_version(plan: &Plan) -> Result<String> {
    let release = plan.machine.rustc_release();
    let Some(rust_std) = &plan.rust_std else {
        return Ok(format!("{release}, {}", plan.route.describe()));
    };
    if rust_std.sysroot().is_none() {
        return Ok(format!("{release}, installed with rustup"));
    }
    let origins = rust_std.step().record()?.origins;
    let version = origins
        .first()
        .map_or(release, |origin| origin.version.as_str());
    Ok(format!("{version}, {}", plan.route.describe()))
}
