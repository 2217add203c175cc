//! Starting other programs: logged, tied to this process, and with errors that say what to do.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context as _, Result};
use parallax_failure::Failure;

use crate::progress::Ticker;
use crate::tools;

/// How many lines of a failed command's output are shown.
const SHOWN_LINES: usize = 20;

/// The variables that a build may see. With any other, its result could depend on the user's shell.
const KEPT_VARIABLES: [&str; 16] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "TMPDIR",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "all_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "APT_CONFIG",
];

/// A command that sees only the kept variables, so that nothing changes what a compiler or `configure` does.
pub fn hermetic(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_clear();
    for name in KEPT_VARIABLES {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
        .env("LC_ALL", "C.UTF-8")
        .env("TZ", "UTC")
        .env("SOURCE_DATE_EPOCH", "315532800");
    command
}

/// Has the kernel end the child when this process ends, so that no child of a killed run writes into the cache.
pub fn tie(command: &mut Command, signal: rustix::process::Signal) {
    // SAFETY: the closure runs between fork and exec and makes one `prctl` system call, which is async-signal-safe;
    // it allocates nothing and touches no state of the parent.
    unsafe {
        command.pre_exec(move || {
            rustix::process::set_parent_process_death_signal(Some(signal))
                .map_err(std::io::Error::from)
        });
    }
}

/// Runs commands with their output in a log.
pub struct Runner<'a> {
    log: PathBuf,
    /// The file of the cache's lock, given to children as stdin: a child that outlives this process holds the lock until it ends.
    held: Option<&'a File>,
    label: String,
}

impl<'a> Runner<'a> {
    /// Starts an empty log.
    ///
    /// # Errors
    /// The log cannot be written.
    pub fn new(log: PathBuf, held: Option<&'a File>, label: String) -> Result<Self> {
        if let Some(parent) = log.parent() {
            crate::files::create_dir(parent)?;
        }
        File::create(&log).with_context(|| format!("cannot create {}", log.display()))?;
        Ok(Self { log, held, label })
    }

    /// The log's path.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// An append handle on the log, for programs that another crate starts.
    ///
    /// # Errors
    /// The log cannot be opened.
    pub fn append(&self) -> Result<File> {
        OpenOptions::new()
            .append(true)
            .open(&self.log)
            .with_context(|| format!("cannot open {}", self.log.display()))
    }

    /// Sets a command's stdin, and has it end with this process; stdout and stderr stay as they are.
    ///
    /// # Errors
    /// The lock's handle cannot be duplicated.
    pub fn prepare(&self, command: &mut Command) -> Result<()> {
        let stdin = match self.held {
            Some(lock) => Stdio::from(
                lock.try_clone()
                    .context("cannot duplicate the lock's handle")?,
            ),
            None => Stdio::null(),
        };
        command.stdin(stdin);
        tie(command, rustix::process::Signal::KILL);
        Ok(())
    }

    /// Runs to the end; `what` says in a failure what was being done ("configure CPython").
    ///
    /// # Errors
    /// The program is missing or fails; the message ends with the last lines of its output.
    pub fn run(&self, command: &mut Command, what: &str) -> Result<()> {
        let mut log = self.append()?;
        writeln!(log, "$ {}", display(command))
            .with_context(|| format!("cannot write {}", self.log.display()))?;
        let start = log.metadata().map(|meta| meta.len()).unwrap_or(0);
        command.stdout(
            log.try_clone()
                .context("cannot duplicate the log's handle")?,
        );
        command.stderr(log);
        self.prepare(command)?;
        let ticker = Ticker::start(&self.label);
        let status = status(command);
        drop(ticker);
        let status = status?;
        if status.success() {
            return Ok(());
        }
        Err(self.failure(what, &outcome(status), start).into())
    }

    /// Runs to the end and gives back stdout; stderr goes to the log.
    ///
    /// # Errors
    /// As for [`Runner::run`].
    pub fn output(&self, command: &mut Command, what: &str) -> Result<String> {
        let mut log = self.append()?;
        writeln!(log, "$ {}", display(command))
            .with_context(|| format!("cannot write {}", self.log.display()))?;
        let start = log.metadata().map(|meta| meta.len()).unwrap_or(0);
        command.stderr(log);
        self.prepare(command)?;
        let output = command
            .output()
            .map_err(|error| cannot_start(command, &error))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        Err(self.failure(what, &outcome(output.status), start).into())
    }

    /// The failure of a step, with the end of the log from byte `start` on.
    pub fn failure(&self, what: &str, outcome: &str, start: u64) -> Failure {
        let tail = tail(&self.log, start);
        let shown = if tail.is_empty() {
            String::new()
        } else {
            format!("; its last lines:\n{tail}")
        };
        Failure::environment(format!("failed to {what}: {outcome}{shown}")).hint(format!(
            "the whole output is in {}; the next run goes on at this step",
            self.log.display()
        ))
    }
}

/// The last lines that were appended to a log after byte `start`.
fn tail(log: &Path, start: u64) -> String {
    let bytes = std::fs::read(log).unwrap_or_default();
    let start = usize::try_from(start).unwrap_or(0).min(bytes.len());
    let text = String::from_utf8_lossy(&bytes[start..]);
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let from = lines.len().saturating_sub(SHOWN_LINES);
    lines[from..]
        .iter()
        .map(|line| format!("    {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Waits for a command; a program that is not there is named with its install command.
///
/// # Errors
/// The program cannot be started.
pub fn status(command: &mut Command) -> Result<ExitStatus> {
    command
        .status()
        .map_err(|error| cannot_start(command, &error).into())
}

/// The stdout of a short command that has no log.
///
/// # Errors
/// The program is missing or fails; the message holds what it said.
pub fn read(command: &mut Command) -> Result<String> {
    command.stdin(Stdio::null());
    let output = command
        .output()
        .map_err(|error| cannot_start(command, &error))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout)
            .trim_end()
            .to_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    let message = format!(
        "`{}` failed ({}): {said}",
        display(command),
        outcome(output.status)
    );
    Err(Failure::environment(message)
        .hint("run that command by hand; `cargo xtask doctor` shows what the machine lacks")
        .into())
}

fn cannot_start(command: &Command, error: &std::io::Error) -> Failure {
    let program = command.get_program().to_string_lossy();
    if error.kind() == std::io::ErrorKind::NotFound {
        return tools::missing(&program);
    }
    Failure::environment(format!("cannot start `{program}`: {error}"))
        .hint("check that it is a program for this machine")
}

/// How a process ended, in words.
pub fn outcome(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("killed by signal {signal}"),
        (None, None) => "ended in an unknown way".to_owned(),
    }
}

/// The exit code to pass on: the child's own, or 128 plus the signal as shells do.
pub fn passed_code(status: ExitStatus) -> u8 {
    let code = status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal))
        .unwrap_or(3);
    u8::try_from(code).unwrap_or(3)
}

fn display(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_are_passed_and_signals_are_mapped() {
        let code = |script: &str| {
            passed_code(status(Command::new("sh").args(["-c", script])).expect("sh starts"))
        };
        assert_eq!(code("exit 0"), 0);
        assert_eq!(code("exit 1"), 1);
        assert_eq!(code("kill -KILL $$"), 137);
        assert_eq!(code("kill -TERM $$"), 143);
    }

    #[test]
    fn a_failed_command_shows_its_own_last_lines_and_the_log() {
        let folder = tempfile::tempdir().expect("a folder");
        let runner =
            Runner::new(folder.path().join("step.log"), None, "step".into()).expect("a log");
        runner
            .run(
                Command::new("sh").args(["-c", "echo earlier command"]),
                "do this",
            )
            .expect("succeeds");
        let script = "for i in $(seq 1 50); do echo line $i; done; exit 4";
        let error = runner
            .run(Command::new("sh").args(["-c", script]), "do that")
            .expect_err("fails");
        let text = parallax_failure::render(&error);
        assert_eq!(parallax_failure::exit_code(&error), 3);
        assert!(text.contains("failed to do that: exit code 4"), "{text}");
        assert!(
            text.contains("line 50") && text.contains("line 31\n") && !text.contains("line 30\n"),
            "{text}"
        );
        assert!(!text.contains("earlier"), "{text}");
        assert!(text.contains("step.log"), "{text}");
    }

    #[test]
    fn a_missing_program_is_named_with_its_remedy() {
        let error = read(&mut Command::new("no-such-program-here")).expect_err("is missing");
        assert_eq!(parallax_failure::exit_code(&error), 3);
        assert!(parallax_failure::render(&error).contains("`no-such-program-here` is not in PATH"));
    }

    #[test]
    fn builds_do_not_see_the_users_compiler_flags() {
        let printed = read(hermetic("env").env_remove("nothing")).expect("env runs");
        assert!(printed.lines().any(|line| line == "LC_ALL=C.UTF-8"));
        assert!(
            !printed.lines().any(|line| line.starts_with("CARGO")),
            "{printed}"
        );
    }
}
