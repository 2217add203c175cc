//! `parallax lie`: an executor that asks a true one and changes its answer, so that `selftest` can see whether that is found.

use std::fs::File;
use std::io::{Read as _, Seek as _, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use parallax_harness::error::Problem;
use parallax_harness::selftest::lies::{Deed, Tell, Told, named};
use parallax_runtime::channel;
use parallax_runtime::outcome::Printed;

/// Run an executor on the request from standard input, and tell one lie about its answer
///
/// Speaks the one-shot protocol of docs/PROTOCOL.md.
#[derive(Debug, clap::Args)]
pub struct Lie {
    /// The lie; `the truth` is none
    kind: String,
    /// The true executor, and its arguments
    #[arg(last = true, required = true)]
    program: Vec<PathBuf>,
}

/// What an honest liar says.
pub const TRUTH: &str = "the truth";

impl Lie {
    pub fn run(&self) -> Result<ExitCode, Problem> {
        let lie = match named(&self.kind) {
            None if self.kind == TRUTH => None,
            None => return Err(Problem::usage(format!("there is no lie {:?}", self.kind))),
            lie => lie,
        };
        let mut told = self
            .ask()
            .map_err(|error| Problem::environment(format!("failed to ask: {error}")))?;
        let refuse = |reason: String| Problem::environment(format!("failed to lie: {reason}"));
        // Where the channel is its own, the streams tell what is printed; otherwise the document has to.
        let own = std::env::var_os(channel::VARIABLE);
        let printed_is_told = lie.is_some_and(|lie| lie.group == "printed text");
        if own.is_none() && !printed_is_told {
            told.tell_printed().map_err(refuse)?;
        }
        if let Some(lie) = lie {
            lie.tell(&mut told).map_err(refuse)?;
            if let Tell::Deed(deed) = lie.tell {
                perform(deed).map_err(|error| {
                    Problem::environment(format!("failed at {deed:?}: {error}"))
                })?;
            }
        }
        if own.is_none() && printed_is_told {
            told.tell_printed().map_err(refuse)?;
        }
        answer(&told, own.map(PathBuf::from))
            .map_err(|error| Problem::environment(format!("failed to answer: {error}")))?;
        Ok(ExitCode::from(u8::try_from(told.code).unwrap_or(255)))
    }

    /// Has the true executor answer, as a host that offers it a channel.
    fn ask(&self) -> std::io::Result<Told> {
        let mut request = Vec::new();
        std::io::stdin().read_to_end(&mut request)?;
        // In no directory that the case could look into.
        let memory = rustix::fs::memfd_create("document", rustix::fs::MemfdFlags::CLOEXEC)?;
        let mut document = File::from(memory);
        let place = format!("/proc/{}/fd/{}", std::process::id(), document.as_raw_fd());
        let [program, arguments @ ..] = self.program.as_slice() else {
            return Err(std::io::Error::other("no program"));
        };
        let mut child = Command::new(program)
            .args(arguments)
            .env(channel::VARIABLE, place)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let stdin = child.stdin.take();
        // In a thread of its own, as it may print before it has read everything.
        let feeding = std::thread::spawn(move || {
            // A program that doesn't read its input says so itself.
            let _ = stdin.map(|mut stdin| stdin.write_all(&request));
        });
        let said = child.wait_with_output()?;
        let _ = feeding.join();
        let mut bytes = Vec::new();
        document.rewind()?;
        document.read_to_end(&mut bytes)?;
        Ok(Told {
            document: bytes,
            code: said.status.code().unwrap_or(255),
            printed: Printed {
                stdout: said.stdout,
                stderr: said.stderr,
            },
        })
    }
}

fn answer(told: &Told, own: Option<PathBuf>) -> std::io::Result<()> {
    let Some(place) = own else {
        return std::io::stdout().write_all(&told.document);
    };
    std::io::stdout().write_all(&told.printed.stdout)?;
    std::io::stderr().write_all(&told.printed.stderr)?;
    File::options()
        .write(true)
        .open(place)?
        .write_all(&told.document)
}

fn perform(deed: Deed) -> std::io::Result<()> {
    match deed {
        Deed::Leave(name, content) => std::fs::write(name, content),
        Deed::MakeDirectory(name) => std::fs::create_dir(name),
        Deed::Link(name, target) => std::os::unix::fs::symlink(target, name),
        Deed::Remove(name) => std::fs::remove_file(name),
        Deed::Share(name) => std::fs::set_permissions(name, std::fs::Permissions::from_mode(0o666)),
        Deed::Rename(from, to) => std::fs::rename(from, to),
        Deed::Hang => loop {
            std::thread::park();
        },
        Deed::Crash => {
            let own = rustix::process::getpid();
            Ok(rustix::process::kill_process(
                own,
                rustix::process::Signal::ABORT,
            )?)
        }
        Deed::Flood => {
            let block = [b' '; 1 << 16];
            loop {
                std::io::stdout().write_all(&block)?;
            }
        }
    }
}
