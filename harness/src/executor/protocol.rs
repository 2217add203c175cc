//! A result document and an exit code to Outcome: a wrong answer is an outcome, never a crash.

use parallax_runtime::array::Data;
use parallax_runtime::marshal::Transport;
use parallax_runtime::marshal::frame::{self, Buffer, Use};
use parallax_runtime::marshal::json::{self, JsonError};
use parallax_runtime::outcome::{Document, Kind, Printed};

use crate::outcome::{Ending, Fault, Outcome};

/// The code of an execution that the harness itself stopped.
pub const STOPPED: i32 = -1;

/// What an executor left when it ended by itself.
pub struct Answered<'a> {
    pub document: Form<'a>,
    /// `None` where there is no exit to have a code, and the document alone tells.
    pub code: Option<i32>,
    /// What the case has printed; `None` where standard output carries the document, which may tell it itself.
    pub printed: Option<Printed>,
}

/// A document as it came.
pub enum Form<'a> {
    Bytes(&'a [u8]),
    /// The same, to be kept, so that arrays can stay where they are.
    Buffer(Buffer),
    /// A frame in pieces that stay where they are.
    Pieces(Vec<Data>),
}

impl Answered<'_> {
    /// The outcome that it tells of, as the executor worded it.
    pub fn outcome(self, asked: Transport) -> Outcome {
        let (read, code) = (self.document.read(asked), self.code);
        let mut outcome = match read.and_then(|document| check(document, code, &self.printed)) {
            Ok(document) => Outcome::from_document(document),
            Err(fault) => {
                let code = code.unwrap_or(0);
                Ending::Exited { code, fault }.into()
            }
        };
        if let Some(printed) = self.printed
            && !outcome.ending.is_cut_short()
        {
            outcome.printed = printed;
        }
        outcome
    }
}

fn check(
    document: Document,
    code: Option<i32>,
    printed: &Option<Printed>,
) -> Result<Document, Fault> {
    let expected = document.exit_code();
    if let Some(found) = code
        && found != expected
    {
        return Err(Fault::ExitCode { expected, found });
    }
    let told = match &document {
        Document::Success(success) => success.printed.is_some(),
        Document::Error(failed) => failed.printed.is_some(),
    };
    if told && printed.is_some() {
        let message = "`printed` stands in it, and the streams have told already what was printed";
        return Err(Fault::Schema(message.to_owned()));
    }
    Ok(document)
}

impl Form<'_> {
    fn read(self, asked: Transport) -> Result<Document, Fault> {
        let found = carried_by(match &self {
            Form::Bytes(bytes) => bytes,
            Form::Buffer(buffer) => buffer,
            Form::Pieces(pieces) => pieces.first().map_or(&[], |piece| piece),
        });
        let document = match self {
            Form::Bytes(bytes) if found == Transport::JsonBase64 => read_text(bytes)?,
            Form::Buffer(buffer) if found == Transport::JsonBase64 => read_text(&buffer)?,
            Form::Bytes(bytes) => Document::parse_frame(bytes).map_err(Fault::Schema)?,
            Form::Buffer(buffer) => Document::read_frame(buffer).map_err(Fault::Schema)?,
            Form::Pieces(pieces) => Document::read_pieces(pieces).map_err(Fault::Schema)?,
        };
        // An executor without memory, or stack, has none to make a frame of what it says.
        let excused = matches!(&document, Document::Error(failed) if matches!(failed.failure.kind, Kind::Limit | Kind::Stack));
        if found == asked || excused {
            Ok(document)
        } else {
            Err(Fault::Transport { asked, found })
        }
    }
}

/// How a document travels that begins with these bytes.
fn carried_by(bytes: &[u8]) -> Transport {
    match frame::intent(bytes) {
        None => Transport::JsonBase64,
        Some(Use::Copy) => Transport::Frame,
        Some(Use::InPlace) => Transport::ZeroCopy,
    }
}

fn read_text(text: &[u8]) -> Result<Document, Fault> {
    let json = json::read(text, "document").map_err(|error| match error {
        JsonError::Empty => Fault::Silent,
        JsonError::Several => Fault::SeveralDocuments,
        JsonError::Repeated(place) => Fault::Schema(place),
        JsonError::Syntax(reason) => Fault::NotJson(reason),
    })?;
    Document::parse(json).map_err(Fault::Schema)
}

#[cfg(test)]
mod tests {
    use parallax_runtime::marshal::frame::from_json;

    use super::*;

    const REJECTED: &str = r#"{"status":"error","error":{"kind":"graph","message":"no"}}"#;

    fn outcome(document: &[u8], code: i32, asked: Transport, printed: Option<Printed>) -> Outcome {
        let answered = Answered {
            document: Form::Bytes(document),
            code: Some(code),
            printed,
        };
        answered.outcome(asked)
    }

    #[track_caller]
    fn check(document: &[u8], code: i32, expected: &str) {
        let outcome = outcome(document, code, Transport::JsonBase64, None);
        assert_eq!(outcome.summary(), expected);
    }

    #[test]
    fn every_wrong_answer_is_an_outcome() {
        check(b" \n", 3, "exited with code 3: no result document");
        check(
            b"hello",
            0,
            "exited with code 0: the result is not JSON: expected value at line 1 column 1",
        );
        check(
            b"\xff",
            0,
            "exited with code 0: the result is not JSON: invalid utf-8 sequence of 1 bytes from index 0",
        );
        check(
            b"{} {}",
            0,
            "exited with code 0: more than one result document",
        );
        check(
            b"{} x",
            0,
            "exited with code 0: the result is not JSON: after the document: expected value at line 1 column 4",
        );
        check(
            b"{}",
            0,
            "exited with code 0: not a result document: `status` is missing",
        );
        check(
            br#"{"status":"error","error":{"kind":"graph","message":"a","message":"b"}}"#,
            11,
            "exited with code 11: not a result document: document.error: the key \"message\" stands twice at line 1 column 70",
        );
        check(
            REJECTED.as_bytes(),
            0,
            "exited with code 0: exit code 0 does not go with the document, which asks for 11",
        );
        check(REJECTED.as_bytes(), 11, "rejected: no");
    }

    #[test]
    fn a_frame_is_read_as_the_document_in_it_is() {
        let check = |text: &[u8], code, expected: &str| {
            let outcome = outcome(text, code, Transport::Frame, None);
            assert_eq!(outcome.summary(), expected);
        };
        let frame = |text: &str| from_json(text.as_bytes(), Use::Copy);
        check(&frame(REJECTED), 11, "rejected: no");
        check(
            &frame("{}"),
            0,
            "exited with code 0: not a result document: `status` is missing",
        );
        check(
            &frame(r#"{"status":"x","status":"x"}"#),
            0,
            "exited with code 0: not a result document: the frame's header: document: the key \"status\" stands twice at line 1 column 27",
        );
        check(
            &frame("{")[..20],
            0,
            "exited with code 0: not a result document: the frame is broken at byte 20: it ends after 20 bytes, within the preamble",
        );
    }

    #[test]
    fn a_document_must_come_as_it_was_asked_for() {
        let forms = [
            REJECTED.as_bytes().to_vec(),
            from_json(REJECTED.as_bytes(), Use::Copy),
            from_json(REJECTED.as_bytes(), Use::InPlace),
        ];
        let limit = br#"{"status":"error","error":{"kind":"limit","message":"m"}}"#;
        for asked in Transport::ALL {
            for (found, form) in Transport::ALL.into_iter().zip(&forms) {
                let ending = outcome(form, 11, asked, None).ending;
                if found == asked {
                    assert!(matches!(ending, Ending::Rejected(_)), "{ending:?}");
                    continue;
                }
                let fault = Fault::Transport { asked, found };
                assert_eq!(ending, Ending::Exited { code: 11, fault });
            }
            // Where there is no memory, there is none for a frame.
            let ending = outcome(limit, 16, asked, None).ending;
            assert!(matches!(ending, Ending::OutOfMemory(Some(_))), "{ending:?}");
        }
    }

    #[test]
    fn what_was_printed_is_told_in_one_way() {
        let telling = REJECTED.replacen("{", r#"{"printed":{"stdout":"told","stderr":""},"#, 1);
        let ways = |document: &str, printed| {
            outcome(document.as_bytes(), 11, Transport::JsonBase64, printed)
        };
        assert_eq!(ways(&telling, None).printed.stdout, b"told");
        let streams = Printed {
            stdout: b"streamed".to_vec(),
            stderr: Vec::new(),
        };
        let outcome = ways(REJECTED, Some(streams.clone()));
        assert_eq!(outcome.printed.stdout, b"streamed");
        let both = ways(&telling, Some(streams));
        assert!(
            both.summary().contains("`printed` stands in it"),
            "{}",
            both.summary()
        );
        assert_eq!(both.printed.stdout, b"streamed");
    }
}
