//! Which steps there are on this machine, what each depends on, and where each result will be.

use std::path::{Path, PathBuf};

use anyhow::Result;
use parallax_failure::Failure;

use crate::machine::Machine;
use crate::pins::Pins;
use crate::python::PythonVersion;
use crate::recipes::Recipe;
use crate::recipes::cargo_deny::CargoDeny;
use crate::recipes::cpython_native::CpythonNative;
use crate::recipes::cpython_wasi::CpythonWasi;
use crate::recipes::llvm::Llvm;
use crate::recipes::numpy;
use crate::recipes::numpy_native::NumpyNative;
use crate::recipes::numpy_tests::NumpyTests;
use crate::recipes::numpy_wasi::{self, NumpyWasi};
use crate::recipes::pyo3_config::Pyo3Config;
use crate::recipes::rust_std::{Route, RustStd};
use crate::recipes::sources::UnpackSources;
use crate::recipes::wasi_deps::LayOutWasiDeps;
use crate::recipes::wasi_libc::WasiLibc;
use crate::store::Cache;
use crate::toolchain::WasiToolchain;
use crate::wasi_deps::WasiDeps;

/// What the WebAssembly executor is built from.
#[derive(Clone, Debug)]
pub struct Guest {
    /// A folder laid out as wlr-libpy's, used instead of building CPython for WASI.
    pub wasi_deps: Option<PathBuf>,
    /// Whether numpy is compiled with WebAssembly's vector instructions.
    pub simd: bool,
}

impl Default for Guest {
    fn default() -> Self {
        Self {
            wasi_deps: None,
            simd: true,
        }
    }
}

/// Every step, with its key known before anything runs.
#[derive(Debug)]
pub struct Plan {
    /// Where results go.
    pub cache: Cache,
    /// The pinned inputs.
    pub pins: Pins,
    /// The machine's own compilers.
    pub machine: Machine,
    pub(crate) simd: bool,
    /// Absent when `WASI_SDK_PATH` is set.
    pub(crate) packages: Option<(Llvm, WasiLibc)>,
    sources: UnpackSources,
    pub(crate) native: CpythonNative,
    pub(crate) numpy: Option<NumpyNative>,
    numpy_tests: NumpyTests,
    cargo_deny: CargoDeny,
    /// Absent when the user gives a `wasi-deps` folder.
    pub(crate) guest: Option<GuestRecipes>,
    pub(crate) route: Route,
    pub(crate) rust_std: Option<RustStd>,
    pub(crate) pyo3: Pyo3Config,
    pub(crate) toolchain: WasiToolchain,
    pub(crate) wasi: WasiDeps,
}

#[derive(Debug)]
pub(crate) struct GuestRecipes {
    cpython: CpythonWasi,
    /// Absent with a WASI SDK, whose C++ library is another one, and where no wheels are pinned.
    pub(crate) numpy: Option<NumpyWasi>,
    wasi_deps: LayOutWasiDeps,
}

impl Plan {
    /// Asks the machine and computes every key; nothing is fetched or written.
    ///
    /// # Errors
    /// Bad pins, a wrong `--wasi-deps`, a folder that is no cache, or a missing tool.
    pub fn new(pins: &Path, wanted: &Guest) -> Result<Self> {
        let pins = Pins::load(pins)?;
        let cache = Cache::from_environment()?;
        let given = wanted.wasi_deps.as_deref().map(WasiDeps::given);
        let given = given.transpose()?;
        let machine = Machine::inspect()?;

        let (packages, toolchain) = match &machine.wasi_sdk {
            Some(sdk) => (None, WasiToolchain::from_sdk(sdk)?),
            None => {
                let llvm = Llvm::new(&cache, &pins, &machine)?;
                let libc = WasiLibc::new(&cache, &pins)?;
                let toolchain = WasiToolchain::from_packages(llvm.step(), libc.step());
                (Some((llvm, libc)), toolchain)
            }
        };
        let sources = UnpackSources::new(&cache, &pins)?;
        let version = PythonVersion::of(&pins.get("cpython")?.version);
        let native = CpythonNative::new(&cache, &pins, &machine, &sources, version)?;
        let has_wheels = machine.arch == numpy::ARCH;
        let numpy = match has_wheels {
            true => Some(NumpyNative::new(&cache, &pins, &native.python)?),
            false => None,
        };
        let (wasi, guest) = match given {
            Some(given) => (given, None),
            None => {
                let cpython = CpythonWasi::new(&cache, &toolchain, &sources, &native);
                let numpy = match &packages {
                    Some((llvm, _)) if has_wheels => {
                        let before = numpy_wasi::Before {
                            llvm,
                            unpacked: &sources,
                            native: &native,
                            guest: &cpython,
                        };
                        let numpy =
                            NumpyWasi::new(&cache, &pins, &toolchain, &before, wanted.simd)?;
                        Some(numpy)
                    }
                    _ => None,
                };
                let wasi_deps = LayOutWasiDeps::new(
                    &cache,
                    &toolchain,
                    &sources,
                    &native,
                    &cpython,
                    numpy.as_ref(),
                );
                let recipes = GuestRecipes {
                    cpython,
                    numpy,
                    wasi_deps,
                };
                (recipes.wasi_deps.deps(), Some(recipes))
            }
        };
        let route = Route::of(&machine);
        Ok(Self {
            cargo_deny: CargoDeny::new(&cache, &machine),
            numpy_tests: NumpyTests::new(&cache, &pins, &native)?,
            rust_std: RustStd::new(&cache, &pins, &machine, &toolchain, &route)?,
            pyo3: Pyo3Config::new(&cache, &native.python, &wasi.version),
            simd: wanted.simd,
            packages,
            sources,
            native,
            numpy,
            guest,
            route,
            toolchain,
            wasi,
            cache,
            pins,
            machine,
        })
    }

    /// Every step that a build needs, in the order in which they run.
    pub fn recipes(&self) -> Vec<&dyn Recipe> {
        let mut recipes: Vec<&dyn Recipe> = Vec::new();
        if let Some((llvm, libc)) = &self.packages {
            recipes.extend([llvm as &dyn Recipe, libc]);
        }
        recipes.extend([&self.sources as &dyn Recipe, &self.native]);
        recipes.extend(self.numpy.iter().map(|numpy| numpy as &dyn Recipe));
        if let Some(guest) = &self.guest {
            recipes.push(&guest.cpython);
            recipes.extend(guest.numpy.iter().map(|numpy| numpy as &dyn Recipe));
            recipes.push(&guest.wasi_deps);
        }
        recipes.extend(self.rust_std.iter().map(|rust_std| rust_std as &dyn Recipe));
        recipes.push(&self.pyo3);
        recipes
    }

    /// The step that only the verb `numpy-tests` needs.
    ///
    /// # Errors
    /// There is no numpy to test in the guest that is planned.
    pub fn numpy_tests(&self) -> Result<&dyn Recipe, Failure> {
        match self.without_numpy() {
            None => Ok(&self.numpy_tests),
            Some(reason) => Err(Failure::environment(format!(
                "the guest has no numpy to test: {reason}"
            ))
            .hint("`cargo xtask doctor` shows what this machine has and lacks")),
        }
    }

    /// The step that only the verb `lint` needs.
    pub fn cargo_deny(&self) -> &CargoDeny {
        &self.cargo_deny
    }

    /// Why a leg that is built here lacks numpy, if one does.
    pub fn without_numpy(&self) -> Option<&'static str> {
        let guest = self.guest.as_ref();
        match (&self.numpy, guest.map(|recipes| recipes.numpy.is_some())) {
            (None, _) => Some(numpy::NO_WHEEL),
            (Some(_), Some(false)) => Some(numpy::OTHER_LIBCXX),
            (Some(_), _) => None,
        }
    }

    /// Whether nothing is left out or replaced: then every case of the corpus can run on both legs.
    pub fn is_default(&self) -> bool {
        self.packages.is_some()
            && self.guest.is_some()
            && self.simd
            && self.without_numpy().is_none()
    }
}
