//! Ways out of the WebAssembly leg: each is refused, and nothing on the host is read or changed.

#[path = "ways_out/ways.rs"]
mod ways;

mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use parallax_harness::case::Limits;
use parallax_harness::executor::guest_dir::GuestDir;
use parallax_harness::executor::wasm::CommandExecutor;
use parallax_harness::executor::{Channel, Executor};

use ways::Way;

use common::{build, directory, root, run_with, scratch, source, wasm_for};

/// What no outcome may hold.
const SECRET: &str = "k3pt-fr0m-every-gue5t";
const UNHARMED: &str = "unharmed";

const HELP: &str = "
import errno, os, stat, sys

def works(action):
    try:
        action()
    except OSError:
        return False
    return True

def is_open(number):
    return works(lambda: os.fstat(number))

def reads(number):
    return works(lambda: os.read(number, 1))

def opens(path, number):
    return works(lambda: os.open(path, os.O_RDONLY, dir_fd=number))
";

/// A host with something to steal and something to spoil: beside the node path, and beside where the case's directory is made.
struct Host {
    outside: tempfile::TempDir,
    secret: tempfile::NamedTempFile,
    canary: tempfile::NamedTempFile,
}

impl Host {
    fn new() -> Self {
        let run = std::fs::read_to_string(scratch().join("run.py")).expect("the node");
        let outside = directory(&[
            ("nodes/run.py", &run),
            ("secret", SECRET),
            ("canary", UNHARMED),
        ]);
        let beside = |text: &str| {
            let file = tempfile::NamedTempFile::with_prefix("parallax-way-").expect("a file");
            std::fs::write(file.path(), text).expect("its text");
            file
        };
        Host {
            outside,
            secret: beside(SECRET),
            canary: beside(UNHARMED),
        }
    }

    fn nodes(&self) -> PathBuf {
        self.outside.path().join("nodes")
    }

    /// The request that tries a way.
    fn attempt(&self, way: &str) -> String {
        let name =
            |file: &tempfile::NamedTempFile| file.path().file_name().expect("a name").to_owned();
        let constants = [
            ("SECRET", PathBuf::from(name(&self.secret))),
            ("CANARY", PathBuf::from(name(&self.canary))),
            ("TEMPORARY", std::env::temp_dir()),
            ("NODES", self.nodes()),
            ("CHECKOUT", root().canonicalize().expect("this checkout")),
        ];
        let constants: String = constants
            .iter()
            .map(|(name, path)| format!("{name} = {:?}\n", path.display().to_string()))
            .collect();
        let way: String = way.lines().map(|line| format!("    {line}\n")).collect();
        source(&format!(
            "{HELP}{constants}try:\n{way}    seen = repr(got)\nexcept BaseException as error:\n    seen = type(error).__name__\n    if getattr(error, 'errno', None): seen += ' ' + errno.errorcode[error.errno]\n"
        ))
    }

    /// All that must not change: files with their size, time and mode, and for the small ones their text.
    fn look(&self) -> BTreeMap<PathBuf, String> {
        let mut seen = BTreeMap::new();
        let library = build().wasm.dirs.into_iter().map(|dir| dir.host);
        for root in library.chain([self.outside.path().to_owned()]) {
            for entry in walkdir::WalkDir::new(root) {
                let entry = entry.expect("an entry");
                let meta = entry.metadata().expect("its metadata");
                let text = Some(entry.path())
                    .filter(|path| path.starts_with(self.outside.path()) && path.is_file());
                let text = text.map(|path| std::fs::read_to_string(path).expect("its text"));
                seen.insert(
                    entry.path().to_owned(),
                    format!(
                        "{:?} {:?} {:?} {text:?}",
                        meta.len(),
                        meta.modified(),
                        meta.permissions()
                    ),
                );
            }
        }
        for file in [&self.secret, &self.canary] {
            seen.insert(
                file.path().to_owned(),
                std::fs::read_to_string(file.path()).expect("its text"),
            );
        }
        for escaped in [
            Path::new("/escaped").to_owned(),
            Path::new("/parallax").to_owned(),
            std::env::temp_dir().join("escaped"),
        ] {
            seen.insert(escaped.clone(), escaped.exists().to_string());
        }
        seen
    }
}

/// What a way comes to, and everything that the case has said.
fn follow(executor: &dyn Executor, host: &Host, way: &str) -> (String, String) {
    let limits = Limits {
        wall: std::time::Duration::from_secs(30),
        ..Limits::default()
    };
    let answer = run_with(executor, &host.attempt(way), &host.nodes(), limits);
    let document = answer.outcome.to_json();
    let came_to = match document["outputs"][0].as_str() {
        Some(text) => text.to_owned(),
        None => answer.outcome.summary(),
    };
    (came_to, format!("{document} {}", answer.stderr))
}

#[test]
fn every_way_out_is_refused_and_leaves_the_host_alone() {
    let host = Host::new();
    let executor = wasm_for(&host.nodes());
    let before = host.look();
    let mut wrong = Vec::new();
    for Way(name, way, expected) in ways::WAYS {
        let (came_to, said) = follow(&executor, &host, way);
        if came_to != *expected {
            wrong.push(format!("{name}\n\t{expected}\n\t{came_to}"));
        }
        assert!(!said.contains(SECRET), "{name} gets the secret: {said}");
        assert!(host.look() == before, "{name} changes the host");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What shows that the test above can fail: a guest that sees the place around the node path under its own name.
#[test]
fn a_hole_lets_the_secret_out() {
    let host = Host::new();
    let mut build = build().wasm;
    build.dirs.push(GuestDir {
        host: host.outside.path().to_owned(),
        guest: host.outside.path().display().to_string(),
    });
    let open = CommandExecutor::new(&build.module, build.dirs, Channel::Own).expect("an executor");
    let way = |wanted: &str| {
        ways::WAYS
            .iter()
            .find(|way| way.0 == wanted)
            .expect("a way")
    };
    let Way(_, through, expected) = way("absolute: beside the node path");
    let (came_to, said) = follow(&open, &host, through);
    assert_ne!(came_to, *expected);
    assert!(said.contains(SECRET), "{said}");
}
