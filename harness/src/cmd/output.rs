//! Standard output. A reader that has seen enough, as `head` does, is a quiet end of it and no failure.

use std::io::{self, ErrorKind, Write};

use parallax_harness::error::Problem;

use super::write_failed;

/// Standard output, which takes everything without a word once nobody reads it any more.
pub fn stdout() -> Tolerant<io::StdoutLock<'static>> {
    Tolerant::new(io::stdout().lock())
}

/// The same, with colours where it is a terminal that wants them.
pub fn styled_stdout() -> Tolerant<anstream::AutoStream<io::StdoutLock<'static>>> {
    Tolerant::new(anstream::AutoStream::auto(io::stdout().lock()))
}

/// How wide the terminal is that standard output is, if it is one.
pub fn columns() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
    (size.ws_col > 0).then(|| usize::from(size.ws_col))
}

/// Writes a text to standard output.
///
/// # Errors
/// There is no room, for example.
pub fn print(text: &str) -> Result<(), Problem> {
    let mut stdout = stdout();
    stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(|error| write_failed("standard output", &error))
}

/// A writer that is done when its reader is.
pub struct Tolerant<W> {
    inner: W,
    closed: bool,
}

impl<W> Tolerant<W> {
    fn new(inner: W) -> Self {
        Tolerant {
            inner,
            closed: false,
        }
    }

    fn tolerate<T>(&mut self, result: io::Result<T>, instead: T) -> io::Result<T> {
        match result {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(instead)
            }
            result => result,
        }
    }
}

impl<W: Write> Write for Tolerant<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.closed {
            return Ok(bytes.len());
        }
        let written = self.inner.write(bytes);
        self.tolerate(written, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.closed {
            return Ok(());
        }
        let flushed = self.inner.flush();
        self.tolerate(flushed, ())
    }
}
