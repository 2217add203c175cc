//! What a run comes to, in one sentence, and what it leaves open.

use super::text::counted;
use crate::record::{Record, Summary};
use crate::verdict::status::Status;

/// Whether the legs are equal, in one sentence with every number that decides it.
pub fn verdict(record: &Record) -> String {
    let Record { cases, summary, .. } = record;
    let legs = legs(record);
    if summary.compared_nothing() {
        return format!("No verdict: nothing was compared between {legs}, which proves nothing.");
    }
    if !summary.is_red() {
        let same = match within_policy(record) {
            0 => format!(
                "{} do the same on {legs}",
                counted(summary.of(Status::Pass), "case")
            ),
            within => format!(
                "{} do the same on {legs}, {} of them bit for bit and {within} within a policy",
                counted(summary.of(Status::Pass), "case"),
                summary.of(Status::Pass).saturating_sub(within),
            ),
        };
        let expected = match summary.of(Status::Expected) {
            0 => String::new(),
            count => format!("; {count} differ as the ledger expects"),
        };
        return format!("Equal: {same}{expected}{}.", left_out(summary));
    }
    let of = cases.len() + summary.missing.len();
    if summary.red.is_empty() && summary.missing.is_empty() {
        return format!(
            "Not proved: no case of {of} differs between {legs} beyond the ledger, but the committed files are behind."
        );
    }
    let kinds = [
        Status::Fail,
        Status::Broken,
        Status::Flaky,
        Status::Stale,
        Status::Skip,
    ];
    let mut parts: Vec<String> = kinds
        .iter()
        .filter_map(|&kind| kind_of(summary, kind))
        .collect();
    if !summary.missing.is_empty() {
        parts.push(format!("{} without a result", summary.missing.len()));
    }
    let parts = parts.join(", ");
    // An expected difference that is gone, or a case that could not run, shows no new difference.
    let differs = summary.red.iter().any(|case| case.status == Status::Fail);
    let verdict = if differs { "Not equal" } else { "Not proved" };
    format!("{verdict}: of {} on {legs}, {parts}.", counted(of, "case"))
}

/// The legs, the reference first.
pub fn legs(record: &Record) -> String {
    let names = record.info.legs.iter().map(|leg| leg.name.as_str());
    names.collect::<Vec<_>>().join(" and ")
}

/// How many of the cases that pass do so because a policy allows what differs.
fn within_policy(record: &Record) -> usize {
    let passed = record
        .cases
        .iter()
        .filter(|case| case.status == Status::Pass);
    let within = passed.filter(|case| {
        let mut comparisons = case.comparisons.iter();
        comparisons.any(|comparison| !comparison.allowed.is_empty())
    });
    within.count()
}

fn kind_of(summary: &Summary, kind: Status) -> Option<String> {
    let red = summary.red.iter().filter(|case| case.status == kind);
    let (mut count, mut silent) = (0, 0);
    for case in red {
        count += 1;
        silent += usize::from(case.silent);
    }
    let words = match kind {
        Status::Fail => "differ or end unexpectedly",
        Status::Broken => "broken, where Parallax itself failed",
        Status::Flaky => "differ from themselves",
        Status::Stale => "stale, where an expected difference is gone",
        Status::Skip => "skipped, which is not allowed",
        Status::Pass | Status::Expected => return None,
    };
    let silently = match silent {
        0 => String::new(),
        silent => format!(" ({silent} of them silent corruption)"),
    };
    (count > 0).then(|| format!("{count} {words}{silently}"))
}

/// What a green run has left out, all of it allowed.
fn left_out(summary: &Summary) -> String {
    match summary.skipped.len() {
        0 => String::new(),
        skipped => format!("; {skipped} skipped, which is allowed"),
    }
}

/// What the files lack and what no one looked at: each a sentence about data that a reader would otherwise look for in vain.
pub fn absent(record: &Record, measured: bool) -> Vec<[&'static str; 2]> {
    let mut absent = Vec::new();
    if !measured {
        absent.push([
            "What cases cost",
            "No measurements were given: `parallax cost --json FILE` takes them, `--cost FILE` shows them.",
        ]);
    }
    if record.cases.iter().all(|case| case.fuel.is_empty()) {
        absent.push([
            "Fuel",
            "No leg metered what a case computes: `parallax verify --fuel N` does.",
        ]);
    }
    absent.extend([
        [
            "Times of this run",
            "A record holds no times, so that the same run gives the same bytes.",
        ],
        [
            "Marshaling curves",
            "No record holds times by size and transport of arrays.",
        ],
        ["Memory", "No record holds how much memory a case takes."],
        [
            "History",
            "One run is shown, and nothing is compared with an earlier one.",
        ],
        [
            "Heat map of operation and dtype",
            "A record names cases, not the operation and the dtype that each is about.",
        ],
    ]);
    absent
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::made_tests::{case, expected, failing, record};
    use crate::verdict::cause::Cause;
    use crate::verdict::policy::Worst;

    #[test]
    fn a_green_run_is_equal_and_says_what_that_leaves_out() {
        let mut within = case("b", Status::Pass);
        within.comparisons[0]
            .allowed
            .insert("math".to_owned(), Worst::default());
        let mut skipped = case("c", Status::Skip);
        skipped.skip_allowed = true;
        let all = vec![
            case("a", Status::Pass),
            within,
            skipped,
            expected("d", &[Cause::Libm]),
        ];
        assert_eq!(
            verdict(&record(all, &[])),
            "Equal: 2 cases do the same on native and wasm, 1 of them bit for bit and 1 within a policy; 1 differ as the ledger expects; 1 skipped, which is allowed."
        );
        assert_eq!(
            verdict(&record(vec![case("a", Status::Pass)], &[])),
            "Equal: 1 case do the same on native and wasm."
        );
    }

    #[test]
    fn what_is_not_shown_to_be_equal_is_not_called_so() {
        let passed = || case("a", Status::Pass);
        for (run, expected) in [
            (
                record(vec![passed(), failing("b", "x")], &[]),
                "Not equal: of 2 cases on native and wasm, 1 differ or end unexpectedly.",
            ),
            (
                record(vec![passed()], &["z"]),
                "Not proved: of 2 cases on native and wasm, 1 without a result.",
            ),
            (
                record(vec![passed(), case("b", Status::Skip)], &[]),
                "Not proved: of 2 cases on native and wasm, 1 skipped, which is not allowed.",
            ),
            (
                record(vec![passed(), case("b", Status::Stale)], &[]),
                "Not proved: of 2 cases on native and wasm, 1 stale, where an expected difference is gone.",
            ),
            (
                record(vec![case("b", Status::Skip)], &[]),
                "No verdict: nothing was compared between native and wasm, which proves nothing.",
            ),
            (
                record(Vec::new(), &[]),
                "No verdict: nothing was compared between native and wasm, which proves nothing.",
            ),
        ] {
            assert_eq!(verdict(&run), expected);
        }
        let mut behind = record(vec![passed()], &[]);
        behind.summary.locked = true;
        behind.summary.unwritten.push("x".to_owned());
        assert_eq!(
            verdict(&behind),
            "Not proved: no case of 1 differs between native and wasm beyond the ledger, but the committed files are behind."
        );
    }
}
