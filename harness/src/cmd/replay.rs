//! `parallax replay`: one case, everything there is to see.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use parallax_harness::case::Case;
use parallax_harness::case::request::request;
use parallax_harness::error::Problem;
use parallax_harness::executor::Answer;
use parallax_harness::leg::Leg;
use parallax_harness::record::CaseReport;
use parallax_harness::record::case_report::Unpinned;
use parallax_harness::report::attribution::attribution_lines;
use parallax_harness::report::divergence::{Side, write_whole};
use parallax_harness::report::outline::outline;
use parallax_harness::report::text::{self, counted, harmless};
use parallax_harness::run::take_notices;
use parallax_harness::trial::{Setting, ask_all, explain, run_trial};
use parallax_harness::verdict::errors::{Whose, named};
use parallax_harness::verdict::status::Status;

use super::output::print;
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

/// Upper bound on the characters of a line.
const LINE: usize = 1200;

/// Upper bound on the differences of a comparison that are shown.
const DIFFERENCES: usize = 100;

/// What is longer is cut when shown to a person; `--request` and `--json` give it whole.
const SHOWN: usize = 16 << 10;

impl Replay {
    pub fn run(&self) -> Result<ExitCode, Problem> {
        let corpus = self.corpus.load()?;
        let case = super::find(&corpus, &self.id)?;
        let request = request(case)?;
        if let Some(path) = &self.request {
            let sent = self.legs.transport.carry(request.clone());
            std::fs::write(path, sent)
                .map_err(|error| write_failed(&path.display().to_string(), &error))?;
        }
        let legs = self.legs.legs(&corpus.node_path())?;
        let node_path = corpus.node_path();
        let setting = Setting {
            ledger: &corpus.ledger,
            snapshots: corpus.snapshots.as_ref(),
            node_path: &node_path,
            legs: &legs,
            transport: self.legs.transport,
        };
        // One leg alone is compared with nothing.
        let (report, answers) = if legs.len() == 1 {
            (None, ask_all(setting, case)?)
        } else {
            let mut trial = run_trial(setting, case)?;
            if trial.report.is_red() {
                explain(setting, &self.legs.witnesses(&node_path)?, case, &mut trial);
            }
            (Some(trial.report), trial.answers)
        };
        // As they are pinned, so that two documents can be compared.
        let answers: Vec<Answer> = legs
            .iter()
            .zip(answers)
            .map(|(leg, answer)| Answer {
                outcome: named(&answer.outcome, Whose::of(&leg.target), case.exact.errors)
                    .into_owned(),
                ..answer
            })
            .collect();
        for notice in take_notices(&legs) {
            eprintln!("{}: {}", notice.leg, harmless(&notice.text));
        }
        if self.json {
            print(&documents(&answers))?;
        } else {
            // What guests have said is shown, and not obeyed.
            let text = narrate(case, &request, &legs, &answers, report.as_ref());
            print(&harmless(&in_bounds(&text)))?;
        }
        let is_red = report.is_some_and(|report| report.is_red());
        Ok(ExitCode::from(u8::from(is_red)))
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
    report: Option<&CaseReport>,
) -> String {
    let mut text = String::new();
    // Writing to a string can't fail.
    let _ = writeln!(text, "case {}\n{}\n", case.id, case.description);
    let _ = writeln!(text, "--- request, {} bytes", request.len());
    let _ = writeln!(text, "{}\n", cut(&String::from_utf8_lossy(request)));
    let documents: Vec<_> = answers
        .iter()
        .map(|answer| answer.outcome.to_json())
        .collect();
    let sides: Vec<Side<'_>> = legs
        .iter()
        .zip(&documents)
        .map(|(leg, document)| Side {
            leg: &leg.name,
            document,
        })
        .collect();
    for (Side { leg, .. }, answer) in sides.iter().zip(answers) {
        let milliseconds = answer.wall.as_secs_f64() * 1e3;
        let summary = text::in_a_line(&answer.outcome.summary());
        let fuel = answer
            .fuel
            .map_or_else(String::new, |fuel| format!(", {fuel} units of fuel"));
        let _ = writeln!(text, "--- {leg}: {summary} ({milliseconds:.1} ms{fuel})");
        let shown = outline(&answer.outcome);
        let _ = writeln!(text, "{}\n", cut(&format!("{shown:#}")));
        if !answer.stderr.is_empty() {
            let _ = writeln!(text, "--- {leg}: standard error");
            let _ = writeln!(text, "{}\n", cut(answer.stderr.trim_end()));
        }
    }
    let (Some(report), Some((reference, candidates))) = (report, sides.split_first()) else {
        return text;
    };
    for (candidate, comparison) in candidates.iter().zip(&report.comparisons) {
        let judgement = &comparison.judgement;
        let status = judgement.status;
        let _ = writeln!(
            text,
            "--- {} against {}: {}",
            reference.leg,
            candidate.leg,
            status.name()
        );
        if status != Status::Pass {
            let _ = writeln!(text, "{}", text::in_a_line(&judgement.explanation));
        }
        if let Some(hint) = &judgement.hint {
            let _ = writeln!(text, "hint: {}", text::in_a_line(hint));
        }
        for line in comparison.attribution.iter().flat_map(attribution_lines) {
            let _ = writeln!(text, "{line}");
        }
        for note in &report.policies {
            if let Some(worst) = comparison.allowed.get(&note.name) {
                let _ = writeln!(
                    text,
                    "differs by {worst}, the policy {} allows {}",
                    note.name, note.allows
                );
            }
        }
        for divergence in comparison.divergences.iter().take(DIFFERENCES) {
            write_whole(&mut text, divergence, [reference, candidate]);
        }
        let left = comparison.divergences.len().saturating_sub(DIFFERENCES);
        if left > 0 {
            let left = counted(left, "difference");
            let _ = writeln!(
                text,
                "… and {left} more; `verify --filter {} --json FILE` gives each",
                case.id
            );
        }
    }
    for Unpinned {
        leg,
        snapshot,
        divergences,
    } in &report.unpinned
    {
        let _ = writeln!(text, "--- {leg} against {snapshot}: not as pinned");
        // A snapshot has no document of an outcome's form.
        let nothing = serde_json::Value::Null;
        let side = |leg| Side {
            leg,
            document: &nothing,
        };
        for divergence in divergences {
            write_whole(&mut text, divergence, [&side("pinned"), &side(leg)]);
        }
    }
    for sentence in &report.unwritten {
        let _ = writeln!(text, "{sentence}");
    }
    text
}

/// The same lines, each with an end.
fn in_bounds(text: &str) -> String {
    let lines = text.lines();
    lines
        .map(|line| format!("{}\n", text::cut(line, LINE)))
        .collect()
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
