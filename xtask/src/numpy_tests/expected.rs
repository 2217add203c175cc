//! The committed list: which files of numpy's tests are run, how many of their tests pass, and which are known to fail.

use std::path::Path;

use serde::Deserialize;

use parallax_failure::Failure;

/// The list's path, relative to the checkout.
pub const PLACE: &str = "xtask/src/numpy_tests/expected.toml";

/// The list, checked.
#[derive(Clone, Debug)]
pub struct Expected {
    /// In the order they are shown.
    pub files: Vec<File>,
    /// In the order of the list.
    pub failures: Vec<Known>,
}

/// A file or folder of tests that one instance runs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// From the source release's root.
    pub path: String,
    /// How many tests pass. Another number is red, because fewer would mean that some are no longer run.
    pub passed: usize,
}

/// A failure that is understood.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// As pytest names it.
    pub test: String,
    /// Part of the failure's message, so that another failure of the same test is red.
    pub says: String,
    /// The cause, as in the corpus's ledger.
    pub cause: String,
    /// Why it can't pass.
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireExpected {
    file: Vec<File>,
    #[serde(default)]
    failure: Vec<Known>,
}

impl File {
    /// Whether a test, by pytest's name for it, is in this file.
    pub fn holds(&self, test: &str) -> bool {
        let rest = test.strip_prefix(&self.path);
        rest.is_some_and(|rest| rest.starts_with("::") || rest.starts_with('/'))
    }
}

impl Expected {
    /// Reads and checks the list.
    ///
    /// # Errors
    /// The file is missing or malformed; the message names the place.
    pub fn load(root: &Path) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(root.join(PLACE))
            .map_err(|error| Failure::usage(format!("cannot read {PLACE}: {error}")))?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self, Failure> {
        let wire: WireExpected = toml::from_str(text).map_err(|error| {
            let before = error.span().map_or("", |span| &text[..span.start]);
            let line = before.matches('\n').count() + 1;
            Failure::usage(format!("{PLACE}:{line}: {}", error.message()))
                .hint("the file's own rows show every key")
        })?;
        for (index, known) in wire.failure.iter().enumerate() {
            let refuse = |what: &str, remedy: &str| {
                Err(Failure::usage(format!("{PLACE}: failure {}: {what}", known.test)).hint(remedy))
            };
            let texts = [&known.says, &known.cause, &known.reason];
            if texts.iter().any(|text| text.trim().is_empty()) {
                return refuse(
                    "`says`, `cause` or `reason` is empty",
                    "say what fails, and what it comes from",
                );
            }
            if !wire.file.iter().any(|file| file.holds(&known.test)) {
                return refuse(
                    "no [[file]] holds that test",
                    "name it as the run prints it, or remove the entry",
                );
            }
            if wire.failure[..index]
                .iter()
                .any(|other| other.test == known.test)
            {
                return refuse("it is listed twice", "keep one of the two");
            }
        }
        Ok(Self {
            files: wire.file,
            failures: wire.failure,
        })
    }

    /// The part of the list for files whose path contains one of the texts; without texts, the whole list.
    ///
    /// # Errors
    /// No path contains one.
    pub fn only(mut self, filters: &[String]) -> Result<Self, Failure> {
        let paths: Vec<String> = self.files.iter().map(|file| file.path.clone()).collect();
        self.files.retain(|file| {
            filters.is_empty() || filters.iter().any(|text| file.path.contains(text.as_str()))
        });
        if self.files.is_empty() {
            return Err(
                Failure::usage(format!("no file matches {}", filters.join(" ")))
                    .hint(format!("the files are {}", paths.join(", "))),
            );
        }
        let files = &self.files;
        self.failures
            .retain(|known| files.iter().any(|file| file.holds(&known.test)));
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "[[file]]\npath = \"numpy/a\"\npassed = 2\n[[file]]\npath = \"numpy/b.py\"\npassed = 1\n\
        [[failure]]\ntest = \"numpy/b.py::test_x\"\nsays = \"no\"\ncause = \"wasi\"\nreason = \"has none\"\n";

    #[test]
    fn the_committed_list_is_well_formed() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .expect("the checkout");
        let expected = Expected::load(root).expect("is good");
        assert!(!expected.files.is_empty());
    }

    #[test]
    fn faults_are_named_with_their_place() {
        let refuses = |from: &str, to: &str, part: &str| {
            assert!(GOOD.contains(from), "nothing to replace: {from}");
            let failure = Expected::parse(&GOOD.replacen(from, to, 1)).expect_err(to);
            assert_eq!(failure.class, parallax_failure::Class::Usage);
            assert!(
                failure.message.starts_with(PLACE) && failure.message.contains(part),
                "{}",
                failure.message
            );
            assert!(failure.hint.is_some());
        };
        refuses("passed = 2", "passed = -2", ":3: ");
        refuses("says", "sagt", ":9: ");
        refuses("\"has none\"", "\" \"", "empty");
        refuses("numpy/b.py::test_x", "numpy/c.py::test_x", "no [[file]]");
        refuses(
            "[[failure]]",
            "[[failure]]\ntest = \"numpy/b.py::test_x\"\nsays = \"a\"\ncause = \"b\"\nreason = \"c\"\n[[failure]]",
            "twice",
        );
    }

    #[test]
    fn a_filter_takes_the_failures_of_other_files_away() {
        let parse = || Expected::parse(GOOD).expect("is good");
        let only = |text: &str| parse().only(&[text.to_owned()]);
        assert_eq!(only("/a").expect("matches").failures.len(), 0);
        assert_eq!(only("b.py").expect("matches").failures.len(), 1);
        assert_eq!(parse().only(&[]).expect("matches").files.len(), 2);
        assert!(only("nothing").expect_err("matches none").hint.is_some());
    }
}
