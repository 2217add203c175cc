//! What every executor has in common: a request in, a document out.

use std::io::{BufWriter, Write};
use std::process::exit;
use std::time::Instant;

use crate::channel::way::{self, Way};
use crate::executor::Executor;
use crate::manifest::{Request, read_frame, read_request};
use crate::marshal::frame::{self, Buffer, Parts, Use};
use crate::no_memory;
use crate::nodes::node_path;
use crate::nodes::python::PythonHost;
use crate::nodes::warm::Leave;
use crate::outcome::{Document, Failed, Failure, Kind, Success, Warning};
use crate::stopwatch::nanoseconds;

/// Answers requests; an executor makes one of it, and asks it once.
pub struct Service {
    executor: Executor<PythonHost>,
}

impl Service {
    /// A service over the node path of the environment; Python isn't started yet.
    ///
    /// `streams_are_the_cases` says whether what nodes print to standard output stays there, as the document leaves another way.
    pub fn new(streams_are_the_cases: bool) -> Self {
        let host = PythonHost::new(node_path::directories(), streams_are_the_cases);
        Service {
            executor: Executor::new(host),
        }
    }

    /// Starts Python now, and not when the first node needs it.
    ///
    /// # Errors
    /// Python can't be started.
    pub fn start_python(&mut self) -> Result<(), Failure> {
        self.executor.host_mut().start().map(drop)
    }

    /// Does ahead what cases need, for this service to be copied; see [`PythonHost::preload`].
    ///
    /// # Errors
    /// Python can't be started.
    pub fn preload(&mut self, leave: Leave) -> Result<(), Failure> {
        self.executor.host_mut().preload(leave)
    }

    /// Starts Python.
    ///
    /// # Errors
    /// It can't be started.
    pub fn start(&mut self) -> Result<(), Failure> {
        self.executor.host_mut().start().map(drop)
    }

    /// Has `run` answer requests that leave nothing behind; see [`PythonHost::begin_rehearsal`].
    ///
    /// # Errors
    /// Those of `run`, or the library isn't what it was when this was written.
    pub fn rehearse(
        &mut self,
        run: impl FnOnce(&mut Self) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        self.executor.host_mut().begin_rehearsal()?;
        run(self)?;
        self.executor.host_mut().end_rehearsal()
    }

    /// Puts the code side by side that was run; see [`PythonHost::pack`].
    ///
    /// # Errors
    /// The interpreter isn't what it was when this was written.
    pub fn pack(&mut self) -> Result<(), Failure> {
        self.executor.host_mut().pack()
    }

    /// Makes a preloaded service ready for being copied; see [`PythonHost::finish`].
    ///
    /// # Errors
    /// The library isn't what it was when this was written.
    pub fn finish(&mut self) -> Result<(), Failure> {
        self.executor.host_mut().finish()
    }

    /// Begins a case in a copy of a preloaded service; see [`PythonHost::resume`].
    ///
    /// # Errors
    /// The library isn't what it was when this was written.
    pub fn resume(&mut self) -> Result<(), Failure> {
        self.executor.host_mut().resume()
    }

    /// Has `run` execute a request, and answers in the form of the request; the interpreter goes on.
    pub fn answer(
        &mut self,
        request: Buffer,
        run: impl FnOnce(&mut Executor<PythonHost>, Request) -> Result<Success, Failed>,
    ) -> Answer {
        let intent = frame::intent(&request);
        let started = Instant::now();
        let request = match intent {
            None => read_request(&request),
            Some(_) => read_frame(request),
        };
        let parse_ns = nanoseconds(started);
        let result = match request {
            Ok(request) => run(&mut self.executor, request),
            Err(failure) => Err(failure.into()),
        };
        let document = match result {
            Ok(mut success) => {
                if let Some(phases) = &mut success.phases {
                    phases.parse_ns = parse_ns;
                    phases.start_ns = self.executor.host().start_ns();
                    phases.load_ns = phases.load_ns.saturating_sub(phases.start_ns);
                }
                Document::Success(success)
            }
            Err(failed) => Document::Error(failed),
        };
        Answer { document, intent }
    }

    /// The same for the one request of a process: what others can see of an interpreter's end happens, and then there is the answer.
    pub fn conclude(
        &mut self,
        request: Buffer,
        run: impl FnOnce(&mut Executor<PythonHost>, Request) -> Result<Success, Failed>,
    ) -> Answer {
        let mut answer = self.answer(request, run);
        let warnings = self.executor.host_mut().end();
        answer.add_warnings(warnings);
        answer
    }
}

/// A result document, and the form that it is asked for in.
pub struct Answer {
    document: Document,
    /// `None` for JSON.
    intent: Option<frame::Use>,
}

impl Answer {
    /// What there is to say when no request was run; in the form of a request, if that is known.
    pub fn failed(failure: Failure, intent: Option<Use>) -> Self {
        Answer {
            document: Document::Error(failure.into()),
            intent,
        }
    }

    fn add_warnings(&mut self, warnings: Vec<Warning>) {
        match &mut self.document {
            Document::Success(success) => success.warnings.extend(warnings),
            // Memory is short enough.
            Document::Error(failed) if failed.failure.kind == Kind::Limit => {}
            Document::Error(failed) => failed.warnings.extend(warnings),
        }
    }

    /// The exit code that goes with the document.
    pub fn exit_code(&self) -> i32 {
        self.document.exit_code()
    }

    /// Writes the answer, JSON without having it in memory first.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write(self, writer: impl Write) -> std::io::Result<()> {
        if self.intent.is_some() {
            return self.into_parts().write(writer);
        }
        let mut writer = BufWriter::with_capacity(1 << 16, writer);
        self.document.write(&mut writer)?;
        writer.flush()
    }

    /// Sends the answer by the channel that was chosen.
    ///
    /// # Errors
    /// The channel can't be opened or written to.
    pub fn send(self) -> std::io::Result<()> {
        match way::chosen() {
            // A case has forked this process, and the parent answers.
            _ if way::is_anothers() => Ok(()),
            Way::StandardOutput => self.write(std::io::stdout().lock()),
            #[cfg(unix)]
            Way::File(path) => self.write(way::open(path)?),
            #[cfg(target_os = "wasi")]
            Way::Memory => {
                crate::channel::memory::keep(self.into_parts());
                Ok(())
            }
        }
    }

    /// The bytes of the answer: of a frame to be used in place in pieces that lie where the nodes have left them, otherwise in one piece.
    pub fn into_parts(self) -> Parts {
        match self.intent {
            Some(Use::InPlace) => self.document.into_frame(Use::InPlace),
            Some(Use::Copy) => Parts::whole(self.document.into_frame(Use::Copy).to_vec()),
            None => {
                let mut text = Vec::new();
                // Writing to memory can't fail, and neither can what has only string keys.
                let _ = self.document.write(&mut text);
                Parts::whole(text)
            }
        }
    }
}

/// The native way of running a request.
///
/// # Errors
/// The first failure of the graph or of a node, with what there was until then.
pub fn run_async(executor: &mut Executor<PythonHost>, request: Request) -> Result<Success, Failed> {
    pollster::block_on(executor.execute_request(request))
}

/// The way of running a request where there is no other task.
///
/// # Errors
/// The first failure of the graph or of a node, with what there was until then.
pub fn run_sync(executor: &mut Executor<PythonHost>, request: Request) -> Result<Success, Failed> {
    executor.execute_request_sync(request)
}

/// Reads standard input, has `run` execute the request, answers by the channel that the host offers, and leaves with the document's exit code.
pub fn run_once(
    run: impl FnOnce(&mut Executor<PythonHost>, Request) -> Result<Success, Failed>,
) -> ! {
    way::choose_offered();
    prepare();
    enter_case_directory();
    // The interpreter isn't taken down: every object dies with the process.
    let mut service = Service::new(way::leaves_streams_alone());
    exit(answer_standard_input(&mut service, run))
}

/// Has `service` answer the request on standard input by the channel that was chosen; returns the exit code that goes with it.
pub fn answer_standard_input(
    service: &mut Service,
    run: impl FnOnce(&mut Executor<PythonHost>, Request) -> Result<Success, Failed>,
) -> i32 {
    let answer = match Buffer::read_from(std::io::stdin().lock()) {
        Ok(request) => service.conclude(request, run),
        Err(error) => {
            let message = format!("failed to read standard input: {error}");
            Answer::failed(Failure::new(Kind::Io, message), None)
        }
    };
    let code = answer.exit_code();
    match answer.send() {
        Ok(()) => code,
        Err(error) => {
            tracing::error!("failed to write the result: {error}");
            Kind::Io.exit_code()
        }
    }
}

/// Prepares a process or instance for saying what goes wrong in it: the executor's own messages go to standard error, and want of memory or stack is answered.
pub fn prepare() {
    way::own();
    no_memory::answer_for_panics();
    let level = std::env::var("PARALLAX_LOG")
        .ok()
        .and_then(|name| name.parse().ok())
        .unwrap_or(tracing::level_filters::LevelFilter::WARN);
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(level)
        .with_ansi(false)
        .without_time()
        .init();
    #[cfg(not(target_os = "wasi"))]
    if let Err(error) = crate::no_stack::answer_for_overflows() {
        tracing::warn!("an overflow of the stack will look like a crash: {error}");
    }
}

/// Makes the case's directory the current one, which a WebAssembly host can't do from outside.
pub fn enter_case_directory() {
    if let Some(directory) = std::env::var_os("PARALLAX_CASE_DIR")
        && let Err(error) = std::env::set_current_dir(&directory)
    {
        tracing::warn!("failed to enter {}: {error}", directory.display());
    }
}
