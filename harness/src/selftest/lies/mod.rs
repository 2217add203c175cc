//! Lies that an executor could tell: each changes one thing of a true answer to a case of the corpus, and says where that must be reported.

mod arrays;
mod beside;
mod protocol;
mod values;

use parallax_runtime::marshal::Transport;
use parallax_runtime::marshal::frame::{self, Use};
use parallax_runtime::outcome::{Document, Printed};
use parallax_runtime::value::Value;

use crate::path::{OutcomePath, Step};

/// One lie.
pub struct Lie {
    pub name: &'static str,
    pub group: &'static str,
    /// The case that it is told about.
    pub case: &'static str,
    /// The place at which it must be reported, as a path.
    pub place: &'static str,
    /// A part of what must be said there.
    pub says: &'static str,
    pub tell: Tell,
    /// The ways on which it can be told; none stands for all.
    pub ways: &'static [Way],
}

/// How a lie is told.
#[derive(Clone, Copy)]
pub enum Tell {
    /// In the value at the place, or at the value that the place is an aspect of.
    Value(fn(&mut Value) -> Option<()>),
    Document(fn(&mut Document) -> Option<()>),
    /// In what is written, and the exit code.
    Answer(fn(&mut Told) -> Option<()>),
    Deed(Deed),
}

/// What a program does instead of, or besides, answering; the program itself has to do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Leaves a file of this name with this content, in place of what may be there.
    Leave(&'static str, &'static str),
    /// Leaves an empty directory.
    MakeDirectory(&'static str),
    /// Leaves a link: its name, and where it leads.
    Link(&'static str, &'static str),
    /// Takes a file or link away.
    Remove(&'static str),
    /// Gives a file to everybody.
    Share(&'static str),
    Rename(&'static str, &'static str),
    /// Never answers.
    Hang,
    /// Is ended by a signal.
    Crash,
    /// Writes without end.
    Flood,
}

/// How a request comes, and the answer goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Json,
    Frame,
    ZeroCopy,
    /// JSON that doesn't go to standard output.
    Channel,
}

impl Way {
    pub const ALL: [Way; 4] = [Way::Json, Way::Frame, Way::ZeroCopy, Way::Channel];

    pub fn transport(self) -> Transport {
        match self {
            Way::Json | Way::Channel => Transport::JsonBase64,
            Way::Frame => Transport::Frame,
            Way::ZeroCopy => Transport::ZeroCopy,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Way::Channel => "a channel of its own",
            way => way.transport().name(),
        }
    }
}

/// An answer before it is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// JSON or a frame.
    pub document: Vec<u8>,
    pub code: i32,
    pub printed: Printed,
}

/// All lies.
pub fn all() -> impl Iterator<Item = &'static Lie> {
    values::LIES
        .iter()
        .chain(&arrays::LIES)
        .chain(&beside::LIES)
        .chain(&protocol::LIES)
}

/// The cases that are told about, each once.
pub fn cases() -> Vec<&'static str> {
    let mut cases: Vec<&str> = all().map(|lie| lie.case).collect();
    cases.sort_unstable();
    cases.dedup();
    cases
}

/// The lie of a name.
pub fn named(name: &str) -> Option<&'static Lie> {
    all().find(|lie| lie.name == name)
}

impl Lie {
    pub fn path(&self) -> Option<OutcomePath> {
        self.place.parse().ok()
    }

    pub fn is_for(&self, way: Way) -> bool {
        self.ways.is_empty() || self.ways.contains(&way)
    }

    /// Tells it in an answer.
    ///
    /// # Errors
    /// The answer isn't one that the lie is about.
    pub fn tell(&self, told: &mut Told) -> Result<(), String> {
        let cannot = || format!("there is nothing to lie about for {:?}", self.name);
        match self.tell {
            Tell::Deed(_) => Ok(()),
            Tell::Answer(change) => change(told).ok_or_else(cannot),
            Tell::Document(change) => {
                let mut document = told.read()?;
                change(&mut document).ok_or_else(cannot)?;
                told.write(document);
                Ok(())
            }
            Tell::Value(change) => {
                let mut document = told.read()?;
                let outputs = match &mut document {
                    Document::Success(success) => &mut success.outputs,
                    Document::Error(failed) => &mut failed.outputs,
                };
                let path = self.path().ok_or_else(cannot)?;
                let value = find(outputs, path.steps()).ok_or_else(cannot)?;
                change(value).ok_or_else(cannot)?;
                told.write(document);
                Ok(())
            }
        }
    }
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

    fn read(&self) -> Result<Document, String> {
        if self.form() != Transport::JsonBase64 {
            return Document::parse_frame(&self.document);
        }
        let json = serde_json::from_slice(&self.document).map_err(|error| error.to_string())?;
        Document::parse(json)
    }

    /// Puts another document in place, in the same form, with the exit code that goes with it.
    fn write(&mut self, document: Document) {
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
    fn edit(&mut self, change: impl FnOnce(String) -> String) -> Option<()> {
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

fn framed(document: Document, intent: Use) -> Vec<u8> {
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

/// The value that steps lead to; an aspect is one of the value before it.
fn find<'a>(outputs: &'a mut [Value], steps: &[Step]) -> Option<&'a mut Value> {
    let (first, mut rest) = steps.split_first()?;
    let Step::Index(index) = first else {
        return None;
    };
    let mut value = outputs.get_mut(usize::try_from(*index.first()?).ok()?)?;
    while let Some((step, others)) = rest.split_first() {
        value = match (step, value) {
            (Step::Aspect(_), value) => return Some(value),
            (Step::Key(key), Value::Map(entries)) => {
                let mut entries = entries.iter_mut();
                &mut entries.find(|(own, _)| own == key)?.1
            }
            (Step::Index(index), Value::List(items)) => {
                items.get_mut(usize::try_from(*index.first()?).ok()?)?
            }
            _ => return None,
        };
        rest = others;
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_places_are_paths() {
        let mut names: Vec<&str> = all().map(|lie| lie.name).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        assert!(count >= 60, "{count}");
        for lie in all() {
            assert!(lie.path().is_some(), "{}", lie.place);
        }
    }

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
