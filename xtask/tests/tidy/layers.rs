//! Which part of the harness may do what, as far as clippy can't know it.

use syn::visit::{self, Visit};
use syn::{Attribute, BinOp, Expr, ExprBinary, ExprLit, Lit, Pat};

use crate::paths;
use crate::rust;
use crate::tracked::{Finding, Tracked};

/// Where the harness meets the machine: the only places that may be exempt from harness/clippy.toml.
const EDGE: [&str; 7] = [
    "harness/src/cmd/",
    "harness/src/executor/",
    "harness/src/leg/",
    "harness/src/measure",
    "harness/src/record/",
    "harness/src/run.rs",
    "harness/src/source/",
];

/// Where the harness's crates begin, and what turns the lint on there.
const ROOTS: [&str; 2] = ["harness/src/lib.rs", "harness/src/main.rs"];
const TURNS_ON: &str = "#![cfg_attr(not(test), warn(clippy::disallowed_methods))]";

/// The engine's crates.
const ENGINES: [&str; 2] = ["wasmtime", "wiggle"];

/// The legs that the harness has.
const LEGS: [&str; 5] = [
    "native",
    "native-baseline",
    "native-cold",
    "wasm",
    "wasm-cold",
];

fn of_harness(files: &[Tracked]) -> impl Iterator<Item = (&Tracked, syn::File)> {
    let shipped =
        |file: &&Tracked| file.path.starts_with("harness/src/") && !rust::is_test_file(file);
    files
        .iter()
        .filter(shipped)
        .map(|file| (file, rust::shipped(file)))
}

/// harness/clippy.toml forbids files, environment, clock and processes everywhere; a place at the edge says
/// `#[expect(clippy::disallowed_methods, reason = "…")]`, and only a place at the edge may.
pub fn exemptions_are_at_the_edge(files: &[Tracked]) -> Vec<Finding> {
    struct Exemptions(Vec<(usize, String)>);
    impl<'ast> Visit<'ast> for Exemptions {
        fn visit_attribute(&mut self, attribute: &'ast Attribute) {
            let Ok(list) = attribute.meta.require_list() else {
                return;
            };
            let named = list.tokens.to_string();
            let turns_on = list.path.is_ident("cfg_attr") && named.contains("warn (");
            if let Some(at) = named.find("disallowed_")
                && !turns_on
            {
                let lint: String = named[at..]
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect();
                let line = list.path.segments[0].ident.span().start().line;
                self.0.push((line, lint));
            }
        }
    }
    let mut findings = Vec::new();
    for (file, parsed) in of_harness(files) {
        if ROOTS.contains(&file.path.as_str()) && !file.text.contains(TURNS_ON) {
            let message = "does not turn on clippy::disallowed_methods".to_owned();
            findings.push(file.finding(0, message, "Cargo.toml has turned it off for tests"));
        }
        let mut exemptions = Exemptions(Vec::new());
        exemptions.visit_file(&parsed);
        let is_edge = EDGE.iter().any(|edge| file.path.starts_with(edge));
        for (line, lint) in exemptions.0 {
            if lint != "disallowed_methods" || !is_edge {
                let message = format!("is exempt from clippy::{lint}");
                let remedy = "do it at the edge, and pass the value in";
                findings.push(file.finding(line, message, remedy));
            }
        }
    }
    findings
}

/// The executors; and the self-test, which plays an executor that lies and runs the program under test as its users do.
const MAY_RUN_CODE: [&str; 3] = [
    "harness/src/executor/",
    "harness/src/cmd/lie.rs",
    "harness/src/cmd/selftest/",
];

/// Only executors start processes or touch the engine.
pub fn only_executors_run_code(files: &[Tracked]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, parsed) in of_harness(files) {
        if MAY_RUN_CODE.iter().any(|part| file.path.starts_with(part)) {
            continue;
        }
        for named in paths::of_file(&parsed) {
            let is_engine = |engine: &&str| named.segments[0].starts_with(*engine);
            let process = ["process".to_owned(), "Command".to_owned()];
            let is_code = ENGINES.iter().any(is_engine) || named.segments.ends_with(&process);
            if named.segments.len() > 1 && is_code {
                let message = format!("names {}", named.segments.join("::"));
                let remedy = "go through the Executor trait";
                findings.push(file.finding(named.line, message, remedy));
            }
        }
    }
    findings
}

/// What differs between legs is data, so no code asks which leg it has.
pub fn no_code_asks_for_a_legs_name(files: &[Tracked]) -> Vec<Finding> {
    struct Asked(Vec<usize>);
    impl Asked {
        fn literal(&mut self, literal: &ExprLit) {
            if let Lit::Str(text) = &literal.lit
                && LEGS.contains(&text.value().as_str())
            {
                self.0.push(text.span().start().line);
            }
        }
    }
    impl<'ast> Visit<'ast> for Asked {
        fn visit_pat(&mut self, pattern: &'ast Pat) {
            if let Pat::Lit(literal) = pattern {
                self.literal(literal);
            }
            visit::visit_pat(self, pattern);
        }
        fn visit_expr_binary(&mut self, binary: &'ast ExprBinary) {
            if matches!(binary.op, BinOp::Eq(_) | BinOp::Ne(_)) {
                for side in [&binary.left, &binary.right] {
                    if let Expr::Lit(literal) = &**side {
                        self.literal(literal);
                    }
                }
            }
            visit::visit_expr_binary(self, binary);
        }
    }
    let mut findings = Vec::new();
    for (file, parsed) in of_harness(files) {
        let mut asked = Asked(Vec::new());
        asked.visit_file(&parsed);
        for line in asked.0 {
            let message = "asks for a leg's name".to_owned();
            let remedy = "put what differs into the leg's data";
            findings.push(file.finding(line, message, remedy));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tracked::found;

    #[test]
    fn an_exemption_inside_of_the_harness_is_found() {
        let text = "//! x\n#[expect(clippy::disallowed_methods, reason = \"r\")]\nfn f() {}";
        for (path, lines) in [
            ("harness/src/verdict/mod.rs", &[2][..]),
            ("harness/src/report/terminal.rs", &[2]),
            ("harness/src/executor/native/mod.rs", &[]),
            ("harness/src/cmd/verify.rs", &[]),
            ("harness/tests/limits.rs", &[]),
            ("xtask/src/verbs.rs", &[]),
        ] {
            assert_eq!(
                found(exemptions_are_at_the_edge, path, text),
                lines,
                "{path}"
            );
        }
        let off = "#![allow(clippy::disallowed_methods)]";
        assert_eq!(
            found(exemptions_are_at_the_edge, "harness/src/main.rs", off),
            [0, 1]
        );
        let in_tests = "#![cfg_attr(not(test), warn(clippy::disallowed_methods))]\n#[cfg(test)]\nmod tests { #![allow(clippy::disallowed_methods)] }";
        assert_eq!(
            found(exemptions_are_at_the_edge, "harness/src/lib.rs", in_tests),
            [0_usize; 0]
        );
        let hashed = "#[allow(clippy::disallowed_types)]\nfn f() {}";
        assert_eq!(
            found(
                exemptions_are_at_the_edge,
                "harness/src/executor/mod.rs",
                hashed
            ),
            [1]
        );
    }

    #[test]
    fn an_engine_or_a_process_outside_of_executors_is_found() {
        for text in [
            "use wasmtime::Engine;",
            "use wasmtime_wasi as w; fn f() { wiggle::g() }",
            "use std::process::{Command, Stdio};",
        ] {
            assert_eq!(
                found(only_executors_run_code, "harness/src/trial.rs", text),
                [1]
            );
            let inside = "harness/src/executor/wasm/mod.rs";
            assert_eq!(found(only_executors_run_code, inside, text), [0_usize; 0]);
        }
        let mention = "// wasmtime::Engine\nconst NAME: &str = \"wasmtime::Engine\";";
        assert_eq!(
            found(only_executors_run_code, "harness/src/trial.rs", mention),
            [0_usize; 0]
        );
    }

    #[test]
    fn asking_for_a_legs_name_is_found() {
        let text = "fn f(leg: &str) -> bool {\n leg == \"wasm\" ||\n matches!(leg, \"x\") ||\n match leg {\n  \"native\" => true,\n  _ => \"wasm-cold\" != leg,\n }\n}\nconst NAME: &str = \"wasm\"; // == \"wasm\"\n#[cfg(test)]\nfn t(x: &str) -> bool { x == \"wasm\" }";
        let rule = no_code_asks_for_a_legs_name;
        let mut lines = found(rule, "harness/src/run.rs", text);
        lines.sort_unstable();
        assert_eq!(lines, [2, 5, 6]);
        assert_eq!(found(rule, "xtask/src/doctor.rs", text), [0_usize; 0]);
    }
}
