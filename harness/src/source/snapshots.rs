//! `snapshots/`: the pinned outcomes of a corpus, in the form of the library insta, so that its tools can review them.
//!
//! `ID.snap` pins what every leg does with a case; `ID@TARGET.snap` what legs of one target do, where that is something else.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::text_file::read_failed;
use crate::case::{Case, CaseId};
use crate::error::Problem;

/// The version of the pinned form.
pub const FORMAT: &str = "2";

/// The name of the folder in a corpus.
pub const FOLDER: &str = "snapshots";

const EXTENSION: &str = "snap";

/// The pinned outcomes of a corpus.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshots {
    folder: PathBuf,
    by_case: BTreeMap<CaseId, BTreeMap<Option<String>, Json>>,
}

/// A file that is no snapshot of any use: without a case, or not readable.
#[derive(Debug)]
pub struct Unusable {
    pub path: PathBuf,
    /// Whose it is, if it is anybody's.
    pub case: Option<CaseId>,
    pub problem: Problem,
}

impl Snapshots {
    /// Reads the snapshots of a corpus; nothing where it pins none.
    ///
    /// # Errors
    /// The first file that is no snapshot or has no case, with line and remedy.
    pub fn load(corpus: &Path, cases: &[Case]) -> Result<Option<Self>, Problem> {
        let (snapshots, unusable) = Self::load_usable(corpus, cases)?;
        match unusable.into_iter().next() {
            Some(Unusable { problem, .. }) => Err(problem),
            None => Ok(snapshots),
        }
    }

    /// Reads what can be read, and says what can't; for whoever is about to write them anew.
    ///
    /// # Errors
    /// The folder can't be listed, or a file not be read at all.
    pub fn load_usable(
        corpus: &Path,
        cases: &[Case],
    ) -> Result<(Option<Self>, Vec<Unusable>), Problem> {
        let folder = corpus.join(FOLDER);
        if !folder.is_dir() {
            return Ok((None, Vec::new()));
        }
        let mut snapshots = Snapshots {
            folder,
            by_case: BTreeMap::new(),
        };
        let mut unusable = Vec::new();
        let files = walkdir::WalkDir::new(&snapshots.folder).sort_by_file_name();
        for entry in files {
            let entry =
                entry.map_err(|error| Problem::usage(format!("failed to list: {error}")))?;
            let path = entry.path();
            let is_snapshot = path
                .extension()
                .is_some_and(|extension| extension == EXTENSION);
            if !is_snapshot || !entry.file_type().is_file() {
                continue;
            }
            let owner = owner(&snapshots.folder, path, cases);
            let case = owner.as_ref().map(|(id, _)| id.clone());
            let read = match owner {
                Some(owner) => read(path).map(|document| (owner, document)),
                None => Err(
                    Problem::usage(format!("{} has no case", path.display())).hint(
                        "remove it, or run `parallax accept --prune`, which removes all of these",
                    ),
                ),
            };
            match read {
                Ok(((id, target), document)) => {
                    let of_case = snapshots.by_case.entry(id).or_default();
                    of_case.insert(target, document);
                }
                Err(problem) => unusable.push(Unusable {
                    path: path.to_owned(),
                    case,
                    problem,
                }),
            }
        }
        Ok((Some(snapshots), unusable))
    }

    /// Pinned outcomes of a corpus that has none yet.
    pub fn none(corpus: &Path) -> Self {
        Snapshots {
            folder: corpus.join(FOLDER),
            by_case: BTreeMap::new(),
        }
    }

    /// What is pinned for a case on every target, or on the one named.
    pub fn get(&self, id: &CaseId, target: Option<&str>) -> Option<&Json> {
        let of_case = self.by_case.get(id)?;
        of_case.get(&target.map(str::to_owned))
    }

    /// The file that pins a case.
    pub fn path(&self, id: &CaseId, target: Option<&str>) -> PathBuf {
        self.folder.join(name(id, target))
    }

    /// Takes note of what has been written.
    pub fn set(&mut self, id: &CaseId, target: Option<&str>, document: Json) {
        let of_case = self.by_case.entry(id.clone()).or_default();
        of_case.insert(target.map(str::to_owned), document);
    }
}

/// The file's name, below the folder.
pub fn name(id: &CaseId, target: Option<&str>) -> String {
    let at = target.map_or_else(String::new, |target| format!("@{target}"));
    format!("{id}{at}.{EXTENSION}")
}

/// Whose snapshot a file is: a case's, and perhaps of one target. A case whose own name has an `@` comes first.
fn owner(folder: &Path, path: &Path, cases: &[Case]) -> Option<(CaseId, Option<String>)> {
    let stem = path.strip_prefix(folder).ok()?.to_str()?;
    let stem = stem.strip_suffix(&format!(".{EXTENSION}"))?;
    let case = |id: &str| {
        let found = cases.binary_search_by(|case| case.id.0.as_str().cmp(id));
        found.ok().map(|index| cases[index].id.clone())
    };
    if let Some(id) = case(stem) {
        return Some((id, None));
    }
    let (id, target) = stem.rsplit_once('@')?;
    Some((case(id)?, Some(target.to_owned())))
}

/// The text of a snapshot.
pub fn render(id: &CaseId, document: &Json) -> String {
    format!(
        "---\nsource: parallax accept\ninfo:\n  format: {FORMAT}\ninput_file: manifests/{id}.json\n---\n{document:#}\n"
    )
}

fn read(path: &Path) -> Result<Json, Problem> {
    let text = fs::read_to_string(path).map_err(|error| read_failed(path, &error))?;
    parse(&text).map_err(|(line, reason)| {
        Problem::usage(format!("{}:{line}: {reason}", path.display())).hint(
            "`parallax accept ID` writes the snapshot anew; look at the difference before you commit it",
        )
    })
}

/// The document of a snapshot, or the line and the reason why it is none.
fn parse(text: &str) -> Result<Json, (usize, String)> {
    let mut lines = text.lines();
    if lines.next() != Some("---") {
        return Err((1, "a snapshot begins with a line `---`".to_owned()));
    }
    let header: Vec<&str> = lines.by_ref().take_while(|line| *line != "---").collect();
    let first = header.len() + 3;
    let format = header
        .iter()
        .find_map(|line| line.trim_start().strip_prefix("format:"));
    if format.map(str::trim) != Some(FORMAT) {
        let found = format.map_or("none", str::trim);
        return Err((
            2,
            format!(
                "the snapshot has format {found}, where this version reads {FORMAT}; `parallax accept --migrate` writes all of them anew"
            ),
        ));
    }
    let body: Vec<&str> = lines.collect();
    let body = body.join("\n");
    let document: Json = serde_json::from_str(&body).map_err(|error| {
        (
            first + error.line().saturating_sub(1),
            format!("not JSON: {error}"),
        )
    })?;
    // What reads as the same and isn't written the same has a key twice, or was edited by hand.
    let canonical = format!("{document:#}");
    let odd = canonical
        .lines()
        .zip(body.lines())
        .position(|(canonical, own)| canonical != own);
    if let Some(odd) = odd {
        return Err((
            first + odd,
            "not written as `parallax accept` writes it".to_owned(),
        ));
    }
    if canonical.trim_end() != body.trim_end() {
        return Err((
            first + body.lines().count(),
            "not written as `parallax accept` writes it".to_owned(),
        ));
    }
    Ok(document)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_written_is_read_back() {
        let document = json!({"outcome": "returned", "outputs": ["---", {"a": 1.5, "ä\n": []}]});
        let text = render(&CaseId("a/b".to_owned()), &document);
        assert_eq!(parse(&text), Ok(document));
    }

    #[test]
    fn what_is_no_snapshot_says_where() {
        let written = |body: &str| format!("---\ninfo:\n  format: 2\n---\n{body}\n");
        for (text, line, reason) in [
            (String::new(), 1, "a snapshot begins with a line `---`"),
            ("{}".to_owned(), 1, "a snapshot begins with a line `---`"),
            (
                "---\nsource: x\n---\n{}\n".to_owned(),
                2,
                "the snapshot has format none, where this version reads 2",
            ),
            (
                "---\ninfo:\n  format: 1\n---\n{}\n".to_owned(),
                2,
                "the snapshot has format 1, where this version reads 2",
            ),
            (written("{\n  \"a\": x\n}"), 6, "not JSON: "),
            (
                written("{\n  \"a\": 1,\n  \"a\": 1\n}"),
                6,
                "not written as",
            ),
            (written("{ \"a\": 1 }"), 5, "not written as"),
            (written(""), 5, "not JSON: "),
        ] {
            let (found, why) = parse(&text).expect_err(&text);
            assert!(
                found == line && why.starts_with(reason),
                "{text}: {found} {why}"
            );
        }
    }

    #[test]
    fn a_target_is_behind_the_last_at() {
        assert_eq!(name(&CaseId("a/b".to_owned()), None), "a/b.snap");
        let name = name(&CaseId("a@b".to_owned()), Some("wasm32-wasip1"));
        assert_eq!(name, "a@b@wasm32-wasip1.snap");
    }
}
