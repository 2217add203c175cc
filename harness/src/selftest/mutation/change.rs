//! What was changed in an outcome, and where that must show.

use crate::path::OutcomePath;

/// What was changed.
#[derive(Clone, Debug)]
pub struct Change {
    /// In what way, by name.
    pub kind: &'static str,
    /// Which part of an outcome it belongs to.
    pub group: Group,
    /// The leaf; a divergence must cover it.
    pub leaf: OutcomePath,
    /// No divergence may lie outside of this.
    pub within: OutcomePath,
    /// The number before and after, where one float became another in the same place.
    pub float: Option<[f64; 2]>,
    /// Whether values have changed places, so that it depends on them what a policy makes of it.
    pub moved: bool,
}

/// The parts of an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    Values,
    Arrays,
    Failures,
    Exceptions,
    Warnings,
    Printed,
    Files,
    Graph,
    Endings,
}

impl Group {
    /// Each of them.
    #[cfg(test)]
    pub const ALL: [Group; 9] = [
        Group::Values,
        Group::Arrays,
        Group::Failures,
        Group::Exceptions,
        Group::Warnings,
        Group::Printed,
        Group::Files,
        Group::Graph,
        Group::Endings,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Group::Values => "values",
            Group::Arrays => "arrays",
            Group::Failures => "failures",
            Group::Exceptions => "exceptions",
            Group::Warnings => "warnings",
            Group::Printed => "printed text",
            Group::Files => "files",
            Group::Graph => "graph",
            Group::Endings => "endings",
        }
    }
}

impl Change {
    /// A change of one leaf, which shows there and nowhere else.
    pub(super) fn at(group: Group, kind: &'static str, leaf: OutcomePath) -> Self {
        Change {
            kind,
            group,
            within: leaf.clone(),
            leaf,
            float: None,
            moved: false,
        }
    }

    /// The same, of values that have only changed places.
    pub(super) fn moved(self, moved: bool) -> Self {
        Change { moved, ..self }
    }

    /// A change of one leaf that may show anywhere within a larger part.
    pub(super) fn within(self, within: OutcomePath) -> Self {
        Change { within, ..self }
    }
}
