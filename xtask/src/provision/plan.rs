//! Which steps there are on this machine, what each depends on, and where each result will be.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::cache::Cache;
use super::cpython::{self, PythonVersion, Sources};
use super::fetch::Fetcher;
use super::llvm::{self, WasiToolchain};
use super::machine::Machine;
use super::numpy;
use super::pins::Pins;
use super::rust_std::{self, Route};
use super::step::{Context, Key, Step};
use super::wasi_deps::{self, WasiDeps};
use super::{Provisioned, pyo3};
use crate::cli::Guest;
use crate::error::{Failure, environment};

/// Every step, with its key known before anything runs.
#[derive(Debug)]
pub struct Plan {
    /// Where results go.
    pub cache: Cache,
    /// The pinned inputs.
    pub pins: Pins,
    /// The machine's own compilers.
    pub machine: Machine,
    version: PythonVersion,
    packages: Option<ToolchainSteps>,
    sources: Step,
    native: Step,
    numpy: Option<Step>,
    numpy_tests: Step,
    simd: bool,
    guest: Option<GuestSteps>,
    rust_std: Option<Step>,
    pyo3: Step,
    toolchain: WasiToolchain,
    route: Route,
    wasi: WasiDeps,
}

/// Absent when `WASI_SDK_PATH` is set.
#[derive(Debug)]
struct ToolchainSteps {
    llvm: Step,
    wasi_libc: Step,
}

/// Absent when the user gives a `wasi-deps` folder.
#[derive(Debug)]
struct GuestSteps {
    cpython: Step,
    /// Absent with a WASI SDK, whose C++ library is another one, and where no wheels are pinned.
    numpy: Option<Step>,
    wasi_deps: Step,
}

impl Plan {
    /// Asks the machine and computes every key; nothing is fetched or written.
    ///
    /// # Errors
    /// Bad pins, a wrong `--wasi-deps`, or a missing tool.
    pub fn new(pins: &Path, guest: &Guest) -> Result<Self> {
        let pins = Pins::load(pins)?;
        let cache = Cache::from_environment()?;
        let simd = !guest.no_simd;
        let given = guest.wasi_deps.as_deref();
        let given = given.map(WasiDeps::given).transpose()?;
        let machine = Machine::inspect()?;
        let cpython_pin = pins.get("cpython")?;
        let version = PythonVersion::of(&cpython_pin.version);

        let packages = match &machine.wasi_sdk {
            Some(_) => None,
            None => Some(ToolchainSteps {
                llvm: {
                    let key = Key::new("llvm", llvm::RECIPE)
                        .input(pins.get("llvm")?)
                        .input(pins.get("llvm-libraries")?)
                        .with("codename", machine.codename.clone())
                        .with("arch", machine.arch);
                    Step::new(&cache, "llvm", key)
                },
                wasi_libc: {
                    let key = Key::new("wasi-libc", "rev 1: dpkg -x").input(pins.get("wasi-libc")?);
                    Step::new(&cache, "wasi-libc", key)
                },
            }),
        };
        let toolchain = match (&packages, &machine.wasi_sdk) {
            (Some(steps), _) => WasiToolchain::from_steps(&steps.llvm, &steps.wasi_libc),
            (None, Some(sdk)) => WasiToolchain::from_sdk(sdk)?,
            (None, None) => anyhow::bail!("there is neither a WASI SDK nor a plan to unpack one"),
        };
        let with_toolchain = |key: Key| match (&packages, &machine.wasi_sdk) {
            (Some(steps), _) => key.after(&steps.llvm).after(&steps.wasi_libc),
            (None, Some(sdk)) => key
                .with("wasi-sdk", sdk.path.display().to_string())
                .with("clang", sdk.clang.clone()),
            (None, None) => key,
        };

        let sources = {
            let key = Key::new("sources", "rev 1: tar -x")
                .input(cpython_pin)
                .input(pins.get("zlib")?);
            Step::new(&cache, "sources", key)
        };
        let native = {
            // The prefix is compiled in: a cache that was moved must be built anew.
            let key = Key::new("cpython-native", &cpython::native_recipe())
                .after(&sources)
                .with("gcc", machine.gcc.clone())
                .with("arch", machine.arch)
                .with("root", cache.root.display().to_string());
            Step::new(&cache, "cpython-native", key)
        };
        let pinned_wheels = machine.arch == numpy::ARCH;
        let numpy = match pinned_wheels {
            true => Some(numpy::native_step(&cache, &pins)?),
            false => None,
        };
        let numpy_tests = {
            let key = numpy::suite::key(&pins)?.after(&native);
            Step::new(&cache, "numpy-tests", key)
        };
        let guest = match &given {
            Some(_) => None,
            None => {
                let key = Key::new("cpython-wasi", &cpython::wasi_recipe())
                    .after(&sources)
                    .after(&native);
                let cpython = Step::new(&cache, "cpython-wasi", with_toolchain(key));
                let numpy = match pinned_wheels && packages.is_some() {
                    true => {
                        let key = with_toolchain(numpy::wasi_key(&pins, simd)?.after(&cpython));
                        Some(Step::new(&cache, "numpy-wasi", key))
                    }
                    false => None,
                };
                let recipe = format!("{}\n{}", wasi_deps::RECIPE, wasi_deps::ZIP_SCRIPT);
                let mut key = Key::new("wasi-deps", &recipe).after(&cpython);
                if let Some(numpy) = &numpy {
                    key = key.after(numpy);
                }
                Some(GuestSteps {
                    wasi_deps: Step::new(&cache, "wasi-deps", key),
                    cpython,
                    numpy,
                })
            }
        };
        let wasi = match (given, &guest) {
            (Some(given), _) => given,
            (None, Some(steps)) => WasiDeps {
                path: steps.wasi_deps.dir.clone(),
                version: version.clone(),
            },
            (None, None) => {
                anyhow::bail!("there is neither a wasi-deps folder nor a plan to build one")
            }
        };
        let route = Route::of(&machine);
        let rust_std = match &route {
            Route::Installed => None,
            _ => {
                let key = Key::new("rust-std", rust_std::RECIPE)
                    .with("rustc", machine.rustc.clone())
                    .with("route", route.describe())
                    .input(pins.get("rust-src")?);
                Some(Step::new(&cache, "rust-std", with_toolchain(key)))
            }
        };
        let pyo3 = {
            let files = format!(
                "{}\n{}",
                pyo3::native(&native.dir, &version),
                pyo3::wasm(&wasi.version)
            );
            Step::new(&cache, "pyo3-config", Key::new("pyo3-config", &files))
        };
        Ok(Self {
            cache,
            pins,
            machine,
            version,
            packages,
            sources,
            native,
            numpy,
            numpy_tests,
            simd,
            guest,
            rust_std,
            pyo3,
            toolchain,
            route,
            wasi,
        })
    }

    /// The steps in the order they run.
    pub fn steps(&self) -> Vec<&Step> {
        let packages = self
            .packages
            .iter()
            .flat_map(|steps| [&steps.llvm, &steps.wasi_libc]);
        let guest = self.guest.iter().flat_map(|steps| {
            let first = std::iter::once(&steps.cpython).chain(&steps.numpy);
            first.chain([&steps.wasi_deps])
        });
        packages
            .chain([&self.sources, &self.native])
            .chain(&self.numpy)
            .chain(guest)
            .chain(&self.rust_std)
            .chain([&self.pyo3])
            .collect()
    }

    /// The step that only the verb `numpy-tests` needs.
    ///
    /// # Errors
    /// There is no numpy to test in the guest that is planned.
    pub fn numpy_tests(&self) -> Result<&Step, Failure> {
        match self.without_numpy() {
            None => Ok(&self.numpy_tests),
            Some(reason) => Err(
                environment(format!("the guest has no numpy to test: {reason}"))
                    .hint("`cargo xtask doctor` shows what this machine has and lacks"),
            ),
        }
    }

    /// Runs one step into `ctx.out`.
    ///
    /// # Errors
    /// The step fails.
    pub fn run(&self, step: &Step, ctx: &mut Context<'_>, fetcher: &mut Fetcher<'_>) -> Result<()> {
        let sources = Sources::of(&self.sources, &self.pins)?;
        match step.name {
            "llvm" => llvm::run(ctx, &self.pins, fetcher),
            "wasi-libc" => llvm::run_wasi_libc(ctx, self.pins.get("wasi-libc")?, fetcher),
            "sources" => cpython::run_sources(ctx, &self.pins, fetcher),
            "cpython-native" => cpython::run_native(ctx, &sources, &self.native.dir, &self.version),
            "cpython-wasi" => cpython::run_wasi(
                ctx,
                &sources,
                &self.toolchain,
                &self.native.dir,
                &self.version,
            ),
            "numpy-native" => numpy::run_native(ctx, &self.pins, fetcher, &self.python()),
            "numpy-wasi" => {
                let llvm = &self
                    .packages
                    .as_ref()
                    .context("no compiler is planned")?
                    .llvm;
                let ground = numpy::Ground {
                    toolchain: &self.toolchain,
                    libcxx: llvm::libcxx(&llvm.dir)?,
                    cpython: &sources.cpython,
                    simd: self.simd,
                    wasi_build: &self.guest_steps()?.cpython.dir,
                    python: self.python(),
                    version: &self.pins.get("cpython")?.version,
                };
                numpy::run_wasi(ctx, &self.pins, fetcher, &ground)
            }
            "numpy-tests" => numpy::suite::run(ctx, &self.pins, fetcher, &self.python()),
            "wasi-deps" => {
                let guest = self.guest_steps()?;
                let parts = wasi_deps::Parts {
                    sources: &sources,
                    toolchain: &self.toolchain,
                    native: &self.native.dir,
                    cpython: &guest.cpython.dir,
                    numpy: guest.numpy.as_ref().map(|step| step.dir.as_path()),
                };
                wasi_deps::run(ctx, &parts, &self.version)
            }
            "rust-std" => rust_std::run(
                ctx,
                &self.route,
                &self.pins,
                fetcher,
                &self.machine,
                &self.toolchain,
            ),
            "pyo3-config" => pyo3::run(
                ctx,
                &pyo3::native(&self.native.dir, &self.version),
                &pyo3::wasm(&self.wasi.version),
            ),
            other => anyhow::bail!("the step {other} has no recipe"),
        }
    }

    /// Why a leg that is built here lacks numpy, if one does.
    pub fn without_numpy(&self) -> Option<&'static str> {
        let guest = self.guest.as_ref();
        match (&self.numpy, guest.map(|steps| steps.numpy.is_some())) {
            (None, _) => Some(numpy::NO_WHEEL),
            (Some(_), Some(false)) => Some(numpy::OTHER_LIBCXX),
            (Some(_), _) => None,
        }
    }

    fn guest_steps(&self) -> Result<&GuestSteps> {
        self.guest
            .as_ref()
            .context("no build of CPython for WASI is planned")
    }

    /// The native CPython's program.
    fn python(&self) -> PathBuf {
        let name = format!("bin/python{}", self.version.dotted);
        self.native.dir.join(name)
    }

    /// The result, once every step is done.
    ///
    /// # Errors
    /// A step's record cannot be read.
    pub fn provisioned(&self) -> Result<Provisioned> {
        let rust_sysroot = self
            .rust_std
            .as_ref()
            .and_then(|step| rust_std::sysroot_of(&step.dir));
        Ok(Provisioned {
            native_prefix: self.native.dir.clone(),
            native_site: self.numpy.as_ref().map(|step| step.dir.join(numpy::SITE)),
            wasi_deps: self.wasi.clone(),
            toolchain: self.toolchain.clone(),
            rust_sysroot,
            pyo3_native: self.pyo3.dir.join("native.txt"),
            pyo3_wasm: self.pyo3.dir.join("wasm.txt"),
            fingerprint: self.fingerprint()?,
        })
    }

    fn fingerprint(&self) -> Result<Vec<(String, String)>> {
        let mut facts: Vec<(&str, String)> = vec![
            ("rustc", super::machine::first_line(&self.machine.rustc)),
            ("cpython", self.pins.get("cpython")?.version.clone()),
            ("gcc", self.machine.gcc.clone()),
        ];
        match (&self.packages, &self.machine.wasi_sdk) {
            (Some(steps), _) => {
                let origins = steps.llvm.record()?.origins;
                let version = |package: &str| {
                    let found = origins
                        .iter()
                        .find(|origin| origin.name.starts_with(package));
                    found.map_or_else(|| "unknown".to_owned(), |origin| origin.version.clone())
                };
                facts.push(("clang", version("clang-")));
                facts.push(("lld", version("lld-")));
                facts.push(("compiler_rt", version("libclang-rt-")));
                facts.push(("wasi_libc", self.pins.get("wasi-libc")?.version.clone()));
            }
            (None, sdk) => {
                let clang = sdk
                    .as_ref()
                    .map(|sdk| sdk.clang.clone())
                    .unwrap_or_default();
                facts.push(("clang", clang));
                facts.push(("wasi_sdk", self.toolchain.sysroot.display().to_string()));
            }
        }
        facts.push(("zlib", self.pins.get("zlib")?.version.clone()));
        let numpy = match self.without_numpy() {
            Some(reason) => reason.to_owned(),
            None => {
                let kind = match (&self.guest, self.simd) {
                    (None, _) => "",
                    (Some(_), true) => ", simd128 in the guest",
                    (Some(_), false) => ", scalar in the guest",
                };
                format!("{}{kind}", self.pins.get("numpy")?.version)
            }
        };
        facts.push(("numpy", numpy));
        facts.push(("rust_std", self.rust_std_fact()?));
        if self.guest.is_none() {
            facts.push((
                "wasi_deps",
                format!(
                    "{} (CPython {})",
                    self.wasi.path.display(),
                    self.wasi.version.dotted
                ),
            ));
        }
        facts.push((
            "host",
            format!("{}, {}", self.machine.os, self.machine.arch),
        ));
        Ok(facts
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect())
    }

    fn rust_std_fact(&self) -> Result<String> {
        let Some(step) = &self.rust_std else {
            return Ok(format!(
                "{}, {}",
                self.machine.rustc_release(),
                self.route.describe()
            ));
        };
        if rust_std::sysroot_of(&step.dir).is_none() {
            return Ok(format!(
                "{}, installed with rustup",
                self.machine.rustc_release()
            ));
        }
        let origins = step.record()?.origins;
        let version = origins
            .first()
            .map_or(self.machine.rustc_release(), |origin| {
                origin.version.as_str()
            });
        Ok(format!("{version}, {}", self.route.describe()))
    }
}
