//! `cargo xtask figures`: what cases cost on this machine.

mod table;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result};
use clap::Args;
use parallax_failure::Failure;
use parallax_provision::cargo::cargo;
use parallax_provision::machine::Machine;
use parallax_provision::process::{outcome, status, tie};
use parallax_provision::progress::say;
use parallax_provision::{files, process};

use crate::build::harness_binary;
use crate::print::print_line;
use crate::workspace::Workspace;
use table::{Record, replace_table};

/// What to measure, and what to do with it.
#[derive(Debug, Args)]
pub struct Figures {
    /// Also set everything up from nothing in a folder of its own, and measure that: ten minutes and more
    #[arg(long)]
    setup: bool,
    /// How many cases to run for throughput and memory
    #[arg(long, value_name = "N", default_value_t = MANY)]
    cases: u32,
    /// Write the figures as JSON to a file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Make them the committed ones: reports/figures.json, and the README's table
    #[arg(long)]
    write: bool,
}

/// The number of cases after which the harness's memory is measured.
const MANY: u32 = 100_000;

/// A case that computes next to nothing, so that its cost is the overhead.
const CASE: &str = "numpy/peak";

/// The committed record.
const COMMITTED: &str = "reports/figures.json";

/// Measures, prints the table, and writes what was asked for; everything is built by now.
///
/// # Errors
/// Something can't be measured or written.
pub fn run(workspace: &Workspace, options: &Figures) -> Result<()> {
    say("measuring: a quiet machine gives better figures");
    let mut figures = measure(workspace, options)?;
    if options.cases < MANY {
        // This key is only for the full number of cases.
        figures.remove("harness_rss_mb");
    }
    figures.insert("first_case_s".to_owned(), first_case(workspace)?);
    if options.setup {
        figures.insert("setup_min".to_owned(), set_up(workspace)?);
    }
    let record = Record {
        machine: fingerprint()?,
        figures,
    };
    let text = serde_json::to_string_pretty(&record).context("cannot write the record as JSON")?;
    let text = text + "\n";
    let output = workspace.output().join("figures.json");
    for path in [Some(&output), options.json.as_ref()].into_iter().flatten() {
        files::write_atomic(path, text.as_bytes())?;
    }
    if options.write {
        files::write_atomic(&workspace.root.join(COMMITTED), text.as_bytes())?;
        let readme = workspace.root.join("README.md");
        let made =
            replace_table(&files::read_text(&readme)?, &record.table()).ok_or_else(|| {
                Failure::finding("README.md has no place for the figures")
                    .hint("put the two marks back that xtask/src/figures/table.rs looks for")
            })?;
        files::write_atomic(&readme, made.as_bytes())?;
    }
    print_line(record.table().trim_end())
}

/// The figures that the harness measures itself.
fn measure(workspace: &Workspace, options: &Figures) -> Result<BTreeMap<String, f64>> {
    let mut command = Command::new(harness_binary(workspace));
    command
        .args([
            "figures",
            "--cases",
            &options.cases.to_string(),
            "--case",
            CASE,
        ])
        .arg("--build")
        .arg(workspace.build_record())
        .arg("--corpus")
        .arg(workspace.root.join("corpus"))
        // It says each figure as it is there: all of them take minutes.
        .stderr(Stdio::inherit());
    tie(&mut command, rustix::process::Signal::TERM);
    let text = process::read(&mut command)?;
    serde_json::from_str(&text).context("the harness printed no figures")
}

/// Seconds that a run of one case takes.
fn first_case(workspace: &Workspace) -> Result<f64> {
    let mut best = f64::INFINITY;
    // The first run may have to read the cache's files from disk, so the quickest of three counts.
    for _ in 0..3 {
        let mut command = Command::new(harness_binary(workspace));
        command
            .args(["verify", "--filter", CASE, "--build"])
            .arg(workspace.build_record())
            .arg("--corpus")
            .arg(workspace.root.join("corpus"));
        best = best.min(time(&mut command, "verify")?);
    }
    Ok(best)
}

/// Minutes from a clone and an empty cache to the first verdict.
fn set_up(workspace: &Workspace) -> Result<f64> {
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let clone = folder.path().join("main");
    let mut git = Command::new("git");
    git.args(["clone", "--quiet"])
        .arg(&workspace.root)
        .arg(&clone);
    time(&mut git, "git clone")?;
    say("setting everything up from nothing …");
    let mut verify = cargo();
    verify
        .args(["xtask", "verify", "--filter", CASE])
        .env("PARALLAX_CACHE", folder.path().join("cache"))
        .current_dir(&clone);
    Ok(time(&mut verify, "the set-up")? / 60.0)
}

fn time(command: &mut Command, what: &str) -> Result<f64> {
    command.stdout(Stdio::null());
    tie(command, rustix::process::Signal::TERM);
    let began = Instant::now();
    let ended = status(command)?;
    let seconds = began.elapsed().as_secs_f64();
    if ended.success() {
        return Ok(seconds);
    }
    let message = format!("{what} ended with {}", outcome(ended));
    Err(Failure::environment(message)
        .hint("its own messages above say why")
        .into())
}

/// The machine's properties on which figures depend. Its name is left out, because the record is committed.
fn fingerprint() -> Result<BTreeMap<String, String>> {
    let machine = Machine::inspect()?;
    // No system call names the processor. The crate `procfs` would, and takes a fifth of this program's time to compile.
    let cpus = files::read_text(Path::new("/proc/cpuinfo")).unwrap_or_default();
    let model = cpus.lines().find(|line| line.starts_with("model name"));
    let cpu = model.and_then(|line| line.split_once(": "));
    let cpu = cpu.map_or("unknown", |(_, name)| name.trim());
    let memory = rustix::system::sysinfo();
    let memory = memory.totalram * u64::from(memory.mem_unit) / 1024;
    let kernel = rustix::system::uname();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let entries = [
        ("cores", format!("{cores} cores")),
        ("cpu", cpu.to_owned()),
        (
            "kernel",
            format!("Linux {}", kernel.release().to_string_lossy()),
        ),
        ("memory", format!("{memory} kB of memory")),
        ("os", machine.os.clone()),
        ("rustc", format!("Rust {}", machine.rustc_release())),
    ];
    Ok(entries
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect())
}
