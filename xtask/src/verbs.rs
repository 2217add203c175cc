//! What each verb does: one thin function each over provisioning, building, and starting other programs.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::cli::{Cli, Guest, Rest, Verb};
use crate::error::{finding, usage};
use crate::process::{passed_code, status, tie};
use crate::provision::{self, Provisioned, rust_std::cargo};
use crate::workspace::Workspace;
use crate::{build, doctor, figures, numpy_tests, tidy};

/// Runs the verb; the exit code is the harness's own where the harness runs.
///
/// # Errors
/// Whatever kept the verb from doing its work.
pub fn run(cli: Cli) -> Result<u8> {
    let workspace = Workspace::find()?;
    match cli.verb {
        Verb::Provision { clean: true, .. } => provision::clean().map(|()| 0),
        Verb::Provision { guest, .. } => provision::provision(&workspace, &guest).map(|_| 0),
        Verb::Build(guest) => {
            prepare(&workspace, &guest)?;
            start_harness(&workspace, "warm", &record(&workspace))
        }
        Verb::Verify(rest) => legs(&workspace, "verify", rest),
        Verb::Replay(rest) => legs(&workspace, "replay", rest),
        Verb::List(rest) => harness(&workspace, "list", &rest.arguments),
        Verb::Compare(rest) => harness(&workspace, "compare", &rest.arguments),
        Verb::Test(rest) => test(&workspace, rest),
        Verb::NumpyTests(options) => numpy_tests::run(&workspace, &options),
        Verb::Figures(options) => {
            prepare(&workspace, &Guest::default())?;
            figures::run(&workspace, &options).map(|()| 0)
        }
        Verb::Doctor => doctor::run(&workspace).map(|()| 0),
        Verb::Tidy => check_rules(&workspace).map(|()| 0),
        Verb::Lint => lint(&workspace),
        Verb::Ci(rest) => match test(
            &workspace,
            Rest {
                arguments: Vec::new(),
            },
        )? {
            0 => legs(&workspace, "verify", rest),
            failed => Ok(failed),
        },
    }
}

/// Provisions and builds everything.
///
/// # Errors
/// Something cannot be had or does not compile.
pub fn prepare(workspace: &Workspace, guest: &Guest) -> Result<Provisioned> {
    let provisioned = provision::provision(workspace, guest)?;
    build::build(workspace, &provisioned)?;
    Ok(provisioned)
}

/// Runs a verb of the harness that replays cases.
fn legs(workspace: &Workspace, verb: &str, rest: Rest) -> Result<u8> {
    let (guest, arguments) = split_guest(rest.arguments)?;
    // Neither help nor other people's executors are worth a build of CPython.
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

/// Tested one by one: together, cargo would give their common dependencies the features that any of them asks for, and compile wasmtime a second time.
const PACKAGES: [&str; 3] = ["parallax-runtime", "parallax-harness", "xtask"];

fn test(workspace: &Workspace, rest: Rest) -> Result<u8> {
    let (guest, arguments) = split_guest(rest.arguments)?;
    prepare(workspace, &guest)?;
    let mut worst = 0;
    for package in PACKAGES {
        let mut command = cargo();
        command
            .args([
                "test",
                "--release",
                "--no-fail-fast",
                "--package",
                package,
                "--target-dir",
            ])
            .arg(&workspace.target)
            .args(&arguments)
            .env("PARALLAX_BUILD", workspace.build_record())
            .current_dir(&workspace.root);
        // cargo's own code for a failed test is 101, which means nothing here.
        worst = match pass_on(&mut command)? {
            0 => worst,
            interrupted @ 128.. => return Ok(interrupted),
            _ => 1,
        };
    }
    Ok(worst)
}

/// Format first, which takes no time; Python nodes last, which only compile against a provisioned CPython.
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
    let provisioned = provision::provision(workspace, &Guest::default())?;
    let mut python = build::clippy_python(workspace, &provisioned);
    Ok(u8::from(pass_on(&mut python)? != 0))
}

fn check_rules(workspace: &Workspace) -> Result<()> {
    let findings = tidy::check(&workspace.root)?;
    for one in &findings {
        print_line(&one.to_string())?;
    }
    if findings.is_empty() {
        return Ok(());
    }
    let message = format!("{} places break the repository's rules", findings.len());
    Err(finding(message)
        .hint("each line above ends with its remedy")
        .into())
}

/// Writes to stdout; a reader that went away is not an error of ours.
///
/// # Errors
/// stdout cannot be written for another reason.
pub fn print_line(text: &str) -> Result<()> {
    use std::io::Write as _;
    match writeln!(std::io::stdout().lock(), "{text}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
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
    let mut guest = Guest::default();
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
            rest.next()
                .ok_or_else(|| usage("--wasi-deps needs a folder").hint("--wasi-deps DIR"))?
        } else if let Some(value) = strip_prefix(&argument, "--wasi-deps=") {
            value
        } else {
            kept.push(argument);
            continue;
        };
        if guest.wasi_deps.replace(PathBuf::from(value)).is_some() {
            return Err(usage("--wasi-deps is given twice")
                .hint("give one folder")
                .into());
        }
    }
    if guest.no_simd && guest.wasi_deps.is_some() {
        return Err(
            usage("--no-simd says how numpy is built, and --wasi-deps that none is")
                .hint("give one of the two")
                .into(),
        );
    }
    Ok((guest, kept))
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
        assert!(given.no_simd);
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
            assert_eq!(crate::error::exit_code(&error), 2);
        }
    }
}
