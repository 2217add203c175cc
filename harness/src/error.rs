//! A failure of Parallax itself, sorted by who can mend it; never an Outcome.

use std::fmt;

/// Decides the exit code and carries the remedy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Bad flags, bad corpus files: exit code 2.
    Usage,
    /// Something the machine lacks: exit code 3.
    Environment,
}

impl Class {
    pub fn exit_code(self) -> u8 {
        match self {
            Class::Usage => 2,
            Class::Environment => 3,
        }
    }
}

/// What went wrong, where, and what to do about it.
#[derive(Debug)]
pub struct Problem {
    pub class: Class,
    message: String,
    hint: Option<String>,
}

impl Problem {
    pub fn usage(message: impl Into<String>) -> Self {
        Problem {
            class: Class::Usage,
            message: message.into(),
            hint: None,
        }
    }

    pub fn environment(message: impl Into<String>) -> Self {
        Problem {
            class: Class::Environment,
            ..Problem::usage(message)
        }
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Problem {}
