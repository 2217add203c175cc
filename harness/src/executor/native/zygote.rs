//! One zygote, seen from outside: a process that answers each case in a fork of itself.

use std::io::{self, IoSlice, Read as _};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use parallax_runtime::zygote::{End, FLAG, LONGEST, Order, Report};
use rustix::event::PollFlags;
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::net::{
    AddressFamily, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketFlags,
    SocketType, recv, sendmsg, socketpair,
};
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};

use super::exchange::{Exchange, GRACE, Pause, Said, ready};
use super::finished::Finished;
use super::result_pipe::ResultPipe;
use super::surroundings::{environment, keep_descriptors, open_files, settle};
use crate::error::Problem;
use crate::executor::{Job, STDERR_TAIL};

/// How long a zygote may take to import everything.
const STARTING: Duration = Duration::from_secs(600);

/// How long a zygote that waits for orders may take to begin one.
const FORKING: Duration = Duration::from_secs(60);

/// A zygote that waits for an order.
pub struct Zygote {
    process: Child,
    socket: OwnedFd,
    stderr: Option<ChildStderr>,
    node_path: PathBuf,
    /// It has kept an end to itself that it should have told.
    pub silent: bool,
}

/// Why a case has no end.
pub enum Failed {
    /// The zygote is dead; whether the case had begun.
    Dead {
        begun: bool,
    },
    /// A copy would not be to it what a fresh interpreter is.
    NeedsFresh(Said),
    Problem(Problem),
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Self {
        Failed::Problem(Problem::environment(format!(
            "failed to talk to the zygote: {error}"
        )))
    }
}

impl Zygote {
    /// Starts one.
    ///
    /// # Errors
    /// The program isn't there, or isn't an executor that can be a zygote.
    pub fn start(program: &Path, node_path: &Path) -> Result<Self, Problem> {
        let failed = |error: io::Error| {
            Problem::environment(format!(
                "failed to start a zygote of {}: {error}",
                program.display()
            ))
            .hint("--cold does without")
        };
        let (socket, other) = socketpair(
            AddressFamily::UNIX,
            SocketType::SEQPACKET,
            SocketFlags::CLOEXEC,
            None,
        )
        .map_err(|error| failed(error.into()))?;
        let mut command = Command::new(program);
        command
            .arg(FLAG)
            // Not the user's: what is imported ahead must not find anything there.
            .current_dir("/")
            .env_clear()
            // Each case has its own directory; here it only gets its place among the variables.
            .envs(environment(Path::new("/"), node_path))
            .stdin(Stdio::from(other))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            // Ctrl-C is for the harness; the zygote ends when the socket does.
            .process_group(0);
        // SAFETY: between fork and exec only async-signal-safe calls are allowed; `close_range`, `signal` and `setrlimit` are.
        unsafe {
            command.pre_exec(|| {
                keep_descriptors()?;
                settle()
            })
        };
        let mut process = command.spawn().map_err(failed)?;
        let stderr = process.stderr.take();
        let mut zygote = Zygote {
            process,
            socket,
            stderr,
            node_path: node_path.to_owned(),
            silent: false,
        };
        match zygote.hear(STARTING).map_err(failed)? {
            Some(Report::Ready) => Ok(zygote),
            Some(_) | None => Err(failed(io::Error::other(zygote.post_mortem()))),
        }
    }

    pub fn serves(&self, node_path: &Path) -> bool {
        self.node_path == node_path
    }

    /// Runs a job in a fork, whose result comes through the pipe.
    pub fn run(
        &mut self,
        job: &Job<'_>,
        case_dir: &Path,
        result: ResultPipe,
    ) -> Result<Finished, Failed> {
        let pipe = || pipe_with(PipeFlags::CLOEXEC);
        let [stdin, stdout, stderr] = [pipe(), pipe(), pipe()];
        let (stdin, stdout, stderr) = (
            stdin.map_err(io::Error::from)?,
            stdout.map_err(io::Error::from)?,
            stderr.map_err(io::Error::from)?,
        );
        let order = Order {
            case_dir: case_dir.to_owned(),
            result: result.path().to_owned(),
            memory: job.limits.memory,
            open_files: open_files(job.limits),
        };
        self.order(&order, &[&stdin.0, &stdout.1, &stderr.1])?;
        // The case's ends are the case's alone, or a pipe would never end.
        drop((stdin.0, stdout.1, stderr.1));
        let mut exchange = Exchange::new([stdin.1, stdout.0, stderr.0], Some(result), job)?;
        let group = match self.hear(FORKING)? {
            Some(Report::Started(pid)) => Pid::from_raw(pid),
            Some(other) => return Err(unexpected(&other)),
            None => return Err(Failed::Dead { begun: false }),
        };
        let pause = exchange.until(
            self.socket.as_fd(),
            Instant::now().checked_add(job.limits.wall),
        );
        // Also after a normal end: what the case leaves behind is ended with it.
        // The number is still the case's: the zygote reaps at the next order.
        if let Some(group) = group {
            // It fails where the whole group has ended already, which is as well.
            let _ = kill_process_group(group, Signal::KILL);
        }
        let pause = pause?;
        let status = match self.hear(GRACE) {
            Ok(Some(Report::Ended(end))) => Some(status(end)),
            Ok(Some(Report::NeedsFresh)) => return Err(Failed::NeedsFresh(exchange.finish()?)),
            Ok(Some(other)) => return Err(unexpected(&other)),
            Ok(None) => return Err(Failed::Dead { begun: true }),
            // The case is over all the same; only, the zygote can't be used again.
            Err(_) => {
                self.silent = true;
                None
            }
        };
        Ok(Finished {
            status: status.filter(|_| pause != Pause::Deadline),
            said: exchange.finish()?,
        })
    }

    fn order(&self, order: &Order, streams: &[&OwnedFd; 3]) -> Result<(), Failed> {
        let message = serde_json::to_vec(order).map_err(io::Error::from)?;
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(3))];
        let mut ancillary = SendAncillaryBuffer::new(&mut space);
        let streams = streams.map(|stream| stream.as_fd());
        ancillary.push(SendAncillaryMessage::ScmRights(&streams));
        let parts = [IoSlice::new(&message)];
        match sendmsg(&self.socket, &parts, &mut ancillary, SendFlags::NOSIGNAL) {
            Ok(_) => Ok(()),
            // The next thing to hear would be its end.
            Err(rustix::io::Errno::PIPE | rustix::io::Errno::CONNRESET) => {
                Err(Failed::Dead { begun: false })
            }
            Err(error) => Err(io::Error::from(error).into()),
        }
    }

    /// The next report; none when the zygote is dead.
    fn hear(&self, patience: Duration) -> io::Result<Option<Report>> {
        let watched = [(Some(self.socket.as_fd()), PollFlags::IN)];
        if ready(watched, Instant::now().checked_add(patience))?.is_none() {
            let message = format!("it has said nothing for {} s", patience.as_secs());
            return Err(io::Error::other(message));
        }
        let mut message = [0; LONGEST];
        match recv(&self.socket, &mut message, RecvFlags::empty()) {
            Ok((0, _)) | Err(rustix::io::Errno::CONNRESET) => Ok(None),
            Ok((count, _)) => Ok(Some(serde_json::from_slice(&message[..count])?)),
            Err(error) => Err(error.into()),
        }
    }

    /// Ends it, if it hasn't, and says what it has died of before: in its own words as far as it had any.
    pub fn post_mortem(&mut self) -> String {
        let cause = match self.own_end() {
            Ok(Some(status)) => status.to_string(),
            Ok(None) => "it doesn't answer any more".to_owned(),
            Err(error) => error.to_string(),
        };
        match self.last_words() {
            words if words.is_empty() => cause,
            words => format!("{cause}: {words}"),
        }
    }

    /// How it ended by itself; nothing if it had to be ended.
    fn own_end(&mut self) -> io::Result<Option<ExitStatus>> {
        if let Some(pid) = i32::try_from(self.process.id())
            .ok()
            .and_then(Pid::from_raw)
            && !self.silent
        {
            let ended = pidfd_open(pid, PidfdFlags::empty())?;
            let watched = [(Some(ended.as_fd()), PollFlags::IN)];
            // The socket may close a moment before the process has ended.
            if ready(watched, Instant::now().checked_add(GRACE))?.is_some() {
                return self.process.wait().map(Some);
            }
        }
        self.process.kill()?;
        self.process.wait().map(|_| None)
    }

    fn last_words(&mut self) -> String {
        let mut words = Vec::new();
        if let Some(mut stderr) = self.stderr.take() {
            // A process that it left behind may keep the pipe open.
            let open = fcntl_getfl(&stderr)
                .and_then(|flags| fcntl_setfl(&stderr, flags | OFlags::NONBLOCK));
            if open.is_ok() {
                // What was read before an error is what there is.
                let _ = stderr.read_to_end(&mut words);
            }
        }
        let tail = words.len().saturating_sub(STDERR_TAIL);
        String::from_utf8_lossy(&words[tail..]).trim().to_owned()
    }
}

impl Drop for Zygote {
    fn drop(&mut self) {
        // It may be dead already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn unexpected(report: &Report) -> Failed {
    Failed::Problem(match report {
        Report::Failed(why) => {
            Problem::environment(format!("failed to set up a case's process: {why}"))
        }
        other => Problem::environment(format!("the zygote says {other:?} out of turn"))
            .hint("build the executors and the harness together: cargo xtask build"),
    })
}

fn status(end: End) -> ExitStatus {
    match end {
        End::Exited(code) => ExitStatus::from_raw((code & 0xff) << 8),
        End::Signaled(signal) => ExitStatus::from_raw(signal & 0x7f),
    }
}
