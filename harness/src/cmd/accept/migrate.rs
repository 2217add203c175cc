//! Brings a corpus of an older form to the present one: terms, causes, pins. Snapshots are written anew anyway.

use std::collections::BTreeMap;

use parallax_harness::accept::migrate::{OldEntry, divergences_of, terms};
use parallax_harness::accept::proposal::pin;
use parallax_harness::accept::run::for_each_case;
use parallax_harness::case::Case;
use parallax_harness::error::Problem;
use parallax_harness::leg::Leg;
use parallax_harness::leg::lacking::Lacking;
use parallax_harness::source::corpus::Corpus;
use parallax_harness::source::ledger_edit::{LedgerEdit, text_of};
use parallax_harness::source::places::Form;
use parallax_harness::source::sidecar_edit::with_terms;
use parallax_harness::trial::{Setting, ask_all, run_trial};
use parallax_harness::verdict::cause::Cause;
use parallax_harness::verdict::divergence::Divergence;
use parallax_harness::verdict::ledger::Ledger;
use parallax_harness::verdict::policy::Rule;

use super::ask::Asker;
use super::options::Accept;
use super::write::Writer;

/// Adds the terms that settings lack, then gives the ledger's entries causes and pins.
pub fn migrate(
    accept: &Accept,
    jobs: usize,
    asker: &mut Asker,
    writer: &mut Writer,
) -> Result<(), Problem> {
    let corpus = Corpus::load_cases(accept.corpus.root(), Form::Old)?;
    let legs = accept.legs.legs(&corpus.node_path())?;
    add_terms(accept, &corpus, &legs, jobs, asker, writer)?;
    if writer.is_red() {
        // Without all terms nothing can be compared.
        return Ok(());
    }
    let corpus = Corpus::load_cases(accept.corpus.root(), Form::Strict)?;
    migrate_ledger(accept, &corpus, &legs, jobs, asker, writer)
}

fn add_terms(
    accept: &Accept,
    corpus: &Corpus,
    legs: &[Leg],
    jobs: usize,
    asker: &mut Asker,
    writer: &mut Writer,
) -> Result<(), Problem> {
    let lacks_terms = |case: &&Case| {
        let policies = &case.policies;
        let mut places = std::iter::once(policies.default_place()).chain(policies.places());
        places.any(|place| matches!(place.policy.rule, Rule::Norm(_)) && place.terms.is_none())
    };
    let cases: Vec<&Case> = corpus.cases.iter().filter(lacks_terms).collect();
    let (ledger, node_path) = (Ledger::default(), corpus.node_path());
    // What the reference has is what the terms were taken from.
    let reference = &legs[..legs.len().min(1)];
    let setting = setting(accept, &ledger, &node_path, reference);
    let answers = for_each_case(&cases, jobs, |case| ask_all(setting, case));
    for (case, answers) in cases.into_iter().zip(answers) {
        let answers = answers?;
        let Some(answer) = answers.first() else {
            continue;
        };
        let terms = terms(case, &answer.outcome);
        let path = corpus.sidecar_path(&case.id);
        if terms.is_empty() {
            let summary = answer.outcome.summary();
            writer.remains(&format!(
                "{}: terms can't be found out, as the case {summary}",
                case.id
            ));
            continue;
        }
        let text = with_terms(&path, &terms)?;
        if asker.confirm(&format!("{}: terms", case.id), &text) {
            writer.replace(&path, &text, "terms")?;
        } else {
            writer.remains(&format!("{}: the terms of a norm are missing", case.id));
        }
    }
    Ok(())
}

fn setting<'a>(
    accept: &Accept,
    ledger: &'a Ledger,
    node_path: &'a std::path::Path,
    legs: &'a [Leg],
) -> Setting<'a> {
    Setting {
        ledger,
        snapshots: None,
        node_path,
        legs,
        transport: accept.legs.transport,
    }
}

fn migrate_ledger(
    accept: &Accept,
    corpus: &Corpus,
    legs: &[Leg],
    jobs: usize,
    asker: &mut Asker,
    writer: &mut Writer,
) -> Result<(), Problem> {
    let mut ledger = LedgerEdit::open(&corpus.ledger_path())?;
    let mut old: BTreeMap<String, Vec<OldEntry>> = BTreeMap::new();
    let mut causes: BTreeMap<usize, Cause> = BTreeMap::new();
    for (position, entry) in ledger.entries().enumerate() {
        let (case, word, path) = (
            text_of(entry, "case").to_owned(),
            text_of(entry, "cause").to_owned(),
            text_of(entry, "path").to_owned(),
        );
        let is_current = Cause::named(&word).is_some();
        let is_pinned = entry.contains_key("candidate") || entry.contains_key("at");
        if is_current && is_pinned {
            continue;
        }
        let known = Cause::named(&word).or_else(|| {
            accept
                .map
                .iter()
                .find(|(from, _)| *from == word)
                .map(|(_, to)| *to)
        });
        let asked = || {
            let reason = text_of(entry, "reason");
            asker.cause(&format!(
                "{case} {path}: {reason}\ncause instead of {word:?}: "
            ))
        };
        match known.or_else(asked) {
            Some(cause) => {
                causes.insert(position, cause);
                let entry = OldEntry {
                    position,
                    case: case.clone(),
                    path,
                };
                old.entry(case).or_default().push(entry);
            }
            None => writer.remains(&format!(
                "{case} {path}: the cause {word:?} is none that is known; --map {word}=CAUSE says which it is, and docs/CAUSES.md explains them"
            )),
        }
    }
    if old.is_empty() {
        return Ok(());
    }
    let cases = corpus
        .cases
        .iter()
        .filter(|case| old.contains_key(&case.id.0));
    let cases: Vec<&Case> = cases.collect();
    let (none, node_path) = (Ledger::default(), corpus.node_path());
    let setting = setting(accept, &none, &node_path, legs);
    let lacking = Lacking::probe(&cases, &node_path, legs)?;
    let trials = for_each_case(&cases, jobs, |case| match lacking.reason(case, legs) {
        Some(reason) => Err(Problem::environment(reason)),
        None => run_trial(setting, case),
    });
    let mut gone = Vec::new();
    for (case, trial) in cases.into_iter().zip(trials) {
        let report = trial?.report;
        let entries = old.remove(&case.id.0).unwrap_or_default();
        let comparisons = report.comparisons.into_iter();
        let divergences: Vec<Divergence> = comparisons
            .flat_map(|comparison| comparison.divergences)
            .collect();
        let found = divergences_of(&entries, &divergences);
        for entry in entries {
            let Some(own) = found.get(&entry.position) else {
                gone.push(entry);
                continue;
            };
            let pins: Vec<_> = own.iter().map(pin).collect();
            let shown: Vec<String> = own.iter().map(|own| format!("  {own}")).collect();
            let title = format!("{} {}", entry.case, entry.path);
            let Some(cause) = causes.get(&entry.position) else {
                continue;
            };
            if asker.confirm(&format!("{title} [{cause}]"), &shown.join("\n")) {
                ledger.rewrite(entry.position, *cause, &pins);
            } else {
                writer.remains(&format!("{title} is not pinned"));
            }
        }
    }
    gone.extend(old.into_values().flatten());
    gone.sort_by_key(|entry| std::cmp::Reverse(entry.position));
    for entry in gone {
        if accept.prune {
            ledger.remove_entry(entry.position);
        } else {
            writer.remains(&format!(
                "{} {}: the difference is gone; --prune removes it",
                entry.case, entry.path
            ));
        }
    }
    let path = corpus.ledger_path();
    writer.replace(&path, &ledger.text(), "causes and pins")
}
