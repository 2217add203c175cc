//! `parallax replay`: one case, everything there is to see.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use parallax_harness::case::Case;
use parallax_harness::error::Problem;
use parallax_harness::event::Comparison;
use parallax_harness::executor::{Answer, Leg};
use parallax_harness::ledger::Status;
use parallax_harness::run::{answer_all, compare_answers, expected_entries, take_notices};

use super::{CorpusOptions, LegOptions, write_failed};

/// Rerun one case: print the exact request, every outcome, and the whole difference
#[derive(Debug, clap::Args)]
pub struct Replay {
    /// The id of the case, as `list` shows it
    id: String,
    #[command(flatten)]
    corpus: CorpusOptions,
    #[command(flatten)]
    legs: LegOptions,
    /// Write the exact bytes of the request to FILE
    #[arg(long, value_name = "FILE")]
    request: Option<PathBuf>,
    /// Print one JSON object a leg, as `compare` reads it, and nothing else
    #[arg(long)]
    json: bool,
}

/// What is longer is cut when shown to a person; `--request` and `--json` give it whole.
const SHOWN: usize = 16 << 10;

impl Replay {
    pub fn run(&self) -> Result<ExitCode, Problem> {
        let corpus = self.corpus.load()?;
        let case = super::find(&corpus, &self.id)?;
        let request = case.request()?;
        if let Some(path) = &self.request {
            let sent = self.legs.transport.carry(request.clone());
            std::fs::write(path, sent)
                .map_err(|error| write_failed(&path.display().to_string(), &error))?;
        }
        let legs = self.legs.legs(&corpus.node_path())?;
        let answers = answer_all(case, &corpus.node_path(), &legs, self.legs.transport)?;
        for notice in take_notices(&legs) {
            eprintln!("{}: {}", notice.leg, notice.text);
        }
        let comparisons: Vec<Comparison> = legs
            .iter()
            .zip(&answers)
            .skip(1)
            .map(|(leg, answer)| {
                let entries = expected_entries(&corpus.ledger, case, &legs[0], leg);
                compare_answers(case, &entries, &answers[0], leg, answer)
            })
            .collect();
        let text = if self.json {
            documents(&answers)
        } else {
            narrate(case, &request, &legs, &answers, &comparisons)
        };
        std::io::stdout()
            .write_all(text.as_bytes())
            .map_err(|error| write_failed("standard output", &error))?;
        let red = comparisons
            .iter()
            .any(|comparison| comparison.judgement.status.is_red());
        Ok(ExitCode::from(u8::from(red)))
    }
}

fn documents(answers: &[Answer]) -> String {
    answers
        .iter()
        .map(|answer| format!("{}\n", answer.outcome.to_json()))
        .collect()
}

fn narrate(
    case: &Case,
    request: &[u8],
    legs: &[Leg],
    answers: &[Answer],
    comparisons: &[Comparison],
) -> String {
    let mut text = String::new();
    // Writing to a string can't fail.
    let _ = writeln!(text, "case {}\n{}\n", case.id, case.description);
    let _ = writeln!(text, "--- request, {} bytes", request.len());
    let _ = writeln!(text, "{}\n", cut(&String::from_utf8_lossy(request)));
    for (leg, answer) in legs.iter().zip(answers) {
        let milliseconds = answer.wall.as_secs_f64() * 1e3;
        let summary = answer.outcome.summary();
        let fuel = answer
            .fuel
            .map_or_else(String::new, |fuel| format!(", {fuel} units of fuel"));
        let _ = writeln!(
            text,
            "--- {}: {summary} ({milliseconds:.1} ms{fuel})",
            leg.name
        );
        let document = format!("{:#}", answer.outcome.to_json());
        let _ = writeln!(text, "{}\n", cut(&document));
        if !answer.stderr.is_empty() {
            let _ = writeln!(text, "--- {}: standard error", leg.name);
            let _ = writeln!(text, "{}\n", cut(answer.stderr.trim_end()));
        }
    }
    for comparison in comparisons {
        let Comparison {
            candidate,
            judgement,
            divergences,
            allowed,
            ..
        } = comparison;
        let status = judgement.status;
        let _ = writeln!(
            text,
            "--- {} against {candidate}: {}",
            legs[0].name,
            status.name()
        );
        if status != Status::Pass {
            let _ = writeln!(text, "{}", judgement.explanation);
        }
        for (name, worst) in allowed {
            if let Some(policy) = case.policies.by_name().get(name.as_str()) {
                let _ = writeln!(
                    text,
                    "differs by {worst}, the policy {name} allows {policy}"
                );
            }
        }
        for divergence in divergences {
            let _ = writeln!(text, "  {divergence}");
        }
    }
    text
}

fn cut(text: &str) -> String {
    let mut end = SHOWN.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    if end == text.len() {
        return text.to_owned();
    }
    format!(
        "{}\n… cut: {} bytes in all; --request FILE and --json give everything",
        &text[..end],
        text.len()
    )
}
