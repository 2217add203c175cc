//! Which part of the harness may do what.

use super::Finding;
use super::source::SourceFile;

/// Code that ships, outside of tests, of harness files for which `applies` holds.
fn lines<'a>(
    files: &'a [SourceFile],
    applies: impl Fn(&SourceFile) -> bool + 'a,
) -> impl Iterator<Item = (&'a SourceFile, usize, &'a str)> {
    let chosen = files
        .iter()
        .filter(|file| file.is_rust() && file.path.starts_with("harness/src/"));
    chosen.filter(move |file| applies(file)).flat_map(|file| {
        file.code_lines()
            .filter(|(line, _)| !file.is_test_line(*line))
            .map(move |(line, code)| (file, line, code))
    })
}

/// Whether a line names `module::item`, directly or in a group such as `module::{other, item}`.
fn names(code: &str, module: &str, item: &str) -> bool {
    let head = format!("{module}::");
    code.match_indices(&head).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let rest = &code[at + head.len()..];
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            return false;
        }
        match rest.strip_prefix('{') {
            Some(group) => group
                .split([',', '{', '}', ' '])
                .any(|part| part.split("::").next() == Some(item)),
            None => word(rest) == item,
        }
    })
}

fn word(text: &str) -> &str {
    let end = text
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(text.len());
    &text[..end]
}

fn mentions(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_') && word(&code[at..]) == name
    })
}

fn finding(file: &SourceFile, line: usize, message: String, remedy: &'static str) -> Finding {
    Finding {
        file: file.path.clone(),
        line,
        message,
        remedy,
    }
}

/// Comparison, ledger and statistics are functions of their arguments.
pub fn pure_modules(files: &[SourceFile]) -> Vec<Finding> {
    let pure = |file: &SourceFile| {
        ["compare", "ledger", "statistics"]
            .iter()
            .any(|stem| file.is_harness(stem))
    };
    let mut findings = Vec::new();
    for (file, line, code) in lines(files, pure) {
        for module in ["fs", "env", "process", "time", "net", "thread"] {
            if names(code, "std", module) {
                let message = format!("a pure module uses std::{module}");
                findings.push(finding(
                    file,
                    line,
                    message,
                    "pass the value in as an argument",
                ));
            }
        }
        if mentions(code, "wasmtime") {
            findings.push(finding(
                file,
                line,
                "a pure module uses wasmtime".into(),
                "pass an Outcome in",
            ));
        }
    }
    findings
}

/// Only executors start processes or WebAssembly.
pub fn only_executors_run_code(files: &[SourceFile]) -> Vec<Finding> {
    let others = |file: &SourceFile| !file.is_harness("executor");
    lines(files, others)
        .filter(|(_, _, code)| mentions(code, "wasmtime") || names(code, "process", "Command"))
        .map(|(file, line, _)| {
            let message = "code is run outside of harness/src/executor".to_owned();
            finding(file, line, message, "go through the Executor trait")
        })
        .collect()
}

/// Only loaders, records, verbs and executors read or write files.
pub fn only_the_edge_touches_files(files: &[SourceFile]) -> Vec<Finding> {
    let inner = |file: &SourceFile| {
        let rest = file.path.strip_prefix("harness/src/").unwrap_or_default();
        !(rest == "main.rs"
            || ["load", "record"]
                .iter()
                .any(|prefix| rest.starts_with(prefix))
            || ["cmd/", "executor/"]
                .iter()
                .any(|folder| rest.starts_with(folder))
            || ["cmd.rs", "executor.rs"].contains(&rest))
    };
    lines(files, inner)
        .filter(|(_, _, code)| names(code, "std", "fs"))
        .map(|(file, line, _)| {
            let message = "files are touched outside of load, record, cmd and executor".to_owned();
            finding(
                file,
                line,
                message,
                "read at the edge and pass the value in",
            )
        })
        .collect()
}

/// Reports come from events and records, so that a committed record reproduces them.
pub fn reports_render_from_events_alone(files: &[SourceFile]) -> Vec<Finding> {
    let report = |file: &SourceFile| file.is_harness("report");
    lines(files, report)
        .filter(|(_, _, code)| {
            ["fs", "env", "process"]
                .iter()
                .any(|module| names(code, "std", module))
        })
        .map(|(file, line, _)| {
            let message = "a report looks at the machine".to_owned();
            finding(
                file,
                line,
                message,
                "take `impl Write` and what the events say",
            )
        })
        .collect()
}

/// A hash map's order differs from run to run.
pub fn hash_order_reaches_no_output(files: &[SourceFile]) -> Vec<Finding> {
    let hashed = |code: &str| {
        (mentions(code, "HashMap") || mentions(code, "HashSet"))
            && !code.trim_start().starts_with("use ")
    };
    lines(files, |_| true)
        .filter(|(_, _, code)| hashed(code))
        .filter(|(file, line, _)| {
            let near = file
                .text_lines()
                .skip(line.saturating_sub(2))
                .take(2.min(*line));
            !near
                .into_iter()
                .any(|(_, text)| text.contains("// order-free: "))
        })
        .map(|(file, line, _)| {
            let message = "a hash map's order may reach an output".to_owned();
            finding(
                file,
                line,
                message,
                "use a BTreeMap, or say why on this line: `// order-free: reason`",
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::Rule;

    /// `rule` finds exactly one violation in `bad`, on line 1, and none in `good`.
    fn check(rule: Rule, bad: (&str, &str), good: &[(&str, &str)]) {
        let files = [SourceFile::new(bad.0, bad.1)];
        let findings = rule(&files);
        assert_eq!(findings.len(), 1, "{bad:?}: {findings:?}");
        assert_eq!((findings[0].file.as_str(), findings[0].line), (bad.0, 1));
        for (path, text) in good {
            assert_eq!(rule(&[SourceFile::new(path, text)]), [], "{path}: {text}");
        }
    }

    #[test]
    fn pure_modules_stay_pure() {
        for bad in [
            "use std::fs;",
            "let t = std::time::Instant::now();",
            "use std::{collections, env};",
            "use wasmtime::Engine;",
        ] {
            for path in [
                "harness/src/compare/ulp.rs",
                "harness/src/ledger.rs",
                "harness/src/statistics.rs",
            ] {
                let good = [
                    (path, "// std::fs is not used\nuse std::fmt;"),
                    ("harness/src/load.rs", bad),
                ];
                check(pure_modules, (path, bad), &good);
            }
        }
    }

    #[test]
    fn only_executors_run_code_sees_other_places() {
        let bad = "use std::process::{Command, Stdio};";
        let good = [
            ("harness/src/executor/native.rs", bad),
            ("harness/src/main.rs", "use std::process::ExitCode;"),
            ("harness/src/main.rs", "use clap::Command;"),
        ];
        check(
            only_executors_run_code,
            ("harness/src/cmd/verify.rs", bad),
            &good,
        );
        check(
            only_executors_run_code,
            ("harness/src/shrink.rs", "wasmtime::Engine::default();"),
            &[],
        );
    }

    #[test]
    fn only_the_edge_touches_files_sees_the_inside() {
        let bad = "let text = std::fs::read_to_string(path);";
        let good = [
            ("harness/src/load/manifest.rs", bad),
            ("harness/src/record.rs", bad),
            ("harness/src/cmd/verify.rs", bad),
            ("harness/src/case.rs", "#[cfg(test)]\nuse std::fs;"),
            ("xtask/src/build/mod.rs", bad),
        ];
        check(
            only_the_edge_touches_files,
            ("harness/src/case.rs", bad),
            &good,
        );
    }

    #[test]
    fn reports_do_not_look_at_the_machine() {
        let good = [("harness/src/report/junit.rs", "use std::io::Write;")];
        check(
            reports_render_from_events_alone,
            ("harness/src/report/html.rs", "std::env::var(name)"),
            &good,
        );
    }

    #[test]
    fn hash_maps_need_a_reason() {
        let good = [
            (
                "harness/src/case.rs",
                "let seen: HashSet<Id> = x; // order-free: only asked for membership",
            ),
            (
                "harness/src/case.rs",
                "// order-free: only asked\nlet seen: HashSet<Id> = x;",
            ),
            ("harness/src/case.rs", "use std::collections::HashMap;"),
            ("runtime/src/graph.rs", "let m: HashMap<A, B>;"),
        ];
        check(
            hash_order_reaches_no_output,
            ("harness/src/case.rs", "let m: HashMap<A, B> = x;"),
            &good,
        );
    }
}
