//! Questions to whoever accepts, on standard error; the answers come from standard input.

use std::io::{self, BufRead, IsTerminal as _, Write as _};

use parallax_harness::verdict::cause::Cause;

/// Asks, or knows the answer.
pub struct Asker {
    review: bool,
    /// Given by flags for everything.
    given: Option<(Cause, String)>,
    may_ask: bool,
    /// Whether the person asked wants no more questions.
    over: bool,
}

impl Asker {
    pub fn new(review: bool, given: Option<(Cause, String)>) -> Self {
        Asker {
            review,
            given,
            may_ask: review || (io::stdin().is_terminal() && io::stderr().is_terminal()),
            over: false,
        }
    }

    pub fn is_over(&self) -> bool {
        self.over
    }

    /// Whether a change is to be written; without --review each is.
    pub fn confirm(&mut self, title: &str, details: &str) -> bool {
        if self.over {
            return false;
        }
        if !self.review {
            return true;
        }
        show(&format!("\n{title}\n{details}"));
        loop {
            match self
                .answer("accept? [y]es, [n]o, [a]ll, [q]uit: ")
                .as_deref()
            {
                Some("y" | "yes") => return true,
                Some("n" | "no") => return false,
                Some("a" | "all") => {
                    self.review = false;
                    return true;
                }
                Some("q" | "quit") | None => {
                    self.over = true;
                    return false;
                }
                Some(_) => {}
            }
        }
    }

    /// The cause and reason of divergences: given, or asked for, with the cause that an experiment or a rule has found; nothing where there is nobody to ask.
    pub fn cause_and_reason(
        &mut self,
        title: &str,
        details: &str,
        found: Option<Cause>,
    ) -> Option<(Cause, String)> {
        if let Some(given) = &self.given {
            let given = given.clone();
            return self.confirm(title, details).then_some(given);
        }
        if !self.may_ask || self.over {
            return None;
        }
        show(&format!("\n{title}\n{details}"));
        let found = found.map_or_else(String::new, |cause| format!("found: {cause}; "));
        let cause = self.cause(&format!(
            "cause ({found}empty to leave the difference red): "
        ))?;
        loop {
            match self.answer("reason: ") {
                Some(reason) if !reason.is_empty() => return Some((cause, reason)),
                Some(_) => show("a reason says what the difference comes from"),
                None => return None,
            }
        }
    }

    /// A cause; nothing for an empty answer.
    pub fn cause(&mut self, question: &str) -> Option<Cause> {
        if !self.may_ask || self.over {
            return None;
        }
        loop {
            let answer = self.answer(question)?;
            if answer.is_empty() {
                return None;
            }
            match Cause::named(&answer) {
                Some(cause) => return Some(cause),
                None => show(&format!(
                    "a cause is one of {}; docs/CAUSES.md explains them",
                    Cause::names()
                )),
            }
        }
    }

    fn answer(&mut self, question: &str) -> Option<String> {
        let mut stderr = io::stderr().lock();
        // Who can't be asked can't answer, which the reading notices.
        let _ = write!(stderr, "{question}");
        let _ = stderr.flush();
        drop(stderr);
        let mut line = String::new();
        let read = io::stdin().lock().read_line(&mut line);
        if !matches!(read, Ok(length) if length > 0) {
            self.over = true;
            return None;
        }
        Some(line.trim().to_owned())
    }
}

fn show(text: &str) {
    // As above.
    let _ = writeln!(io::stderr(), "{}", text.trim_end());
}
