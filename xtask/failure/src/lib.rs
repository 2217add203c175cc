//! A failure of Parallax itself: its message, the remedy, and the exit code that follows. It is never the outcome of a case.

use std::fmt::Write as _;

/// Who can mend a failure; this decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The user's input is wrong: a flag, a file of a corpus, a directory of the wrong shape.
    Usage,
    /// The machine lacks something, or third-party source did not build.
    Environment,
    /// The repository breaks one of its own rules.
    Finding,
}

impl Class {
    /// The documented exit code.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Finding => 1,
            Self::Usage => 2,
            Self::Environment => 3,
        }
    }
}

/// A failure with its class and what to do next.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// Decides the exit code.
    pub class: Class,
    /// What failed, naming the file and the place.
    pub message: String,
    /// The remedy, shown as a `hint:` line.
    pub hint: Option<String>,
}

impl Failure {
    /// Wrong input of the user's (exit code 2).
    pub fn usage(message: impl Into<String>) -> Self {
        Self::of(Class::Usage, message)
    }

    /// Something the machine lacks (exit code 3).
    pub fn environment(message: impl Into<String>) -> Self {
        Self::of(Class::Environment, message)
    }

    /// A broken rule of the repository (exit code 1).
    pub fn finding(message: impl Into<String>) -> Self {
        Self::of(Class::Finding, message)
    }

    fn of(class: Class, message: impl Into<String>) -> Self {
        Self {
            class,
            message: message.into(),
            hint: None,
        }
    }

    /// Adds the remedy.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The message, and the remedy on a line of its own.
    pub fn report(&self) -> String {
        match &self.hint {
            Some(hint) => format!("{}\nhint: {hint}", self.message),
            None => self.message.clone(),
        }
    }
}

/// The exit code for an error: that of the outermost failure in it. An error without any comes from the operating system.
pub fn exit_code(error: &anyhow::Error) -> u8 {
    class(error).exit_code()
}

fn class(error: &anyhow::Error) -> Class {
    failures(error)
        .next()
        .map_or(Class::Environment, |failure| failure.class)
}

/// The failures in an error: the error itself, a context, or a cause.
fn failures(error: &anyhow::Error) -> impl Iterator<Item = &Failure> {
    let context = error.downcast_ref::<Failure>();
    let chained = error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<Failure>());
    context.into_iter().chain(chained)
}

/// The whole message: what failed, what caused it, and what to do.
pub fn render(error: &anyhow::Error) -> String {
    let mut text = format!("error: {error}");
    let mut last = error.to_string();
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        if cause != last {
            let _ = write!(text, "\n  because: {}", cause.replace('\n', "\n    "));
        }
        last = cause;
    }
    let mut hints: Vec<&str> = failures(error)
        .filter_map(|failure| failure.hint.as_deref())
        .collect();
    if hints.is_empty() && class(error) == Class::Environment {
        hints.push("`cargo xtask doctor` shows what this machine has and lacks");
    }
    hints.dedup();
    for hint in hints {
        let _ = write!(text, "\nhint: {hint}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context as _;

    fn io() -> std::io::Error {
        std::io::Error::other("disk on fire")
    }

    #[test]
    fn unclassified_errors_are_the_environments() {
        let error = anyhow::Error::from(io());
        assert_eq!(exit_code(&error), 3);
        assert!(render(&error).contains("hint: "));
    }

    #[test]
    fn a_failure_keeps_class_and_hint_wherever_it_stands() {
        let root: anyhow::Error = Failure::usage("a").hint("h").into();
        let below = Err::<(), _>(Failure::usage("a").hint("h"))
            .context("outer")
            .expect_err("is an error");
        let above = Err::<(), _>(io())
            .context(Failure::usage("a").hint("h"))
            .expect_err("is an error");
        for error in [root, below, above] {
            assert_eq!(exit_code(&error), 2, "{error:?}");
            let text = render(&error);
            assert_eq!(text.matches("hint: h").count(), 1, "{text}");
        }
    }

    #[test]
    fn the_outermost_class_wins() {
        let error = Err::<(), _>(Failure::environment("inner"))
            .context(Failure::usage("outer"))
            .expect_err("is an error");
        assert_eq!(exit_code(&error), 2);
        assert!(render(&error).contains("because: inner"));
    }
}
