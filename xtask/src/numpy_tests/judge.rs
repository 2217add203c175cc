//! Compares the tests' results with the list. The comparison is pure, so that each kind of finding has a test.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::expected::{Expected, File, Known};

/// How one test ended, in pytest's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Ending {
    Passed,
    Failed,
    Skipped,
    /// Failed, which numpy itself expects on every platform.
    Xfailed,
    /// Passed, though numpy allows it to fail.
    Xpassed,
}

/// Every test of a file by its name, with how it ended and what it said.
pub type Tests = BTreeMap<String, (Ending, String)>;

/// One file's run: its tests, or the reason why there are none.
#[derive(Clone, Debug)]
pub struct Ran {
    pub file: File,
    pub tests: Result<Tests, String>,
    pub seconds: f64,
}

/// One finding about a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    pub status: Status,
    /// The test, or the file.
    pub subject: String,
    pub text: String,
}

/// What a note means; all but the first are red.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Fails as the list says.
    Expected,
    /// Fails, and the list has no such failure.
    Fail,
    /// Passes, though the list says that it fails.
    Stale,
    /// Another number of tests passed than the list says.
    Count,
    /// The file has no result.
    Broken,
}

impl Status {
    /// Whether it makes the run fail.
    pub fn is_red(self) -> bool {
        self != Status::Expected
    }
}

impl std::fmt::Display for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let status = match self.status {
            Status::Expected => "EXPECTED",
            Status::Fail => "FAIL",
            Status::Stale => "STALE",
            Status::Count => "COUNT",
            Status::Broken => "BROKEN",
        };
        write!(f, "{status} {}: {}", self.subject, self.text)
    }
}

impl Ran {
    /// How many tests ended in this way.
    pub fn count(&self, ending: Ending) -> usize {
        let tests = self.tests.iter().flat_map(BTreeMap::values);
        tests.filter(|(ended, _)| *ended == ending).count()
    }

    /// The reasons for which tests were skipped, with how often each was given.
    pub fn skips(&self) -> BTreeMap<&str, usize> {
        let mut skips = BTreeMap::new();
        for (ending, said) in self.tests.iter().flat_map(BTreeMap::values) {
            if *ending == Ending::Skipped {
                *skips.entry(said.as_str()).or_default() += 1;
            }
        }
        skips
    }
}

/// All findings, ordered by file and by the tests' names.
pub fn judge(expected: &Expected, runs: &[Ran]) -> Vec<Note> {
    runs.iter().flat_map(|ran| of_file(expected, ran)).collect()
}

fn of_file(expected: &Expected, ran: &Ran) -> Vec<Note> {
    let note = |status, subject: &str, text: String| Note {
        status,
        subject: subject.to_owned(),
        text,
    };
    let tests = match &ran.tests {
        Ok(tests) => tests,
        Err(reason) => return vec![note(Status::Broken, &ran.file.path, reason.clone())],
    };
    let known: Vec<&Known> = expected
        .failures
        .iter()
        .filter(|known| ran.file.holds(&known.test))
        .collect();
    let mut notes = Vec::new();
    for (test, (_, said)) in tests
        .iter()
        .filter(|(_, (ending, _))| *ending == Ending::Failed)
    {
        notes.push(match known.iter().find(|known| known.test == *test) {
            Some(known) if said.contains(&known.says) => {
                let text = format!("{} [{}]: {}", known.says, known.cause, known.reason);
                note(Status::Expected, test, text)
            }
            Some(known) => {
                let text = format!("{said} (the list expects another failure: {})", known.says);
                note(Status::Fail, test, text)
            }
            None => note(Status::Fail, test, said.clone()),
        });
    }
    for known in known {
        let text = match tests.get(&known.test) {
            Some((Ending::Failed, _)) => continue,
            Some((ending, _)) => format!("is listed as a failure, but it {}", verb(*ending)),
            None => "is listed as a failure, but there is no such test".to_owned(),
        };
        notes.push(note(Status::Stale, &known.test, text));
    }
    let passed = ran.count(Ending::Passed);
    if passed != ran.file.passed {
        let text = format!("{passed} tests passed, the list says {}", ran.file.passed);
        notes.push(note(Status::Count, &ran.file.path, text));
    }
    notes
}

fn verb(ending: Ending) -> &'static str {
    match ending {
        Ending::Passed | Ending::Xpassed => "passes",
        Ending::Failed => "fails",
        Ending::Skipped => "is skipped",
        Ending::Xfailed => "is one that numpy expects to fail",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> Expected {
        Expected {
            files: vec![File {
                path: "a.py".into(),
                passed: 1,
            }],
            failures: vec![Known {
                test: "a.py::x".into(),
                says: "no flag".into(),
                cause: "wasm".into(),
                reason: "has none".into(),
            }],
        }
    }

    fn ran(tests: &[(&str, Ending, &str)]) -> Ran {
        let entry = |(test, ending, said): &(&str, Ending, &str)| {
            ((*test).to_owned(), (*ending, (*said).to_owned()))
        };
        Ran {
            file: list().files.remove(0),
            tests: Ok(tests.iter().map(entry).collect()),
            seconds: 1.0,
        }
    }

    fn check(tests: &[(&str, Ending, &str)], expect: &[(Status, &str)]) {
        let notes = judge(&list(), &[ran(tests)]);
        let told: Vec<(Status, &str)> = notes
            .iter()
            .map(|note| (note.status, note.subject.as_str()))
            .collect();
        assert_eq!(told, expect, "{notes:?}");
    }

    const GOOD: (&str, Ending, &str) = ("a.py::ok", Ending::Passed, "");
    const KNOWN: (&str, Ending, &str) = ("a.py::x", Ending::Failed, "Error: no flag seen");

    #[test]
    fn a_known_failure_is_no_reason_to_be_red() {
        check(&[GOOD, KNOWN], &[(Status::Expected, "a.py::x")]);
        assert!(!Status::Expected.is_red());
    }

    #[test]
    fn an_unknown_failure_is_red() {
        let new = ("a.py::y", Ending::Failed, "wrong");
        check(
            &[GOOD, KNOWN, new],
            &[(Status::Expected, "a.py::x"), (Status::Fail, "a.py::y")],
        );
        assert!(Status::Fail.is_red());
    }

    #[test]
    fn another_failure_of_a_known_test_is_red() {
        let other = ("a.py::x", Ending::Failed, "trap");
        check(&[GOOD, other], &[(Status::Fail, "a.py::x")]);
    }

    #[test]
    fn a_listed_failure_that_is_gone_is_red() {
        for ending in [Ending::Skipped, Ending::Xfailed, Ending::Xpassed] {
            check(
                &[GOOD, ("a.py::x", ending, "")],
                &[(Status::Stale, "a.py::x")],
            );
        }
        check(&[GOOD], &[(Status::Stale, "a.py::x")]);
        assert!(Status::Stale.is_red());
    }

    #[test]
    fn a_test_that_is_run_no_more_is_red() {
        let skipped = ("a.py::ok", Ending::Skipped, "no time");
        check(
            &[skipped, KNOWN],
            &[(Status::Expected, "a.py::x"), (Status::Count, "a.py")],
        );
        assert!(Status::Count.is_red());
    }

    #[test]
    fn a_file_without_a_result_is_red_and_says_why() {
        let mut broken = ran(&[]);
        broken.tests = Err("trapped: unreachable".into());
        let notes = judge(&list(), &[broken]);
        assert_eq!(notes.len(), 1);
        assert_eq!(notes[0].to_string(), "BROKEN a.py: trapped: unreachable");
        assert!(notes[0].status.is_red());
    }
}
