use super::*;

fn folder_with(files: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for file in files {
        files::write_atomic(&folder.path().join(file), b"x").expect("is written");
    }
    folder
}

const COMPLETE: [&str; 7] = [
    "wasi-sysroot/lib/wasm32-wasi/libwasi-emulated-signal.a",
    "wasi-sysroot/lib/wasm32-wasi/libwasi-emulated-getpid.a",
    "wasi-sysroot/lib/wasm32-wasi/libwasi-emulated-process-clocks.a",
    "lib/wasi/libclang_rt.builtins-wasm32.a",
    "lib/wasm32-wasi/libpython3.12.a",
    "usr/local/lib/python3.12/os.py",
    "usr/local/lib/python312.zip",
];

#[test]
fn a_folder_of_another_version_is_accepted() {
    let folder = folder_with(&COMPLETE);
    let deps = WasiDeps::given(folder.path()).expect("is complete");
    assert_eq!(deps.version.dotted, "3.12");
    assert!(deps.libpython().is_file());
}

#[test]
fn each_missing_file_is_named_as_bad_input() {
    for missing in COMPLETE {
        let rest: Vec<&str> = COMPLETE
            .into_iter()
            .filter(|file| *file != missing)
            .collect();
        let error = WasiDeps::given(folder_with(&rest).path()).expect_err(missing);
        assert_eq!(parallax_failure::exit_code(&error), 2, "{missing}");
        let shown = parallax_failure::render(&error);
        let named = if missing.contains("libpython") {
            "libpython3.*.a"
        } else {
            missing
        };
        assert!(shown.contains(named) && shown.contains("hint: "), "{shown}");
    }
}

#[test]
fn a_version_below_the_stable_interface_or_two_versions_are_refused() {
    for extra in [
        "lib/wasm32-wasi/libpython3.13.a",
        "lib/wasm32-wasi/libpython3.9.a",
    ] {
        let folder = folder_with(&[&COMPLETE[..], &[extra]].concat());
        assert!(WasiDeps::given(folder.path()).is_err());
    }
    let old = folder_with(&["lib/wasm32-wasi/libpython3.11.a"]);
    let error = WasiDeps::given(old.path()).expect_err("is too old");
    assert!(parallax_failure::render(&error).contains("3.12"));
}

#[test]
fn a_folder_that_is_not_there_is_bad_input() {
    let error = WasiDeps::given(Path::new("/no/such/folder")).expect_err("is missing");
    assert_eq!(parallax_failure::exit_code(&error), 2);
}
