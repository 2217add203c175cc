//! What the command line asks of criterion, as far as a bench program has to know it itself: criterion keeps to itself which benchmarks are chosen.
//!
//! It decides alone what runs. Where this reads the arguments in another way, something is prepared that isn't needed, or prepared later.

use regex::Regex;

/// The options of criterion that take a value, which is no filter.
const VALUED: [&str; 19] = [
    "--baseline",
    "--baseline-lenient",
    "--color",
    "--confidence-level",
    "--format",
    "--load-baseline",
    "--measurement-time",
    "--noise-threshold",
    "--nresamples",
    "--output-format",
    "--plotting-backend",
    "--profile-time",
    "--sample-size",
    "--save-baseline",
    "--significance-level",
    "--warm-up-time",
    "-b",
    "-c",
    "-s",
];

/// What is asked for.
#[derive(Debug, Default)]
pub struct Arguments {
    /// Fewer samples, so that what takes longest is left out.
    pub quick: bool,
    /// Nothing runs.
    list: bool,
    filter: Option<Filter>,
}

#[derive(Debug)]
enum Filter {
    Exact(String),
    Regex(Regex),
}

impl Arguments {
    /// Those of this process.
    pub fn of_process() -> Self {
        let given = std::env::args_os().skip(1);
        Self::read(given.map(|argument| argument.to_string_lossy().into_owned()))
    }

    fn read(given: impl IntoIterator<Item = String>) -> Self {
        let mut arguments = Arguments::default();
        let (mut exact, mut text) = (false, None);
        let mut given = given.into_iter();
        while let Some(argument) = given.next() {
            match argument.as_str() {
                "--quick" => arguments.quick = true,
                "--list" => arguments.list = true,
                "--exact" => exact = true,
                option if VALUED.contains(&option) => drop(given.next()),
                option if option.starts_with('-') => {}
                _ => text = text.or(Some(argument)),
            }
        }
        arguments.filter = text.and_then(|text| match exact {
            true => Some(Filter::Exact(text)),
            // criterion complains of one that is none.
            false => Regex::new(&text).ok().map(Filter::Regex),
        });
        arguments
    }

    /// Whether a benchmark of this id is going to run.
    pub fn chooses(&self, id: &str) -> bool {
        !self.list && self.filter.as_ref().is_none_or(|filter| filter.matches(id))
    }

    /// Whether the filter asks for cases themselves: `without` are the benchmarks' ids without the case's, one of which a filter for a whole program or leg matches.
    pub fn names_cases(&self, without: &[String]) -> bool {
        let filter = self.filter.as_ref();
        filter.is_some_and(|filter| !without.iter().any(|id| filter.matches(id)))
    }
}

impl Filter {
    fn matches(&self, id: &str) -> bool {
        match self {
            Filter::Exact(text) => text == id,
            Filter::Regex(regex) => regex.is_match(id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Arguments {
        Arguments::read(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn a_filter_is_what_belongs_to_no_option() {
        let id = "overhead/kernels/sort/wasm";
        for (line, chosen) in [
            ("", true),
            ("--bench", true),
            ("sort", true),
            ("^overhead/.*/wasm$ --bench", true),
            ("fuel", false),
            ("--save-baseline fuel --bench", true),
            ("--save-baseline=fuel", true),
            ("--save-baseline fuel fuel", false),
            ("-s fuel -b fuel --warm-up-time 1", true),
            ("--quick --noplot sort", true),
            ("--exact sort", false),
            ("overhead/kernels/sort/wasm --exact", true),
            ("--list", false),
        ] {
            assert_eq!(read(line).chooses(id), chosen, "{line}");
        }
    }

    #[test]
    fn a_filter_for_a_whole_program_names_no_case() {
        for (line, named) in [
            ("--quick", false),
            ("overhead", false),
            ("wasm$", false),
            ("kernels/sort", true),
            ("overhead/kernels", true),
        ] {
            let without = ["overhead//native", "overhead//wasm"].map(str::to_owned);
            assert_eq!(read(line).names_cases(&without), named, "{line}");
        }
    }

    #[test]
    fn quick_is_seen_wherever_it_stands() {
        assert!(read("fuel --quick --bench").quick);
        assert!(!read("--save-baseline --quick").quick);
    }
}
