//! Reads a child's pipe to its end, within bounds of size and time.

use std::io::Read;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use crate::executor::bounded::{Bounded, Excess};

/// How long a pipe may stay open after its process has ended: a process that left the group may hold it for ever.
/// Long enough for a reader that a busy machine keeps waiting.
const GRACE: Duration = Duration::from_secs(4);

/// A thread that reads a pipe.
pub struct Drain {
    text: Bounded,
    ended: Receiver<()>,
}

impl Drain {
    /// Starts to read; `stop` is called once if there is too much.
    pub fn start(
        mut pipe: impl Read + Send + 'static,
        most: usize,
        excess: Excess,
        stop: impl FnOnce() + Send + 'static,
    ) -> Self {
        let text = Bounded::new(most, excess);
        let (end, ended) = channel();
        let shared = text.clone();
        std::thread::spawn(move || {
            let mut chunk = vec![0; 1 << 16];
            loop {
                match pipe.read(&mut chunk) {
                    // An error ends the text like its end does: what was read by then is what the process said.
                    Ok(0) | Err(_) => break,
                    Ok(count) => {
                        if !shared.append(&chunk[..count]) {
                            stop();
                            break;
                        }
                    }
                }
            }
            // Nobody listens where the grace has passed.
            let _ = end.send(());
        });
        Drain { text, ended }
    }

    /// What was read, at most the bound, and whether there was too much.
    pub fn finish(self) -> (Vec<u8>, bool) {
        // Whatever still holds the pipe, nothing more is waited for.
        let _ = self.ended.recv_timeout(GRACE);
        self.text.take()
    }
}
