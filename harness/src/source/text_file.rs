//! Files that people write, read so that every complaint names the place.

use std::fs;
use std::ops::Range;
use std::path::Path;

use crate::error::Problem;

/// A TOML file as `T`, and its text, in which spans are places; nothing where there is no such file.
///
/// # Errors
/// The file can't be read, or doesn't fit: with file, line and column.
pub fn read_toml<T: serde::de::DeserializeOwned>(
    path: &Path,
) -> Result<Option<(T, Text<'_>)>, Problem> {
    let content = match fs::read_to_string(path) {
        Ok(content) => content,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(read_failed(path, &error)),
    };
    let text = Text { path, content };
    match toml::from_str(&text.content) {
        Ok(value) => Ok(Some((value, text))),
        Err(error) => {
            let place = match error.span() {
                Some(span) => text.place(&span),
                None => path.display().to_string(),
            };
            Err(Problem::usage(format!("{place}: {}", error.message()))
                .hint("the keys of this file are listed in docs/CORPUS.md"))
        }
    }
}

/// A file's content, for saying where in it something is.
pub struct Text<'a> {
    path: &'a Path,
    content: String,
}

impl Text<'_> {
    /// `file:line:column` of the beginning of a span.
    pub fn place(&self, span: &Range<usize>) -> String {
        let before = self.content.get(..span.start).unwrap_or(&self.content);
        let line = before.matches('\n').count() + 1;
        let column = before.len() - before.rfind('\n').map_or(0, |end| end + 1) + 1;
        format!("{}:{line}:{column}", self.path.display())
    }

    /// A complaint about a place.
    pub fn refuse(&self, span: &Range<usize>, reason: &str, hint: &str) -> Problem {
        Problem::usage(format!("{}: {reason}", self.place(span))).hint(hint)
    }
}

/// Reads a file whole.
///
/// # Errors
/// Names the file.
pub fn read(path: &Path) -> Result<Vec<u8>, Problem> {
    fs::read(path).map_err(|error| read_failed(path, &error))
}

/// A file that can't be read.
pub fn read_failed(path: &Path, error: &std::io::Error) -> Problem {
    Problem::usage(format!("failed to read {}: {error}", path.display()))
        .hint("check the path and its permissions")
}
