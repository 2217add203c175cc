//! A process that is started for its case.

use std::io;
use std::os::fd::AsFd as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use parallax_runtime::channel;
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};

use super::exchange::{Exchange, Pause};
use super::finished::{Finished, answer};
use super::result_pipe::{self, ResultPipe, ResultPipes};
use super::surroundings::{environment, keep_descriptors, limit, open_files, settle};
use crate::error::Problem;
use crate::executor::places::Library;
use crate::executor::{Answer, Channel, Executor, Job, fresh_directory};

/// Any program that speaks the one-shot protocol.
pub struct NativeExecutor {
    pub(super) program: PathBuf,
    arguments: Vec<String>,
    /// Where results come in, if not on standard output.
    results: Option<ResultPipes>,
    /// What the environment has besides that of every execution, or instead of it.
    variables: Vec<(&'static str, String)>,
    pub(super) library: Library,
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

    /// Takes a file and its arguments.
    ///
    /// # Errors
    /// It can't be executed, or there is no folder for its results.
    pub(super) fn at(
        program: PathBuf,
        arguments: Vec<String>,
        channel: Channel,
    ) -> Result<Self, Problem> {
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
            variables: Vec::new(),
            library: Library::default(),
        })
    }

    /// The same, of which it is known where its Python has its library.
    #[must_use]
    pub fn with_library(mut self, library: Library) -> Self {
        self.library = library;
        self
    }

    /// The same with variables of the environment that change how it computes.
    #[must_use]
    pub fn with_variables(mut self, variables: Vec<(&'static str, String)>) -> Self {
        self.variables = variables;
        self
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
        answer(
            finished,
            &job,
            case_dir.path(),
            &self.library,
            started.elapsed(),
        )
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
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .envs(result.map(|result| (channel::VARIABLE, result.path())))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // A group of its own, so that whatever the case starts is ended with it.
            .process_group(0);
        let (memory, files) = (job.limits.memory, open_files(job.limits));
        // SAFETY: between fork and exec only async-signal-safe calls are allowed; `prctl`, `setrlimit`, `signal` and `close_range` are, and the closure neither allocates nor locks.
        unsafe {
            command.pre_exec(move || {
                keep_descriptors()?;
                settle()?;
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
