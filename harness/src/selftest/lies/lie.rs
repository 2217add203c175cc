//! What a lie is: one thing of an answer changed, and where that must be reported.

use parallax_runtime::marshal::Transport;
use parallax_runtime::outcome::Document;
use parallax_runtime::value::Value;

use super::told::Told;
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
