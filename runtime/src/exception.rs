//! A Python exception with everything that hangs on it.

use serde::{Deserialize, Serialize};

/// A Python exception, as far as it can be compared: a tree, whose other nodes are the exceptions that it holds, came from, or was raised after.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// Qualified class name, without the module for built-in classes.
    #[serde(rename = "type")]
    pub class: String,
    pub message: String,
    /// `file:line in function`, outermost first.
    pub traceback: Vec<String>,
    /// What `add_note` has added, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// `__cause__`: what it was raised from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Box<Exception>>,
    /// `__context__`: what was being handled when it was raised; absent where it is suppressed or is the cause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<Box<Exception>>,
    /// The members of an exception group, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Exception>,
    /// Whether more hangs on this exception than a document carries.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
}

impl Exception {
    /// An exception that nothing hangs on.
    pub fn new(class: impl Into<String>, message: impl Into<String>) -> Self {
        Exception {
            class: class.into(),
            message: message.into(),
            ..Exception::default()
        }
    }

    /// Calls `look` with every exception of the tree, in the order of [`Exception::for_each_mut`].
    pub fn for_each(&self, look: &mut impl FnMut(&Exception)) {
        look(self);
        for exception in [&self.cause, &self.context].into_iter().flatten() {
            exception.for_each(look);
        }
        for exception in &self.members {
            exception.for_each(look);
        }
    }

    /// Calls `edit` with every exception of the tree, this one first.
    pub fn for_each_mut(&mut self, edit: &mut impl FnMut(&mut Exception)) {
        edit(self);
        let single = [&mut self.cause, &mut self.context];
        for exception in single.into_iter().flatten() {
            exception.for_each_mut(edit);
        }
        for exception in &mut self.members {
            exception.for_each_mut(edit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_exception_lacks_is_not_written() {
        let bare = Exception::new("E", "m");
        let text = serde_json::to_string(&bare).unwrap();
        assert_eq!(text, r#"{"type":"E","message":"m","traceback":[]}"#);
        assert_eq!(serde_json::from_str::<Exception>(&text).unwrap(), bare);
    }

    #[test]
    fn a_tree_reads_back_equal_and_every_exception_of_it_is_visited() {
        let mut tree = Exception {
            notes: vec!["n".to_owned()],
            cause: Some(Box::new(Exception::new("Cause", ""))),
            context: Some(Box::new(Exception {
                truncated: true,
                ..Exception::new("Context", "")
            })),
            members: vec![Exception::new("One", ""), Exception::new("Two", "")],
            ..Exception::new("Group", "")
        };
        let text = serde_json::to_string(&tree).unwrap();
        assert_eq!(serde_json::from_str::<Exception>(&text).unwrap(), tree);
        let mut seen = Vec::new();
        tree.for_each_mut(&mut |exception| seen.push(exception.class.clone()));
        assert_eq!(seen, ["Group", "Cause", "Context", "One", "Two"]);
        let mut again = Vec::new();
        tree.for_each(&mut |exception| again.push(exception.class.clone()));
        assert_eq!(again, seen);
    }
}
