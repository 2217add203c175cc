//! What a case leaves besides its result: warnings, printed text, files.

use std::collections::{BTreeMap, BTreeSet};

use parallax_runtime::outcome::Warning;

use super::failure::compare_lines;
use crate::outcome::{FileKind, LeftFile, Printed};
use crate::path::OutcomePath;
use crate::verdict::findings::Findings;
use crate::verdict::normalise::normalise;
use crate::verdict::shown;

pub(super) fn compare_warnings(
    findings: &mut Findings<'_>,
    reference: &[Warning],
    candidate: &[Warning],
) {
    let lines = |warnings: &[Warning]| -> Vec<String> { warnings.iter().map(line).collect() };
    let (reference, candidate) = (lines(reference), lines(candidate));
    // What the candidate warns of, and the reference doesn't, is not silent.
    let known: BTreeSet<&String> = reference.iter().collect();
    if candidate.iter().any(|line| !known.contains(line)) {
        findings.candidate_warned();
    }
    compare_lines(
        findings,
        &OutcomePath::root("warnings"),
        &reference,
        &candidate,
    );
}

/// A warning in one line, from which all of it can be read: `node: category: message`, with `-` for no node; a JSON array where that would be ambiguous.
fn line(warning: &Warning) -> String {
    let message = normalise(&warning.message);
    let category = &warning.category;
    let node = warning.node.as_deref();
    let is_word = |text: &str| {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        !text.is_empty() && text.chars().all(fits)
    };
    if is_word(category) && node.is_none_or(|node| is_word(node) && node != "-") {
        return format!("{}: {category}: {message}", node.unwrap_or("-"));
    }
    serde_json::json!([node, category, message]).to_string()
}

pub(super) fn compare_printed(
    findings: &mut Findings<'_>,
    reference: &Printed,
    candidate: &Printed,
) {
    let path = OutcomePath::root("printed");
    for (name, a, b) in [
        ("stdout", &reference.stdout, &candidate.stdout),
        ("stderr", &reference.stderr, &candidate.stderr),
    ] {
        if a == b {
            continue;
        }
        let path = path.key(name);
        match (std::str::from_utf8(a), std::str::from_utf8(b)) {
            (Ok(a), Ok(b)) => findings.check_text(path, &normalise(a), &normalise(b)),
            _ => {
                // Bytes that are no text are compared as they are.
                let show = |bytes: &[u8]| {
                    format!(
                        "{} ({})",
                        shown::text(&shown::quoted(&String::from_utf8_lossy(bytes))),
                        shown::identity(bytes)
                    )
                };
                findings.differ(path, show(a), show(b));
            }
        }
    }
}

/// All that was printed in one text, as it is compared.
pub(super) fn printed_text(printed: &Printed) -> String {
    let show = |bytes: &[u8]| match std::str::from_utf8(bytes) {
        Ok(text) => shown::quoted(&normalise(text)),
        Err(_) => shown::identity(bytes),
    };
    format!("{}\n{}\n", show(&printed.stdout), show(&printed.stderr))
}

/// All files in one text, as they are compared.
pub(super) fn files_text(files: &[LeftFile]) -> String {
    let mut text = String::new();
    for (name, files) in index(files) {
        for file in files {
            text += &format!("{}: {}\n", shown::quoted(name), whole(file));
        }
    }
    text
}

/// Printed text as it is compared.
pub(super) fn normalised(printed: &Printed) -> Printed {
    let text = |bytes: &[u8]| match std::str::from_utf8(bytes) {
        Ok(text) => normalise(text).into_bytes(),
        Err(_) => bytes.to_vec(),
    };
    Printed {
        stdout: text(&printed.stdout),
        stderr: text(&printed.stderr),
    }
}

/// Files by their paths; where a path stands several times, which only a wrong executor tells, each of them counts.
pub(super) fn compare_files(
    findings: &mut Findings<'_>,
    reference: &[LeftFile],
    candidate: &[LeftFile],
) {
    let (left, right) = (index(reference), index(candidate));
    let root = OutcomePath::root("files");
    for name in left.keys().chain(right.keys()).collect::<BTreeSet<_>>() {
        let files = |index: &BTreeMap<&str, Vec<&LeftFile>>| -> Vec<LeftFile> {
            let found = index.get(name).into_iter().flatten();
            found.map(|file| LeftFile::clone(file)).collect()
        };
        let path = root.key(name);
        match (files(&left).as_slice(), files(&right).as_slice()) {
            ([a], [b]) => {
                findings.check(path.aspect("mode"), &a.mode, &b.mode, |mode| {
                    format!("{mode:04o}")
                });
                let content = |file: &LeftFile| (file.kind, file.size, file.digest.clone());
                findings.check(path, &content(a), &content(b), content_text);
            }
            (a, b) => {
                findings.check(path, &a, &b, |files| match files {
                    [] => "nothing".to_owned(),
                    files => {
                        let files: Vec<String> = files.iter().map(whole).collect();
                        files.join("; ")
                    }
                });
            }
        }
    }
}

fn index(files: &[LeftFile]) -> BTreeMap<&str, Vec<&LeftFile>> {
    let mut index: BTreeMap<&str, Vec<&LeftFile>> = BTreeMap::new();
    for file in files {
        index.entry(&file.path).or_default().push(file);
    }
    index
}

fn whole(file: &LeftFile) -> String {
    let content = content_text(&(file.kind, file.size, file.digest.clone()));
    format!("{content}, mode {:04o}", file.mode)
}

/// A file's kind, size and content, whole: the digest stands for the bytes.
fn content_text((kind, size, digest): &(FileKind, u64, String)) -> String {
    let of = |name: &str, digest: &str| {
        let size = match size {
            0 => String::new(),
            size => format!(" of {size} bytes"),
        };
        match digest {
            "" => format!("{name}{size}"),
            digest => format!("{name}{size}, {}", shown::quoted(digest)),
        }
    };
    match kind {
        FileKind::File => format!("file of {size} bytes, sha256 {digest}"),
        FileKind::Directory => of("directory", digest),
        FileKind::Link => format!("link of {size} bytes to {}", shown::quoted(digest)),
        FileKind::Other => of("neither file nor directory nor link", digest),
    }
}
