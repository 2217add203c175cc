use parallax_failure::Class;

use super::*;

#[test]
fn wrong_bytes_are_refused_with_file_source_and_both_hashes() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("Python.tar.xz");
    std::fs::write(&file, "abc").expect("is written");
    let input = Input {
        name: "cpython".into(),
        version: "3.13.5".into(),
        proof: Proof::Sha256 {
            sha256: "0".repeat(64),
            file: "Python.tar.xz".into(),
        },
        sources: Vec::new(),
        estimate_mb: 1,
    };
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert!(check(&file, &input, abc, "here").is_ok());
    let pinned = "0".repeat(64);
    let failure = check(&file, &input, &pinned, "https://example.org/x").expect_err("differs");
    assert_eq!(failure.class, Class::Environment);
    for part in [
        "cpython 3.13.5",
        "Python.tar.xz",
        "https://example.org/x",
        abc,
        &pinned,
    ] {
        assert!(
            failure.message.contains(part),
            "{part} in {}",
            failure.message
        );
    }
}
