//! What every executor has in common: a request in, a document out.

use std::io::{BufWriter, Write};
use std::process::exit;
use std::time::Instant;

use crate::executor::{Executor, nanoseconds};
use crate::manifest::{Request, read_frame, read_request};
use crate::marshal::frame::{self, Buffer, Parts, Use};
use crate::nodes::node_path;
use crate::nodes::python::PythonHost;
use crate::nodes::warm::PreloadFailure;
use crate::outcome::{Document, Failure, Kind, Success};

/// Answers requests; an executor makes one of it, and asks it once.
pub struct Service {
    executor: Executor<PythonHost>,
}

impl Service {
    /// A service over the node path of the environment; Python isn't started yet.
    pub fn new() -> Self {
        Service {
            executor: Executor::new(PythonHost::new(node_path::directories())),
        }
    }

    /// Starts Python now, and not when the first node needs it.
    ///
    /// # Errors
    /// Python can't be started.
    pub fn start_python(&mut self) -> Result<(), Failure> {
        self.executor.host_mut().start().map(drop)
    }

    /// Imports ahead what cases need, for this service to be copied; see [`PythonHost::preload`].
    ///
    /// # Errors
    /// Python can't be started.
    pub fn preload(&mut self, modules: &[String]) -> Result<Vec<PreloadFailure>, Failure> {
        self.executor.host_mut().preload(modules)
    }

    /// Makes a preloaded service forget what it has answered; see [`PythonHost::settle`].
    ///
    /// # Errors
    /// The library isn't what it was when this was written.
    pub fn settle(&mut self) -> Result<(), Failure> {
        self.executor.host_mut().settle()
    }

    /// Begins a case in a copy of a preloaded service; see [`PythonHost::resume`].
    ///
    /// # Errors
    /// The library isn't what it was when this was written.
    pub fn resume(&mut self) -> Result<(), Failure> {
        self.executor.host_mut().resume()
    }

    /// Has `run` execute a request, hands on what nodes have printed, and answers in the form of the request.
    pub fn answer(
        &mut self,
        request: Buffer,
        run: impl FnOnce(&mut Executor<PythonHost>, Request) -> Result<Success, Failure>,
    ) -> Answer {
        let intent = frame::intent(&request);
        let started = Instant::now();
        let request = match intent {
            None => read_request(&request),
            Some(_) => read_frame(request),
        };
        let parse_ns = nanoseconds(started);
        let result = request.and_then(|request| run(&mut self.executor, request));
        self.executor.host().flush();
        let document = match result {
            Ok(mut success) => {
                if let Some(phases) = &mut success.phases {
                    phases.parse_ns = parse_ns;
                    phases.start_ns = self.executor.host().start_ns();
                    phases.load_ns = phases.load_ns.saturating_sub(phases.start_ns);
                }
                Document::Success(success)
            }
            Err(failure) => Document::Error(failure),
        };
        Answer { document, intent }
    }
}

/// A result document, and the form that it is asked for in.
pub struct Answer {
    document: Document,
    /// `None` for JSON.
    intent: Option<frame::Use>,
}

impl From<Failure> for Answer {
    /// What there is to say when no request was run.
    fn from(failure: Failure) -> Self {
        Answer {
            document: Document::Error(failure),
            intent: None,
        }
    }
}

impl Answer {
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

impl Default for Service {
    fn default() -> Self {
        Service::new()
    }
}

/// The native way of running a request.
///
/// # Errors
/// The first failure of the graph or of a node.
pub fn run_async(
    executor: &mut Executor<PythonHost>,
    request: Request,
) -> Result<Success, Failure> {
    pollster::block_on(executor.execute_request(request))
}

/// The way of running a request where there is no other task.
///
/// # Errors
/// The first failure of the graph or of a node.
pub fn run_sync(executor: &mut Executor<PythonHost>, request: Request) -> Result<Success, Failure> {
    match request.input_data {
        Some(items) => executor.execute_with_input_sync(&request.manifest, items),
        None => executor.execute_sync(&request.manifest),
    }
}

/// Reads standard input, has `run` execute the request, answers on standard output, and leaves with the document's exit code.
pub fn run_once(
    run: impl FnOnce(&mut Executor<PythonHost>, Request) -> Result<Success, Failure>,
) -> ! {
    start_logging();
    enter_case_directory();
    // The interpreter isn't taken down: every object dies with the process, and a finaliser has nobody to tell.
    exit(answer_standard_input(&mut Service::new(), run))
}

/// Has `service` answer the request on standard input on standard output; returns the exit code that goes with it.
pub fn answer_standard_input(
    service: &mut Service,
    run: impl FnOnce(&mut Executor<PythonHost>, Request) -> Result<Success, Failure>,
) -> i32 {
    let answer = match Buffer::read_from(std::io::stdin().lock()) {
        Ok(request) => service.answer(request, run),
        Err(error) => {
            let message = format!("failed to read standard input: {error}");
            Failure::new(Kind::Io, message).into()
        }
    };
    let code = answer.exit_code();
    match answer.write(std::io::stdout().lock()) {
        Ok(()) => code,
        Err(error) => {
            tracing::error!("failed to write the result: {error}");
            Kind::Io.exit_code()
        }
    }
}

/// Sends the executor's own messages to standard error.
pub fn start_logging() {
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
}

/// Makes the case's directory the current one, which a WebAssembly host can't do from outside.
pub fn enter_case_directory() {
    if let Some(directory) = std::env::var_os("PARALLAX_CASE_DIR")
        && let Err(error) = std::env::set_current_dir(&directory)
    {
        tracing::warn!("failed to enter {}: {error}", directory.display());
    }
}
