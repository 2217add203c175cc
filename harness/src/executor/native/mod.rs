//! The native leg: a child process a case, under limits that the kernel keeps; started for it, or forked off a zygote.

mod exchange;
mod pool;
mod result_pipe;
mod zygote;

use std::ffi::OsString;
use std::io;
use std::os::fd::AsFd as _;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{
    Pid, PidfdFlags, Resource, Rlimit, Signal, getrlimit, kill_process_group, pidfd_open,
    set_parent_process_death_signal, setrlimit,
};

use parallax_runtime::channel;
use parallax_runtime::outcome::Printed;

use self::exchange::{Exchange, Pause, Said};
pub use self::pool::ZygoteExecutor;
use self::result_pipe::{ResultPipe, ResultPipes};
use super::places::Places;
use super::protocol::{Answered, Form, STOPPED};
use super::{Answer, Channel, ENVIRONMENT, Executor, Job, complete, fresh_directory, tail};
use crate::case::Limits;
use crate::error::Problem;
use crate::outcome::{Ending, Outcome};

/// Any program that speaks the one-shot protocol.
pub struct NativeExecutor {
    program: PathBuf,
    arguments: Vec<String>,
    /// Where results come in, if not on standard output.
    results: Option<ResultPipes>,
}

impl NativeExecutor {
    /// Takes a path, or a command line quoted as in a shell.
    ///
    /// # Errors
    /// There is no such program, it can't be executed, or the quoting is off.
    pub fn new(command: &str, channel: Channel) -> Result<Self, Problem> {
        if let Ok(program) = Path::new(command).canonicalize() {
            return Self::at(program, Vec::new(), channel);
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
        Self::at(found, arguments, channel)
    }

    fn at(program: PathBuf, arguments: Vec<String>, channel: Channel) -> Result<Self, Problem> {
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
        let results = match channel {
            Channel::StandardOutput => None,
            Channel::Own => Some(ResultPipes::new()?),
        };
        Ok(NativeExecutor {
            program,
            arguments,
            results,
        })
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
        let started = Instant::now();
        let result = self.results.as_ref().map(ResultPipes::make);
        let result = result.transpose().map_err(result_pipe::failed)?;
        let child = self.spawn(&job, case_dir.path(), result.as_ref())?;
        let finished = attend(child, result, &job).map_err(|error| {
            Problem::environment(format!("failed to wait for the executor: {error}"))
        })?;
        answer(finished, &job, case_dir.path(), started.elapsed())
    }
}

impl NativeExecutor {
    fn spawn(
        &self,
        job: &Job<'_>,
        case_dir: &Path,
        result: Option<&ResultPipe>,
    ) -> Result<Child, Problem> {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .current_dir(case_dir)
            .env_clear()
            .envs(environment(case_dir, job.node_path))
            .envs(result.map(|result| (channel::VARIABLE, result.path())))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // A group of its own, so that whatever the case starts is ended with it.
            .process_group(0);
        let (memory, files) = (job.limits.memory, open_files(job.limits));
        // SAFETY: between fork and exec only async-signal-safe calls are allowed; `prctl`, `setrlimit` and `close_range` are, and the closure neither allocates nor locks.
        unsafe {
            command.pre_exec(move || {
                keep_descriptors()?;
                limit(memory, files)
            })
        };
        command.spawn().map_err(|error| {
            Problem::environment(format!(
                "failed to start {}: {error}",
                self.program.display()
            ))
            .hint("run it by hand to see why; a script needs a valid `#!` line")
        })
    }
}

/// All that a native executor finds in its environment.
fn environment(case_dir: &Path, node_path: &Path) -> Vec<(&'static str, OsString)> {
    let mut variables: Vec<_> = ENVIRONMENT
        .iter()
        .map(|&(name, value)| (name, value.into()))
        .collect();
    variables.extend([
        ("PARALLAX_CASE_DIR", case_dir.into()),
        // What a case leaves in /tmp, the next one would find.
        ("TMPDIR", case_dir.into()),
        ("PARALLAX_NODE_PATH", node_path.into()),
        ("PATH", std::env::var_os("PATH").unwrap_or_default()),
    ]);
    variables
}

/// How many files a case may have open; what the harness itself may not go beyond, it can't allow either.
fn open_files(limits: &Limits) -> u64 {
    getrlimit(Resource::Nofile)
        .maximum
        .map_or(limits.open_files, |most| most.min(limits.open_files))
}

/// Keeps from a new program what the harness has open: wasmtime's look into the harness's memory, and whatever the harness was itself started with.
fn keep_descriptors() -> io::Result<()> {
    let (first, last, flags) = (3u32, u32::MAX, libc::CLOSE_RANGE_CLOEXEC);
    // SAFETY: the call only sets a flag of this process's own descriptors.
    let done = unsafe { libc::syscall(libc::SYS_close_range, first, last, flags) };
    if done == 0 {
        return Ok(());
    }
    Err(io::Error::last_os_error())
}

/// Bounds the memory that the child can write to, leaves no core file behind, and no process when the harness is killed.
fn limit(memory: u64, files: u64) -> std::io::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let exactly = |bytes| Rlimit {
        current: Some(bytes),
        maximum: Some(bytes),
    };
    // Address space that is only reserved costs nothing, so it is the writable part that counts.
    setrlimit(Resource::Data, exactly(memory))?;
    setrlimit(Resource::Core, exactly(0))?;
    setrlimit(Resource::Nofile, exactly(files))?;
    Ok(())
}

struct Finished {
    /// `None` when the wall-clock limit passed.
    status: Option<ExitStatus>,
    said: Said,
}

fn answer(
    finished: Finished,
    job: &Job<'_>,
    case_dir: &Path,
    wall: Duration,
) -> Result<Answer, Problem> {
    let places = Places {
        case_dir: &case_dir.to_string_lossy(),
        node_path: &job.node_path.to_string_lossy(),
    };
    let stderr = tail(&finished.said.stderr);
    Ok(Answer {
        outcome: complete(finished.outcome(job), case_dir, &places)?,
        fuel: None,
        stderr,
        wall,
    })
}

impl Finished {
    fn outcome(self, job: &Job<'_>) -> Outcome {
        let Said {
            stdout,
            stderr,
            result,
            excess,
        } = self.said;
        if let Some(fault) = excess {
            let code = STOPPED;
            return Ending::Exited { code, fault }.into();
        }
        let Some(status) = self.status else {
            return Ending::TimedOut.into();
        };
        let (document, printed) = match result {
            Some(document) => (document, Some(Printed { stdout, stderr })),
            None => (stdout, None),
        };
        let name = match (status.code(), status.signal()) {
            (Some(code), _) => {
                let answered = Answered {
                    document: Form::Bytes(&document),
                    code: Some(code),
                    printed,
                };
                return answered.outcome(job.transport);
            }
            (None, Some(signal)) => signal_name(signal),
            (None, None) => status.to_string(),
        };
        Outcome {
            printed: printed.unwrap_or_default(),
            ..Ending::Trapped(name).into()
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
fn attend(mut child: Child, result: Option<ResultPipe>, job: &Job<'_>) -> io::Result<Finished> {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let (Some(pid), Some(stdin), Some(stdout), Some(stderr)) = (
        pid,
        child.stdin.take(),
        child.stdout.take(),
        child.stderr.take(),
    ) else {
        return Err(io::Error::other("it was started without its pipes"));
    };
    let waited = pidfd_open(pid, PidfdFlags::empty())
        .map_err(io::Error::from)
        .and_then(|ended| {
            let streams = [stdin.into(), stdout.into(), stderr.into()];
            let mut exchange = Exchange::new(streams, result, job)?;
            let deadline = Instant::now().checked_add(job.limits.wall);
            let pause = exchange.until(ended.as_fd(), deadline)?;
            Ok((exchange, pause))
        });
    // Also after a normal end: what the program leaves behind is ended with it.
    // It fails where the whole group has ended already, which is as well.
    let _ = kill_process_group(pid, Signal::KILL);
    let status = child.wait()?;
    let (exchange, pause) = waited?;
    Ok(Finished {
        status: Some(status).filter(|_| pause != Pause::Deadline),
        said: exchange.finish()?,
    })
}
