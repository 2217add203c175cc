//! The repository's own rules, where neither a lint of clippy's nor cargo-deny can say them.
//!
//! Each rule is a function from files to findings, so that its test plants a violation and looks for it.

mod imports;
mod layers;
mod module_tree;
mod paths;
mod rust;
mod text;
mod tracked;

use tracked::{Finding, Tracked};

/// Fails with every finding.
#[track_caller]
fn none(mut findings: Vec<Finding>) {
    findings.sort();
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(
        lines.is_empty(),
        "{} findings:\n{}",
        lines.len(),
        lines.join("\n")
    );
}

#[test]
fn no_two_files_import_each_other() {
    let trees = module_tree::of_workspace().expect("the workspace is read");
    none(imports::circles(&trees));
}

#[test]
fn parts_of_the_harness_keep_to_what_they_may_do() {
    let files = Tracked::rust();
    none(layers::exemptions_are_at_the_edge(&files));
    none(layers::only_executors_run_code(&files));
    none(layers::no_code_asks_for_a_legs_name(&files));
}

#[test]
fn what_a_person_writes_is_read_strictly() {
    let files = Tracked::rust();
    none(rust::no_untagged_or_flattened(&files));
    none(rust::wire_types_are_private_and_strict(&files));
}

#[test]
fn tests_run_and_do_not_sleep() {
    let files = Tracked::rust();
    none(rust::no_ignored_tests(&files));
    none(rust::tests_do_not_sleep(&files));
}

#[test]
fn text_files_keep_to_the_repository() {
    let files = Tracked::all();
    none(text::files_are_short(&files));
    none(text::top_level_is_fixed(&files));
    none(text::no_archive_hosts(&files));
    none(text::no_machine_paths(&files));
}
