//! Links the executors: natively against the provisioned CPython, in WebAssembly against a `wasi-deps` directory and nothing else.

use std::path::{Path, PathBuf};

/// What `machine.rs` stands in for.
const MACHINE: [&str; 17] = [
    "uname",
    "gethostname",
    "sysconf",
    "sched_getaffinity",
    "getpwuid",
    "getpwnam",
    "getpwent",
    "getpwuid_r",
    "getpwnam_r",
    "getgrent",
    "getgrgid_r",
    "getgrnam_r",
    "getlogin",
    "getlogin_r",
    "getgrouplist",
    "setlocale",
    "nl_langinfo",
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=PARALLAX_PYTHON_HOME");
    println!("cargo::rerun-if-env-changed=PARALLAX_WASI_DEPS");
    println!("cargo::rerun-if-env-changed=PARALLAX_SITE");
    println!("cargo::rustc-check-cfg=cfg(parallax_numpy)");
    if std::env::var_os("CARGO_FEATURE_PYTHON").is_none() {
        return;
    }
    // The target decides, not the machine that this script was compiled for.
    if std::env::var("CARGO_CFG_TARGET_FAMILY").as_deref() == Ok("wasm") {
        let deps = directory("PARALLAX_WASI_DEPS");
        link_wasi(&deps);
        println!("cargo::rustc-env=PARALLAX_PYTHON_HOME=/usr/local");
        let packages = "/usr/local/lib/site-packages.zip";
        let there = deps.join(packages.trim_start_matches('/')).is_file();
        println!(
            "cargo::rustc-env=PARALLAX_SITE={}",
            if there { packages } else { "" }
        );
    } else {
        let home = directory("PARALLAX_PYTHON_HOME");
        println!("cargo::rustc-env=PARALLAX_PYTHON_HOME={}", home.display());
        let site = std::env::var("PARALLAX_SITE").unwrap_or_default();
        println!("cargo::rustc-env=PARALLAX_SITE={site}");
        println!(
            "cargo::rustc-link-arg-bins=-Wl,-rpath,{}",
            home.join("lib").display()
        );
        for function in MACHINE {
            // Taken out of the archive although nothing else in it is needed, and seen by Python's library.
            println!("cargo::rustc-link-arg-bins=-Wl,--undefined={function}");
            println!("cargo::rustc-link-arg-bins=-Wl,--export-dynamic-symbol={function}");
        }
    }
}

fn directory(variable: &str) -> PathBuf {
    match std::env::var_os(variable) {
        Some(path) => PathBuf::from(path),
        None => fail(&format!("{variable} is not set")),
    }
}

fn link_wasi(deps: &Path) {
    let libraries = deps.join("lib/wasm32-wasi");
    for folder in [
        "wasi-sysroot/lib/wasm32-wasi",
        "lib/wasi",
        "lib/wasm32-wasi",
    ] {
        let folder = deps.join(folder);
        if !folder.is_dir() {
            fail(&format!("{} is missing", folder.display()));
        }
        println!("cargo::rerun-if-changed={}", folder.display());
        println!("cargo::rustc-link-search=native={}", folder.display());
    }
    // A `wasi-deps` folder of somebody else's has no numpy: then there are no modules to register.
    // It stands before Python, whose functions its modules call; the printing and scanning of `long double` before libc, which has neither.
    if libraries.join("libnumpy.a").is_file() {
        for library in ["c-printscan-long-double", "numpy", "cxx-exceptions"] {
            println!("cargo::rustc-link-lib=static:-bundle={library}");
        }
        println!("cargo::rustc-cfg=parallax_numpy");
    }
    // As `static`, they stand before libc on the linker's line: CPython brings thread stubs of its own, and where libc's are taken first, those would be there twice.
    // Not bundled, so that 40 MB aren't copied into the rlib.
    println!(
        "cargo::rustc-link-lib=static:-bundle={}",
        python_library(&libraries)
    );
    for library in [
        "wasi-emulated-signal",
        "wasi-emulated-getpid",
        "wasi-emulated-process-clocks",
        "clang_rt.builtins-wasm32",
    ] {
        println!("cargo::rustc-link-lib=static:-bundle={library}");
    }
    for export in ["initialize", "warm_up", "allocate", "run", "result"] {
        println!("cargo::rustc-link-arg-bins=--export=parallax_{export}");
    }
    // The folder `guest` stands in for these.
    for function in [
        "stat",
        "lstat",
        "fstat",
        "fstatat",
        "__wasilibc_find_relpath_alloc",
        "chdir",
        "symlink",
        "symlinkat",
        "link",
        "linkat",
        "rename",
        "renameat",
        "unlink",
        "unlinkat",
        "rmdir",
        "access",
        "lseek",
        "setlocale",
        "wcsftime",
    ] {
        println!("cargo::rustc-link-arg-bins=--wrap={function}");
    }
    // CPython needs more than the linker's 64 KiB, and numpy more than CPython's 8 MiB; with the stack first, an overflow traps instead of running into data.
    for argument in ["-zstack-size=16777216", "--stack-first"] {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
}

/// The one `libpython3.*.a` of the directory, whichever version it is.
fn python_library(libraries: &Path) -> String {
    let mut found: Vec<String> = std::fs::read_dir(libraries)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let name = name.strip_prefix("lib")?.strip_suffix(".a")?;
            name.starts_with("python3.").then(|| name.to_owned())
        })
        .collect();
    match (found.pop(), found.is_empty()) {
        (Some(name), true) => name,
        _ => fail(&format!(
            "{} must hold exactly one libpython3.*.a",
            libraries.display()
        )),
    }
}

fn fail(problem: &str) -> ! {
    println!(
        "cargo::error={problem}; build the executors with `cargo xtask build`, which provisions what they link"
    );
    std::process::exit(1);
}
