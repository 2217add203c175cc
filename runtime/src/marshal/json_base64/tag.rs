//! The keys of the objects that stand for what JSON has no words for.

use crate::value::Value;

/// Its value names the form.
pub const TAG: &str = "__parallax__";

/// Marks an array.
pub const ARRAY_TAG: &str = "__numpy__";

/// Whether a map would be read as a tagged form, were it written as it is.
pub fn has_tag(entries: &[(String, Value)]) -> bool {
    entries
        .iter()
        .any(|(key, _)| key == TAG || key == ARRAY_TAG)
}
