//! `cargo xtask numpy-tests`: numpy's own tests, run by pytest inside the WebAssembly executor.

mod expected;
mod judge;
mod leg;
mod report;

use std::num::NonZero;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};

use anyhow::{Context as _, Result};
use clap::Args;
use parallax_failure::Failure;
use parallax_provision::plan::Guest;
use parallax_provision::progress::{Ticker, say};

use crate::build;
use crate::build::record::BuildRecord;
use crate::prepare::prepare;
use crate::print::print_line;
use crate::workspace::Workspace;
use expected::{Expected, File};
use judge::{Ending, Ran};
use leg::Leg;

/// What to run, and where to write it.
#[derive(Debug, Default, Args)]
pub struct NumpyTests {
    /// Only files whose path contains TEXT; may be repeated
    #[arg(long, value_name = "TEXT")]
    filter: Vec<String>,
    /// How many files run at once [default: the number of cores]
    #[arg(long, value_name = "N")]
    jobs: Option<NonZero<usize>>,
    /// Write every test's result as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Compile numpy without WebAssembly's vector instructions
    #[arg(long)]
    no_simd: bool,
}

impl NumpyTests {
    /// The files that take least time, which show that the others can be run.
    pub fn sample() -> Self {
        NumpyTests {
            filter: vec!["numpy/fft/".to_owned()],
            ..NumpyTests::default()
        }
    }
}

/// Runs the files and prints the results.
///
/// # Errors
/// Something cannot be built or run. A failed test is no error but the exit code 1.
pub fn run(workspace: &Workspace, options: &NumpyTests) -> Result<u8> {
    let expected = Expected::load(&workspace.root)?.only(&options.filter)?;
    // Opened first, so that a run of minutes does not end with a path that can't be written.
    let json = options.json.as_deref().map(|path| {
        std::fs::File::create(path)
            .map_err(|error| Failure::usage(format!("cannot create {}: {error}", path.display())))
    });
    let json = json.transpose()?;
    let guest = Guest {
        simd: !options.no_simd,
        ..Guest::default()
    };
    // Asked before the build, so that a missing numpy is reported at once.
    let tests = parallax_provision::numpy_tests(&workspace.pins(), &guest)?;
    prepare(workspace, &guest)?;
    let leg = Leg::new(
        build::harness_binary(workspace),
        &BuildRecord::load(&workspace.build_record())?.wasm,
        &tests,
        workspace.output().join("numpy-tests"),
        &expected.files,
    )?;
    let cores = || std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
    let runs = run_all(
        &leg,
        &expected.files,
        options.jobs.unwrap_or_else(cores).get(),
    )?;
    let notes = judge::judge(&expected, &runs);
    print_line(report::text(&notes, &runs).trim_end())?;
    if let Some(file) = json {
        serde_json::to_writer_pretty(file, &report::json(&notes, &runs))
            .context("cannot write the results as JSON")?;
    }
    Ok(u8::from(notes.iter().any(|note| note.status.is_red())))
}

enum Event {
    Started(usize),
    Ended(usize, Result<Ran>),
}

/// Every file's run in the order of the files, `jobs` of them at a time.
fn run_all(leg: &Leg, files: &[File], jobs: usize) -> Result<Vec<Ran>> {
    let next = AtomicUsize::new(0);
    let (events, heard) = channel();
    std::thread::scope(|scope| {
        for _ in 0..jobs.min(files.len()) {
            let (events, next) = (events.clone(), &next);
            scope.spawn(move || work(leg, files, next, &events));
        }
        drop(events);
        let mut done: Vec<Option<Ran>> = vec![None; files.len()];
        let mut running: Vec<usize> = Vec::new();
        let mut ticker = None;
        for event in heard {
            drop(ticker.take());
            match event {
                Event::Started(index) => {
                    running.push(index);
                    say(&format!("{} …", files[index].path));
                }
                Event::Ended(index, ran) => {
                    running.retain(|other| *other != index);
                    let ran = ran?;
                    say(&summary(&ran));
                    done[index] = Some(ran);
                }
            }
            let names: Vec<&str> = running
                .iter()
                .map(|index| files[*index].path.as_str())
                .collect();
            ticker = Some(Ticker::start(&names.join(", ")));
        }
        done.into_iter()
            .collect::<Option<Vec<Ran>>>()
            .context("a file of tests was not run")
    })
}

/// Runs one file after the other until none is left, or until the receiver is gone because another run failed.
fn work(leg: &Leg, files: &[File], next: &AtomicUsize, events: &Sender<Event>) {
    loop {
        let index = next.fetch_add(1, Ordering::Relaxed);
        let Some(file) = files.get(index) else {
            return;
        };
        if events.send(Event::Started(index)).is_err()
            || events.send(Event::Ended(index, leg.run(file))).is_err()
        {
            return;
        }
    }
}

/// One line as a file ends.
fn summary(ran: &Ran) -> String {
    let path = &ran.file.path;
    match &ran.tests {
        Ok(_) => format!(
            "{path}: {} passed, {} failed, {} skipped ({:.1} s)",
            ran.count(Ending::Passed),
            ran.count(Ending::Failed),
            ran.count(Ending::Skipped),
            ran.seconds
        ),
        Err(_) => format!("{path}: no result ({:.1} s)", ran.seconds),
    }
}
