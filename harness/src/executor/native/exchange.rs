//! Feeds a process and drains it, within bounds of size and time, from one thread: a case must not cost several.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::io::Errno;

use super::result_pipe::{Name, ResultPipe};
use crate::executor::bounded::{Bounded, Excess};
use crate::executor::{Job, STDERR_TAIL};
use crate::outcome::Fault;

/// How long a pipe may stay open after its process has ended: a process that left the group may hold it for ever.
/// Long enough for a machine that is busy.
pub const GRACE: Duration = Duration::from_secs(4);

/// Why an exchange pauses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pause {
    /// Whoever tells the end has something to say.
    Ended,
    Deadline,
    TooMuch,
}

/// The harness's ends of a process's standard streams, and of the pipe for its result where it has one.
pub struct Exchange<'a> {
    stdin: Option<OwnedFd>,
    request: &'a [u8],
    stdout: Source,
    stderr: Source,
    result: Option<Source>,
    /// The result's, there for as long as the process may open it.
    _name: Option<Name>,
    most: usize,
    chunk: Vec<u8>,
}

struct Source {
    pipe: Option<OwnedFd>,
    text: Bounded,
}

/// What a process said.
pub struct Said {
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    /// `None` where standard output is what carries it.
    pub result: Option<Vec<u8>>,
    /// That one of them was more than allowed.
    pub excess: Option<Fault>,
}

impl<'a> Exchange<'a> {
    /// Takes standard input, output and error; and the result's pipe, without which standard error is only for logs.
    ///
    /// # Errors
    /// The descriptors are no pipes.
    pub fn new(
        [stdin, stdout, stderr]: [OwnedFd; 3],
        result: Option<ResultPipe>,
        job: &Job<'a>,
    ) -> io::Result<Self> {
        // A request that is larger than the pipe must not keep the harness from reading.
        fcntl_setfl(&stdin, fcntl_getfl(&stdin)? | OFlags::NONBLOCK)?;
        let most = job.limits.output;
        let source = |pipe, most, excess| Source {
            pipe: Some(pipe),
            text: Bounded::new(most, excess),
        };
        let stderr = match result {
            Some(_) => source(stderr, most, Excess::Stop),
            None => source(stderr, STDERR_TAIL, Excess::Forget),
        };
        let (result, name) = result.map(ResultPipe::into_reader).unzip();
        Ok(Exchange {
            stdin: Some(stdin),
            request: job.request,
            stdout: source(stdout, most, Excess::Stop),
            stderr,
            result: result.map(|pipe| source(pipe, most, Excess::Stop)),
            _name: name,
            most,
            chunk: vec![0; 1 << 16],
        })
    }

    /// Goes on until `ended` can be read, time is up, or there is too much output.
    ///
    /// # Errors
    /// The kernel can't wait for the descriptors.
    pub fn until(&mut self, ended: BorrowedFd<'_>, deadline: Option<Instant>) -> io::Result<Pause> {
        loop {
            if let Some(pause) = self.step(Some(ended), deadline)? {
                return Ok(pause);
            }
        }
    }

    /// Reads what is left when the process has ended.
    ///
    /// # Errors
    /// The kernel can't wait for the descriptors.
    pub fn finish(mut self) -> io::Result<Said> {
        // There is nobody left to read it.
        self.stdin = None;
        let deadline = Instant::now().checked_add(GRACE);
        // A pipe that nobody has opened has no end to wait for.
        if let Some(result) = &mut self.result {
            result.read(&mut self.chunk);
        }
        while self.is_open() {
            // Whatever still holds a pipe, nothing more is waited for.
            if let Some(Pause::Deadline) = self.step(None, deadline)? {
                break;
            }
        }
        let (stdout, too_much) = self.stdout.text.take();
        let (stderr, too_many_errors) = self.stderr.text.take();
        let result = self.result.map(|result| result.text.take());
        let most = self.most;
        let excess = [
            ("on standard output", too_much),
            ("on standard error", too_many_errors),
            (
                "in the result",
                result.as_ref().is_some_and(|result| result.1),
            ),
        ]
        .into_iter()
        .find(|(_, too_much)| *too_much)
        .map(|(place, _)| Fault::OutputLimit { place, most });
        Ok(Said {
            stdout,
            stderr,
            result: result.map(|(document, _)| document),
            excess,
        })
    }

    fn is_open(&self) -> bool {
        let sources = [Some(&self.stdout), Some(&self.stderr), self.result.as_ref()];
        sources
            .into_iter()
            .flatten()
            .any(|source| source.pipe.is_some())
    }

    fn step(
        &mut self,
        ended: Option<BorrowedFd<'_>>,
        deadline: Option<Instant>,
    ) -> io::Result<Option<Pause>> {
        let result = self.result.as_ref().and_then(|result| result.pipe.as_ref());
        let watched = [
            (self.stdin.as_ref().map(AsFd::as_fd), PollFlags::OUT),
            (self.stdout.pipe.as_ref().map(AsFd::as_fd), PollFlags::IN),
            (self.stderr.pipe.as_ref().map(AsFd::as_fd), PollFlags::IN),
            (result.map(AsFd::as_fd), PollFlags::IN),
            (ended, PollFlags::IN),
        ];
        let Some([stdin, stdout, stderr, result, end]) = ready(watched, deadline)? else {
            return Ok(Some(Pause::Deadline));
        };
        if stdin {
            self.feed();
        }
        let able = [
            (stdout, Some(&mut self.stdout)),
            (stderr, Some(&mut self.stderr)),
            (result, self.result.as_mut()),
        ];
        for (able, source) in able {
            if let Some(source) = source.filter(|_| able)
                && !source.read(&mut self.chunk)
            {
                return Ok(Some(Pause::TooMuch));
            }
        }
        Ok(end.then_some(Pause::Ended))
    }

    fn feed(&mut self) {
        let Some(pipe) = &self.stdin else { return };
        match rustix::io::write(pipe, self.request) {
            Ok(count) => self.request = &self.request[count..],
            Err(Errno::AGAIN | Errno::INTR) => return,
            // A program may leave without having read everything; its answer tells, not the broken pipe.
            Err(_) => self.request = &[],
        }
        if self.request.is_empty() {
            self.stdin = None;
        }
    }
}

impl Source {
    /// Reads what is there; says whether the process may go on.
    fn read(&mut self, chunk: &mut [u8]) -> bool {
        let Some(pipe) = &self.pipe else { return true };
        match rustix::io::read(pipe, &mut *chunk) {
            Err(Errno::AGAIN | Errno::INTR) => true,
            // An error ends the text like its end does: what was read by then is what the process said.
            Ok(0) | Err(_) => {
                self.pipe = None;
                true
            }
            Ok(count) => {
                let fits = self.text.append(&chunk[..count]);
                if !fits {
                    self.pipe = None;
                }
                fits
            }
        }
    }
}

/// Waits until something can be done with one of the descriptors; nothing if the deadline comes first.
pub fn ready<const N: usize>(
    watched: [(Option<BorrowedFd<'_>>, PollFlags); N],
    deadline: Option<Instant>,
) -> io::Result<Option<[bool; N]>> {
    let mut there = Vec::with_capacity(N);
    let mut polled = Vec::with_capacity(N);
    for (index, (descriptor, flags)) in watched.into_iter().enumerate() {
        if let Some(descriptor) = descriptor {
            there.push(index);
            polled.push(PollFd::from_borrowed_fd(descriptor, flags));
        }
    }
    loop {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        // Longer than a `Timespec` can say is for ever.
        let timeout = left.and_then(|left| Timespec::try_from(left).ok());
        match poll(&mut polled, timeout.as_ref()) {
            Err(Errno::INTR) => {}
            Ok(0) => return Ok(None),
            Ok(_) => break,
            Err(error) => return Err(error.into()),
        }
    }
    let mut able = [false; N];
    for (index, fd) in there.into_iter().zip(&polled) {
        able[index] = !fd.revents().is_empty();
    }
    Ok(Some(able))
}
