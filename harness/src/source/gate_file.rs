//! `gate.toml`: which cases of a corpus are timed where nobody names some.

use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use super::filter::Filter;
use super::text_file::read_toml;
use crate::error::Problem;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireGate {
    timed: Vec<Spanned<String>>,
}

/// The filters of the file; nothing where there is none.
///
/// # Errors
/// The file can't be read, or holds something else: with its place.
pub fn timed(corpus: &Path) -> Result<Option<Vec<Filter>>, Problem> {
    let path = corpus.join("gate.toml");
    let Some((wire, text)) = read_toml::<WireGate>(&path)? else {
        return Ok(None);
    };
    let filters = wire.timed.iter().map(|written| {
        Filter::new(written.get_ref()).map_err(|_| {
            text.refuse(
                &written.span(),
                &format!("{:?} is no filter expression", written.get_ref()),
                "docs/CORPUS.md describes the language of filters",
            )
        })
    });
    filters.collect::<Result<_, _>>().map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_read_and_what_is_none_has_a_place() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(timed(folder.path()).expect("no file").is_none());
        let write = |text: &str| {
            std::fs::write(folder.path().join("gate.toml"), text).expect("is written");
            timed(folder.path())
        };
        let found = write("timed = [\"a/*\", \"b\"]\n").expect("filters");
        assert_eq!(found.expect("there").len(), 2);
        let error = write("timed = [\n  \"a\",\n  \"(\",\n]\n").expect_err("no filter");
        assert!(error.message.contains("gate.toml:3:3"), "{}", error.message);
        assert!(write("times = []\n").is_err());
    }
}
