//! Standard output and exit code to Outcome: a wrong answer is an outcome, never a crash.

use parallax_runtime::array::Data;
use parallax_runtime::marshal::frame::{Buffer, is_frame};
use parallax_runtime::outcome::{Document, Failure};
use serde_json::Value as Json;

use crate::outcome::{Fault, Outcome};

/// The code of an execution that the harness itself stopped.
pub const STOPPED: i32 = -1;

/// Reads what an executor left behind when it ended by itself.
pub fn outcome(stdout: &[u8], code: i32, places: &Places<'_>) -> Outcome {
    match read_document(stdout) {
        Ok(document) if document.exit_code() == code => {
            places.hide(Outcome::from_document(document))
        }
        Ok(document) => Outcome::Exited {
            code,
            fault: Fault::ExitCode {
                expected: document.exit_code(),
                found: code,
            },
        },
        Err(fault) => Outcome::Exited { code, fault },
    }
}

/// Reads the answer of an executor that didn't have to end to give it; `output` is what else went to standard output, which a process would have written before its document.
pub fn answered(mut output: Vec<u8>, document: Buffer, places: &Places<'_>) -> Outcome {
    if !output.is_empty() {
        let code = read_document(&document).map_or(0, |document| document.exit_code());
        output.extend_from_slice(&document);
        return outcome(&output, code, places);
    }
    match is_frame(&document) {
        true => of_document(
            Document::read_frame(document).map_err(Fault::Schema),
            places,
        ),
        false => of_document(read_document(&document), places),
    }
}

/// The same, of a frame in pieces that stay where they are, after nothing went to standard output.
pub fn answered_in_pieces(frame: Vec<Data>, places: &Places<'_>) -> Outcome {
    of_document(Document::read_pieces(frame).map_err(Fault::Schema), places)
}

fn of_document(read: Result<Document, Fault>, places: &Places<'_>) -> Outcome {
    match read {
        Ok(document) => places.hide(Outcome::from_document(document)),
        Err(fault) => Outcome::Exited { code: 0, fault },
    }
}

fn read_document(stdout: &[u8]) -> Result<Document, Fault> {
    if is_frame(stdout) {
        return Document::parse_frame(stdout).map_err(Fault::Schema);
    }
    let text = std::str::from_utf8(stdout).map_err(|error| Fault::NotJson(error.to_string()))?;
    let mut documents = serde_json::Deserializer::from_str(text).into_iter::<Json>();
    let Some(first) = documents.next() else {
        return Err(Fault::Silent);
    };
    let first = first.map_err(|error| Fault::NotJson(error.to_string()))?;
    match documents.next() {
        None => Document::parse(first).map_err(Fault::Schema),
        Some(Ok(_)) => Err(Fault::SeveralDocuments),
        Some(Err(error)) => Err(Fault::NotJson(format!("after the document: {error}"))),
    }
}

/// The normalisation "places": in messages, the directories that each leg knows under its own path get one name.
pub struct Places<'a> {
    pub case_dir: &'a str,
    pub node_path: &'a str,
}

impl Places<'_> {
    fn hide(&self, mut outcome: Outcome) -> Outcome {
        match &mut outcome {
            Outcome::Returned { warnings, .. } => {
                for warning in warnings {
                    self.hide_in(&mut warning.message);
                }
            }
            Outcome::Raised(failure) | Outcome::Rejected(failure) => self.hide_in_failure(failure),
            _ => {}
        }
        outcome
    }

    fn hide_in_failure(&self, failure: &mut Failure) {
        self.hide_in(&mut failure.message);
        if let Some(exception) = &mut failure.exception {
            self.hide_in(&mut exception.message);
        }
    }

    fn hide_in(&self, text: &mut String) {
        for (place, name) in [(self.case_dir, "<case>"), (self.node_path, "<nodes>")] {
            if text.contains(place) {
                *text = replace_path(text, place, name);
            }
        }
    }
}

/// Replaces a path where it stands as a whole: `/case`, but not a part of `/cases` or `a/case`.
fn replace_path(text: &str, path: &str, name: &str) -> String {
    let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let mut parts = text.split(path);
    let mut replaced = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let begins = !replaced.ends_with(|c: char| goes_on(c) || matches!(c, '/' | '.'));
        let whole = begins && !part.starts_with(goes_on);
        replaced.push_str(if whole { name } else { path });
        replaced.push_str(part);
    }
    replaced
}

#[cfg(test)]
mod tests {
    use parallax_runtime::marshal::frame::{Use, from_json};

    use super::*;

    const PLACES: Places<'static> = Places {
        case_dir: "/case",
        node_path: "/nodes",
    };

    const REJECTED: &str = r#"{"status":"error","error":{"kind":"graph","message":"no /case/x"}}"#;

    #[track_caller]
    fn check(stdout: &[u8], code: i32, expected: &str) {
        assert_eq!(outcome(stdout, code, &PLACES).summary(), expected);
    }

    #[test]
    fn every_wrong_answer_is_an_outcome() {
        check(b" \n", 3, "exited with code 3: no result document");
        check(
            b"hello",
            0,
            "exited with code 0: standard output is not JSON: expected value at line 1 column 1",
        );
        check(
            b"\xff",
            0,
            "exited with code 0: standard output is not JSON: invalid utf-8 sequence of 1 bytes from index 0",
        );
        check(
            b"{} {}",
            0,
            "exited with code 0: more than one document on standard output",
        );
        check(
            b"{} x",
            0,
            "exited with code 0: standard output is not JSON: after the document: expected value at line 1 column 4",
        );
        check(
            b"{}",
            0,
            "exited with code 0: not a result document: `status` is missing",
        );
        check(
            REJECTED.as_bytes(),
            0,
            "exited with code 0: exit code 0 does not go with the document, which asks for 11",
        );
        check(REJECTED.as_bytes(), 11, "rejected: no <case>/x");
    }

    #[test]
    fn a_frame_is_read_as_the_document_in_it_is() {
        let frame = |text: &str| from_json(text.as_bytes(), Use::Copy);
        check(&frame(REJECTED), 11, "rejected: no <case>/x");
        check(
            &frame("{}"),
            0,
            "exited with code 0: not a result document: `status` is missing",
        );
        check(
            &frame("{")[..20],
            0,
            "exited with code 0: not a result document: the frame is broken at byte 20: it ends after 20 bytes, within the preamble",
        );
    }

    #[test]
    fn only_whole_paths_are_replaced() {
        assert_eq!(
            replace_path("'/case' /cases a/case //case /case/a", "/case", "<case>"),
            "'<case>' /cases a/case //case <case>/a"
        );
    }
}
