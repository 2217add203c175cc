//! The results as text and as JSON.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::judge::{Ending, Note, Ran};

/// The columns, in order.
const ENDINGS: [(&str, Ending); 5] = [
    ("passed", Ending::Passed),
    ("failed", Ending::Failed),
    ("skipped", Ending::Skipped),
    ("xfailed", Ending::Xfailed),
    ("xpassed", Ending::Xpassed),
];

/// Failures with their explanations, then why tests were skipped, then the counts.
pub fn text(notes: &[Note], runs: &[Ran]) -> String {
    let mut text = String::new();
    // Writing to a string can't fail.
    for note in notes {
        let _ = writeln!(text, "{note}");
    }
    let mut skips: BTreeMap<&str, usize> = BTreeMap::new();
    for (reason, count) in runs.iter().flat_map(Ran::skips) {
        *skips.entry(reason).or_default() += count;
    }
    let _ = writeln!(text, "\nskipped");
    for (reason, count) in skips {
        let _ = writeln!(text, "{count:>6}  {reason}");
    }
    let width = runs.iter().map(|ran| ran.file.path.len()).max();
    let width = width.unwrap_or_default();
    let names = ENDINGS.map(|(name, _)| format!("{name:>8}")).concat();
    let _ = writeln!(text, "\n{:width$}{names}{:>9}", "", "seconds");
    for ran in runs {
        let counts = ENDINGS.map(|(_, ending)| format!("{:>8}", ran.count(ending)));
        let path = &ran.file.path;
        let _ = writeln!(text, "{path:width$}{}{:>9.1}", counts.concat(), ran.seconds);
    }
    let total = |ending| runs.iter().map(|ran| ran.count(ending)).sum::<usize>();
    let totals = ENDINGS.map(|(_, ending)| format!("{:>8}", total(ending)));
    let _ = writeln!(text, "{:width$}{}", "all", totals.concat());
    let red = notes.iter().filter(|note| note.status.is_red()).count();
    let _ = match red {
        0 => writeln!(text, "\nas expected"),
        count => writeln!(
            text,
            "\n{count} red: see the lines above; {} lists what is known",
            super::expected::PLACE
        ),
    };
    text
}

/// Everything: the notes, the counts, and every test.
pub fn json(notes: &[Note], runs: &[Ran]) -> Json {
    let counts = |runs: &[Ran]| -> Json {
        let count = |ending| runs.iter().map(|ran| ran.count(ending)).sum::<usize>();
        ENDINGS
            .iter()
            .map(|(name, ending)| ((*name).to_owned(), json!(count(*ending))))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let files: Vec<Json> = runs
        .iter()
        .map(|ran| {
            json!({
                "file": ran.file.path,
                "seconds": ran.seconds,
                "counts": counts(std::slice::from_ref(ran)),
                "skipped_because": ran.skips(),
                "tests": ran.tests.as_ref().ok(),
            })
        })
        .collect();
    json!({
        "red": notes.iter().any(|note| note.status.is_red()),
        "counts": counts(runs),
        "notes": notes,
        "files": files,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numpy_tests::expected::File;
    use crate::numpy_tests::judge::Status;

    fn run() -> Ran {
        let test = |name: &str, ending, said: &str| (name.to_owned(), (ending, said.to_owned()));
        let file = File {
            path: "numpy/a.py".into(),
            passed: 1,
        };
        let tests = [
            test("numpy/a.py::p", Ending::Passed, ""),
            test("numpy/a.py::s", Ending::Skipped, "Skipped: no thread"),
            test("numpy/a.py::t", Ending::Skipped, "Skipped: no thread"),
        ];
        Ran {
            file,
            tests: Ok(tests.into_iter().collect()),
            seconds: 1.5,
        }
    }

    fn note(status: Status) -> Note {
        Note {
            status,
            subject: "numpy/a.py::f".into(),
            text: "why".into(),
        }
    }

    #[test]
    fn a_person_reads_failures_reasons_and_counts() {
        let text = text(&[note(Status::Fail)], &[run(), run()]);
        for line in [
            "FAIL numpy/a.py::f: why",
            "     4  Skipped: no thread",
            "numpy/a.py       1       0       2       0       0      1.5",
            "all              2       0       4       0       0",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
        assert!(text.contains("1 red"), "{text}");
    }

    #[test]
    fn a_program_reads_every_test() {
        let json = json(&[note(Status::Expected)], &[run()]);
        assert_eq!(json["red"], false);
        assert_eq!(json["counts"]["skipped"], 2);
        assert_eq!(json["notes"][0]["status"], "expected");
        assert_eq!(json["files"][0]["tests"]["numpy/a.py::p"][0], "passed");
        assert_eq!(json["files"][0]["skipped_because"]["Skipped: no thread"], 2);
    }
}
