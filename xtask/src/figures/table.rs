//! The figures there are, what each should reach, and the table that shows them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

/// The bound of a figure.
#[derive(Clone, Copy)]
enum Reach {
    AtMost(f64),
    AtLeast(f64),
}

/// Key, what it means, what it should reach; in the order of the table.
const FIGURES: [(&str, &str, Reach); 11] = [
    (
        "isolate_p50_ms",
        "a small numpy case in WebAssembly, from nothing to its outcome, ms (median)",
        Reach::AtMost(0.6),
    ),
    (
        "isolate_p99_ms",
        "the same, ms (99th percentile)",
        Reach::AtMost(3.0),
    ),
    (
        "instantiate_p50_us",
        "making the instance alone, µs (median)",
        Reach::AtMost(30.0),
    ),
    (
        "zygote_p50_ms",
        "the same case natively, forked off the zygote, ms (median)",
        Reach::AtMost(2.0),
    ),
    (
        "instance_memory_mb",
        "memory that a live instance adds, MB",
        Reach::AtMost(4.0),
    ),
    (
        "cases_per_s",
        "isolated numpy cases a second, both legs run and compared",
        Reach::AtLeast(450.0),
    ),
    (
        "zero_copy_vs_memcpy",
        "8 MB of f64 to the guest and back without copies, as a share of memcpy's speed",
        Reach::AtLeast(0.5),
    ),
    (
        "json_base64_mb_s",
        "the same as base64 in JSON, MB/s",
        Reach::AtLeast(300.0),
    ),
    (
        "harness_rss_mb",
        "memory of the harness after 100,000 cases, MB",
        Reach::AtMost(300.0),
    ),
    (
        "first_case_s",
        "`verify` of one case, start to end, everything cached, s",
        Reach::AtMost(1.0),
    ),
    (
        "setup_min",
        "from a clone and an empty cache to the first verdict, minutes",
        Reach::AtMost(25.0),
    ),
];

/// One run's figures, and where they were taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Processor, cores, memory, system, compiler.
    pub machine: BTreeMap<String, String>,
    /// By key; one that wasn't measured is left out.
    pub figures: BTreeMap<String, f64>,
}

impl Record {
    /// The figures as a table in Markdown, and below it what they were measured on.
    pub fn table(&self) -> String {
        let mut text = String::from("| figure | key | reach | measured |\n|---|---|---|---|\n");
        for (key, meaning, reach) in FIGURES {
            let bound = match reach {
                Reach::AtMost(bound) => format!("≤ {bound}"),
                Reach::AtLeast(bound) => format!("≥ {bound}"),
            };
            let measured = self.figures.get(key);
            let missed = measured.is_some_and(|value| match reach {
                Reach::AtMost(bound) => *value > bound,
                Reach::AtLeast(bound) => *value < bound,
            });
            let measured = measured.map_or_else(|| "not measured".to_owned(), show);
            let mark = if missed { " (missed)" } else { "" };
            // Writing to a string can't fail.
            let _ = writeln!(text, "| {meaning} | `{key}` | {bound} | {measured}{mark} |");
        }
        let machine: Vec<&str> = self.machine.values().map(String::as_str).collect();
        let _ = writeln!(text, "\nMeasured on: {}.", machine.join("; "));
        text
    }
}

/// Three digits; further ones differ between two runs.
fn show(value: &f64) -> String {
    match *value {
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}

/// `text` with what stands between the two marks replaced.
pub fn replace_table(text: &str, table: &str) -> Option<String> {
    const BEGIN: &str = "<!-- figures: made by `cargo xtask figures --write` -->\n";
    const END: &str = "<!-- end of figures -->";
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{table}\n{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(figures: &[(&str, f64)]) -> Record {
        Record {
            machine: [("cpu".to_owned(), "a processor".to_owned())].into(),
            figures: figures
                .iter()
                .map(|(key, value)| ((*key).to_owned(), *value))
                .collect(),
        }
    }

    #[test]
    fn a_figure_on_the_wrong_side_is_marked_and_one_on_its_bound_is_not() {
        let table = record(&[
            ("isolate_p50_ms", 0.6),
            ("isolate_p99_ms", 3.001),
            ("cases_per_s", 449.0),
            ("json_base64_mb_s", 300.0),
        ])
        .table();
        let line = |key: &str| {
            table
                .lines()
                .find(|line| line.contains(&format!("`{key}`")))
                .expect("is in the table")
                .to_owned()
        };
        assert!(line("isolate_p50_ms").ends_with("| ≤ 0.6 | 0.60 |"));
        assert!(line("isolate_p99_ms").ends_with("| 3.00 (missed) |"));
        assert!(line("cases_per_s").ends_with("| 449 (missed) |"));
        assert!(line("json_base64_mb_s").ends_with("| 300 |"));
        assert!(line("setup_min").ends_with("| not measured |"));
    }

    #[test]
    fn the_readme_shows_the_committed_record() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let read = |name: &str| std::fs::read_to_string(root.join(name)).expect("is there");
        let record: Record =
            serde_json::from_str(&read("reports/figures.json")).expect("is a record");
        let readme = read("README.md");
        let made = replace_table(&readme, &record.table()).expect("the readme has the marks");
        // `assert_eq` would print both pages, and the remedy would be lost among them.
        assert!(readme == made, "run `cargo xtask figures --write`");
    }
}
