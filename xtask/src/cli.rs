//! The command line.

use std::ffi::OsString;

use clap::{Args, Parser, Subcommand};

use crate::figures::Figures;
use crate::guest::GuestFlags;
use crate::numpy_tests::NumpyTests;
use crate::report::Report;

/// Parallax's task runner.
#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    after_help = "Exit codes: 0 fine, 1 divergence or broken rule, 2 usage or bad input, 3 environment.\n\
                  Verbs that run the harness provision and build what they need first."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// One verb each.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Obtain and build toolchains and CPython, once per machine, in a cache outside of the checkout
    Provision {
        /// Remove the cache instead
        #[arg(long, conflicts_with_all = ["wasi_deps", "no_simd"])]
        clean: bool,
        #[command(flatten)]
        guest: GuestFlags,
    },
    /// Build both executors and the harness, and record sizes and times
    Build {
        /// Leave the harness out
        #[arg(long)]
        executors: bool,
        #[command(flatten)]
        guest: GuestFlags,
    },
    /// Replay the corpus through both executors and compare every outcome
    Verify(Rest),
    /// Run exactly one case again, and show everything about it
    Replay(Rest),
    /// Measure what cases cost, natively against WebAssembly
    Cost(Rest),
    /// Compare what cases cost with what they cost at another revision, which is built beside this one: `--against REV`
    Gate(Rest),
    /// Write snapshots and pinned ledger entries from a run
    Accept(Rest),
    /// Show that the comparison sees every lie and every changed leaf
    Selftest(Rest),
    /// List the cases of a corpus
    List(Rest),
    /// Show the report of a run again, from its record
    Render(Rest),
    /// Make a page of a run, from its record, or from a run that is made now
    Report(Report),
    /// Compare two outcome documents
    Compare(Rest),
    /// Run every test of the workspace, and the self-test; with further arguments, which go to `cargo test`, only tests
    Test(Rest),
    /// Run numpy's own tests inside the WebAssembly executor
    NumpyTests(NumpyTests),
    /// Run the benchmarks; arguments go to criterion, such as --quick or a filter
    Bench(Rest),
    /// Measure what cases cost on this machine
    Figures(Figures),
    /// Show what this machine has, what is missing, and what each missing thing costs
    Doctor,
    /// Check the repository's own rules
    Tidy,
    /// Check format, clippy's warnings in every crate, feature and target, and what the crates depend on
    Lint,
    /// What continuous integration runs: `lint`, `test`, `verify`; further arguments go to `verify`
    Ci(Rest),
}

/// Arguments that are passed on to another program, except `--wasi-deps DIR` and `--no-simd`.
#[derive(Debug, Default, Args)]
#[command(disable_help_flag = true)]
pub struct Rest {
    /// Passed on as they are
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "ARGS"
    )]
    pub arguments: Vec<OsString>,
}
