//! The forked process of one case: takes up what a process of its own would have had from the start, and answers.

use std::ffi::CString;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt as _;

use rustix::process::{
    Pid, Resource, Rlimit, Signal, getppid, set_parent_process_death_signal, setpgid, setrlimit,
};
use rustix::stdio::{dup2_stderr, dup2_stdin, dup2_stdout};

use super::fork::leave;
use super::message::Order;
use crate::channel::way::{self, Way};
use crate::outcome::Kind;
use crate::program::{Service, answer_standard_input, enter_case_directory, run_async};

/// Standard input, output and error of a case.
pub type Streams = [OwnedFd; 3];

/// Makes this process the case's.
///
/// # Errors
/// A limit or a stream can't be set, or the result's path has a zero byte.
pub fn enter(order: &Order, streams: Streams, zygote: Pid) -> io::Result<()> {
    // A group of its own, so that whatever the case starts is ended with it.
    setpgid(None, None)?;
    set_parent_process_death_signal(Some(Signal::KILL))?;
    if getppid() != Some(zygote) {
        // It died before the signal was asked for.
        leave(Kind::Io.exit_code());
    }
    let exactly = |bytes| Rlimit {
        current: Some(bytes),
        maximum: Some(bytes),
    };
    setrlimit(Resource::Data, exactly(order.memory))?;
    setrlimit(Resource::Core, exactly(0))?;
    setrlimit(Resource::Nofile, exactly(order.open_files))?;
    let [stdin, stdout, stderr] = streams;
    dup2_stdin(stdin)?;
    dup2_stdout(stdout)?;
    dup2_stderr(stderr)?;
    let result = order.result.clone().into_os_string().into_vec();
    way::choose(Way::File(CString::new(result)?));
    for variable in ["PARALLAX_CASE_DIR", "TMPDIR", "HOME"] {
        // SAFETY: a forked process has one thread, the one that runs this.
        unsafe { std::env::set_var(variable, &order.case_dir) };
    }
    enter_case_directory();
    Ok(())
}

/// Answers the request on standard input, and ends.
pub fn answer(service: &mut Service) -> ! {
    let code = match service.resume() {
        Ok(()) => answer_standard_input(service, run_async),
        Err(failure) => {
            tracing::error!("{failure}");
            Kind::Io.exit_code()
        }
    };
    leave(code)
}
