//! One function per verb: it provisions, builds, and starts other programs.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;
use parallax_failure::Failure;
use parallax_provision::cargo::cargo;
use parallax_provision::plan::Guest;
use parallax_provision::process::{passed_code, status, tie};

use crate::cli::{Cli, Rest, Verb};
use crate::gate::{self, Before};
use crate::guest::GuestFlags;
use crate::numpy_tests::NumpyTests;
use crate::prepare::{prepare, provision};
use crate::workspace::Workspace;
use crate::{build, doctor, figures, numpy_tests, report};

/// Runs the verb; the exit code is the harness's own where the harness runs.
///
/// # Errors
/// The verb could not do its work.
pub fn run(cli: Cli) -> Result<u8> {
    let workspace = Workspace::find()?;
    match cli.verb {
        Verb::Provision { clean: true, .. } => parallax_provision::clean().map(|()| 0),
        Verb::Provision { guest, .. } => provision(&workspace, &guest.into()).map(|_| 0),
        Verb::Build {
            executors: true,
            guest,
        } => {
            let provisioned = provision(&workspace, &guest.into())?;
            build::build_executors(&workspace, &provisioned).map(|()| 0)
        }
        Verb::Build { guest, .. } => {
            prepare(&workspace, &guest.into())?;
            start_harness(&workspace, "warm", &record(&workspace))
        }
        Verb::Verify(rest) => legs(&workspace, "verify", rest),
        Verb::Replay(rest) => legs(&workspace, "replay", rest),
        Verb::Cost(rest) => legs(&workspace, "cost", rest),
        Verb::Gate(rest) => against(&workspace, rest),
        Verb::Accept(rest) => legs(&workspace, "accept", rest),
        Verb::Selftest(rest) => legs(&workspace, "selftest", rest),
        Verb::List(rest) => harness(&workspace, "list", &rest.arguments),
        Verb::Render(rest) => harness(&workspace, "render", &rest.arguments),
        Verb::Report(options) => {
            match options.makes_a_run() {
                true => prepare(&workspace, &Guest::default())?,
                false => drop(build::build_harness(&workspace)?),
            }
            report::run(&workspace, &options)
        }
        Verb::Compare(rest) => harness(&workspace, "compare", &rest.arguments),
        Verb::Test(rest) => test(&workspace, rest),
        Verb::NumpyTests(options) => numpy_tests::run(&workspace, &options),
        Verb::Bench(rest) => bench(&workspace, rest),
        Verb::Figures(options) => {
            prepare(&workspace, &Guest::default())?;
            figures::run(&workspace, &options).map(|()| 0)
        }
        Verb::Doctor => doctor::run(&workspace).map(|()| 0),
        Verb::Tidy => check_rules(&workspace),
        Verb::Lint => lint(&workspace),
        Verb::Ci(rest) => ci(&workspace, rest),
    }
}

/// Every check that there is; the first that fails ends it.
fn ci(workspace: &Workspace, verify: Rest) -> Result<u8> {
    let all: [&dyn Fn() -> Result<u8>; 2] =
        [&|| lint(workspace), &|| test(workspace, Rest::default())];
    for check in all {
        match check()? {
            0 => {}
            failed => return Ok(failed),
        }
    }
    legs(workspace, "verify", verify)
}

/// Runs a verb of the harness that replays cases.
fn legs(workspace: &Workspace, verb: &str, rest: Rest) -> Result<u8> {
    let (guest, arguments) = split_guest(rest.arguments)?;
    // Help needs no executor, and foreign executors need no build of ours.
    if asks_for(&arguments, &["--help", "-h"]) {
        return harness(workspace, verb, &["--help".into()]);
    }
    let foreign = asks_for(&arguments, &["--native"]) && asks_for(&arguments, &["--wasm"]);
    if foreign {
        build::build_harness(workspace)?;
    } else {
        prepare(workspace, &guest)?;
    }
    start_harness(
        workspace,
        verb,
        &[&record(workspace)[..], &arguments].concat(),
    )
}

/// Has this revision and another one measured in turns.
fn against(workspace: &Workspace, rest: Rest) -> Result<u8> {
    let (revision, arguments) = gate::split_against(rest.arguments)?;
    if asks_for(&arguments, &["--help", "-h"]) {
        return harness(workspace, "gate", &["--help".into()]);
    }
    let Some(revision) = revision else {
        return Err(Failure::usage("gate: nothing to compare with")
            .hint("name a revision, which is then built and measured in the same run: `cargo xtask gate --against HEAD`")
            .into());
    };
    if asks_for(&arguments, &["--no-simd", "--wasi-deps"]) {
        return Err(
            Failure::usage("gate: the other revision is built by default, and so must this one be")
                .hint("leave --no-simd and --wasi-deps out; `parallax gate --before BUILD.JSON` compares any two builds")
                .into(),
        );
    }
    let (guest, arguments) = split_guest(arguments)?;
    let before = Before::build(workspace, &revision)?;
    prepare(workspace, &guest)?;
    let flags = before.flags(workspace, &arguments);
    start_harness(
        workspace,
        "gate",
        &[&record(workspace)[..], &flags, &arguments].concat(),
    )
}

/// Tells the harness where the executors are.
fn record(workspace: &Workspace) -> [OsString; 2] {
    [OsString::from("--build"), workspace.build_record().into()]
}

/// Runs a verb of the harness that needs no executor.
fn harness(workspace: &Workspace, verb: &str, arguments: &[OsString]) -> Result<u8> {
    build::build_harness(workspace)?;
    start_harness(workspace, verb, arguments)
}

fn start_harness(workspace: &Workspace, verb: &str, arguments: &[OsString]) -> Result<u8> {
    let mut command = Command::new(build::harness_binary(workspace));
    pass_on(command.arg(verb).args(arguments))
}

/// Which packages are tested together. The runtime and the harness are tested alone, because cargo would otherwise give
/// their common dependencies the features that any of them asks for, and compile wasmtime a second time.
const PACKAGES: [&[&str]; 4] = [
    &["parallax-runtime"],
    &["parallax-harness"],
    &["parallax-benches"],
    &[
        "parallax-failure",
        "parallax-cache",
        "parallax-provision",
        "xtask",
    ],
];

/// Runs the tests of all packages; then the self-test and a sample of numpy's tests, unless arguments have chosen among the tests.
fn test(workspace: &Workspace, rest: Rest) -> Result<u8> {
    let (guest, arguments) = split_guest(rest.arguments)?;
    prepare(workspace, &guest)?;
    let mut worst = 0;
    for packages in PACKAGES {
        let mut command = cargo();
        command
            .args(["test", "--release", "--no-fail-fast", "--target-dir"])
            .arg(&workspace.target)
            .args(packages.iter().map(|name| format!("--package={name}")))
            .args(&arguments)
            .env("PARALLAX_BUILD", workspace.build_record())
            .current_dir(&workspace.root);
        // cargo ends with 101 when a test fails; here that is a finding, code 1.
        worst = match pass_on(&mut command)? {
            0 => worst,
            interrupted @ 128.. => return Ok(interrupted),
            _ => 1,
        };
    }
    if !arguments.is_empty() {
        return Ok(worst);
    }
    worst = match start_harness(workspace, "selftest", &record(workspace))? {
        0 => worst,
        failed => return Ok(failed),
    };
    match numpy_tests::run(workspace, &NumpyTests::sample())? {
        0 => Ok(worst),
        failed => Ok(failed),
    }
}

/// Runs the benchmarks as `cargo bench` does, on executors that are built by then.
fn bench(workspace: &Workspace, rest: Rest) -> Result<u8> {
    let (guest, arguments) = split_guest(rest.arguments)?;
    if !asks_for(&arguments, &["--help", "-h", "--list"]) {
        prepare(workspace, &guest)?;
    }
    let mut command = cargo();
    command
        .args(["bench", "--no-fail-fast", "--package=parallax-benches"])
        .arg("--target-dir")
        .arg(&workspace.target)
        .arg("--")
        .args(&arguments)
        .env("PARALLAX_BUILD", workspace.build_record())
        .current_dir(&workspace.root);
    // cargo ends with 101 where several programs have ended with another code than 0.
    pass_on(&mut command).map(|code| if code == 101 { 1 } else { code })
}

/// Checks the format first, because that takes no time; then every crate, feature and target with clippy; then the dependencies.
fn lint(workspace: &Workspace) -> Result<u8> {
    let mut format = cargo();
    format.args(["fmt", "--all", "--check"]);
    let mut all = build::cargo_clippy(workspace, &workspace.target);
    all.args(["--workspace", "--all-targets", "--", "-D", "warnings"]);
    for command in [&mut format, &mut all] {
        if pass_on(command.current_dir(&workspace.root))? != 0 {
            return Ok(1);
        }
    }
    // Python nodes and the guest's code compile only against the provisioned CPython.
    let provisioned = provision(workspace, &Guest::default())?;
    let mut native = build::clippy_native(workspace, &provisioned);
    let mut guest = build::clippy_wasm(workspace, &provisioned);
    for command in [&mut native, &mut guest] {
        if pass_on(command)? != 0 {
            return Ok(1);
        }
    }
    deny(workspace)
}

/// Licences and sources of all dependencies, and the crates that a package must never reach: one run per `deny.toml`.
fn deny(workspace: &Workspace) -> Result<u8> {
    let program = parallax_provision::cargo_deny(&workspace.pins())?;
    for (folder, checks) in [
        ("", &["bans", "licenses", "sources"][..]),
        ("harness", &["bans"]),
        ("xtask", &["bans"]),
    ] {
        let package = workspace.root.join(folder);
        let mut command = Command::new(&program);
        command
            .arg("--config")
            .arg(package.join("deny.toml"))
            .arg("--manifest-path")
            .arg(package.join("Cargo.toml"));
        if folder.is_empty() {
            command.arg("--all-features");
        }
        if pass_on(command.arg("check").args(checks))? != 0 {
            return Ok(1);
        }
    }
    Ok(0)
}

/// Runs the rules, which are a test of this package.
fn check_rules(workspace: &Workspace) -> Result<u8> {
    let mut tests = cargo();
    tests
        .args(["test", "--release", "--quiet", "--package=xtask"])
        .args(["--test=tidy", "--target-dir"])
        .arg(&workspace.target)
        .current_dir(&workspace.root);
    Ok(u8::from(pass_on(&mut tests)? != 0))
}

fn pass_on(command: &mut Command) -> Result<u8> {
    tie(command, rustix::process::Signal::TERM);
    Ok(passed_code(status(command)?))
}

/// Whether one of these flags is among the arguments before a `--`, alone or as `--flag=value`.
fn asks_for(arguments: &[OsString], flags: &[&str]) -> bool {
    let mut before = arguments.iter().take_while(|argument| *argument != "--");
    before.any(|argument| {
        flags
            .iter()
            .any(|flag| argument == *flag || strip_prefix(argument, &format!("{flag}=")).is_some())
    })
}

/// Takes `--wasi-deps DIR` or `--wasi-deps=DIR`, and `--no-simd`, out of arguments that are otherwise another program's.
fn split_guest(arguments: Vec<OsString>) -> Result<(Guest, Vec<OsString>)> {
    let mut guest = GuestFlags::default();
    let mut kept = Vec::new();
    let mut rest = arguments.into_iter();
    while let Some(argument) = rest.next() {
        let value = if argument == "--" {
            kept.push(argument);
            kept.extend(rest);
            break;
        } else if argument == "--no-simd" {
            guest.no_simd = true;
            continue;
        } else if argument == "--wasi-deps" {
            rest.next().ok_or_else(|| {
                Failure::usage("--wasi-deps needs a folder").hint("--wasi-deps DIR")
            })?
        } else if let Some(value) = strip_prefix(&argument, "--wasi-deps=") {
            value
        } else {
            kept.push(argument);
            continue;
        };
        if guest.wasi_deps.replace(PathBuf::from(value)).is_some() {
            return Err(Failure::usage("--wasi-deps is given twice")
                .hint("give one folder")
                .into());
        }
    }
    if guest.no_simd && guest.wasi_deps.is_some() {
        return Err(Failure::usage(
            "--no-simd says how numpy is built, and --wasi-deps that none is",
        )
        .hint("give one of the two")
        .into());
    }
    Ok((guest.into(), kept))
}

fn strip_prefix(argument: &OsStr, prefix: &str) -> Option<OsString> {
    use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
    argument
        .as_bytes()
        .strip_prefix(prefix.as_bytes())
        .map(|rest| OsString::from_vec(rest.to_vec()))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn split(arguments: &[&str]) -> Result<(Guest, Vec<OsString>)> {
        split_guest(arguments.iter().map(OsString::from).collect())
    }

    #[test]
    fn wasi_deps_is_found_wherever_it_stands() {
        for arguments in [
            ["--wasi-deps", "d", "--jobs", "2"].as_slice(),
            &["--jobs", "2", "--wasi-deps", "d"],
            &["--jobs", "2", "--wasi-deps=d"],
        ] {
            let (given, rest) = split(arguments).expect("is fine");
            assert_eq!(given.wasi_deps.as_deref(), Some(Path::new("d")));
            assert_eq!(rest, ["--jobs", "2"]);
        }
    }

    #[test]
    fn the_kind_of_numpy_is_not_passed_on() {
        let (given, rest) = split(&["--jobs", "2", "--no-simd"]).expect("is fine");
        assert!(!given.simd);
        assert_eq!(rest, ["--jobs", "2"]);
    }

    #[test]
    fn what_follows_two_dashes_is_left_alone() {
        let (given, rest) = split(&["-j2", "--", "--wasi-deps", "d"]).expect("is fine");
        assert_eq!(given.wasi_deps, None);
        assert_eq!(rest, ["-j2", "--", "--wasi-deps", "d"]);
        let help = [&rest[..], &["--help".into()]].concat();
        assert!(!asks_for(&help, &["--help", "-h"]));
    }

    #[test]
    fn flags_are_seen_alone_and_with_a_value() {
        let given: Vec<OsString> = ["--native=x", "-h"].map(OsString::from).to_vec();
        assert!(asks_for(&given, &["--native"]));
        assert!(asks_for(&given, &["--help", "-h"]));
        assert!(!asks_for(&given, &["--wasm", "--nat"]));
    }

    #[test]
    fn a_flag_without_a_folder_or_given_twice_is_bad_input() {
        for arguments in [
            ["--wasi-deps"].as_slice(),
            &["--wasi-deps=a", "--wasi-deps", "b"],
            &["--wasi-deps=a", "--no-simd"],
        ] {
            let error = split(arguments).expect_err("is wrong");
            assert_eq!(parallax_failure::exit_code(&error), 2);
        }
    }
}
