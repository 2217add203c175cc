//! Rules about single items of Rust.

use syn::visit::{self, Visit};
use syn::{Attribute, Fields, Ident, Item, ItemEnum, ItemStruct, Visibility};

use crate::paths;
use crate::tracked::{Finding, Tracked};

/// Whether a whole file is tests.
pub fn is_test_file(file: &Tracked) -> bool {
    let name = file.path.rsplit('/').next().unwrap_or_default();
    file.path.contains("/tests/") || name == "tests.rs" || name.ends_with("_tests.rs")
}

/// A file's items, those left out that are only compiled for tests.
pub fn shipped(file: &Tracked) -> syn::File {
    let mut parsed = parse(file);
    parsed.items.retain(|item| {
        let attributes: &[Attribute] = match item {
            Item::Mod(item) => &item.attrs,
            Item::Fn(item) => &item.attrs,
            Item::Impl(item) => &item.attrs,
            Item::Use(item) => &item.attrs,
            Item::Struct(item) => &item.attrs,
            _ => &[],
        };
        !attributes.iter().any(is_cfg_test)
    });
    parsed
}

fn parse(file: &Tracked) -> syn::File {
    syn::parse_file(&file.text).unwrap_or_else(|error| panic!("{}: {error}", file.path))
}

fn is_cfg_test(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg")
        && attribute
            .parse_args::<Ident>()
            .is_ok_and(|ident| ident == "test")
}

/// A test that does not run proves nothing.
pub fn no_ignored_tests(files: &[Tracked]) -> Vec<Finding> {
    struct Ignored(Vec<usize>);
    impl<'ast> Visit<'ast> for Ignored {
        fn visit_attribute(&mut self, attribute: &'ast Attribute) {
            if attribute.path().is_ident("ignore") {
                self.0.push(line_of(attribute));
            }
        }
    }
    let mut findings = Vec::new();
    for file in files {
        let mut ignored = Ignored(Vec::new());
        ignored.visit_file(&parse(file));
        for line in ignored.0 {
            let message = "an ignored test".to_owned();
            findings.push(file.finding(line, message, "make it run, or delete it"));
        }
    }
    findings
}

/// A test that waits is slow when it passes, and wrong when the machine is slow. Nor does other code have a reason to wait.
pub fn tests_do_not_sleep(files: &[Tracked]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files {
        for named in paths::of_file(&parse(file)) {
            if let [.., module, "sleep"] = *named
                .segments
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>()
                && ["thread", "time"].contains(&module)
            {
                let message = "sleeps".to_owned();
                findings.push(file.finding(named.line, message, "wait for the event itself"));
            }
        }
    }
    findings
}

/// Calls `check` with every struct and enum that is read by serde, and with its attributes.
fn deserialized(files: &[Tracked], mut check: impl FnMut(&Tracked, &Read<'_>)) {
    struct Types<'a>(&'a mut dyn FnMut(&Read<'_>));
    impl<'ast> Visit<'ast> for Types<'_> {
        fn visit_item_struct(&mut self, item: &'ast ItemStruct) {
            let named = matches!(item.fields, Fields::Named(_));
            (self.0)(&Read {
                name: &item.ident,
                visibility: &item.vis,
                attributes: &item.attrs,
                inner: item.fields.iter().flat_map(|field| &field.attrs).collect(),
                named,
            });
            visit::visit_item_struct(self, item);
        }
        fn visit_item_enum(&mut self, item: &'ast ItemEnum) {
            let variants = item.variants.iter();
            let fields = variants.clone().flat_map(|variant| &variant.fields);
            let inner = variants.clone().flat_map(|variant| &variant.attrs);
            (self.0)(&Read {
                name: &item.ident,
                visibility: &item.vis,
                attributes: &item.attrs,
                inner: inner.chain(fields.flat_map(|field| &field.attrs)).collect(),
                named: variants
                    .into_iter()
                    .any(|variant| matches!(variant.fields, Fields::Named(_))),
            });
            visit::visit_item_enum(self, item);
        }
    }
    for file in files.iter().filter(|file| !is_test_file(file)) {
        Types(&mut |read| {
            if read
                .attributes
                .iter()
                .any(|one| says(one, "derive", "Deserialize"))
            {
                check(file, read);
            }
        })
        .visit_file(&shipped(file));
    }
}

/// A type that serde reads.
struct Read<'a> {
    name: &'a Ident,
    visibility: &'a Visibility,
    attributes: &'a [Attribute],
    /// Those of its fields and variants.
    inner: Vec<&'a Attribute>,
    /// Whether any of its fields has a name.
    named: bool,
}

/// Whether an attribute is `name(… word …)`.
fn says(attribute: &Attribute, name: &str, word: &str) -> bool {
    let list = attribute.meta.require_list();
    list.is_ok_and(|list| {
        list.path.is_ident(name)
            && list.tokens.clone().into_iter().any(|token| match token {
                proc_macro2::TokenTree::Ident(ident) => ident == word,
                _ => false,
            })
    })
}

fn line_of(attribute: &Attribute) -> usize {
    attribute.pound_token.spans[0].start().line
}

/// Errors of serde's untagged enums and flattened structs do not say which key is wrong.
pub fn no_untagged_or_flattened(files: &[Tracked]) -> Vec<Finding> {
    let mut findings = Vec::new();
    deserialized(files, |file, read| {
        for attribute in read.attributes.iter().chain(read.inner.iter().copied()) {
            for word in ["untagged", "flatten"] {
                if says(attribute, "serde", word) {
                    let message = format!("{} is read through serde's `{word}`", read.name);
                    let remedy = "write the cases out, so that an error names the key";
                    findings.push(file.finding(line_of(attribute), message, remedy));
                }
            }
        }
    });
    findings
}

/// The shape of a file stays with its loader, and a key that it does not know is an error.
pub fn wire_types_are_private_and_strict(files: &[Tracked]) -> Vec<Finding> {
    let mut findings = Vec::new();
    deserialized(files, |file, read| {
        if !read.name.to_string().starts_with("Wire") {
            return;
        }
        let line = read.name.span().start().line;
        if matches!(read.visibility, Visibility::Public(_)) {
            let message = format!("{} is public", read.name);
            let remedy = "give others a checked type instead of the file's shape";
            findings.push(file.finding(line, message, remedy));
        }
        let strict = |one: &Attribute| says(one, "serde", "deny_unknown_fields");
        if read.named && !read.attributes.iter().any(strict) {
            let message = format!("{} takes unknown keys", read.name);
            let remedy = "add `#[serde(deny_unknown_fields)]`";
            findings.push(file.finding(line, message, remedy));
        }
    });
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tracked::found;

    #[test]
    fn an_ignored_test_is_found() {
        let text = "mod tests {\n#[test]\n#[ignore = \"slow\"]\nfn t() {}\n}\n// #[ignore]";
        assert_eq!(found(no_ignored_tests, "runtime/src/a.rs", text), [3]);
    }

    #[test]
    fn sleeping_is_found_in_code_and_not_in_text() {
        let text = "use std::thread;\nfn f() { thread::sleep(d); }\nconst A: &str = \"time.sleep(1); thread::sleep(d)\";\nuse tokio::time::sleep;";
        assert_eq!(
            found(tests_do_not_sleep, "harness/tests/a.rs", text),
            [2, 4]
        );
    }

    #[test]
    fn untagged_and_flatten_are_found_where_something_is_read() {
        let text = "#[derive(Deserialize)]\n#[serde(untagged)]\nenum A {}\n\
            #[derive(Clone, serde::Deserialize)]\nstruct B {\n#[serde(rename = \"x\", flatten)]\nc: C }\n\
            #[derive(Serialize)]\n#[serde(untagged)]\nenum D {}";
        assert_eq!(
            found(no_untagged_or_flattened, "harness/src/a.rs", text),
            [2, 6]
        );
    }

    #[test]
    fn the_shape_of_a_file_is_strict_and_private() {
        let check =
            |text: &str| found(wire_types_are_private_and_strict, "harness/src/a.rs", text).len();
        for (attributes, item, count) in [
            ("#[serde(deny_unknown_fields)]", "struct WireA { a: u8 }", 0),
            (
                "#[serde(deny_unknown_fields)]",
                "pub(super) struct WireA { a: u8 }",
                0,
            ),
            ("", "enum WireA { A, B(u8) }", 0),
            ("", "struct A { a: u8 }", 0),
            ("", "struct WireA { a: u8 }", 1),
            ("", "enum WireA { A { a: u8 } }", 1),
            ("", "pub struct WireA { a: u8 }", 2),
        ] {
            let text = format!("#[derive(Deserialize)]\n{attributes}\n{item}");
            assert_eq!(check(&text), count, "{text}");
        }
    }
}
