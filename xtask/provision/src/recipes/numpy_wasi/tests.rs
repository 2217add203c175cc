//! What the build is told, and what keeps it from going on with another source than ours.

use std::path::Path;

use parallax_failure::{exit_code, render};

use super::super::numpy::ARCH;
use super::*;
use crate::files;
use crate::machine::Machine;
use crate::pins::Proof;
use crate::process::Runner;

/// Calls `test` in a step's folder of a new cache, on a machine without a compiler.
fn in_a_step(simd: bool, test: impl FnOnce(&mut Context<'_>, &Ground<'_>)) {
    let folder = tempfile::tempdir().expect("a folder");
    let cache = Cache::at(folder.path().to_path_buf()).expect("a plain path");
    let nothing = Step::new(&cache, "nothing", Key::new("nothing", ""));
    let toolchain = WasiToolchain::from_packages(&nothing, &nothing);
    let (out, work) = (folder.path().join("out"), folder.path().join("work"));
    for folder in [&out, &work, &cache.downloads()] {
        files::create_dir(folder).expect("is made");
    }
    let log = folder.path().join("step.log");
    let mut ctx = Context {
        cache: &cache,
        runner: Runner::new(log, None, "step".into()).expect("a log"),
        out,
        work,
        origins: Vec::new(),
        jobs: 1,
    };
    let ground = Ground {
        simd,
        toolchain: &toolchain,
        libcxx: (PathBuf::new(), PathBuf::new()),
        cpython: Path::new("no-source"),
        wasi_build: Path::new("no-build"),
        python: Path::new("python3"),
        version: "3.13.5",
    };
    test(&mut ctx, &ground);
}

fn pins() -> Pins {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../pins.toml");
    Pins::load(&path).expect("the committed file is good")
}

#[test]
fn vector_instructions_are_asked_for_in_both_languages_or_in_none() {
    for (simd, wanted) in [(true, 2), (false, 0)] {
        in_a_step(simd, |ctx, ground| {
            let build = Build {
                ctx,
                ground,
                source: PathBuf::new(),
            };
            let cross = build.filled(include_str!("../numpy/cross.ini"));
            let cross = cross.expect("has its words");
            assert_eq!(cross.matches(", '-msimd128']").count(), wanted, "{cross}");
            // What is left of the at signs is the comment.
            assert!(!cross.contains('@'), "{cross}");
        });
    }
}

#[test]
fn a_source_that_is_not_the_pinned_one_stops_the_build_before_anything_is_unpacked() {
    let pins = pins();
    let machine = Machine {
        codename: String::new(),
        os: String::new(),
        arch: ARCH,
        gcc: String::new(),
        rustc: String::new(),
        rust_sysroot: PathBuf::new(),
        wasi_sdk: None,
    };
    in_a_step(true, |ctx, ground| {
        let Proof::Sha256 { sha256, file } = &pins.get("numpy").expect("is there").proof else {
            panic!("numpy's source is pinned by its bytes");
        };
        let kept = ctx.cache.downloads().join(format!("{sha256}-{file}"));
        std::fs::write(&kept, "another release").expect("is written");
        let mut fetcher = Fetcher::new(&machine, &pins);
        let error = make(ctx, &mut fetcher, ground).expect_err("is refused");
        let text = render(&error);
        assert_eq!(exit_code(&error), 3, "{text}");
        for part in ["numpy 2.5.5", file, "pins.toml", sha256, "hint: "] {
            assert!(text.contains(part), "{part} in {text}");
        }
        let left = files::sorted_entries(&ctx.work).expect("lists");
        assert!(left.is_empty() && ctx.origins.is_empty(), "{left:?}");
    });
}

const PATCH: &str = "# why\n\
    --- a/numpy/thing.c\n+++ b/numpy/thing.c\n\
    @@ -1,2 +1,2 @@\n one\n-two\n+zwei\n\
    @@ -4,2 +4,3 @@\n four\n-five\n+fuenf\n+sechs\n";

/// Applies the patch as the build does; gives the error's text and what is then in the file.
fn patched(source: Option<&str>) -> (Option<String>, Option<String>) {
    let mut result = (None, None);
    in_a_step(true, |ctx, ground| {
        let write = |name: &str, text: &str| {
            files::write_atomic(&ctx.work.join(name), text.as_bytes()).expect("is written");
        };
        write("apply_patch.py", include_str!("../numpy/apply_patch.py"));
        write("numpy.patch", PATCH);
        write("numpy-2.5.5/numpy/other.c", "");
        if let Some(source) = source {
            write("numpy-2.5.5/numpy/thing.c", source);
        }
        let build = Build {
            ctx,
            ground,
            source: ctx.work.join("numpy-2.5.5"),
        };
        let error = build.patch().err().map(|error| render(&error));
        let file = build.source.join("numpy/thing.c");
        result = (error, files::read_text(&file).ok());
    });
    result
}

#[test]
fn a_patch_that_fits_is_applied() {
    let (error, text) = patched(Some("one\ntwo\nthree\nfour\nfive\n"));
    assert_eq!(error, None);
    assert_eq!(
        text.as_deref(),
        Some("one\nzwei\nthree\nfour\nfuenf\nsechs\n")
    );
}

#[test]
fn a_hunk_that_does_not_apply_stops_the_build_with_its_file_and_number() {
    for (source, part) in [
        // Changed in the lines that the hunk replaces; changed beside them; and moved by a line.
        ("one\n2\nthree\nfour\nfive\n", "hunk 1 (line 1)"),
        ("one\ntwo\nthree\n4\nfive\n", "hunk 2 (line 4)"),
        ("one\ntwo\nthree\n\nfour\nfive\n", "hunk 2 (line 4)"),
        ("one\ntwo\n", "hunk 2 (line 4)"),
    ] {
        let (error, text) = patched(Some(source));
        let error = error.expect(part);
        assert!(error.contains("numpy/thing.c"), "{error}");
        assert!(error.contains(part), "{error}");
        assert_eq!(
            text.as_deref(),
            Some(source),
            "half of a patch is worse than none"
        );
    }
}

#[test]
fn a_file_that_the_source_lacks_stops_the_build_with_its_name() {
    let (error, text) = patched(None);
    let error = error.expect("is refused");
    assert!(
        error.contains("numpy/thing.c: is not in the source"),
        "{error}"
    );
    assert_eq!(text, None);
}

#[test]
fn both_legs_have_one_version() {
    let version = |row| pins().get(row).expect("is there").version.clone();
    assert_eq!(version("numpy"), version("numpy-wheel"));
}

#[test]
fn with_and_without_simd_are_two_results() {
    let cache = Cache::at("/cache".into()).expect("a plain path");
    let folder = |simd| {
        let key = own_key(&pins(), simd).expect("has its rows");
        Step::new(&cache, "numpy-wasi", key).dir
    };
    assert_ne!(folder(true), folder(false));
    assert_eq!(folder(true), folder(true));
}
