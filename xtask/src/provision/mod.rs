//! Obtains and builds everything that both executors are made of, once per machine, in a content-addressed cache.

pub mod apt;
pub mod cache;
pub mod cpython;
pub mod fetch;
pub mod http;
pub mod llvm;
pub mod machine;
pub mod numpy;
pub mod pins;
pub mod pip;
pub mod plan;
pub mod pyo3;
pub mod rust_std;
pub mod source;
pub mod step;
pub mod wasi_deps;

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::cli::Guest;
use crate::fs_util;
use crate::process::Runner;
use crate::progress::say;
use crate::workspace::Workspace;
use cache::{Cache, Lock};
use fetch::Fetcher;
use llvm::WasiToolchain;
use plan::Plan;
use step::{Context, Step};
use wasi_deps::WasiDeps;

/// What a build needs, all of it present.
#[derive(Clone, Debug)]
pub struct Provisioned {
    /// The native CPython's prefix.
    pub native_prefix: PathBuf,
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
    /// Names and versions of everything above, in a fixed order.
    pub fingerprint: Vec<(String, String)>,
}

/// How one step ended.
#[derive(Debug, Serialize)]
struct StepReport {
    step: &'static str,
    /// How long it took now; a cached step took nothing.
    seconds: f64,
    state: &'static str,
    path: PathBuf,
}

/// The machine-readable account of one run, `provision.json`.
#[derive(Debug, Serialize)]
struct Report {
    cache: PathBuf,
    seconds: f64,
    steps: Vec<StepReport>,
}

/// Makes sure that every step is done; a run that finds nothing to do takes no lock and touches no network.
///
/// # Errors
/// A step fails; the next run goes on there.
pub fn provision(workspace: &Workspace, guest: &Guest) -> Result<Provisioned> {
    let began = Instant::now();
    let plan = Plan::new(&workspace.pins(), guest)?;
    if let Some(reason) = plan.without_numpy() {
        say(&format!("numpy: {reason}"));
    }
    let reports = perform(&plan, &plan.steps())?;
    let provisioned = plan.provisioned()?;
    let count = reports
        .iter()
        .filter(|report| report.state == "cached")
        .count();
    if count > 0 {
        say(&format!(
            "provision: {count} of {} steps cached ({:.1} s)",
            reports.len(),
            began.elapsed().as_secs_f64()
        ));
    }
    let report = Report {
        cache: plan.cache.root.clone(),
        seconds: rounded(began.elapsed().as_secs_f64()),
        steps: reports,
    };
    let text = serde_json::to_string_pretty(&report).context("cannot write the report as JSON")?;
    fs_util::write_atomic(&workspace.output().join("provision.json"), text.as_bytes())?;
    Ok(provisioned)
}

/// The folder with numpy's own tests and what runs them, which no build needs; the steps before it are done, too.
///
/// # Errors
/// As for [`provision`]; or the guest has no numpy.
pub fn numpy_tests(workspace: &Workspace, guest: &Guest) -> Result<PathBuf> {
    let plan = Plan::new(&workspace.pins(), guest)?;
    let step = plan.numpy_tests()?;
    perform(&plan, &[&plan.steps()[..], &[step]].concat())?;
    Ok(step.dir.clone())
}

/// Runs what is left of these steps, in this order.
fn perform(plan: &Plan, steps: &[&Step]) -> Result<Vec<StepReport>> {
    let mut reports = Vec::new();
    if steps.iter().all(|step| step.is_done()) {
        reports.extend(steps.iter().map(|step| cached(step)));
    } else {
        say(&format!("provisioning into {}", plan.cache.root.display()));
        let lock = plan.cache.lock()?;
        let mut fetcher = Fetcher::new(&plan.machine, &plan.pins);
        for (index, step) in steps.iter().enumerate() {
            reports.push(if step.is_done() {
                cached(step)
            } else {
                let label = format!("[{}/{}] {}", index + 1, steps.len(), step.name);
                let seconds = run_step(plan, step, &mut fetcher, &lock, &label)?;
                StepReport {
                    step: step.name,
                    seconds,
                    state: "built",
                    path: step.dir.clone(),
                }
            });
        }
        fs_util::remove(&plan.cache.tmp())?;
    }
    Ok(reports)
}

/// Removes the cache, and says how much it held.
///
/// # Errors
/// Something cannot be removed.
pub fn clean() -> Result<()> {
    let cache = Cache::from_environment()?;
    let freed = cache.clean()?;
    say(&format!(
        "removed {:.0} MB from {}",
        freed as f64 / 1e6,
        cache.root.display()
    ));
    Ok(())
}

fn cached(step: &Step) -> StepReport {
    StepReport {
        step: step.name,
        seconds: 0.0,
        state: "cached",
        path: step.dir.clone(),
    }
}

fn run_step(
    plan: &Plan,
    step: &Step,
    fetcher: &mut Fetcher<'_>,
    lock: &Lock,
    label: &str,
) -> Result<f64> {
    say(&format!("{label} …"));
    let began = Instant::now();
    // The folder's name is the same on every run, because compilers write it into what they build.
    let folder = plan.cache.tmp().join(step.name);
    fs_util::remove(&folder)?;
    let (out, work) = (folder.join("out"), folder.join("work"));
    fs_util::create_dir(&out)?;
    fs_util::create_dir(&work)?;
    let log = plan.cache.logs().join(format!("{}.log", step.name));
    let mut ctx = Context {
        cache: &plan.cache,
        runner: Runner::new(log, Some(&lock.file), label.to_owned())?,
        out,
        work,
        origins: Vec::new(),
        jobs: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
    };
    plan.run(step, &mut ctx, fetcher)?;
    let seconds = rounded(began.elapsed().as_secs_f64());
    step.write_record(&ctx.out, seconds, &ctx.origins)?;
    plan.cache.publish(&ctx.out, &step.dir)?;
    fs_util::remove(&folder)?;
    say(&format!("{} {seconds:.1} s", step.name));
    Ok(seconds)
}

/// Milliseconds are enough.
fn rounded(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0
}
