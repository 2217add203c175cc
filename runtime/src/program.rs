//! What the two executor binaries have in common: one request in, one document out, one exit code.

use std::io::{Read, Write};
use std::process::exit;
use std::time::Instant;

use crate::executor::{Executor, nanoseconds};
use crate::manifest::{Request, read_request};
use crate::nodes::node_path;
use crate::nodes::python::PythonHost;
use crate::outcome::{Document, Failure, Kind, Success};

/// Reads standard input, has `run` execute the request, answers on standard output, and leaves with the document's exit code.
pub fn run_once(
    run: impl FnOnce(&mut Executor<PythonHost>, Request) -> Result<Success, Failure>,
) -> ! {
    start_logging();
    enter_case_directory();
    let mut executor = Executor::new(PythonHost::new(node_path::directories()));
    let bytes = read_standard_input();
    let started = Instant::now();
    let request = bytes.and_then(|bytes| read_request(&bytes));
    let parse_ns = nanoseconds(started);
    let result = request.and_then(|request| run(&mut executor, request));
    executor.host().flush();
    let document = match result {
        Ok(mut success) => {
            if let Some(phases) = &mut success.phases {
                phases.parse_ns = parse_ns;
                phases.start_ns = executor.host().start_ns();
                phases.load_ns = phases.load_ns.saturating_sub(phases.start_ns);
            }
            Document::Success(success)
        }
        Err(failure) => Document::Error(failure),
    };
    let code = document.exit_code();
    if let Err(error) = answer(document) {
        tracing::error!("failed to write the result: {error}");
        exit(Kind::Io.exit_code());
    }
    // The interpreter isn't taken down: every object dies with the process, and a finaliser has nobody to tell.
    exit(code)
}

fn read_standard_input() -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .read_to_end(&mut bytes)
        .map_err(|error| {
            Failure::new(Kind::Io, format!("failed to read standard input: {error}"))
        })?;
    Ok(bytes)
}

fn answer(document: Document) -> std::io::Result<()> {
    let mut stdout = std::io::BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    document.write(&mut stdout)?;
    stdout.flush()
}

fn start_logging() {
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
fn enter_case_directory() {
    if let Some(directory) = std::env::var_os("PARALLAX_CASE_DIR")
        && let Err(error) = std::env::set_current_dir(&directory)
    {
        tracing::warn!("failed to enter {}: {error}", directory.display());
    }
}
