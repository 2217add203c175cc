//! Every case's outcome is pinned, and every leg is held against the pins, so that legs that change together are seen too.

mod common;

use parallax_harness::source::corpus::Corpus;

use common::{build_file, parallax, root, said};

#[test]
fn every_outcome_is_as_pinned_on_all_legs() {
    let directory = root().join("corpus");
    let corpus = Corpus::load(&directory).unwrap_or_else(|problem| panic!("{problem}"));
    let [directory, build] =
        [directory, build_file()].map(|path| path.to_string_lossy().into_owned());
    let mut arguments = vec![
        "verify", "--locked", "--corpus", &directory, "--build", &build,
    ];
    for leg in ["native", "native-cold", "wasm", "wasm-cold"] {
        arguments.extend(["--leg", leg]);
    }
    let (code, stdout, stderr) = said(&parallax(&arguments));
    assert_eq!(
        code, 0,
        "{stdout}{stderr}\nif these outcomes are right, pin them with `cargo xtask accept`"
    );
    // As many results as there are manifests.
    let all = format!("{} passed, 0 failed", corpus.cases.len());
    assert!(stdout.ends_with(&format!("{all}\n")), "{stdout}");
}
