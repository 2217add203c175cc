//! Obtains and builds everything that both executors are made of, once per machine, in a cache whose folders are named by their content.

pub mod cargo;
pub mod fetch;
pub mod files;
pub mod machine;
pub mod pins;
pub mod plan;
pub mod process;
pub mod progress;
pub mod provisioned;
pub mod python;
pub mod recipes;
pub mod store;
pub mod toolchain;
pub mod tools;
pub mod wasi_deps;

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result};
use serde::Serialize;

use fetch::Fetcher;
use plan::{Guest, Plan};
use process::Runner;
use progress::say;
use provisioned::Provisioned;
use recipes::Recipe;
use store::{Cache, Context, Lock};

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

/// Makes sure that every step is done, and writes `report`. A run that finds nothing to do takes no lock and touches no network.
///
/// # Errors
/// A step fails; the next run goes on there.
pub fn provision(pins: &Path, guest: &Guest, report: &Path) -> Result<Provisioned> {
    let began = Instant::now();
    let plan = Plan::new(pins, guest)?;
    if let Some(reason) = plan.without_numpy() {
        say(&format!("numpy: {reason}"));
    }
    let steps = perform(&plan, &plan.recipes())?;
    let provisioned = Provisioned::of(&plan)?;
    let cached = steps.iter().filter(|step| step.state == "cached").count();
    if cached > 0 {
        say(&format!(
            "provision: {cached} of {} steps cached ({:.1} s)",
            steps.len(),
            began.elapsed().as_secs_f64()
        ));
    }
    let account = Report {
        cache: plan.cache.root.clone(),
        seconds: rounded(began.elapsed().as_secs_f64()),
        steps,
    };
    let text = serde_json::to_string_pretty(&account).context("cannot write the report as JSON")?;
    files::write_atomic(report, text.as_bytes())?;
    Ok(provisioned)
}

/// The folder with numpy's own tests and what runs them, which no build needs; the steps before it are done, too.
///
/// # Errors
/// As for [`provision`]; or the guest has no numpy.
pub fn numpy_tests(pins: &Path, guest: &Guest) -> Result<PathBuf> {
    let plan = Plan::new(pins, guest)?;
    let tests = plan.numpy_tests()?;
    perform(&plan, &[&plan.recipes()[..], &[tests]].concat())?;
    Ok(tests.step().dir.clone())
}

/// The program cargo-deny, which no build needs.
///
/// # Errors
/// It cannot be had.
pub fn cargo_deny(pins: &Path) -> Result<PathBuf> {
    let plan = Plan::new(pins, &Guest::default())?;
    let recipe = plan.cargo_deny();
    perform(&plan, &[recipe])?;
    Ok(recipe.program())
}

/// Runs what is left of these recipes, in this order.
fn perform(plan: &Plan, recipes: &[&dyn Recipe]) -> Result<Vec<StepReport>> {
    if recipes.iter().all(|recipe| recipe.step().is_done()) {
        return Ok(recipes.iter().map(|recipe| cached(*recipe)).collect());
    }
    say(&format!("provisioning into {}", plan.cache.root.display()));
    let lock = plan.cache.lock()?;
    let mut fetcher = Fetcher::new(&plan.machine, &plan.pins);
    let mut reports = Vec::new();
    for (index, recipe) in recipes.iter().enumerate() {
        if recipe.step().is_done() {
            reports.push(cached(*recipe));
            continue;
        }
        let label = format!("[{}/{}] {}", index + 1, recipes.len(), recipe.step().name);
        let seconds = run_step(&plan.cache, *recipe, &mut fetcher, &lock, &label)?;
        reports.push(StepReport {
            seconds,
            state: "built",
            ..cached(*recipe)
        });
    }
    files::remove(&plan.cache.tmp())?;
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

fn cached(recipe: &dyn Recipe) -> StepReport {
    StepReport {
        step: recipe.step().name,
        seconds: 0.0,
        state: "cached",
        path: recipe.step().dir.clone(),
    }
}

fn run_step(
    cache: &Cache,
    recipe: &dyn Recipe,
    fetcher: &mut Fetcher<'_>,
    lock: &Lock,
    label: &str,
) -> Result<f64> {
    say(&format!("{label} …"));
    let began = Instant::now();
    let step = recipe.step();
    // The folder's name is the same on every run, because compilers write it into what they build.
    let folder = cache.tmp().join(step.name);
    files::remove(&folder)?;
    let (out, work) = (folder.join("out"), folder.join("work"));
    files::create_dir(&out)?;
    files::create_dir(&work)?;
    let log = cache.logs().join(format!("{}.log", step.name));
    let mut ctx = Context {
        cache,
        runner: Runner::new(log, Some(&lock.file), label.to_owned())?,
        out,
        work,
        origins: Vec::new(),
        jobs: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
    };
    recipe.run(&mut ctx, fetcher)?;
    let seconds = rounded(began.elapsed().as_secs_f64());
    step.write_record(&ctx.out, seconds, &ctx.origins)?;
    cache.publish(&ctx.out, &step.dir)?;
    files::remove(&folder)?;
    say(&format!("{} {seconds:.1} s", step.name));
    Ok(seconds)
}

/// Milliseconds are enough.
fn rounded(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0
}
