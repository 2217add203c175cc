//! Progress on stderr: one plain line as a step starts and one as it ends, and on a terminal the seconds in between.

use std::io::{IsTerminal as _, Write as _};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A line of progress or explanation.
pub fn say(text: &str) {
    eprintln!("{text}");
}

/// Shows on a terminal how long a command has been running; elsewhere it does nothing.
pub struct Ticker {
    running: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Ticker {
    /// Starts counting.
    pub fn start(label: &str) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self { running: None };
        }
        let (stop, stopped) = channel::<()>();
        let label = label.to_owned();
        let began = Instant::now();
        let thread = std::thread::spawn(move || {
            while stopped.recv_timeout(Duration::from_secs(1)) == Err(RecvTimeoutError::Timeout) {
                eprint!("\r{label} {} s\u{1b}[K", began.elapsed().as_secs());
                let _ = std::io::stderr().flush();
            }
            eprint!("\r\u{1b}[K");
        });
        Self {
            running: Some((stop, thread)),
        }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            drop(stop);
            // The thread only prints, so its panic would change nothing for the command.
            let _ = thread.join();
        }
    }
}
