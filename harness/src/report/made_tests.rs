//! Records and measurements that are made for the tests of reports.

use std::collections::BTreeMap;

use crate::attribute::found::{Attributed, Attribution};
use crate::case::CaseId;
use crate::leg::Provenance;
use crate::outcome::Class;
use crate::record::measurement::{LegSamples, Measurement, Quantity};
use crate::record::summary::LegInfo;
use crate::record::{CaseReport, Comparison, Record, RunInfo, Summary};
use crate::verdict::cause::Cause;
use crate::verdict::divergence::Divergence;
use crate::verdict::status::{Judgement, Status};

/// What a page or Markdown would obey.
pub const HOSTILE: &str = "<script>alert(1)</script>\"' onload=x ${y} {{ 7 }} `|` @all \u{202e}";

pub fn case(id: &str, status: Status) -> CaseReport {
    let comparison = Comparison {
        candidate: "wasm".to_owned(),
        candidate_class: Class::Returned,
        judgement: Judgement::new(status, "why"),
        divergences: Vec::new(),
        allowed: BTreeMap::new(),
        attribution: None,
    };
    CaseReport {
        id: CaseId(id.to_owned()),
        description: "what it is about".to_owned(),
        status,
        skip_allowed: false,
        explanation: if status == Status::Pass {
            String::new()
        } else {
            "why".to_owned()
        },
        hint: None,
        class: Some(Class::Returned),
        policies: Vec::new(),
        comparisons: vec![comparison],
        fuel: BTreeMap::new(),
        stderr: BTreeMap::new(),
        unpinned: Vec::new(),
        unwritten: Vec::new(),
        wall: Vec::new(),
    }
}

/// A case that fails, with this text wherever one can stand.
pub fn failing(id: &str, text: &str) -> CaseReport {
    let mut report = case(id, Status::Fail);
    report.explanation = text.to_owned();
    report.description = text.to_owned();
    report.hint = Some(text.to_owned());
    report.stderr = BTreeMap::from([("wasm".to_owned(), format!("{text}\n{text}"))]);
    let comparison = &mut report.comparisons[0];
    let divergence = |index: usize| {
        let path = format!("outputs[{index}]").parse().expect("a path");
        Divergence::new(path, text.to_owned(), text.to_owned())
    };
    comparison.divergences = (0..9).map(divergence).collect();
    comparison.attribution = Some(Attribution {
        nodes: vec![text.to_owned()],
        causes: vec![Attributed {
            cause: Cause::Libm,
            place: "outputs[0]".parse().expect("a path"),
            node: Some(text.to_owned()),
            because: text.to_owned(),
            remedy: text.to_owned(),
        }],
        first_is_shown: true,
    });
    report
}

pub fn expected(id: &str, causes: &[Cause]) -> CaseReport {
    let mut report = case(id, Status::Expected);
    report.comparisons[0].judgement.causes = causes.to_vec();
    report
}

/// The record of a run of these cases, and of those without a result.
pub fn record(cases: Vec<CaseReport>, missing: &[&str]) -> Record {
    let missing: Vec<CaseId> = missing.iter().map(|id| CaseId((*id).to_owned())).collect();
    let mut summary = Summary::default();
    cases.iter().for_each(|report| summary.count(report));
    summary.close(missing.iter().cloned());
    let leg = |name: &str| LegInfo {
        name: name.to_owned(),
        target: format!("target-of-{name}"),
        provenance: Provenance {
            versions: BTreeMap::from([("numpy".to_owned(), "2.5".to_owned())]),
            complete: true,
        },
    };
    let planned = cases.iter().map(|report| report.id.clone());
    Record {
        info: RunInfo {
            cases: planned.chain(missing).collect(),
            transport: "frame".to_owned(),
            legs: vec![leg("native"), leg("wasm")],
        },
        cases,
        summary,
    }
}

/// Samples of seven rounds that all took this long, natively and in WebAssembly.
pub fn measurement(id: &str, quantity: Quantity, times: [u64; 2]) -> Measurement {
    let names = ["native", "wasm"];
    let legs = names.into_iter().zip(times).map(|(leg, time)| LegSamples {
        leg: leg.to_owned(),
        rounds: vec![vec![time; 8]; 7],
    });
    Measurement {
        case: CaseId(id.to_owned()),
        quantity,
        legs: legs.collect(),
    }
}

/// A whole case of these microseconds, its phases, and a node.
pub fn measured(id: &str, node: &str, native: u64, wasm: u64) -> Vec<Measurement> {
    let part = |quantity: Quantity, of: u64| {
        measurement(id, quantity, [native * 1000 / of, wasm * 1000 / of])
    };
    vec![
        part(Quantity::Whole, 1),
        part(Quantity::Parse, 10),
        part(Quantity::Load, 5),
        part(Quantity::Run, 2),
        part(
            Quantity::FirstCall {
                node: node.to_owned(),
            },
            4,
        ),
    ]
}
