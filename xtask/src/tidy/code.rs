//! Rules about single lines of Rust.

use super::Finding;
use super::source::SourceFile;

fn finding(file: &SourceFile, line: usize, message: &str, remedy: &'static str) -> Finding {
    Finding {
        file: file.path.clone(),
        line,
        message: message.to_owned(),
        remedy,
    }
}

fn rust(files: &[SourceFile]) -> impl Iterator<Item = &SourceFile> {
    files.iter().filter(|file| file.is_rust())
}

/// Errors of serde's untagged enums and flattened structs do not say which key is wrong.
pub fn no_untagged_in_loaders(files: &[SourceFile]) -> Vec<Finding> {
    let loads = |file: &&SourceFile| {
        let rest = file.path.strip_prefix("harness/src/").unwrap_or_default();
        rest.starts_with("load") || rest.starts_with("ledger")
    };
    let mut findings = Vec::new();
    for file in rust(files).filter(loads) {
        for (line, code) in file.code_lines() {
            let attribute = code.contains("serde(");
            if attribute && (code.contains("untagged") || code.contains("flatten")) {
                let message = "what a person writes is read through untagged or flatten";
                findings.push(finding(
                    file,
                    line,
                    message,
                    "write the cases out, so that an error names the key",
                ));
            }
        }
    }
    findings
}

/// Every unsafe block and impl says why it is sound.
pub fn unsafe_is_explained(files: &[SourceFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in rust(files) {
        let text: Vec<&str> = file.text.lines().collect();
        for (line, code) in file.code_lines() {
            let is_unsafe = code.contains("unsafe {") || code.contains("unsafe impl");
            let near = &text[line.saturating_sub(9)..line.min(text.len())];
            if is_unsafe && !near.iter().any(|text| text.contains("SAFETY:")) {
                findings.push(finding(
                    file,
                    line,
                    "unsafe without a reason",
                    "say why it is sound: `// SAFETY: …`",
                ));
            }
        }
    }
    findings
}

/// A test that does not run proves nothing.
pub fn no_ignored_tests(files: &[SourceFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in rust(files) {
        for (line, code) in file.code_lines() {
            if code.contains("#[ignore") {
                findings.push(finding(
                    file,
                    line,
                    "an ignored test",
                    "make it run, or delete it",
                ));
            }
        }
    }
    findings
}

/// A test that waits is slow when it passes and wrong when the machine is slow.
pub fn tests_do_not_sleep(files: &[SourceFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in rust(files) {
        for (line, code) in file
            .code_lines()
            .filter(|(line, _)| file.is_test_line(*line))
        {
            if code.contains("sleep(") {
                findings.push(finding(
                    file,
                    line,
                    "a test sleeps",
                    "wait for the event itself",
                ));
            }
        }
    }
    findings
}

/// What differs between legs is data, so no code asks which leg it has.
pub fn no_match_on_a_legs_name(files: &[SourceFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in rust(files).filter(|file| file.path.starts_with("harness/src/")) {
        for (line, text) in file
            .text_lines()
            .filter(|(line, _)| !file.is_test_line(*line))
        {
            let compared = ["native", "native-baseline", "wasm"].iter().any(|leg| {
                [
                    format!("== \"{leg}\""),
                    format!("\"{leg}\" =>"),
                    format!("!= \"{leg}\""),
                ]
                .iter()
                .any(|form| text.contains(form.as_str()))
            });
            if compared && !text.trim_start().starts_with("//") {
                findings.push(finding(
                    file,
                    line,
                    "code asks for a leg's name",
                    "put what differs into the leg's data",
                ));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::found;

    #[test]
    fn untagged_is_found_in_loaders_only() {
        let text = "struct A;\n#[serde(untagged)]\nenum B {}\n#[serde(rename = \"x\", flatten)]";
        assert_eq!(
            found(no_untagged_in_loaders, "harness/src/load/corpus.rs", text),
            [2, 4]
        );
        assert_eq!(
            found(no_untagged_in_loaders, "harness/src/ledger.rs", text),
            [2, 4]
        );
        assert_eq!(
            found(no_untagged_in_loaders, "runtime/src/value.rs", text),
            [0_usize; 0]
        );
    }

    #[test]
    fn unsafe_needs_a_reason() {
        let bare = ["fn f() { uns", "afe { g() } }"].concat();
        assert_eq!(found(unsafe_is_explained, "runtime/src/a.rs", &bare), [1]);
        let explained = format!("// SAFETY: g has no precondition\n{bare}");
        assert_eq!(
            found(unsafe_is_explained, "runtime/src/a.rs", &explained),
            [0_usize; 0]
        );
        assert_eq!(
            found(
                unsafe_is_explained,
                "runtime/src/a.rs",
                "// unsafe { is only mentioned"
            ),
            [0_usize; 0]
        );
    }

    #[test]
    fn ignored_tests_are_found() {
        let text = ["#[test]\n#[ign", "ore = \"slow\"]\nfn t() {}"].concat();
        assert_eq!(found(no_ignored_tests, "runtime/src/a.rs", &text), [2]);
    }

    #[test]
    fn sleeping_tests_are_found_and_sleeping_code_is_not() {
        let text = [
            "std::thread::sle",
            "ep(d);\n#[cfg(test)]\nstd::thread::sle",
            "ep(d);",
        ]
        .concat();
        assert_eq!(
            found(tests_do_not_sleep, "harness/src/executor/native.rs", &text),
            [3]
        );
        assert_eq!(
            found(tests_do_not_sleep, "harness/tests/all.rs", &text),
            [1, 3]
        );
    }

    #[test]
    fn asking_for_a_leg_is_found() {
        let text = "if leg.name() == \"wasm\" {\n// never == \"wasm\"\n\"native\" => 1,\nlet name = \"wasm\";";
        assert_eq!(
            found(no_match_on_a_legs_name, "harness/src/run.rs", text),
            [1, 3]
        );
        assert_eq!(
            found(no_match_on_a_legs_name, "xtask/src/doctor.rs", text),
            [0_usize; 0]
        );
    }
}
