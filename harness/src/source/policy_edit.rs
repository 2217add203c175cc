//! Changes the distances that `policy.toml` says were seen.

use std::path::Path;

use toml_edit::{DocumentMut, Item, TableLike, Value};

use super::text_file;
use crate::error::Problem;
use crate::verdict::policy::{Precision, Worst, rounded_up};

/// The text of a policy file in which `worst` is at least what was seen, by the names of policies.
///
/// # Errors
/// The file can't be read, or is no TOML.
pub fn with_worst<'w>(
    path: &Path,
    seen: impl IntoIterator<Item = (&'w str, &'w Worst)>,
) -> Result<String, Problem> {
    let text = String::from_utf8_lossy(&text_file::read(path)?).into_owned();
    let mut document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| {
        Problem::usage(format!("{}: {}", path.display(), error.message()))
    })?;
    for (name, worst) in seen {
        let rows = document.get_mut("policy");
        let rows = rows.and_then(Item::as_array_of_tables_mut);
        let row = rows
            .into_iter()
            .flat_map(|rows| rows.iter_mut())
            .find(|row| row.get("name").and_then(Item::as_str) == Some(name));
        if let Some(row) = row {
            raise(row, worst);
        }
    }
    Ok(document.to_string())
}

fn raise(row: &mut dyn TableLike, worst: &Worst) {
    if let Some(ulp) = row.get_mut("ulp").and_then(Item::as_table_like_mut) {
        for precision in Precision::ALL {
            let seen = i64::try_from(worst.ulp[precision as usize]).unwrap_or(i64::MAX);
            let bound = ulp.get_mut(precision.name());
            let Some(bound) = bound.and_then(Item::as_table_like_mut) else {
                continue;
            };
            let recorded = bound.get("worst").and_then(Item::as_integer);
            if recorded.unwrap_or(0) < seen {
                set(bound, Value::from(seen));
            }
        }
    }
    let norm = row.get_mut("norm").and_then(Item::as_table_like_mut);
    if let (Some(norm), Some(seen)) = (norm, worst.norm) {
        let recorded = norm.get("worst").and_then(Item::as_float);
        let bound = norm.get("bound").and_then(Item::as_float);
        if recorded.unwrap_or(0.0) < seen {
            // Few digits, so that another run doesn't change it again; never beyond what is allowed.
            let rounded = rounded_up(seen).parse().unwrap_or(seen);
            set(
                norm,
                Value::from(bound.map_or(rounded, |bound| rounded.min(bound))),
            );
        }
    }
}

fn set(bound: &mut dyn TableLike, mut worst: Value) {
    if let Some(own) = bound.get("worst").and_then(Item::as_value) {
        *worst.decor_mut() = own.decor().clone();
        bound.insert("worst", Item::Value(worst));
    } else {
        bound.insert("worst", Item::Value(worst));
        // Spaces as between the keys that are there.
        bound.fmt();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_exceeded_changes() {
        let text = r#"# Bounds.
[[policy]]
name = "a"
ulp.f64 = { bound = 4, worst = 1 }  # f64
ulp.f32 = { bound = 4, worst = 3 }
why = "x"

[[policy]]
name = "b"
norm = { bound = 1.0, worst = 0.5 }
why = "x"
"#;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("policy.toml");
        std::fs::write(&path, text).unwrap();
        let ulp = Worst {
            ulp: [9, 2, 2],
            norm: None,
        };
        let norm = Worst {
            ulp: [0; 3],
            norm: Some(0.612_345),
        };
        let found = with_worst(&path, [("a", &ulp), ("b", &norm), ("c", &norm)]).unwrap();
        let expected = text
            .replace("worst = 1 }", "worst = 2 }")
            .replace("worst = 0.5", "worst = 0.613");
        assert_eq!(found, expected);
        // A new policy records nothing yet.
        let new = text
            .replace(", worst = 1 }", " }")
            .replace(", worst = 0.5", "");
        std::fs::write(&path, &new).unwrap();
        let found = with_worst(&path, [("a", &ulp), ("b", &norm)]).unwrap();
        assert!(
            found.contains("ulp.f64 = { bound = 4, worst = 2 }"),
            "{found}"
        );
        assert!(
            found.contains("norm = { bound = 1.0, worst = 0.613 }"),
            "{found}"
        );
        std::fs::write(&path, text).unwrap();
        let norm = Worst {
            ulp: [0; 3],
            norm: Some(0.999_9),
        };
        let found = with_worst(&path, [("b", &norm)]).unwrap();
        assert!(found.contains("worst = 1.0 }"), "{found}");
    }
}
