//! What stands beside a result: warnings, printed text, files, the graph.

use parallax_runtime::outcome::{GraphInfo, Warning};

use super::chance::{any, two};
use super::change::{Change, Group};
use super::text;
use crate::generate::random::Random;
use crate::outcome::{FileKind, LeftFile, Printed};
use crate::path::OutcomePath;
use crate::verdict::normalise::normalise;

pub(super) fn change_warnings(random: &mut Random, warnings: &mut Vec<Warning>) -> Option<Change> {
    let root = OutcomePath::root("warnings");
    let one = |kind, index| Some(Change::at(Group::Warnings, kind, root.index(index)));
    let all = |kind| Some(Change::at(Group::Warnings, kind, root.clone()));
    match random.below(8) {
        0 => {
            warnings.push(Warning {
                node: None,
                category: "RuntimeWarning".to_owned(),
                message: "overflow".to_owned(),
            });
            all("a warning more")
        }
        1 => {
            warnings.remove(any(random, warnings.len())?);
            all("a warning swallowed")
        }
        2 => {
            let (one, other) = two(random, warnings, |a, b| {
                (&a.node, &a.category, normalise(&a.message))
                    == (&b.node, &b.category, normalise(&b.message))
            })?;
            warnings.swap(one, other);
            all("two warnings exchanged")
        }
        3 => {
            let index = any(random, warnings.len())?;
            let twice = warnings[index].clone();
            warnings.insert(index, twice);
            all("a warning twice")
        }
        4 => {
            let index = any(random, warnings.len())?;
            text::change(random, &mut warnings[index].category)?;
            one("another category", index)
        }
        5 => {
            let index = any(random, warnings.len())?;
            let warning = &mut warnings[index];
            warning.node = match warning.node.take() {
                None => Some("-".to_owned()),
                Some(_) if random.below(2) == 0 => None,
                Some(node) => Some(node + "-"),
            };
            one("a warning of another node", index)
        }
        6 => {
            // What stands before and behind a colon.
            let index = any(random, warnings.len())?;
            let warning = &mut warnings[index];
            let (head, rest) = warning.message.split_once(' ')?;
            warning.category = format!("{}: {head}", warning.category);
            warning.message = rest.to_owned();
            one("a category that takes a part of the message", index)
        }
        _ => {
            let index = any(random, warnings.len())?;
            text::change(random, &mut warnings[index].message)?;
            one("another message of a warning", index)
        }
    }
}

pub(super) fn change_printed(random: &mut Random, printed: &mut Printed) -> Option<Change> {
    let root = OutcomePath::root("printed");
    let stdout = random.below(2) == 0;
    let (name, own) = match stdout {
        true => ("stdout", &mut printed.stdout),
        false => ("stderr", &mut printed.stderr),
    };
    let kind = match random.below(6) {
        0 => {
            own.push(b'\n');
            "a line end more"
        }
        1 => {
            if own.is_empty() {
                return None;
            }
            own.clear();
            "nothing printed"
        }
        2 => {
            own.push(0xff);
            "a byte that is no text"
        }
        3 => {
            // They may differ in addresses alone.
            let shown = |stream: &[u8]| normalise(&String::from_utf8_lossy(stream));
            if shown(&printed.stdout) == shown(&printed.stderr) {
                return None;
            }
            std::mem::swap(&mut printed.stdout, &mut printed.stderr);
            return Some(Change::at(Group::Printed, "the other stream", root));
        }
        4 => {
            let index = any(random, own.len())?;
            // Text stays text, so that addresses are looked for.
            let Ok(mut text) = String::from_utf8(own.clone()) else {
                own[index] ^= 1;
                return Some(Change::at(Group::Printed, "a byte flipped", root.key(name)));
            };
            text::change(random, &mut text)?;
            *own = text.into_bytes();
            "another printed text"
        }
        _ => {
            let text = own.clone();
            let lines: Vec<&[u8]> = text.split_inclusive(|&byte| byte == b'\n').collect();
            let (one, other) = two(random, &lines, |a, b| {
                let shown = |line: &[u8]| normalise(&String::from_utf8_lossy(line));
                shown(a) == shown(b)
            })?;
            let mut lines = lines.clone();
            lines.swap(one, other);
            let swapped = lines.concat();
            if swapped == text {
                return None;
            }
            *own = swapped;
            "two printed lines exchanged"
        }
    };
    Some(Change::at(Group::Printed, kind, root.key(name)))
}

pub(super) fn change_files(random: &mut Random, files: &mut Vec<LeftFile>) -> Option<Change> {
    let root = OutcomePath::root("files");
    let new = || LeftFile {
        path: "new.txt".to_owned(),
        kind: FileKind::File,
        mode: 0o644,
        size: 1,
        digest: "00".to_owned(),
    };
    if random.below(4) == 0 || files.is_empty() {
        files.push(new());
        let leaf = root.key("new.txt");
        return Some(Change::at(Group::Files, "a file more", leaf).within(root));
    }
    let index = any(random, files.len())?;
    let leaf = root.key(&files[index].path);
    let file = &mut files[index];
    let kind = match random.below(8) {
        0 => {
            file.digest.push('0');
            "other content"
        }
        1 => {
            file.size += 1;
            "another size"
        }
        2 => {
            file.mode ^= 0o111;
            "another mode"
        }
        3 => {
            file.kind = match file.kind {
                FileKind::File => FileKind::Link,
                FileKind::Link => FileKind::Other,
                FileKind::Other => FileKind::Directory,
                FileKind::Directory => FileKind::File,
            };
            "another kind of file"
        }
        4 => {
            file.path.push('~');
            "a file of another name"
        }
        5 => {
            let twice = LeftFile {
                mode: file.mode ^ 0o444,
                ..file.clone()
            };
            files.push(twice);
            "a path twice"
        }
        6 => {
            if file.size == 0 {
                return None;
            }
            file.digest = String::new();
            file.size = 0;
            "an empty file"
        }
        _ => {
            files.remove(index);
            "a file less"
        }
    };
    Some(Change::at(Group::Files, kind, leaf).within(root))
}

pub(super) fn change_graph(random: &mut Random, graph: &mut GraphInfo) -> Option<Change> {
    let root = OutcomePath::root("graph_info");
    let order = &mut graph.execution_order;
    let (kind, name) = match random.below(7) {
        0 => {
            graph.node_count += 1;
            ("another number of nodes", "node_count")
        }
        1 => {
            graph.source_count += 1;
            ("another number of sources", "source_count")
        }
        2 => {
            graph.sink_count += 2;
            ("another number of sinks", "sink_count")
        }
        3 => {
            let (one, other) = two(random, order, |a, b| a == b)?;
            order.swap(one, other);
            ("another order of nodes", "execution_order")
        }
        4 => {
            order.remove(any(random, order.len())?);
            ("a node less", "execution_order")
        }
        5 => {
            order.push("ghost".to_owned());
            ("a node more", "execution_order")
        }
        _ => {
            let index = any(random, order.len())?;
            text::change(random, &mut order[index])?;
            ("a node of another name", "execution_order")
        }
    };
    Some(Change::at(Group::Graph, kind, root.key(name)))
}
