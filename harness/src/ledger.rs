//! Verdict and ledger to status: what is known to differ, and what no longer does.

use crate::case::{Case, CaseId};
use crate::compare::{Divergence, Verdict};
use crate::outcome::{Class, Outcome};
use crate::policy::is_at_or_below;

/// The committed list of expected divergences.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    pub entries: Vec<Entry>,
}

/// One difference that is known, explained, and probed by its case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub case: CaseId,
    /// Covers the divergence at this path and everything below it.
    pub path: String,
    pub cause: String,
    pub reason: String,
    pub link: Option<String>,
    /// Where given, the rendered value that the reference leg must show.
    pub reference: Option<String>,
    /// Where given, the rendered value that the candidate must show.
    pub candidate: Option<String>,
}

impl Entry {
    fn covers(&self, divergence: &Divergence) -> bool {
        let pinned =
            |pin: &Option<String>, found: &str| pin.as_deref().is_none_or(|pin| pin == found);
        is_at_or_below(&divergence.path, &self.path)
            && pinned(&self.reference, &divergence.reference)
            && pinned(&self.candidate, &divergence.candidate)
    }
}

/// What a case means for the run; `Fail` and `Stale` are red.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Pass,
    Expected,
    Skip,
    Stale,
    Fail,
}

impl Status {
    pub const ALL: [Status; 5] = [
        Status::Pass,
        Status::Expected,
        Status::Skip,
        Status::Stale,
        Status::Fail,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Status::Pass => "pass",
            Status::Expected => "expected",
            Status::Skip => "skip",
            Status::Stale => "stale",
            Status::Fail => "fail",
        }
    }

    pub fn is_red(self) -> bool {
        matches!(self, Status::Fail | Status::Stale)
    }
}

/// A status with the sentence that explains it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    pub status: Status,
    /// Empty for a pass.
    pub explanation: String,
    /// What the ledger says an expected difference comes from.
    pub cause: Option<String>,
    /// A difference that the ledger lacks is of the kind that nothing tells of.
    pub silent: bool,
}

impl Judgement {
    pub fn new(status: Status, explanation: impl Into<String>) -> Self {
        Judgement {
            status,
            explanation: explanation.into(),
            cause: None,
            silent: false,
        }
    }

    fn expected(entry: &Entry) -> Self {
        Judgement {
            cause: Some(entry.cause.clone()),
            ..Judgement::new(
                Status::Expected,
                format!("{}: {}", entry.path, entry.reason),
            )
        }
    }
}

/// Judges one comparison. `entries` are the ledger's for this case, none where the legs are of one kind.
pub fn judge(case: &Case, reference: &Outcome, verdict: &Verdict, entries: &[&Entry]) -> Judgement {
    if let Outcome::Unsupported(reason) = reference {
        return Judgement::new(Status::Skip, format!("unsupported: {reason}"));
    }
    if reference.class() != case.expect {
        let hint = match reference.class() {
            class @ (Class::Raised | Class::Rejected | Class::Exited | Class::Trapped) => {
                format!("; if the case is about that, write expect = \"{class}\" in its .toml")
            }
            _ => String::new(),
        };
        let summary = reference.summary();
        return Judgement::new(
            Status::Fail,
            format!("expected \"{}\", but {summary}{hint}", case.expect),
        );
    }
    match verdict {
        Verdict::Equal | Verdict::WithinPolicy(_) => match entries.first() {
            None => Judgement::new(Status::Pass, ""),
            Some(entry) => stale(entry),
        },
        Verdict::Undecided(reason) => match entries.iter().find(|entry| entry.path == "outcome") {
            Some(entry) => Judgement::expected(entry),
            None => Judgement::new(Status::Fail, format!("undecided: {reason}")),
        },
        Verdict::Diverged(divergences) => diverged(divergences, entries),
    }
}

fn diverged(divergences: &[Divergence], entries: &[&Entry]) -> Judgement {
    let unknown = divergences
        .iter()
        .find(|divergence| !entries.iter().any(|entry| entry.covers(divergence)));
    if let Some(divergence) = unknown {
        let silent = divergence.silent;
        let label = if silent { "silent corruption: " } else { "" };
        return Judgement {
            silent,
            ..Judgement::new(Status::Fail, format!("{label}{divergence}"))
        };
    }
    let unused = entries.iter().find(|entry| {
        !divergences
            .iter()
            .any(|divergence| entry.covers(divergence))
    });
    match (unused, entries.first()) {
        (Some(entry), _) => stale(entry),
        (None, Some(entry)) => Judgement::expected(entry),
        // A divergence that no entry covers has been found above, so there is at least one entry here.
        (None, None) => Judgement::new(Status::Fail, "diverged without a divergence"),
    }
}

fn stale(entry: &Entry) -> Judgement {
    Judgement::new(
        Status::Stale,
        format!(
            "the ledger expects a difference at {} that is gone; remove its entry, or the pinned values have changed",
            entry.path
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Limits;
    use crate::policy::Policy;

    fn case(expect: Class) -> Case {
        Case {
            id: CaseId("a/b".to_owned()),
            description: String::new(),
            manifest: Vec::new(),
            inputs: Vec::new(),
            expect,
            policies: Policy::exact().into(),
            requires: Vec::new(),
            limits: Limits::default(),
        }
    }

    fn entry(path: &str) -> Entry {
        Entry {
            case: CaseId("a/b".to_owned()),
            path: path.to_owned(),
            cause: "wasm".to_owned(),
            reason: "because".to_owned(),
            link: None,
            reference: None,
            candidate: None,
        }
    }

    fn divergence(path: &str) -> Divergence {
        Divergence {
            path: path.to_owned(),
            reference: "1".to_owned(),
            candidate: "2".to_owned(),
            distance: None,
            silent: false,
        }
    }

    #[track_caller]
    fn check(verdict: Verdict, entries: &[Entry], expected: Status) {
        let entries: Vec<&Entry> = entries.iter().collect();
        let trapped = Outcome::Trapped("t".to_owned());
        let judgement = judge(&case(Class::Trapped), &trapped, &verdict, &entries);
        assert_eq!(judgement.status, expected, "{judgement:?}");
    }

    #[test]
    fn only_what_the_ledger_covers_is_expected() {
        let diverged =
            |paths: &[&str]| Verdict::Diverged(paths.iter().copied().map(divergence).collect());
        check(Verdict::Equal, &[], Status::Pass);
        check(diverged(&["outputs[0]"]), &[], Status::Fail);
        check(
            diverged(&["outputs[0]"]),
            &[entry("outputs[0]")],
            Status::Expected,
        );
        check(
            diverged(&["outputs[0].x"]),
            &[entry("outputs[0]")],
            Status::Expected,
        );
        check(
            diverged(&["outputs[01]"]),
            &[entry("outputs[0]")],
            Status::Fail,
        );
        check(diverged(&["a", "b"]), &[entry("a")], Status::Fail);
    }

    #[test]
    fn an_entry_that_no_longer_holds_is_stale() {
        check(Verdict::Equal, &[entry("a")], Status::Stale);
        let one = || Verdict::Diverged(vec![divergence("a")]);
        check(one(), &[entry("a"), entry("b")], Status::Stale);
        let pinned = Entry {
            candidate: Some("3".to_owned()),
            ..entry("a")
        };
        check(one(), &[pinned], Status::Fail);
    }

    #[test]
    fn silent_corruption_is_called_by_its_name_unless_the_ledger_knows_it() {
        let silent = Divergence {
            silent: true,
            ..divergence("outputs[0]")
        };
        let verdict = Verdict::Diverged(vec![silent, divergence("outputs[1]")]);
        let trapped = Outcome::Trapped("t".to_owned());
        let judge = |entries: &[&Entry]| judge(&case(Class::Trapped), &trapped, &verdict, entries);
        let judgement = judge(&[]);
        assert!(judgement.silent);
        assert_eq!(
            judgement.explanation,
            "silent corruption: outputs[0]: 1 != 2"
        );
        assert!(!judge(&[&entry("outputs[0]")]).silent);
    }

    #[test]
    fn undecided_is_no_pass() {
        let undecided = || Verdict::Undecided("one leg ran out of memory".to_owned());
        check(undecided(), &[], Status::Fail);
        check(undecided(), &[entry("outcome")], Status::Expected);
    }

    #[test]
    fn an_outcome_that_nobody_expected_is_no_pass() {
        let judgement = judge(
            &case(Class::Returned),
            &Outcome::TimedOut,
            &Verdict::Equal,
            &[],
        );
        assert_eq!(judgement.status, Status::Fail);
    }
}
