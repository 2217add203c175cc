//! The native leg: a child process a case, under limits that the kernel keeps.

mod drain;

use std::io::Write as _;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Instant;

use rustix::process::{
    Pid, Resource, Rlimit, Signal, kill_process_group, set_parent_process_death_signal, setrlimit,
};
use shared_child::SharedChild;

use self::drain::Drain;
use super::bounded::Excess;
use super::protocol::{self, Places, STOPPED};
use super::{Answer, ENVIRONMENT, Executor, Job, STDERR_TAIL, fresh_directory};
use crate::error::Problem;
use crate::outcome::{Fault, Outcome};

/// Any program that speaks the one-shot protocol.
pub struct NativeExecutor {
    program: PathBuf,
    arguments: Vec<String>,
}

impl NativeExecutor {
    /// Takes a path, or a command line quoted as in a shell.
    ///
    /// # Errors
    /// There is no such program, it can't be executed, or the quoting is off.
    pub fn new(command: &str) -> Result<Self, Problem> {
        if let Ok(program) = Path::new(command).canonicalize() {
            return Self::at(program, Vec::new());
        }
        let mut words = shell_words::split(command)
            .map_err(|error| Problem::usage(format!("--native {command:?}: {error}")))?
            .into_iter();
        let program = words
            .next()
            .ok_or_else(|| Problem::usage("--native: the program is empty"))?;
        let found = find_program(&program).ok_or_else(|| {
            Problem::usage(format!("--native: there is no program {program:?}"))
                .hint("name an executable file, or a command that PATH leads to")
        })?;
        // A case runs in a directory of its own, where a relative path would lead nowhere.
        let arguments = words
            .map(|word| match Path::new(&word).canonicalize() {
                Ok(path) if word.contains('/') || path.is_file() => {
                    path.to_string_lossy().into_owned()
                }
                _ => word,
            })
            .collect();
        Self::at(found, arguments)
    }

    fn at(program: PathBuf, arguments: Vec<String>) -> Result<Self, Problem> {
        use std::os::unix::fs::PermissionsExt as _;
        let executable = program
            .metadata()
            .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0);
        if !executable {
            return Err(
                Problem::usage(format!("{} is not an executable file", program.display())).hint(
                    "chmod +x it, or put its interpreter in front: --native \"python3 FILE\"",
                ),
            );
        }
        Ok(NativeExecutor { program, arguments })
    }
}

fn find_program(name: &str) -> Option<PathBuf> {
    if name.contains('/') {
        return Path::new(name).canonicalize().ok();
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|directory| directory.join(name))
        .find(|candidate| candidate.is_file())
}

impl Executor for NativeExecutor {
    fn run(&self, job: Job<'_>) -> Result<Answer, Problem> {
        let case_dir = fresh_directory()?;
        let case_path = case_dir.path().to_string_lossy().into_owned();
        let node_path = job.node_path.to_string_lossy().into_owned();
        let started = Instant::now();
        let child = self.spawn(&job, &case_path, &node_path)?;
        let finished = attend(child, &job)?;
        let places = Places {
            case_dir: &case_path,
            node_path: &node_path,
        };
        Ok(Answer {
            outcome: finished.outcome(&job, &places),
            stderr: String::from_utf8_lossy(&finished.stderr).into_owned(),
            wall: started.elapsed(),
        })
    }
}

impl NativeExecutor {
    fn spawn(
        &self,
        job: &Job<'_>,
        case_dir: &str,
        node_path: &str,
    ) -> Result<SharedChild, Problem> {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .current_dir(case_dir)
            .env_clear()
            .envs(ENVIRONMENT)
            .env("PARALLAX_CASE_DIR", case_dir)
            .env("PARALLAX_NODE_PATH", node_path)
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // A group of its own, so that whatever the case starts is ended with it.
            .process_group(0);
        let memory = job.limits.memory;
        // SAFETY: between fork and exec only async-signal-safe calls are allowed; `prctl` and `setrlimit` are, and the closure neither allocates nor locks.
        unsafe { command.pre_exec(move || limit(memory)) };
        SharedChild::spawn(&mut command).map_err(|error| {
            Problem::environment(format!(
                "failed to start {}: {error}",
                self.program.display()
            ))
            .hint("run it by hand to see why; a script needs a valid `#!` line")
        })
    }
}

/// Bounds the memory that the child can write to, leaves no core file behind, and no process when the harness is killed.
fn limit(memory: u64) -> std::io::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let exactly = |bytes| Rlimit {
        current: Some(bytes),
        maximum: Some(bytes),
    };
    // Address space that is only reserved costs nothing, so it is the writable part that counts.
    setrlimit(Resource::Data, exactly(memory))?;
    setrlimit(Resource::Core, exactly(0))?;
    Ok(())
}

struct Finished {
    /// `None` when the wall-clock limit passed.
    status: Option<ExitStatus>,
    stdout: Vec<u8>,
    too_much: bool,
    stderr: Vec<u8>,
}

impl Finished {
    fn outcome(&self, job: &Job<'_>, places: &Places<'_>) -> Outcome {
        if self.too_much {
            return Outcome::Exited {
                code: STOPPED,
                fault: Fault::OutputLimit(job.limits.output),
            };
        }
        match self.status {
            None => Outcome::TimedOut,
            Some(status) => match (status.code(), status.signal()) {
                (Some(code), _) => protocol::outcome(&self.stdout, code, places),
                (None, Some(signal)) => Outcome::Trapped(signal_name(signal)),
                (None, None) => Outcome::Trapped(status.to_string()),
            },
        }
    }
}

fn signal_name(signal: i32) -> String {
    let name = match signal {
        4 => "SIGILL",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        15 => "SIGTERM",
        other => return format!("signal {other}"),
    };
    name.to_owned()
}

/// Feeds the child and drains it until it ends, is too slow, or says too much.
fn attend(child: SharedChild, job: &Job<'_>) -> Result<Finished, Problem> {
    let child = Arc::new(child);
    if let Some(mut stdin) = child.take_stdin() {
        let request = job.request.to_vec();
        // A program may leave without having read everything; its answer tells, not the broken pipe.
        std::thread::spawn(move || stdin.write_all(&request));
    }
    let stdout = child.take_stdout().map(|stdout| {
        let speaker = Arc::clone(&child);
        Drain::start(stdout, job.limits.output, Excess::Stop, move || {
            kill_group(&speaker);
        })
    });
    let stderr = child
        .take_stderr()
        .map(|stderr| Drain::start(stderr, STDERR_TAIL, Excess::Forget, || {}));
    let waited = child.wait_timeout(job.limits.wall);
    // Also after a normal end: what the program leaves behind is ended with it.
    kill_group(&child);
    let failed = |error| Problem::environment(format!("failed to wait for the executor: {error}"));
    let status = match waited.map_err(failed)? {
        Some(status) => Some(status),
        None => {
            child.wait().map_err(failed)?;
            None
        }
    };
    let (stdout, too_much) = stdout.map(Drain::finish).unwrap_or_default();
    let (stderr, _) = stderr.map(Drain::finish).unwrap_or_default();
    Ok(Finished {
        status,
        stdout,
        too_much,
        stderr,
    })
}

fn kill_group(child: &SharedChild) {
    if let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        // It fails where the whole group has ended already, which is as well.
        let _ = kill_process_group(pid, Signal::KILL);
    }
}
