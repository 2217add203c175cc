//! `ledger.toml`: the divergences that are known, each with its reason.

use std::path::Path;

use serde::Deserialize;

use super::read_toml;
use crate::case::{Case, CaseId};
use crate::error::Problem;
use crate::ledger::{Entry, Ledger};

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireLedger {
    #[serde(default)]
    divergence: Vec<WireEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireEntry {
    case: String,
    path: String,
    cause: String,
    reason: String,
    link: Option<String>,
    reference: Option<String>,
    candidate: Option<String>,
}

pub fn load(path: &Path, cases: &[Case]) -> Result<Ledger, Problem> {
    let wire: WireLedger = read_toml(path)?.unwrap_or_default();
    let mut entries: Vec<Entry> = Vec::new();
    for (index, row) in wire.divergence.into_iter().enumerate() {
        let number = index + 1;
        let refuse = |reason: &str| {
            Problem::usage(format!(
                "{}: divergence {number} ({} {}): {reason}",
                path.display(),
                row.case,
                row.path
            ))
        };
        if !cases.iter().any(|case| case.id.0 == row.case) {
            return Err(refuse("there is no such case")
                .hint("`parallax list` shows the ids; an entry needs the case that proves it"));
        }
        if row.reason.trim().is_empty() || row.cause.trim().is_empty() {
            return Err(
                refuse("`cause` or `reason` is empty").hint("say what the difference comes from")
            );
        }
        let entry = Entry {
            case: CaseId(row.case.clone()),
            path: row.path.clone(),
            cause: row.cause,
            reason: row.reason,
            link: row.link,
            reference: row.reference,
            candidate: row.candidate,
        };
        if entries
            .iter()
            .any(|known| known.case == entry.case && known.path == entry.path)
        {
            return Err(Problem::usage(format!(
                "{}: divergence {number}: {} {} is listed twice",
                path.display(),
                row.case,
                row.path
            ))
            .hint("keep one of the two"));
        }
        entries.push(entry);
    }
    Ok(Ledger { entries })
}
