//! JSON Lines: one object a case as soon as it is known, and one with the sums.
//!
//! Times are left out, so that the same input gives the same bytes.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Map, Value as Json, json};

use super::Reporter;
use crate::event::{CaseReport, Comparison, RunEvent, Summary};
use crate::ledger::Status;
use crate::outcome::Class;
use crate::policy::{Precision, Worst};

pub struct JsonLines<W>(pub W);

impl<W: Write> Reporter for JsonLines<W> {
    fn event(&mut self, event: &RunEvent) -> io::Result<()> {
        let line = match event {
            RunEvent::Started(info) => json!({
                "event": "started",
                "cases": info.cases,
                "legs": info.legs,
                "toolchain": info.toolchain,
            }),
            RunEvent::CaseFinished(report) => case(report),
            // Like times: not the same from run to run.
            RunEvent::Notice(_) => return Ok(()),
            RunEvent::Finished(summary) => sums(summary),
        };
        writeln!(self.0, "{line}")?;
        // A killed run keeps what it knew.
        self.0.flush()
    }
}

fn case(report: &CaseReport) -> Json {
    let mut line = json!({
        "event": "case",
        "id": report.id.0,
        "status": report.status.name(),
        "class": report.class.name(),
        "policy": report.policies.default_policy().name,
        "silent": report.is_silent(),
        "comparisons": report.comparisons.iter().map(comparison).collect::<Vec<_>>(),
    });
    // Unlike time, fuel is the same from run to run.
    if !report.fuel.is_empty() {
        let legs = report.fuel.iter();
        let fuel: Map<String, Json> = legs.map(|(leg, fuel)| (leg.clone(), json!(fuel))).collect();
        line["fuel"] = Json::Object(fuel);
    }
    line
}

/// The largest distances, by policy: `{"math":{"f64":1}}`, those in ulp by their precision.
fn allowed(allowed: &BTreeMap<String, Worst>) -> Json {
    let policies = allowed.iter().map(|(name, worst)| {
        let mut kinds = Map::new();
        for precision in Precision::ALL {
            let ulp = worst.ulp[precision as usize];
            if ulp > 0 {
                kinds.insert(precision.name().to_owned(), json!(ulp));
            }
        }
        if let Some(norm) = worst.norm {
            kinds.insert("norm".to_owned(), json!(norm));
        }
        (name.clone(), Json::Object(kinds))
    });
    Json::Object(policies.collect())
}

fn comparison(comparison: &Comparison) -> Json {
    let divergences: Vec<Json> = comparison
        .divergences
        .iter()
        .map(|divergence| {
            json!({
                "path": divergence.path,
                "reference": divergence.reference,
                "candidate": divergence.candidate,
                "distance": divergence.distance.map(|distance| distance.to_string()),
                "silent": divergence.silent,
            })
        })
        .collect();
    json!({
        "candidate": comparison.candidate,
        "class": comparison.candidate_class.name(),
        "status": comparison.judgement.status.name(),
        "explanation": comparison.judgement.explanation,
        "allowed": allowed(&comparison.allowed),
        "divergences": divergences,
    })
}

fn sums(summary: &Summary) -> Json {
    let mut statuses = Map::new();
    for status in Status::ALL {
        statuses.insert(status.name().to_owned(), json!(summary.of(status)));
    }
    let mut classes = Map::new();
    for class in Class::ALL {
        let count = summary.classes.get(&class).copied().unwrap_or_default();
        classes.insert(class.name().to_owned(), json!(count));
    }
    let red: Vec<&str> = summary.red.iter().map(|case| case.id.0.as_str()).collect();
    json!({
        "event": "finished",
        "red": summary.is_red(),
        "red_cases": red,
        "statuses": statuses,
        "classes": classes,
    })
}
