//! One file a verb; `main.rs` is parse and one match.

#![expect(
    clippy::disallowed_methods,
    reason = "verbs read arguments and files, and write reports"
)]

pub mod accept;
pub mod compare;
pub mod cost;
pub mod figures;
pub mod gate;
pub mod lie;
pub mod list;
pub mod measured;
pub mod output;
pub mod render;
pub mod replay;
pub mod report;
pub mod selftest;
pub mod sinks;
pub mod verify;
pub mod warm;

use std::path::{Path, PathBuf};

use parallax_harness::attribute::witness::Witnesses;
use parallax_harness::case::{Case, CaseId};
use parallax_harness::error::Problem;
use parallax_harness::leg::Leg;
use parallax_harness::leg::table::{Workshop, parse_guest_dir};
use parallax_harness::source::corpus::Corpus;
use parallax_harness::source::filter::Filter;
use parallax_runtime::marshal::Transport;

/// Which executors stand against each other.
#[derive(Clone, Debug, clap::Args)]
pub struct LegOptions {
    /// Where `cargo xtask build` has written what it built [default: target/parallax/build.json of the checkout]
    #[arg(long, value_name = "FILE", default_value_os_t = built(), hide_default_value = true)]
    build: PathBuf,
    /// Run this program as the native leg instead of the built one
    #[arg(long, value_name = "PROGRAM")]
    native: Option<String>,
    /// Run this WASI preview 1 command as the wasm leg instead of the built one
    #[arg(long, value_name = "MODULE")]
    wasm: Option<PathBuf>,
    /// Let the module of --wasm see a directory, read-only; may be repeated
    #[arg(long, value_name = "HOST::GUEST", requires = "wasm")]
    wasm_dir: Vec<String>,
    /// Start a fresh interpreter for every case instead of copying a warmed one
    #[arg(long)]
    cold: bool,
    /// Give each case of a wasm leg N units of fuel, and report what it consumes; its clocks and random numbers are then the same in every run
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    fuel: Option<u64>,
    /// Run these legs, the first being the reference; may be repeated [default: native, wasm; also: native-cold, wasm-cold]
    #[arg(long, value_name = "LEG")]
    leg: Vec<String>,
    /// How arrays travel to an executor and back
    #[arg(long, value_name = "FORM", default_value = "json-base64", value_parser = parse_transport)]
    pub transport: Transport,
}

/// What was built beside this program; where it stands alone, what was built in the current directory.
pub fn built() -> PathBuf {
    let own = std::env::current_exe().ok();
    let target = own.as_deref().and_then(|own| own.parent()?.parent());
    let beside = target.map(|target| target.join("parallax/build.json"));
    let beside = beside.filter(|file| file.exists());
    beside.unwrap_or_else(|| PathBuf::from("target/parallax/build.json"))
}

fn parse_transport(text: &str) -> Result<Transport, String> {
    let known = Transport::ALL.map(Transport::name);
    Transport::ALL
        .into_iter()
        .find(|transport| transport.name() == text)
        .ok_or_else(|| format!("known are {}", known.join(", ")))
}

impl LegOptions {
    /// Makes the legs that were asked for, to run cases with the modules of one node path.
    pub fn legs(&self, node_path: &Path) -> Result<Vec<Leg>, Problem> {
        self.workshop(node_path)?.legs(&self.leg)
    }

    /// Where the build has written what it built.
    pub fn build(&self) -> &Path {
        &self.build
    }

    pub fn fuel(&self) -> Option<u64> {
        self.fuel
    }

    /// The same of another build.
    pub fn with_build(&self, build: &Path) -> Self {
        LegOptions {
            build: build.to_owned(),
            ..self.clone()
        }
    }

    /// The same with meters.
    pub fn with_fuel(&self, fuel: u64) -> Self {
        LegOptions {
            fuel: Some(fuel),
            ..self.clone()
        }
    }

    /// What asks the reference once more where a case is red.
    pub fn witnesses(&self, node_path: &Path) -> Result<Witnesses, Problem> {
        Ok(Witnesses::new(self.workshop(node_path)?))
    }

    fn workshop(&self, node_path: &Path) -> Result<Workshop, Problem> {
        let wasm_dirs = self.wasm_dir.iter().map(|text| parse_guest_dir(text));
        Ok(Workshop {
            build: self.build.clone(),
            native: self.native.clone(),
            wasm: self.wasm.clone(),
            wasm_dirs: wasm_dirs.collect::<Result<_, _>>()?,
            cold: self.cold,
            fuel: self.fuel,
            node_path: node_path.to_owned(),
        })
    }
}

/// The corpus of whoever names none.
const CORPUS: &str = "corpus";

/// Which cases.
#[derive(Debug, clap::Args)]
pub struct CorpusOptions {
    /// The corpus: a directory with manifests/, and as needed nodes/, policy.toml, ledger.toml
    #[arg(long, value_name = "DIR", default_value = CORPUS)]
    corpus: PathBuf,
}

impl CorpusOptions {
    pub fn root(&self) -> &Path {
        &self.corpus
    }

    /// What another command has to be given to mean the same corpus; nothing for the default.
    pub fn flags(&self) -> String {
        if self.corpus == Path::new(CORPUS) {
            return String::new();
        }
        let path = self.corpus.to_string_lossy();
        format!("--corpus {}", shell_words::quote(&path))
    }

    pub fn load(&self) -> Result<Corpus, Problem> {
        Corpus::load(Path::new(&self.corpus))
    }
}

/// The expressions that a flag was given.
///
/// # Errors
/// One is none; shows where.
pub fn filters(flag: &str, texts: &[String]) -> Result<Vec<Filter>, Problem> {
    let parse = |text: &String| Filter::new(text).map_err(|error| error.problem(flag, text));
    texts.iter().map(parse).collect()
}

/// The cases that some filter means; all of them, where there is no filter.
///
/// # Errors
/// There are none, or a filter means none: it is mistyped.
pub fn select<'a>(corpus: &'a Corpus, filters: &[Filter]) -> Result<Vec<&'a Case>, Problem> {
    check_means_some(corpus, "--filter", filters)?;
    let chosen =
        |case: &&Case| filters.is_empty() || filters.iter().any(|filter| filter.matches(&case.id));
    let cases: Vec<&Case> = corpus.cases.iter().filter(chosen).collect();
    if cases.is_empty() {
        let corpus = corpus.root.display();
        return Err(Problem::usage(format!("{corpus} holds no case"))
            .hint("`manifests` holds one file per case, see docs/CORPUS.md"));
    }
    Ok(cases)
}

/// An expression that means no case at all is mistyped.
///
/// # Errors
/// Names the expression.
pub fn check_means_some(corpus: &Corpus, flag: &str, filters: &[Filter]) -> Result<(), Problem> {
    let idle = filters
        .iter()
        .find(|filter| !corpus.cases.iter().any(|case| filter.matches(&case.id)));
    match idle {
        Some(filter) if !corpus.cases.is_empty() => Err(Problem::usage(format!(
            "no case matches {flag} {:?}",
            filter.as_str()
        ))
        .hint("`parallax list` shows the ids of all cases")),
        _ => Ok(()),
    }
}

/// Writes to standard output failed, or to a file that was asked for.
pub fn write_failed(place: &str, error: &std::io::Error) -> Problem {
    Problem::environment(format!("failed to write {place}: {error}"))
        .hint("check that there is room and the directory exists")
}

pub fn find<'a>(corpus: &'a Corpus, id: &str) -> Result<&'a Case, Problem> {
    let wanted = CaseId(id.trim_end_matches(".json").to_owned());
    corpus.find(&wanted).ok_or_else(|| {
        let name = id.rsplit('/').next().unwrap_or(id);
        let similar: Vec<&str> = corpus
            .cases
            .iter()
            .map(|case| case.id.0.as_str())
            .filter(|known| known.contains(name))
            .take(5)
            .collect();
        let hint = match similar.as_slice() {
            [] => "`parallax list` shows the ids of all cases".to_owned(),
            similar => format!("similar ids: {}", similar.join(", ")),
        };
        Problem::usage(format!("there is no case {id:?}")).hint(hint)
    })
}
