use std::path::Path;

use parallax_failure::Class;

use super::*;

const GOOD: &str = r#"
[[input]]
name = "thing"
version = "1"
file = "thing.tar.xz"
sha256 = "93e583f243454e6e9e4588ca2c2662206ad961659863277afcdb96801647d640"
sources = [
  { url = "https://example.org/thing.tar.xz" },
  { apt-source = { package = "thing", suite = "trixie", file = "thing.orig.tar.xz" } },
]

[[input]]
name = "compiler"
version = "22"
verified = "archive-signature"
packages = ["clang-22"]
sources = [{ apt-binary = { suite = "security" } }]

[[input]]
name = "library"
version = "2"
file = "library-2.tar.gz"
sha256 = "5cddc243c75114ba845f01b1f87aca1572dbf7b6c2d88636ed3e1d2bccd7f1bf"
sources = [{ pypi = { package = "library", version = "2" } }]
"#;

fn parse(text: &str) -> Result<Pins, Failure> {
    Pins::parse(Path::new("pins.toml"), text)
}

/// The planted fault is reported at `line`, with `part` in the message, as bad input.
fn refuses(from: &str, to: &str, line: usize, part: &str) {
    assert!(GOOD.contains(from), "nothing to replace: {from}");
    let failure = parse(&GOOD.replacen(from, to, 1)).expect_err("the fault is seen");
    assert_eq!(failure.class, Class::Usage);
    assert!(
        failure.message.starts_with(&format!("pins.toml:{line}: ")),
        "{}",
        failure.message
    );
    assert!(failure.message.contains(part), "{}", failure.message);
    assert!(failure.hint.is_some());
}

#[test]
fn the_committed_pins_are_well_formed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../pins.toml");
    let pins = Pins::load(&path).expect("the committed file is good");
    for name in [
        "cpython",
        "zlib",
        "wasi-libc",
        "llvm",
        "llvm-libraries",
        "rust-src",
        "numpy-wheel",
        "numpy",
        "cython",
        "ninja",
        "ziglang",
        "pip",
    ] {
        assert!(pins.get(name).is_ok(), "{name}");
    }
}

#[test]
fn a_good_file_is_read() {
    let pins = parse(GOOD).expect("is good");
    let thing = pins.get("thing").expect("is there");
    assert_eq!(thing.sources.len(), 2);
    assert!(matches!(&thing.proof, Proof::Sha256 { file, .. } if file == "thing.tar.xz"));
    assert_eq!(
        pins.suites(),
        [("trixie".to_owned(), true), ("security".to_owned(), false)]
    );
}

#[test]
fn faults_are_named_with_their_line() {
    refuses("version = \"1\"", "version = 1", 4, "invalid type");
    refuses("version = \"1\"\n", "", 2, "version");
    refuses("93e583", "93e58", 6, "64 lower-case hexadecimal digits");
    refuses("93e583", "93E583", 6, "64 lower-case hexadecimal digits");
    refuses("https://example", "ftp://example", 8, "https://");
    refuses("apt-source", "carrier-pigeon", 9, "carrier-pigeon");
    refuses("archive-signature", "trust-me", 15, "archive-signature");
    refuses(
        "verified = \"archive-signature\"\n",
        "",
        12,
        "exactly one of",
    );
    refuses(
        "\"clang-22\"",
        "\"--allow-unauthenticated\"",
        16,
        "not a plain name",
    );
    refuses("name = \"compiler\"", "name = \"thing\"", 12, "second row");
    refuses(
        "file = \"thing.tar.xz\"",
        "file = \"../thing\"",
        5,
        "not a plain name",
    );
    refuses(
        "[{ apt-binary = { suite = \"security\" } }]",
        "[]",
        12,
        "no sources",
    );
    refuses(
        "pypi = { package = \"library\"",
        "pypi = { package = \"-r list\"",
        24,
        "not a plain name",
    );
    refuses("[[input]]", "[[input", 2, "");
    refuses(
        "sources = [\n",
        "surprise = 1\nsources = [\n",
        7,
        "surprise",
    );
}

#[test]
fn a_missing_row_is_bad_input() {
    let failure = parse(GOOD)
        .expect("is good")
        .get("numpy")
        .expect_err("is not there");
    assert_eq!(failure.class, Class::Usage);
    assert!(failure.message.contains("numpy"));
}

#[test]
fn a_rows_identity_is_what_decides_its_bytes() {
    let identity = |text: &str, row: &str| {
        parse(text)
            .expect("is good")
            .get(row)
            .expect("is there")
            .identity()
    };
    let changed = |from: &str, to: &str, row: &str| {
        assert!(GOOD.contains(from), "nothing to replace: {from}");
        identity(GOOD, row) != identity(&GOOD.replacen(from, to, 1), row)
    };
    assert!(changed("93e583", "93e584", "thing"));
    assert!(!changed(
        "https://example.org",
        "https://mirror.example",
        "thing"
    ));
    assert!(!changed(
        "pypi = { package = \"library\"",
        "pypi = { package = \"other\"",
        "library"
    ));
    assert!(!changed(
        "version = \"1\"",
        "version = \"1\"\nestimate_mb = 7",
        "thing"
    ));
    assert!(changed("clang-22", "clang-23", "compiler"));
    assert!(changed("\"security\"", "\"main\"", "compiler"));
    assert!(changed(
        "packages =",
        "same_version = true\npackages =",
        "compiler"
    ));
}
