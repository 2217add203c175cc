//! The repository keeps its own rules.

use std::path::Path;

#[test]
fn the_repository_keeps_its_rules() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the package lies in the checkout");
    let findings = xtask::tidy::check(root).expect("the checkout can be read");
    let list: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(
        findings.is_empty(),
        "{} findings:\n{}",
        list.len(),
        list.join("\n")
    );
}
