//! The checkout's text files, and Rust sources with everything that is not code blanked out.

use std::path::Path;

use anyhow::Result;

use crate::fs_util;

/// Folders that hold no sources of ours.
const SKIPPED: [&str; 4] = [".git", "target", "__pycache__", "node_modules"];

/// A text file.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Relative to the checkout, with `/`.
    pub path: String,
    /// As it is.
    pub text: String,
    /// For Rust: comments and literals replaced by blanks, line by line in place. Otherwise the text.
    pub code: String,
}

impl SourceFile {
    /// From a path and its text.
    pub fn new(path: &str, text: &str) -> Self {
        let code = if is_rust(path) {
            blank(text)
        } else {
            text.to_owned()
        };
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            code,
        }
    }

    /// Whether it is Rust.
    pub fn is_rust(&self) -> bool {
        is_rust(&self.path)
    }

    /// Lines of code with their numbers.
    pub fn code_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line))
    }

    /// Lines of text with their numbers.
    pub fn text_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line))
    }

    /// Whether a line belongs to tests: a test file, or what follows `#[cfg(test)]` in another.
    pub fn is_test_line(&self, line: usize) -> bool {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        if self.path.contains("/tests/") || name == "tests.rs" || name.ends_with("_tests.rs") {
            return true;
        }
        self.code_lines()
            .take(line)
            .any(|(_, text)| text.trim() == "#[cfg(test)]")
    }

    /// Whether it is `harness/src/STEM.rs`, or lies in `harness/src/STEM/`.
    pub fn is_harness(&self, stem: &str) -> bool {
        self.path.strip_prefix("harness/src/").is_some_and(|rest| {
            rest.strip_prefix(stem)
                .is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
        })
    }
}

fn is_rust(path: &str) -> bool {
    path.ends_with(".rs")
}

/// Every text file below `root`.
///
/// # Errors
/// A folder cannot be listed.
pub fn load(root: &Path) -> Result<Vec<SourceFile>> {
    let mut files = Vec::new();
    walk(root, root, &mut files)?;
    Ok(files)
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<SourceFile>) -> Result<()> {
    for path in fs_util::sorted_entries(folder)? {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        if path.is_symlink() || SKIPPED.contains(&name) {
            continue;
        }
        if path.is_dir() {
            walk(root, &path, files)?;
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            // What is not UTF-8 is data, and no rule is about data.
            let relative = path
                .strip_prefix(root)
                .unwrap_or(&path)
                .to_string_lossy()
                .replace('\\', "/");
            files.push(SourceFile::new(&relative, &text));
        }
    }
    Ok(())
}

/// Replaces comments, strings and characters by blanks; lines stay where they are.
fn blank(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = match token_end(&chars, at) {
            Some(end) => {
                out.extend(
                    chars[at..end]
                        .iter()
                        .map(|c| if *c == '\n' { '\n' } else { ' ' }),
                );
                end
            }
            None => {
                out.push(chars[at]);
                at + 1
            }
        };
        at = end;
    }
    out
}

/// The end of the comment or literal that starts at `at`, if one does.
fn token_end(chars: &[char], at: usize) -> Option<usize> {
    let rest = &chars[at..];
    match rest {
        ['/', '/', ..] => Some(at + rest.iter().position(|c| *c == '\n').unwrap_or(rest.len())),
        ['/', '*', ..] => Some(block_comment_end(chars, at)),
        ['"', ..] => Some(string_end(chars, at + 1)),
        ['r', next, ..] if matches!(next, '"' | '#') && !continues_word(chars, at) => {
            raw_string_end(chars, at + 1)
        }
        ['b', 'r', next, ..] if matches!(next, '"' | '#') && !continues_word(chars, at) => {
            raw_string_end(chars, at + 2)
        }
        ['\'', '\\', ..] => {
            let close = rest.iter().skip(3).position(|c| *c == '\'')?;
            Some(at + 3 + close + 1)
        }
        ['\'', _, '\'', ..] => Some(at + 3),
        _ => None,
    }
}

fn continues_word(chars: &[char], at: usize) -> bool {
    at > 0
        && chars
            .get(at - 1)
            .is_some_and(|c| c.is_alphanumeric() || *c == '_')
}

fn block_comment_end(chars: &[char], start: usize) -> usize {
    let (mut at, mut depth) = (start, 0_usize);
    while at < chars.len() {
        match &chars[at..] {
            ['/', '*', ..] => (at, depth) = (at + 2, depth + 1),
            ['*', '/', ..] => (at, depth) = (at + 2, depth - 1),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn string_end(chars: &[char], start: usize) -> usize {
    let mut at = start;
    while at < chars.len() {
        match chars[at] {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    chars.len()
}

/// `at` is behind the `r`: hashes, a quote, and the same number of hashes behind the closing quote.
fn raw_string_end(chars: &[char], at: usize) -> Option<usize> {
    let hashes = chars[at..].iter().take_while(|c| **c == '#').count();
    let open = at + hashes;
    if chars.get(open) != Some(&'"') {
        return None;
    }
    let closes = |from: usize| {
        chars[from] == '"'
            && chars[from + 1..]
                .iter()
                .take(hashes)
                .filter(|c| **c == '#')
                .count()
                == hashes
    };
    Some(
        (open + 1..chars.len())
            .find(|from| closes(*from))
            .map_or(chars.len(), |from| from + 1 + hashes),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blanked_and_code_stays() {
        let cases = [
            ("a // b", "a     "),
            ("a /* b /* c */ d */ e", "a                   e"),
            ("f(\"std::fs \\\" x\") g", "f(              ) g"),
            ("r#\"a\"b\"# c", "         c"),
            ("let x: &'a str = 'c';", "let x: &'a str =    ;"),
            ("'\\'' x", "     x"),
            ("for\"x\"", "for   "),
            ("br\"x\\\" y", "       y"),
            ("\"open", "     "),
        ];
        for (text, expected) in cases {
            assert_eq!(blank(text), expected, "{text}");
        }
        assert_eq!(blank("\"a\nb\" c").lines().count(), 2);
    }

    #[test]
    fn test_lines_are_told_apart() {
        let file = SourceFile::new(
            "harness/src/a.rs",
            "fn f() {}\n#[cfg(test)]\nmod tests {}\n",
        );
        assert!(!file.is_test_line(1));
        assert!(file.is_test_line(3));
        assert!(SourceFile::new("xtask/tests/tidy.rs", "").is_test_line(1));
        assert!(SourceFile::new("harness/src/compare/ulp_tests.rs", "").is_test_line(1));
    }

    #[test]
    fn harness_modules_are_files_or_folders() {
        assert!(SourceFile::new("harness/src/compare.rs", "").is_harness("compare"));
        assert!(SourceFile::new("harness/src/compare/ulp.rs", "").is_harness("compare"));
        assert!(!SourceFile::new("harness/src/compared.rs", "").is_harness("compare"));
        assert!(!SourceFile::new("runtime/src/compare.rs", "").is_harness("compare"));
    }
}
