//! No circles between files: a file that names something of another one imports it, whether by `use` or by a path.

use std::collections::{BTreeMap, BTreeSet};

use crate::module_tree::ModuleTree;
use crate::paths;
use crate::tracked::Finding;

/// From a file to those that it imports, with the line of the first mention.
type Imports = BTreeMap<String, BTreeMap<String, usize>>;

/// A shortest way around for each file that imports itself, unless an earlier one went through it.
pub fn circles(trees: &[ModuleTree]) -> Vec<Finding> {
    let imports = imports(trees);
    let mut findings = Vec::new();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for file in imports.keys() {
        if seen.contains(file.as_str()) {
            continue;
        }
        let Some(circle) = shortest_circle(&imports, file) else {
            continue;
        };
        seen.extend(&circle);
        let nexts = circle[1..].iter().chain([&circle[0]]);
        let mentions: Vec<(&str, usize)> = circle
            .iter()
            .zip(nexts)
            .map(|(file, next)| (*file, imports[*file][*next]))
            .collect();
        let way = mentions[1..]
            .iter()
            .map(|(file, line)| format!("{file}:{line} → "));
        findings.push(Finding {
            file: file.clone(),
            line: mentions[0].1,
            message: format!("imports itself: → {}{file}", way.collect::<String>()),
            remedy: "move what they share into a file that imports none of them",
        });
    }
    findings
}

/// What each file imports from the workspace.
fn imports(trees: &[ModuleTree]) -> Imports {
    let mut imports = Imports::new();
    for tree in trees {
        for (name, module) in &tree.modules {
            let own = imports.entry(module.file.clone()).or_default();
            for named in paths::of_items(&module.items) {
                let Some(file) = file_of(trees, tree, name, &named.segments) else {
                    continue;
                };
                if file != module.file {
                    own.entry(file).or_insert(named.line);
                }
            }
        }
    }
    imports
}

/// The file whose module a path reaches: the last of its segments that is a module.
///
/// A name that a module has from elsewhere (`pub use`) counts as that module's own, because the path names the module.
fn file_of(
    trees: &[ModuleTree],
    tree: &ModuleTree,
    module: &[String],
    path: &[String],
) -> Option<String> {
    let mut rest = path.iter().map(String::as_str).peekable();
    let (tree, mut at) = match *rest.peek()? {
        "crate" => {
            rest.next();
            (tree, Vec::new())
        }
        "self" => {
            rest.next();
            (tree, module.to_vec())
        }
        "super" => (tree, module.to_vec()),
        first => {
            let child = [module, &[first.to_owned()]].concat();
            let library = |other: &&ModuleTree| other.library.as_deref() == Some(first);
            if tree.modules.contains_key(&child) {
                (tree, module.to_vec())
            } else if let Some(library) = trees.iter().find(library) {
                rest.next();
                (library, Vec::new())
            } else {
                return None;
            }
        }
    };
    while rest.next_if_eq(&"super").is_some() {
        at.pop();
    }
    for segment in rest {
        at.push(segment.to_owned());
        if !tree.modules.contains_key(&at) {
            at.pop();
            break;
        }
    }
    tree.modules.get(&at).map(|module| module.file.clone())
}

/// The files of a shortest way from a file back to itself, beginning with it.
fn shortest_circle<'a>(imports: &'a Imports, start: &'a str) -> Option<Vec<&'a str>> {
    let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
    let mut open = std::collections::VecDeque::from([start]);
    while let Some(file) = open.pop_front() {
        for next in imports.get(file).into_iter().flat_map(BTreeMap::keys) {
            if next == start {
                let mut way = vec![file];
                while let Some(before) = came_from.get(way[way.len() - 1]) {
                    way.push(before);
                }
                way.reverse();
                return Some(way);
            }
            if !came_from.contains_key(next.as_str()) {
                came_from.insert(next, file);
                open.push_back(next);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The findings in a library called `lib` that has these files.
    fn check(files: &[(&str, &str)]) -> Vec<String> {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().expect("has a parent")).expect("is made");
            std::fs::write(path, text).expect("is written");
        }
        let mut trees = Vec::new();
        for (start, library) in [("lib.rs", Some("lib".to_owned())), ("main.rs", None)] {
            let start = folder.path().join(start);
            if start.is_file() {
                let tree = ModuleTree::read(folder.path(), &start, library);
                trees.push(tree.expect("is read"));
            }
        }
        circles(&trees)
            .into_iter()
            .map(|finding| {
                let way = finding.message.replace("imports itself:", "");
                format!("{}:{}{way}", finding.file, finding.line)
            })
            .collect()
    }

    #[test]
    fn a_circle_is_found_however_the_other_file_is_named() {
        for (a, b) in [
            ("use crate::b::X;", "use crate::a::Y;"),
            ("use super::b;", "use super::a;"),
            ("use super::b::*;", "fn f() { crate::a::g() }"),
            ("use super::{c, b::{self, X}};", "impl super::a::T for X {}"),
            (
                "fn f() { println!(\"{}\", super::b::X) }",
                "fn f(x: Vec<super::a::T>) {}",
            ),
            (
                "#[cfg(test)] mod tests { use super::super::b::X; }",
                "use crate::a::T;",
            ),
        ] {
            let found = check(&[
                ("lib.rs", "mod a; mod b; mod c;"),
                ("a.rs", a),
                ("b.rs", b),
                ("c.rs", ""),
            ]);
            assert_eq!(found, ["a.rs:1 → b.rs:1 → a.rs"], "{a} {b}");
        }
    }

    #[test]
    fn a_long_circle_is_found_once() {
        let found = check(&[
            ("lib.rs", "mod a; mod b; mod c; mod d;"),
            ("a.rs", "\nuse crate::b::X;"),
            ("b.rs", "use crate::c::X;"),
            ("c.rs", "use crate::a::X;"),
            ("d.rs", "use crate::a::X;"),
        ]);
        assert_eq!(found, ["a.rs:2 → b.rs:1 → c.rs:1 → a.rs"]);
    }

    #[test]
    fn a_parent_and_a_child_that_use_each_other_are_a_circle() {
        let child = "use super::Y;";
        let found = |parent: &str| {
            check(&[
                ("lib.rs", "mod m;"),
                ("m/mod.rs", parent),
                ("m/n.rs", child),
            ])
        };
        for parent in [
            "mod n; pub use n::X;",
            "mod n; fn f() { n::x() }",
            "mod n; use self::n::X;",
        ] {
            assert_eq!(
                found(parent),
                ["m/mod.rs:1 → m/n.rs:1 → m/mod.rs"],
                "{parent}"
            );
        }
        assert_eq!(found("mod n; struct Y;"), [""; 0]);
    }

    #[test]
    fn declarations_own_modules_and_other_crates_are_no_imports() {
        let tests = "use super::*; mod inner { use super::x; }";
        assert_eq!(
            check(&[
                (
                    "lib.rs",
                    "mod a; #[cfg(test)] #[path = \"a_tests.rs\"] mod tests;"
                ),
                (
                    "a.rs",
                    "use std::fs; mod inner { pub fn f() {} } use inner::f; use serde::a;"
                ),
                ("a_tests.rs", tests),
                ("main.rs", "use lib::a::f; fn main() { lib::a::f() }"),
            ]),
            [""; 0]
        );
    }
}
