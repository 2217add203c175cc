//! Where a guest's standard output and error go.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError};

/// What happens when there is more than fits.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Overflow {
    /// The guest is stopped.
    Stop,
    /// The beginning is forgotten.
    Forget,
}

#[derive(Default)]
struct Captured {
    bytes: Vec<u8>,
    overflowed: bool,
}

/// A stream into memory that never grows beyond its bound.
#[derive(Clone)]
pub struct Capture {
    captured: Arc<Mutex<Captured>>,
    most: usize,
    overflow: Overflow,
}

impl Capture {
    /// Stops the guest at the first byte beyond `most`.
    pub fn at_most(most: usize) -> Self {
        Capture {
            captured: Arc::default(),
            most,
            overflow: Overflow::Stop,
        }
    }

    /// Keeps the last `most` bytes.
    pub fn tail(most: usize) -> Self {
        Capture {
            overflow: Overflow::Forget,
            ..Capture::at_most(most)
        }
    }

    /// Takes what was captured, and whether there was too much.
    pub fn take(&self) -> (Vec<u8>, bool) {
        let captured = std::mem::take(&mut *self.lock());
        (captured.bytes, captured.overflowed)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Captured> {
        // Nothing between lock and unlock can leave the bytes half written.
        self.captured.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the guest may go on.
    fn append(&self, bytes: &[u8]) -> bool {
        let mut captured = self.lock();
        captured.bytes.extend_from_slice(bytes);
        let Some(excess) = captured.bytes.len().checked_sub(self.most) else {
            return true;
        };
        match self.overflow {
            Overflow::Stop if excess == 0 => true,
            Overflow::Stop => {
                captured.overflowed = true;
                captured.bytes.clear();
                false
            }
            Overflow::Forget => {
                // Moving the text at every write would cost the square of its length.
                if excess > self.most {
                    captured.bytes.drain(..excess);
                }
                true
            }
        }
    }
}

impl IsTerminal for Capture {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Capture {
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }

    fn async_stream(&self) -> Box<dyn tokio::io::AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }
}

#[async_trait::async_trait]
impl Pollable for Capture {
    async fn ready(&mut self) {}
}

impl OutputStream for Capture {
    fn write(&mut self, bytes: Bytes) -> Result<(), StreamError> {
        if self.append(&bytes) {
            Ok(())
        } else {
            let error = wasmtime::Error::msg("more output than the limit");
            Err(StreamError::Trap(error))
        }
    }

    fn flush(&mut self) -> Result<(), StreamError> {
        Ok(())
    }

    fn check_write(&mut self) -> Result<usize, StreamError> {
        Ok(1 << 16)
    }
}

impl tokio::io::AsyncWrite for Capture {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Poll::Ready(if self.append(bytes) {
            Ok(bytes.len())
        } else {
            Err(std::io::ErrorKind::StorageFull.into())
        })
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_itself_fits_and_one_byte_more_stops() {
        let capture = Capture::at_most(4);
        assert!(capture.append(b"12"));
        assert!(capture.append(b"34"));
        assert!(!capture.append(b"5"));
        assert!(capture.take().1);
    }

    #[test]
    fn a_tail_keeps_the_end_and_stays_bounded() {
        let capture = Capture::tail(4);
        for digit in b"0123456789abcdef" {
            assert!(capture.append(&[*digit]));
            assert!(capture.lock().bytes.len() <= 8);
        }
        let (bytes, overflowed) = capture.take();
        assert!(bytes.ends_with(b"cdef") && !overflowed);
    }
}
