//! Where the events of a run go, each place with its name for the message when it can't be written.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::process::ExitCode;

use parallax_harness::error::Problem;
use parallax_harness::event::RunEvent;
use parallax_harness::record::Summary;
use parallax_harness::record::last_run::Recording;
use parallax_harness::report::Reporter;
use parallax_harness::report::json::JsonLines;
use parallax_harness::report::junit::Junit;
use parallax_harness::report::progress::Progress;
use parallax_harness::report::terminal::Terminal;
use parallax_harness::verdict::status::Status;

use super::output::{columns, styled_stdout};
use super::write_failed;

/// Reporters, each with the name of the place that it writes to.
pub struct Sinks(Vec<(String, Box<dyn Reporter>)>);

impl Sinks {
    pub fn new() -> Self {
        Sinks(Vec::new())
    }

    /// The file is opened now: a run of minutes must not end in a path that can't be written.
    ///
    /// # Errors
    /// The file can't be made.
    pub fn add_json(&mut self, path: &Path) -> Result<(), Problem> {
        let sink = JsonLines(create(path)?);
        self.add(&path.display().to_string(), sink);
        Ok(())
    }

    /// # Errors
    /// The file can't be made.
    pub fn add_junit(&mut self, path: &Path) -> Result<(), Problem> {
        let sink = Junit::new(create(path)?);
        self.add(&path.display().to_string(), sink);
        Ok(())
    }

    /// The lines that `--only-failed` reads the next time.
    pub fn add_recording(&mut self, recording: Recording) {
        self.add("the record of the run", JsonLines(recording));
    }

    /// The report for people, with or without progress on standard error.
    ///
    /// `flags` are those without which a command would not mean the corpus.
    pub fn add_terminal(&mut self, progress: bool, flags: String) {
        let terminal = Terminal::new(styled_stdout(), columns()).with_flags(flags);
        let place = "standard output";
        match progress {
            true => self.add(place, Progress::new(terminal)),
            false => self.add(place, terminal),
        }
    }

    fn add(&mut self, place: &str, sink: impl Reporter + 'static) {
        self.0.push((place.to_owned(), Box::new(sink)));
    }

    /// # Errors
    /// Names the place that can't be written.
    pub fn event(&mut self, event: &RunEvent) -> Result<(), Problem> {
        for (place, reporter) in &mut self.0 {
            reporter
                .event(event)
                .map_err(|error| write_failed(place, &error))?;
        }
        Ok(())
    }
}

/// What a run ends with: 3 where Parallax itself failed in a case, 1 where it is red, otherwise 0.
pub fn exit_code(summary: &Summary) -> ExitCode {
    match summary.of(Status::Broken) {
        0 => ExitCode::from(u8::from(summary.is_red())),
        _ => ExitCode::from(3),
    }
}

pub fn create(path: &Path) -> Result<BufWriter<File>, Problem> {
    File::create(path).map(BufWriter::new).map_err(|error| {
        Problem::usage(format!("failed to create {}: {error}", path.display()))
            .hint("name a file in a directory that exists and can be written to")
    })
}
