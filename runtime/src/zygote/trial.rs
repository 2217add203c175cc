//! Tries an import in a fork, which nothing that the module does outlives.

use std::fs::File;
use std::io::{self, Read, Write};

use rustix::process::{Pid, WaitOptions, waitpid};

use super::fork::{Side, fork, leave};
use crate::nodes::warm::PreloadFailure;
use crate::program::Service;

/// Seconds that an import may take.
const PATIENCE: u32 = 20;

/// Why a module can't be imported ahead, if it can't.
///
/// # Errors
/// No process, or no pipe to it, could be made.
pub fn try_import(service: &mut Service, module: &str) -> io::Result<Option<PreloadFailure>> {
    let (read, write) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
    match fork()? {
        Side::Child => {
            // SAFETY: `alarm` has no preconditions; its signal ends this process.
            unsafe { libc::alarm(PATIENCE) };
            let said = report(service, module).unwrap_or_else(|error| error.to_string());
            let sent = File::from(write).write_all(said.as_bytes());
            leave(i32::from(sent.is_err()))
        }
        Side::Parent(pid) => {
            drop(write);
            let mut said = String::new();
            File::from(read).read_to_string(&mut said)?;
            let end = ending(pid)?;
            Ok(verdict(module, &said, end))
        }
    }
}

/// What parts place and reason on their way through the pipe; a place has none.
const SEPARATOR: char = '\n';

fn report(service: &mut Service, module: &str) -> Result<String, crate::outcome::Failure> {
    let failures = service.preload(&[module.to_owned()])?;
    Ok(failures
        .into_iter()
        .find(|failure| failure.module == module)
        .map_or_else(
            || "fine".to_owned(),
            |failure| format!("{}{SEPARATOR}{}", failure.place, failure.reason),
        ))
}

fn ending(pid: Pid) -> io::Result<String> {
    loop {
        let status = match waitpid(Some(pid), WaitOptions::empty()) {
            Err(rustix::io::Errno::INTR) => continue,
            other => other?,
        };
        return Ok(match status.map(|(_, status)| status) {
            Some(status) if status.terminating_signal() == Some(libc::SIGALRM) => {
                format!("takes longer than {PATIENCE} s to import")
            }
            Some(status) => match status.terminating_signal() {
                Some(signal) => format!("ends the process that imports it with signal {signal}"),
                None => "ends the process that imports it".to_owned(),
            },
            None => "can't be waited for".to_owned(),
        });
    }
}

fn verdict(module: &str, said: &str, end: String) -> Option<PreloadFailure> {
    if said == "fine" {
        return None;
    }
    let (place, reason) = match said.split_once(SEPARATOR) {
        Some((place, reason)) => (place.to_owned(), reason.to_owned()),
        None if said.is_empty() => (format!("{module}.py"), end),
        None => (format!("{module}.py"), said.to_owned()),
    };
    Some(PreloadFailure {
        module: module.to_owned(),
        place,
        reason,
    })
}
