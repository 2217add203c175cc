//! Where the checkout and the built executors are. cargo runs a bench program in the folder of its package, so that the current directory says neither.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use parallax_harness::error::Problem;
use parallax_harness::leg::build_info::BuildInfo;

/// Says of an error that the executors have to be built, and how.
const BUILD_IT: &str = "`cargo xtask build` makes them";

/// The variable that names what the build has written, as for the tests.
const VARIABLE: &str = "PARALLAX_BUILD";

/// The checkout that this program was built in.
pub fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_path_buf()
}

/// Where the build has written what it built.
///
/// # Errors
/// Nothing is built yet.
pub fn build_record() -> Result<PathBuf, Problem> {
    let named = std::env::var_os(VARIABLE);
    find_record(named, std::env::current_exe().ok(), &root())
}

/// The built executors.
///
/// # Errors
/// Nothing is built yet, or another version has built it.
pub fn build() -> Result<BuildInfo, Problem> {
    BuildInfo::load(&build_record()?).map_err(|problem| problem.hint(BUILD_IT))
}

/// The record that was named, or that of the target directory that the program is in, or that of the checkout's.
fn find_record(
    named: Option<OsString>,
    program: Option<PathBuf>,
    root: &Path,
) -> Result<PathBuf, Problem> {
    let usual = |target: &Path| target.join("parallax/build.json");
    let candidates = match named.filter(|name| !name.is_empty()) {
        // A relative path is the checkout's: nobody sees the directory that cargo has changed to.
        Some(name) => vec![root.join(name)],
        None => {
            // TARGET/release/deps/PROGRAM
            let own = program.as_deref().and_then(|path| path.ancestors().nth(3));
            let own = own.map(usual);
            own.into_iter()
                .chain([usual(&root.join("target"))])
                .collect()
        }
    };
    let found = candidates.iter().find(|path| path.is_file());
    found.cloned().ok_or_else(|| {
        let missing: Vec<String> = candidates
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        Problem::environment(format!(
            "the executors are not built: there is no {}",
            missing.join(", nor ")
        ))
        .hint(BUILD_IT)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(below: &Path) -> PathBuf {
        let path = below.join("parallax/build.json");
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("is made");
        std::fs::write(&path, "{}").expect("is written");
        path
    }

    #[test]
    fn a_record_is_looked_for_where_it_is_named_or_built() {
        let root = tempfile::tempdir().expect("a folder");
        let elsewhere = tempfile::tempdir().expect("a folder");
        let usual = record(&root.path().join("target"));
        let own = record(elsewhere.path());
        let program = |target: &Path| Some(target.join("release/deps/fuel-0"));
        for (named, program, expected) in [
            (None, None, &usual),
            (Some(""), None, &usual),
            (None, program(elsewhere.path()), &own),
            // No executors are there.
            (None, program(Path::new("/nowhere")), &usual),
            (
                Some("target/parallax/build.json"),
                program(elsewhere.path()),
                &usual,
            ),
        ] {
            let found = find_record(named.map(OsString::from), program, root.path());
            assert_eq!(&found.expect("is there"), expected, "{named:?}");
        }
    }

    #[test]
    fn what_is_not_built_says_the_one_command() {
        let root = tempfile::tempdir().expect("a folder");
        for named in [None, Some("other.json")] {
            let found = find_record(named.map(OsString::from), None, root.path());
            let problem = found.expect_err("nothing is built");
            assert_eq!(problem.class.exit_code(), 3);
            let file = named.unwrap_or("build.json");
            assert!(problem.message.contains(file), "{problem}");
            assert_eq!(
                problem.hint.as_deref(),
                Some("`cargo xtask build` makes them")
            );
        }
    }
}
