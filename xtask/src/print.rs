//! Standard output.

use std::io::Write as _;

use anyhow::Result;

/// Writes a line to stdout. If the reader has closed it, the line is dropped.
///
/// # Errors
/// stdout cannot be written for another reason.
pub fn print_line(text: &str) -> Result<()> {
    match writeln!(std::io::stdout().lock(), "{text}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
