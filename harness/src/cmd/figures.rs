//! `parallax figures`: what a case costs.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use parallax_harness::error::Problem;
use parallax_harness::executor::wasm::CopyExecutor;
use parallax_harness::load::BuildInfo;
use parallax_harness::measure::{Samples, Subject, instance_memory};

use parallax_runtime::marshal::Transport;

use super::{CorpusOptions, write_failed};

/// Measure what a case costs, and print it as JSON
///
/// Everything is measured with the executors that `cargo xtask build` has made, on as quiet a machine as you can give it.
#[derive(Debug, clap::Args)]
pub struct Figures {
    #[command(flatten)]
    corpus: CorpusOptions,
    /// Where `cargo xtask build` has written what it built
    #[arg(
        long,
        value_name = "FILE",
        default_value = "target/parallax/build.json"
    )]
    build: PathBuf,
    /// The case that is measured
    #[arg(long, value_name = "ID", default_value = "numpy/peak")]
    case: String,
    /// How many samples a figure
    #[arg(long, value_name = "N", default_value_t = 2000)]
    samples: usize,
}

/// So many instances live at the same time when their memory is measured.
const LIVE: u64 = 50;

impl Figures {
    pub fn run(&self) -> Result<ExitCode, Problem> {
        let corpus = self.corpus.load()?;
        let build = BuildInfo::load(&self.build)?;
        let node_path = corpus.node_path();
        let case = super::find(&corpus, &self.case)?;
        let subject = Subject::new(case, Transport::default(), &node_path)?;
        let wasm = CopyExecutor::new(&build.wasm.module, build.wasm.dirs, &node_path)?;
        let mut figures: BTreeMap<&str, f64> = BTreeMap::new();

        let isolate = Samples::take(self.samples, || subject.time(&wasm))?;
        figures.insert("isolate_p50_ms", milliseconds(isolate.quantile(0.5)));
        figures.insert("isolate_p99_ms", milliseconds(isolate.quantile(0.99)));
        let instantiate = Samples::take(self.samples, || wasm.time_instantiation(subject.job()))?;
        figures.insert(
            "instantiate_p50_us",
            milliseconds(instantiate.quantile(0.5)) * 1e3,
        );
        let memory = instance_memory(&wasm, &subject, LIVE)?;
        figures.insert("instance_memory_mb", memory as f64 / 1e6);

        let text = serde_json::to_string_pretty(&figures)
            .map_err(|error| Problem::environment(format!("failed to write JSON: {error}")))?;
        let mut stdout = std::io::stdout().lock();
        std::io::Write::write_all(&mut stdout, (text + "\n").as_bytes())
            .map_err(|error| write_failed("standard output", &error))?;
        Ok(ExitCode::SUCCESS)
    }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
