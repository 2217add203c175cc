//! The process of the next case, which is forked before there is an order for it: a fork takes about half as long as a small case, and the other processes go on meanwhile.

use std::io;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};

use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
use rustix::process::{Pid, WaitId, WaitIdOptions, getpid, waitid};

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
        let Some((length, streams)) = received? else {
            return Ok(None);
        };
        loop {
            let (waiting, is_new) = match self.waiting.take() {
                Some(waiting) => (waiting, false),
                None => (self.fork()?, true),
            };
            let message = &self.buffer[..length];
            match socket::send(waiting.orders.as_fd(), message, &streams) {
                Ok(()) => return Ok(Some(waiting.pid)),
                Err(error) if is_new => return Err(error.into()),
                // Somebody has ended it while it waited.
                Err(_) => {
                    while let Err(rustix::io::Errno::INTR) =
                        waitid(WaitId::Pid(waiting.pid), WaitIdOptions::EXITED)
                    {
                    }
                }
            }
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
            self.waiting = self.fork().ok();
        }
    }

    /// The process that waits for an order, if there is one.
    pub fn waiting(&self) -> Option<Pid> {
        self.waiting.as_ref().map(|waiting| waiting.pid)
    }

    fn fork(&mut self) -> io::Result<Waiting> {
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
                self.wait_and_answer(own, zygote)
            }
        }
    }

    /// What the forked process does.
    fn wait_and_answer(&mut self, orders: OwnedFd, zygote: Pid) -> ! {
        let received = socket::receive(orders.as_fd(), &mut self.buffer);
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
