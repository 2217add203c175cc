//! Adds to the settings of a case what an older form of them lacks.

use std::path::Path;

use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

use super::ledger_edit::quoted;
use super::text_file;
use crate::accept::migrate::Terms;
use crate::error::Problem;
use crate::path::OutcomePath;

/// The text of a case's settings with these terms.
///
/// # Errors
/// The file can't be read, or is no TOML.
pub fn with_terms(path: &Path, terms: &Terms) -> Result<String, Problem> {
    let text = String::from_utf8_lossy(&text_file::read(path)?).into_owned();
    let mut document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| {
        Problem::usage(format!("{}: {}", path.display(), error.message()))
    })?;
    if let Some(terms) = terms.default {
        document.insert("terms", number(terms));
    }
    let places = document.get_mut("compare");
    let places = places.and_then(Item::as_array_of_tables_mut);
    let mut last = None;
    for place in places.into_iter().flat_map(ArrayOfTables::iter_mut) {
        last = place.position().max(last);
        let written = place.get("path").and_then(Item::as_str);
        let own = written.and_then(|path| path.parse::<OutcomePath>().ok());
        let lacking = terms
            .places
            .iter()
            .find(|(path, _)| own.as_ref() == Some(path));
        if let Some((_, terms)) = lacking {
            place.insert("terms", number(*terms));
        }
    }
    for place in &terms.further {
        let mut table = Table::new();
        table.insert("path", quoted(&place.path.to_string()).into());
        table.insert("policy", quoted(&place.policy.name).into());
        if let Some(scale) = place.scale {
            table.insert("scale", value(scale));
        }
        table.insert("terms", number(place.terms.unwrap_or(1)));
        if let Some(group) = &place.group {
            table.insert("group", quoted(group).into());
        }
        table.decor_mut().set_prefix("\n");
        if let Some(last) = last {
            table.set_position(last);
        }
        let places = document.entry("compare");
        let places = places.or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
        if let Some(places) = places.as_array_of_tables_mut() {
            places.push(table);
        }
    }
    Ok(document.to_string())
}

fn number(terms: u64) -> Item {
    value(i64::try_from(terms).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::policy::{Place, Policy};

    #[test]
    fn terms_are_added_and_all_else_stays() {
        let text = r#"# Why.
policy = "sum"  # the sum

[[compare]]
path = "outputs[0].a"
policy = "sum"

# Made here.
[[input]]
kind = "text"
bytes = 1
"#;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.toml");
        std::fs::write(&path, text).unwrap();
        let terms = Terms {
            default: Some(3),
            places: vec![("outputs[0].a".parse().unwrap(), 5)],
            further: vec![Place {
                path: "outputs[0].b".parse().unwrap(),
                ..Place::everywhere(Policy::ulp("sum", 0), Some(7))
            }],
        };
        let expected = r#"# Why.
policy = "sum"  # the sum
terms = 3

[[compare]]
path = "outputs[0].a"
policy = "sum"
terms = 5

[[compare]]
path = "outputs[0].b"
policy = "sum"
terms = 7

# Made here.
[[input]]
kind = "text"
bytes = 1
"#;
        assert_eq!(with_terms(&path, &terms).unwrap(), expected);
    }
}
