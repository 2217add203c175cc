//! `parallax figures`: what a case costs.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use parallax_harness::case::request::request;
use parallax_harness::error::Problem;
use parallax_harness::event::RunEvent;
use parallax_harness::executor::native::ZygoteExecutor;
use parallax_harness::executor::wasm::CopyExecutor;
use parallax_harness::leg::build_info::BuildInfo;
use parallax_harness::leg::{Leg, Provenance};
use parallax_harness::measure::memory::resident;
use parallax_harness::measure::{Samples, Subject, echo_request, instance_memory, time_copies};
use parallax_harness::report::Reporter as _;
use parallax_harness::report::json::JsonLines;
use parallax_harness::report::text::counted;
use parallax_harness::run::{Plan, run};
use parallax_harness::trial::Setting;
use parallax_harness::verdict::ledger::Ledger;
use parallax_runtime::marshal::Transport;

use super::{CorpusOptions, built, write_failed};

/// Measure what a case costs, and print it as JSON
///
/// Everything is measured with the executors that `cargo xtask build` has made, on as quiet a machine as you can give it.
#[derive(Debug, clap::Args)]
pub struct Figures {
    #[command(flatten)]
    corpus: CorpusOptions,
    /// Where `cargo xtask build` has written what it built [default: target/parallax/build.json of the checkout]
    #[arg(long, value_name = "FILE", default_value_os_t = built(), hide_default_value = true)]
    build: PathBuf,
    /// The case that is measured
    #[arg(long, value_name = "ID", default_value = "numpy/peak")]
    case: String,
    /// How many samples per figure
    #[arg(long, value_name = "N", default_value_t = 2000)]
    samples: usize,
    /// How many cases to run through both legs for throughput and memory
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    cases: usize,
}

/// How many instances live at the same time when their memory is measured.
const LIVE: u64 = 50;

/// Doubles of the array that travels there and back: 8 MB.
const ELEMENTS: usize = 1_000_000;

/// Samples of a case that carries the array; each takes many times as long as a small one.
const LARGE_SAMPLES: usize = 200;

type Figure = (&'static str, f64);

/// Keeps a figure, and says it on standard error, as all of them take minutes.
fn note(figures: &mut Vec<Figure>, figure: Figure) {
    eprintln!("{}: {:.3}", figure.0, figure.1);
    figures.push(figure);
}

impl Figures {
    pub fn run(&self) -> Result<ExitCode, Problem> {
        let build = BuildInfo::load(&self.build)?;
        let corpus = self.corpus.load()?;
        let node_path = corpus.node_path();
        let case = super::find(&corpus, &self.case)?;
        let wasm = CopyExecutor::new(&build.wasm.module, build.wasm.dirs, &node_path)?;
        let native = ZygoteExecutor::new(&build.native.program)?;
        let request = Transport::default().carry(request(case)?);
        let subject = Subject::new(request, Transport::default(), &node_path);

        let mut figures: Vec<Figure> = Vec::new();
        let isolate = Samples::take(self.samples, || subject.time(&wasm))?;
        note(
            &mut figures,
            ("isolate_p50_ms", milliseconds(isolate.quantile(0.5))),
        );
        note(
            &mut figures,
            ("isolate_p99_ms", milliseconds(isolate.quantile(0.99))),
        );
        let instantiate = Samples::take(self.samples, || wasm.time_instantiation(subject.job()))?;
        let microseconds = milliseconds(instantiate.quantile(0.5)) * 1e3;
        note(&mut figures, ("instantiate_p50_us", microseconds));
        let zygote = Samples::take(self.samples, || subject.time(&native))?;
        note(
            &mut figures,
            ("zygote_p50_ms", milliseconds(zygote.quantile(0.5))),
        );
        let memory = instance_memory(&wasm, &subject, LIVE)?;
        note(&mut figures, ("instance_memory_mb", memory as f64 / 1e6));
        for figure in transports(&wasm, &node_path)? {
            note(&mut figures, figure);
        }

        let target = |name: &str| name.to_owned();
        let legs = [
            Leg {
                name: target("native"),
                target: target("native"),
                provenance: Provenance::default(),
                executor: Box::new(native),
            },
            Leg {
                name: target("wasm"),
                target: target("wasm"),
                provenance: Provenance::default(),
                executor: Box::new(wasm),
            },
        ];
        let plan = Plan {
            cases: vec![case; self.cases],
            setting: Setting {
                ledger: &Ledger::default(),
                snapshots: None,
                node_path: &node_path,
                legs: &legs,
                transport: Transport::default(),
            },
            witnesses: None,
            jobs: super::verify::default_jobs(),
            repeat: 1,
            fail_fast: false,
            skip_allowed: &|_| false,
            locked: false,
        };
        eprintln!("running {} …", counted(self.cases, "case"));
        for figure in throughput(&plan)? {
            note(&mut figures, figure);
        }
        print(figures)
    }
}

/// What an array costs on its way, as what a case with it takes longer than the same case with an array of one element.
fn transports(wasm: &CopyExecutor, node_path: &std::path::Path) -> Result<Vec<Figure>, Problem> {
    let bytes = ELEMENTS * size_of::<f64>();
    let cost = |transport: Transport| -> Result<Duration, Problem> {
        let median = |elements| -> Result<Duration, Problem> {
            let request = transport.carry(echo_request(elements)?);
            let subject = Subject::new(request, transport, node_path);
            let samples = Samples::take(LARGE_SAMPLES, || subject.time_exchange(wasm))?;
            Ok(samples.quantile(0.5))
        };
        Ok(median(ELEMENTS)?.saturating_sub(median(1)?))
    };
    let copies = Samples::take(LARGE_SAMPLES, || Ok(time_copies(bytes)))?.quantile(0.5);
    let zero_copy = cost(Transport::ZeroCopy)?;
    let json = cost(Transport::JsonBase64)?;
    let there_and_back = 2.0 * bytes as f64 / 1e6;
    Ok(vec![
        (
            "zero_copy_vs_memcpy",
            copies.as_secs_f64() / zero_copy.as_secs_f64(),
        ),
        ("json_base64_mb_s", there_and_back / json.as_secs_f64()),
    ])
}

/// Runs and compares many cases, with everything that a run writes.
fn throughput(plan: &Plan<'_>) -> Result<Vec<Figure>, Problem> {
    let mut lines = JsonLines(std::io::sink());
    let summary = run(plan, |event: &RunEvent| {
        lines
            .event(event)
            .map_err(|error| write_failed("nothing", &error))
    })?;
    if summary.is_red() {
        return Err(Problem::environment("the case that is measured is red")
            .hint("`cargo xtask verify` shows why"));
    }
    let per_second = plan.cases.len() as f64 / summary.wall.as_secs_f64();
    Ok(vec![
        ("cases_per_s", per_second),
        ("harness_rss_mb", resident()? as f64 / 1e6),
    ])
}

fn print(figures: Vec<Figure>) -> Result<ExitCode, Problem> {
    let rounded: BTreeMap<&str, f64> = figures
        .into_iter()
        // Four digits are more than any of these repeats.
        .map(|(key, value)| (key, format!("{value:.3e}").parse().unwrap_or(value)))
        .collect();
    let text = serde_json::to_string_pretty(&rounded)
        .map_err(|error| Problem::environment(format!("failed to write JSON: {error}")))?;
    std::io::stdout()
        .lock()
        .write_all((text + "\n").as_bytes())
        .map_err(|error| write_failed("standard output", &error))?;
    Ok(ExitCode::SUCCESS)
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
