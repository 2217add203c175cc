//! Every path that a piece of Rust names, those inside of macros included.

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemUse, Macro, Meta, Path, UseTree, Visibility};

/// The segments of a path, and the line on which it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub segments: Vec<String>,
    pub line: usize,
}

/// The paths that items name, in no particular order; a `use` of several names is several paths, and a glob ends in `*`.
pub fn of_items(items: &[Item]) -> Vec<Named> {
    let mut collector = Collector::default();
    for item in items {
        collector.visit_item(item);
    }
    collector.found
}

/// The paths of a whole file, modules inside of it included.
pub fn of_file(file: &syn::File) -> Vec<Named> {
    let mut collector = Collector::default();
    collector.visit_file(file);
    collector.found
}

#[derive(Default)]
struct Collector {
    found: Vec<Named>,
}

impl Collector {
    fn tree(&mut self, tree: &UseTree, before: &[String]) {
        let with = |ident: &proc_macro2::Ident| [before, &[ident.to_string()]].concat();
        match tree {
            UseTree::Path(path) => self.tree(&path.tree, &with(&path.ident)),
            UseTree::Name(name) if name.ident == "self" => {
                self.push(before.to_vec(), name.ident.span());
            }
            UseTree::Name(name) => self.push(with(&name.ident), name.ident.span()),
            UseTree::Rename(rename) if rename.ident == "self" => {
                self.push(before.to_vec(), rename.ident.span());
            }
            UseTree::Rename(rename) => self.push(with(&rename.ident), rename.ident.span()),
            UseTree::Glob(glob) => {
                let segments = [before, &["*".to_owned()]].concat();
                self.push(segments, glob.star_token.spans[0]);
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.tree(tree, before);
                }
            }
        }
    }

    fn push(&mut self, segments: Vec<String>, span: proc_macro2::Span) {
        let line = span.start().line;
        self.found.push(Named { segments, line });
    }

    /// A macro's arguments are tokens: each run of names with `::` between them is taken for a path.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut run: Option<Named> = None;
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => match &mut run {
                    Some(named) if colons == 2 => named.segments.push(ident.to_string()),
                    _ => {
                        self.found.extend(run.take());
                        run = Some(Named {
                            segments: vec![ident.to_string()],
                            line: ident.span().start().line,
                        });
                    }
                },
                TokenTree::Punct(punct) if punct.as_char() == ':' => {
                    colons += 1;
                    continue;
                }
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Punct(_) | TokenTree::Literal(_) => self.found.extend(run.take()),
            }
            colons = 0;
        }
        self.found.extend(run);
    }
}

impl<'ast> Visit<'ast> for Collector {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.tree(&item.tree, &[]);
    }

    fn visit_path(&mut self, path: &'ast Path) {
        let segments = path.segments.iter();
        let segments: Vec<String> = segments.map(|one| one.ident.to_string()).collect();
        if let Some(first) = path.segments.first() {
            self.push(segments, first.ident.span());
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, invoked: &'ast Macro) {
        self.visit_path(&invoked.path);
        self.tokens(invoked.tokens.clone());
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let Meta::List(list) = &attribute.meta {
            self.tokens(list.tokens.clone());
        }
    }

    /// `pub(in crate::a)` names a module without importing from it.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Vec<String> {
        let file = syn::parse_file(text).expect("is Rust");
        let mut paths: Vec<String> = of_file(&file)
            .into_iter()
            .map(|named| named.segments.join("::"))
            .filter(|path| path.contains("::"))
            .collect();
        paths.sort();
        paths
    }

    #[test]
    fn uses_types_calls_and_macros_are_seen() {
        for (text, expected) in [
            (
                "use a::{b, c::{self, d as e}, f::*};",
                &["a::b", "a::c", "a::c::d", "a::f::*"][..],
            ),
            (
                "fn f(x: a::B<c::D>) -> e::F { g::h(x) }",
                &["a::B", "c::D", "e::F", "g::h"],
            ),
            (
                "fn f() { vec![a::b(c::d)]; x!(#[e::f] g :: h); }",
                &["a::b", "c::d", "e::f", "g::h"],
            ),
            (
                "mod m { use super::a; fn f() { crate::b::c() } }",
                &["crate::b::c", "super::a"],
            ),
            ("impl a::B for super::C {}", &["a::B", "super::C"]),
            ("pub(in crate::a) struct B; // c::d", &[]),
            ("const A: &str = \"b::c\";", &[]),
            ("#[derive(a::B)] struct C;", &["a::B"]),
        ] {
            assert_eq!(named(text), expected, "{text}");
        }
    }
}
