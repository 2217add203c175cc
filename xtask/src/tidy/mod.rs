//! The repository's own rules, checked from `cargo metadata` and the sources.
//!
//! Each rule is one function from sources to findings, so that its test plants one violation and looks for it.

pub mod code;
pub mod dependencies;
pub mod layering;
pub mod source;
pub mod text;

use std::path::Path;

use anyhow::Result;

use dependencies::Metadata;
use source::SourceFile;

/// One broken rule at one place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Relative to the checkout.
    pub file: String,
    /// From 1; 0 stands for the whole file.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    /// What to do instead.
    pub remedy: &'static str,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}:{}: {} ({})",
            self.file, self.line, self.message, self.remedy
        )
    }
}

/// A rule over the sources.
type Rule = fn(&[SourceFile]) -> Vec<Finding>;

const RULES: [Rule; 14] = [
    layering::pure_modules,
    layering::only_executors_run_code,
    layering::only_the_edge_touches_files,
    layering::reports_render_from_events_alone,
    layering::hash_order_reaches_no_output,
    code::no_untagged_in_loaders,
    code::unsafe_is_explained,
    code::no_ignored_tests,
    code::tests_do_not_sleep,
    code::no_match_on_a_legs_name,
    text::files_are_short,
    text::top_level_is_fixed,
    text::no_archive_hosts,
    text::no_machine_paths,
];

/// Every finding in the checkout, in the order of files and lines.
///
/// # Errors
/// The checkout cannot be read, or cargo cannot describe it.
pub fn check(root: &Path) -> Result<Vec<Finding>> {
    let files = source::load(root)?;
    let mut findings: Vec<Finding> = RULES.iter().flat_map(|rule| rule(&files)).collect();
    findings.extend(dependencies::check(&Metadata::read(root)?));
    findings.sort();
    findings.dedup();
    Ok(findings)
}

/// The lines that a rule finds in one file.
#[cfg(test)]
fn found(rule: Rule, path: &str, text: &str) -> Vec<usize> {
    rule(&[SourceFile::new(path, text)])
        .into_iter()
        .map(|finding| finding.line)
        .collect()
}
