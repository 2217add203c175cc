//! A difference in full: what `replay` shows of each.

use std::fmt::Write as _;

use serde_json::Value as Json;

use super::text::counted;
use crate::path::{OutcomePath, Step};
use crate::verdict::divergence::{Divergence, Elements};

/// Upper bound on the bytes of a line of a value that is shown whole; `replay --json` gives any.
const LINE: usize = 1000;

/// Upper bound on its lines, after the first.
const LINES: usize = 100;

/// One side of a comparison: the leg's name, and its outcome as a canonical document.
pub struct Side<'a> {
    pub leg: &'a str,
    pub document: &'a Json,
}

/// Writes a difference with everything that is known of it, in lines: the path, both values whole, and of an array the elements.
pub fn write_whole(text: &mut String, divergence: &Divergence, sides: [&Side<'_>; 2]) {
    let Divergence {
        path,
        reference,
        candidate,
        distance,
        elements,
        silent,
        excusable,
    } = divergence;
    // A string takes whatever is written to it.
    let _ = write!(text, "{path}");
    if let Some(distance) = distance {
        let _ = write!(text, " ({distance})");
    }
    if *silent {
        text.push_str(" (silent corruption)");
    }
    if !excusable {
        text.push_str(" (no ledger can excuse that)");
    }
    text.push('\n');
    if let Some(elements) = elements {
        write_elements(text, elements);
    }
    let width = sides.map(|side| side.leg.chars().count());
    let width = width[0].max(width[1]);
    for (side, shown) in sides.into_iter().zip([reference, candidate]) {
        let whole = match elements {
            // An array's bytes in base64 say nothing that its elements don't.
            Some(_) => None,
            None => at(side.document, path).filter(|_| is_cut(shown)),
        };
        // Of a longer line, the report shows the part around the difference.
        let is_short = |whole: &String| whole.lines().all(|line| line.len() <= LINE);
        let whole = whole.map(show).filter(is_short);
        let value = whole.unwrap_or_else(|| shown.clone());
        let mut lines = value.lines();
        let first = lines.next().unwrap_or_default();
        let _ = writeln!(text, "    {:<width$}  {first}", side.leg);
        for line in lines.by_ref().take(LINES) {
            let _ = writeln!(text, "    {:<width$}  {line}", "");
        }
        let left = lines.count();
        if left > 0 {
            let left = counted(left, "line");
            let _ = writeln!(text, "    {:<width$}  … and {left} more", "");
        }
    }
}

fn write_elements(text: &mut String, elements: &Elements) {
    let Elements {
        count,
        of,
        first,
        worst,
    } = elements;
    let _ = writeln!(text, "    {count} of {of} elements differ");
    for element in first {
        let _ = writeln!(text, "    {element}");
    }
    if let Some(worst) = worst {
        let _ = writeln!(text, "    worst: {worst}");
    }
}

/// Whether a text stands for a longer value, by the digest that such a text carries.
fn is_cut(shown: &str) -> bool {
    shown.contains(" bytes, sha256 ")
}

/// A text with its own lines, anything else as JSON.
fn show(value: &Json) -> String {
    match value {
        Json::String(text) if text.contains('\n') => text.clone(),
        value => format!("{value:#}"),
    }
}

/// What stands in a canonical document at a path, where the document has the same form there as the path.
fn at<'a>(document: &'a Json, path: &OutcomePath) -> Option<&'a Json> {
    let root = document.get(path.root_name())?;
    path.steps()
        .iter()
        .try_fold(root, |value, step| match step {
            Step::Key(key) => value.get(key),
            Step::Index(indices) => match indices.as_slice() {
                [index] => value.as_array()?.get(usize::try_from(*index).ok()?),
                _ => None,
            },
            Step::AnyIndex | Step::Aspect(_) => None,
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::verdict::divergence::ElementDifference;

    fn shown(divergence: &Divergence, documents: [Json; 2]) -> String {
        let [reference, candidate] = &documents;
        let side = |leg, document| Side { leg, document };
        let mut text = String::new();
        let sides = [&side("native", reference), &side("wasm", candidate)];
        write_whole(&mut text, divergence, sides);
        text
    }

    fn path(text: &str) -> OutcomePath {
        text.parse().unwrap()
    }

    #[test]
    fn a_value_that_a_report_cuts_is_whole() {
        let divergence = Divergence::new(
            path("outputs[0].text"),
            "\"aaa\"… (differs at byte 3; 7 bytes, sha256 0123456789abcdef)".to_owned(),
            "1".to_owned(),
        );
        let documents = [json!({"outputs": [{"text": "aaa\nbbb"}]}), json!({})];
        assert_eq!(
            shown(&divergence, documents),
            "outputs[0].text\n    native  aaa\n            bbb\n    wasm    1\n"
        );
    }

    #[test]
    fn an_array_shows_count_first_and_worst() {
        let element = |at: &str| ElementDifference {
            at: at.to_owned(),
            reference: "1".to_owned(),
            candidate: "2".to_owned(),
            distance: None,
        };
        let divergence = Divergence {
            elements: Some(Elements {
                count: 3,
                of: 9,
                first: vec![element("[0]"), element("[1]")],
                worst: Some(element("[5]")),
            }),
            silent: true,
            excusable: false,
            ..Divergence::new(path("outputs[0]"), "a".to_owned(), "b".to_owned())
        };
        assert_eq!(
            shown(&divergence, [json!({}), json!({})]),
            "outputs[0] (silent corruption) (no ledger can excuse that)\n    3 of 9 elements differ\n    [0]: 1 != 2\n    [1]: 1 != 2\n    worst: [5]: 1 != 2\n    native  a\n    wasm    b\n"
        );
    }
}
