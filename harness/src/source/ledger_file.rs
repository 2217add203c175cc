//! `ledger.toml`: the divergences that are known, each with its reason and the values that it pins.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use super::text_file::{Text, read_toml};
use crate::case::Case;
use crate::error::Problem;
use crate::path::OutcomePath;
use crate::verdict::cause::Cause;
use crate::verdict::ledger::{Entry, Ledger, Pattern, Pin};

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireLedger {
    #[serde(default)]
    divergence: Vec<Spanned<WireEntry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireEntry {
    case: Spanned<String>,
    cause: Spanned<String>,
    reason: Spanned<String>,
    link: Option<String>,
    targets: Option<Spanned<[String; 2]>>,
    #[serde(default)]
    versions: BTreeMap<String, String>,
    /// One pin, or several below `at`.
    path: Option<Spanned<String>>,
    reference: Option<String>,
    candidate: Option<String>,
    #[serde(default)]
    at: Vec<Spanned<WirePin>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WirePin {
    path: Spanned<String>,
    reference: Option<String>,
    candidate: Option<String>,
}

/// The pair of targets of an entry that doesn't name one: any native machine, and WebAssembly.
const TARGETS: [&str; 2] = ["*-linux", "wasm32-wasip1"];

/// What to do about an entry without its values.
const PIN_IT: &str =
    "write candidate = '…' as a report shows it, or run `parallax accept --migrate`, which pins it";

/// Reads the ledger of a corpus.
///
/// # Errors
/// Names file, line and column of what doesn't fit, and what to write instead.
pub fn load(path: &Path, cases: &[Case]) -> Result<Ledger, Problem> {
    let Some((wire, text)) = read_toml::<WireLedger>(path)? else {
        return Ok(Ledger::default());
    };
    let mut entries: Vec<Entry> = Vec::new();
    for row in wire.divergence {
        let entry = entry(row, &text, cases)?;
        for pin in &entry.pins {
            let twin = entries.iter().find(|known| {
                known.cases.as_str() == entry.cases.as_str()
                    && known.versions == entry.versions
                    && known.targets.each_ref().map(Pattern::as_str)
                        == entry.targets.each_ref().map(Pattern::as_str)
                    && known.pins.iter().any(|other| other.path == pin.path)
            });
            if let Some(twin) = twin {
                let reason = format!(
                    "{}: {} {} is listed twice, see {}",
                    entry.origin,
                    entry.cases.as_str(),
                    pin.path,
                    twin.origin
                );
                return Err(Problem::usage(reason).hint("keep one of the two"));
            }
        }
        entries.push(entry);
    }
    Ok(Ledger { entries })
}

fn entry(row: Spanned<WireEntry>, text: &Text<'_>, cases: &[Case]) -> Result<Entry, Problem> {
    let span = row.span();
    let row = row.into_inner();
    let pattern = |text_of: &str, span: &Range<usize>| {
        Pattern::new(text_of).map_err(|reason| {
            text.refuse(
                span,
                &format!("{text_of:?} is no glob: {reason}"),
                "write an id, or a glob such as numpy/*",
            )
        })
    };
    let matching = pattern(row.case.get_ref(), &row.case.span())?;
    if !cases.iter().any(|case| matching.matches(&case.id.0)) {
        let reason = format!("there is no such case: {}", row.case.get_ref());
        let hint = "`parallax list` shows the ids; an entry needs the case that proves it";
        return Err(text.refuse(&row.case.span(), &reason, hint));
    }
    let Some(cause) = Cause::named(row.cause.get_ref()) else {
        let reason = format!("cause: {:?} is none that is known", row.cause.get_ref());
        let hint = format!(
            "one of {}; docs/CAUSES.md explains them, and `parallax accept --migrate --map {}=CAUSE` replaces an older one",
            Cause::names(),
            row.cause.get_ref()
        );
        return Err(text.refuse(&row.cause.span(), &reason, &hint));
    };
    if row.reason.get_ref().trim().is_empty() {
        return Err(text.refuse(
            &row.reason.span(),
            "`reason` is empty",
            "say what the difference comes from",
        ));
    }
    let (targets, targets_span) = match &row.targets {
        Some(targets) => (
            targets.get_ref().each_ref().map(String::as_str),
            targets.span(),
        ),
        None => (TARGETS, span.clone()),
    };
    let [reference, candidate] = targets;
    let targets = [
        pattern(reference, &targets_span)?,
        pattern(candidate, &targets_span)?,
    ];
    Ok(Entry {
        origin: text.place(&span),
        cases: matching,
        targets,
        versions: row.versions.clone(),
        cause,
        reason: row.reason.get_ref().clone(),
        link: row.link.clone(),
        pins: pins(row, &span, text)?,
    })
}

fn pins(row: WireEntry, span: &Range<usize>, text: &Text<'_>) -> Result<Vec<Pin>, Problem> {
    let mut wire: Vec<(Range<usize>, WirePin)> = Vec::new();
    match row.path {
        Some(path) => wire.push((
            span.clone(),
            WirePin {
                path,
                reference: row.reference,
                candidate: row.candidate,
            },
        )),
        None if row.reference.is_some() || row.candidate.is_some() => {
            return Err(text.refuse(
                span,
                "`path` is missing",
                "say where in the outcome the values differ",
            ));
        }
        None => {}
    }
    wire.extend(row.at.into_iter().map(|pin| (pin.span(), pin.into_inner())));
    if wire.is_empty() {
        return Err(text.refuse(span, "the entry says nowhere what differs", PIN_IT));
    }
    let mut pins: Vec<Pin> = Vec::new();
    for (span, pin) in wire {
        let path: OutcomePath = pin.path.get_ref().parse().map_err(|error| {
            text.refuse(
                &pin.path.span(),
                &format!("{error}"),
                "a path as a report shows it, such as outputs[0].sum@dtype",
            )
        })?;
        if !path.is_exact() {
            return Err(text.refuse(
                &pin.path.span(),
                &format!("{path} is no single place"),
                "write an entry for each place",
            ));
        }
        let Some(candidate) = pin.candidate else {
            return Err(text.refuse(
                &span,
                &format!("nothing pins the candidate's value at {path}"),
                PIN_IT,
            ));
        };
        if pins.iter().any(|known| known.path == path) {
            return Err(text.refuse(
                &span,
                &format!("{path} is listed twice"),
                "keep one of the two",
            ));
        }
        pins.push(Pin {
            path,
            reference: pin.reference,
            candidate,
        });
    }
    Ok(pins)
}
