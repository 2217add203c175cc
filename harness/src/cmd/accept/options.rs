//! What `parallax accept` takes on its command line.

use parallax_harness::verdict::cause::Cause;

use super::super::{CorpusOptions, LegOptions};

/// Run cases and write what they show: snapshots, pinned entries of the ledger, the worst distances of policies
///
/// A divergence that the ledger lacks needs a cause and a reason, from --cause and --reason or asked for on a terminal.
/// Exit codes: 0 everything is written, 1 something isn't (or, with --locked, would be), 2 usage or bad input, 3 environment.
#[derive(Debug, clap::Args)]
pub struct Accept {
    /// Only the case of this id, or cases that a filter expression means; several may be given
    #[arg(value_name = "ID|EXPR")]
    pub(super) cases: Vec<String>,
    #[command(flatten)]
    pub(super) corpus: CorpusOptions,
    #[command(flatten)]
    pub(super) legs: LegOptions,
    /// Show each change and ask; answers are read from standard input
    #[arg(long)]
    pub(super) review: bool,
    /// Remove pins that nothing shows any more, and snapshots without a case; accept nothing
    #[arg(long)]
    pub(super) prune: bool,
    /// Bring files of an older form to the present one first: causes, pins, terms, snapshots
    #[arg(long)]
    pub(super) migrate: bool,
    /// The cause of all new divergences: a word of docs/CAUSES.md
    #[arg(long, value_name = "CAUSE", value_parser = parse_cause, requires = "reason")]
    pub(super) cause: Option<Cause>,
    /// Why all new divergences are expected
    #[arg(long, value_name = "TEXT", requires = "cause")]
    pub(super) reason: Option<String>,
    /// With --migrate: the cause that a word of the ledger's stands for; may be repeated
    #[arg(long, value_name = "WORD=CAUSE", value_parser = parse_mapping, requires = "migrate")]
    pub(super) map: Vec<(String, Cause)>,
    /// Write nothing, and fail where anything would be written
    #[arg(long)]
    pub(super) locked: bool,
    /// How many cases run at once [default: one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(super) jobs: Option<u16>,
}

fn parse_cause(text: &str) -> Result<Cause, String> {
    Cause::named(text).ok_or_else(|| format!("known are {}", Cause::names()))
}

fn parse_mapping(text: &str) -> Result<(String, Cause), String> {
    let (word, cause) = text
        .split_once('=')
        .ok_or("expected WORD=CAUSE, such as wasm32=integer-width")?;
    Ok((word.to_owned(), parse_cause(cause)?))
}
