//! An answer before it is given, in any of the forms in which it may travel.

use parallax_runtime::marshal::Transport;
use parallax_runtime::marshal::frame::{self, Use};
use parallax_runtime::outcome::{Document, Printed};

/// An answer before it is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// JSON or a frame.
    pub document: Vec<u8>,
    pub code: i32,
    pub printed: Printed,
}

impl Told {
    /// How the document travels.
    pub fn form(&self) -> Transport {
        match frame::intent(&self.document) {
            None => Transport::JsonBase64,
            Some(Use::Copy) => Transport::Frame,
            Some(Use::InPlace) => Transport::ZeroCopy,
        }
    }

    pub(super) fn read(&self) -> Result<Document, String> {
        if self.form() != Transport::JsonBase64 {
            return Document::parse_frame(&self.document);
        }
        let json = serde_json::from_slice(&self.document).map_err(|error| error.to_string())?;
        Document::parse(json)
    }

    /// Puts another document in place, in the same form, with the exit code that goes with it.
    pub(super) fn write(&mut self, document: Document) {
        self.code = document.exit_code();
        self.document = match frame::intent(&self.document) {
            None => {
                let mut text = Vec::new();
                // Memory takes whatever is written to it.
                let _ = document.write(&mut text);
                text
            }
            Some(intent) => framed(document, intent),
        };
    }

    /// Has the document tell what was printed, as it must where it goes to standard output itself.
    ///
    /// # Errors
    /// The document can't be read.
    pub fn tell_printed(&mut self) -> Result<(), String> {
        if self.printed.is_empty() {
            return Ok(());
        }
        let mut document = self.read()?;
        let code = self.code;
        *printed_of(&mut document) = Some(Box::new(std::mem::take(&mut self.printed)));
        self.write(document);
        self.code = code;
        Ok(())
    }

    /// Changes the text of the document, or of a frame's header.
    pub(super) fn edit(&mut self, change: impl FnOnce(String) -> String) -> Option<()> {
        if self.form() == Transport::JsonBase64 {
            let text = String::from_utf8(std::mem::take(&mut self.document)).ok()?;
            self.document = change(text).into_bytes();
            return Some(());
        }
        self.document = with_header(&self.document, change)?;
        Some(())
    }
}

/// The printed text that a document tells.
fn printed_of(document: &mut Document) -> &mut Option<Box<Printed>> {
    match document {
        Document::Success(success) => &mut success.printed,
        Document::Error(failed) => &mut failed.printed,
    }
}

/// A document as a frame.
pub(super) fn framed(document: Document, intent: Use) -> Vec<u8> {
    document
        .into_frame(intent)
        .pieces()
        .flatten()
        .copied()
        .collect()
}

/// A frame with another header; what follows moves to where it then has to be.
fn with_header(bytes: &[u8], change: impl FnOnce(String) -> String) -> Option<Vec<u8>> {
    let number = |at: usize| {
        let field = bytes.get(at..at + 8)?.try_into().ok()?;
        usize::try_from(u64::from_le_bytes(field)).ok()
    };
    let count = u32::from_le_bytes(bytes.get(12..16)?.try_into().ok()?) as usize;
    let start = 32 + 8 * count;
    let length = number(16)?;
    let header = String::from_utf8(bytes.get(start..start + length)?.to_vec()).ok()?;
    let header = change(header);
    let mut made = bytes.get(..start)?.to_vec();
    made.extend_from_slice(header.as_bytes());
    let mut at = start + length;
    for index in 0..count {
        at = at.next_multiple_of(64);
        made.resize(made.len().next_multiple_of(64), 0);
        let size = number(32 + 8 * index)?;
        made.extend_from_slice(bytes.get(at..at + size)?);
        at += size;
    }
    made[16..24].copy_from_slice(&(header.len() as u64).to_le_bytes());
    let whole = made.len() as u64;
    made[24..32].copy_from_slice(&whole.to_le_bytes());
    Some(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_keeps_its_segments_when_its_header_grows() {
        let json = br#"{"status":"success","outputs":[{"__numpy__":true,"array":{"meta":{"shape":[2],"dtype":"int8"},"data":"AQI="}},{"__numpy__":true,"array":{"meta":{"shape":[1],"dtype":"int8"},"data":"Aw=="}}],"graph_info":{"node_count":1,"source_count":1,"sink_count":1,"execution_order":["a"]},"warnings":[]}"#;
        let mut told = Told {
            document: frame::from_json(json, Use::Copy),
            code: 0,
            printed: Printed::default(),
        };
        let before = told.read().unwrap();
        for length in [0, 1, 63, 64, 200] {
            told.edit(|text| format!("{}{text}", " ".repeat(length)))
                .unwrap();
            assert_eq!(told.read().unwrap(), before, "{length}");
        }
    }
}
