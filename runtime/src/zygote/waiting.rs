//! The process of the next case, which is forked before there is an order for it: a fork takes about half as long as a small case, and the other processes go on meanwhile.

use std::io;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};

use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, getpid, kill_process, waitid};

use super::case::{self, Streams};
use super::fork::{Side, fork, leave};
use super::message::{LONGEST, Order, Report};
use super::socket;
use crate::outcome::Kind;
use crate::program::Service;

/// What forks processes that wait.
pub struct Nursery<'a> {
    service: &'a mut Service,
    /// Where orders come from and reports go; closed in a case's process once that is entered.
    reports: Option<OwnedFd>,
    /// What the case's own limit doesn't count: bytes that were taken ahead.
    warm_up: u64,
    /// For the orders; made once, as a new one costs each process its pages.
    buffer: Vec<u8>,
    waiting: Option<Waiting>,
}

struct Waiting {
    pid: Pid,
    /// Where it waits for its order.
    orders: OwnedFd,
}

/// What a process says when it has its order.
const TAKEN: &[u8] = b"taken";

impl<'a> Nursery<'a> {
    pub fn new(service: &'a mut Service, reports: OwnedFd, warm_up: u64) -> Self {
        Nursery {
            service,
            reports: Some(reports),
            warm_up,
            buffer: vec![0; LONGEST],
            waiting: None,
        }
    }

    /// Where orders come from and reports go.
    ///
    /// # Errors
    /// This is a case's process, which has closed it.
    pub fn socket(&self) -> io::Result<BorrowedFd<'_>> {
        let socket = self.reports.as_ref().map(|socket| socket.as_fd());
        socket.ok_or_else(|| io::Error::other("a case's process has no orders to give"))
    }

    /// Receives the next order, and hands it to a process; none when nobody is there to order any.
    ///
    /// # Errors
    /// The kernel has no room for a process.
    pub fn next_case(&mut self) -> io::Result<Option<Pid>> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let received = socket::receive(self.socket()?, &mut buffer);
        self.buffer = buffer;
        let Some((length, mut streams)) = received? else {
            return Ok(None);
        };
        let message = self.buffer[..length].to_vec();
        if let Some(waiting) = self.waiting.take() {
            if waiting.take_order(&message, &streams)? {
                return Ok(Some(waiting.pid));
            }
            // A case that ran beside it has ended it.
            waiting.reap()?;
        }
        let new = self.fork(&mut streams)?;
        match new.take_order(&message, &streams)? {
            true => Ok(Some(new.pid)),
            false => Err(io::Error::other(
                "a case's process has ended before its case",
            )),
        }
    }

    /// Says something to whoever orders.
    ///
    /// # Errors
    /// Nobody is there any more.
    pub fn report(&self, report: &Report) -> io::Result<()> {
        let message = serde_json::to_vec(report)?;
        Ok(socket::send(self.socket()?, &message, &[])?)
    }

    /// Has a process wait for the next order. Where there is no room for one, the order will tell.
    pub fn prepare(&mut self) {
        if self.waiting.is_none() {
            self.waiting = self.fork(&mut Vec::new()).ok();
        }
    }

    /// The process that waits for an order, if there is one.
    pub fn waiting(&self) -> Option<Pid> {
        self.waiting.as_ref().map(|waiting| waiting.pid)
    }

    /// Forks a process that closes what descriptors this one has for a case.
    fn fork(&mut self, of_a_case: &mut Vec<OwnedFd>) -> io::Result<Waiting> {
        let zygote = getpid();
        let (orders, own) = socketpair(
            AddressFamily::UNIX,
            SocketType::SEQPACKET,
            SocketFlags::CLOEXEC,
            None,
        )?;
        match fork()? {
            Side::Parent(pid) => Ok(Waiting { pid, orders }),
            Side::Child => {
                drop(orders);
                of_a_case.clear();
                self.wait_and_answer(own, zygote)
            }
        }
    }

    /// What the forked process does.
    fn wait_and_answer(&mut self, orders: OwnedFd, zygote: Pid) -> ! {
        let received = socket::receive(orders.as_fd(), &mut self.buffer);
        let _ = socket::send(orders.as_fd(), TAKEN, &[]);
        // The case's own files get the numbers that they get in a process of its own.
        drop(orders);
        let entered = match received {
            // The zygote has ended.
            Ok(None) => leave(0),
            Ok(Some((length, streams))) => self.enter(length, streams, zygote),
            Err(error) => Err(error),
        };
        if let Err(error) = entered {
            let _ = self.report(&Report::Failed(error.to_string()));
            leave(Kind::Io.exit_code());
        }
        self.reports = None;
        case::answer(self.service)
    }

    fn enter(&self, length: usize, streams: Vec<OwnedFd>, zygote: Pid) -> io::Result<()> {
        let mut order: Order = serde_json::from_slice(&self.buffer[..length])?;
        let streams = Streams::try_from(streams)
            .map_err(|several| io::Error::other(format!("{} descriptors, not 3", several.len())))?;
        order.memory = order.memory.saturating_add(self.warm_up);
        case::enter(&order, streams, zygote)
    }
}

impl Waiting {
    /// Hands the order over; says whether the process has it, and hasn't ended before.
    fn take_order(&self, message: &[u8], streams: &[OwnedFd]) -> io::Result<bool> {
        // A case that ran beside it may have stopped it.
        let _ = kill_process(self.pid, Signal::CONT);
        if socket::send(self.orders.as_fd(), message, streams).is_err() {
            return Ok(false);
        }
        let mut answer = [0; TAKEN.len()];
        let answered = socket::receive(self.orders.as_fd(), &mut answer);
        Ok(matches!(answered, Ok(Some(_))) && answer == TAKEN)
    }

    fn reap(self) -> io::Result<()> {
        loop {
            match waitid(WaitId::Pid(self.pid), WaitIdOptions::EXITED) {
                Err(rustix::io::Errno::INTR) => {}
                other => return other.map(drop).map_err(Into::into),
            }
        }
    }
}
