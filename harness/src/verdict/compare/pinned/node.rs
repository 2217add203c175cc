//! The parts of a pinned form, and how each is held against what is pinned.

use serde_json::{Map, Value as Json, json};
use sha2::{Digest as _, Sha256};

use super::numbers::Numbers;
use crate::path::OutcomePath;
use crate::verdict::divergence::Divergence;
use crate::verdict::shown as one_line;

/// The key of what stands for something else; no map of a value has it, as one that does is written as a list of its items.
pub const TAG: &str = "__parallax__";

/// Upper bound on the bytes of a text that is pinned whole.
pub const LONGEST_TEXT: usize = 2000;

/// Upper bound on the items of a list or map that is pinned whole.
pub const LONGEST_LIST: usize = 200;

/// A part of a pinned form.
pub enum Node {
    /// Met by the same and nothing else.
    Exact(Json),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
    /// One float with a tolerance, written as a number; whether its sign has none.
    Float(Json, Numbers, bool),
    /// Many floats with a tolerance, and what is exact about them.
    Floats(Map<String, Json>, Numbers),
}

impl Node {
    pub fn document(&self) -> Json {
        match self {
            Node::Exact(json) | Node::Float(json, ..) => json.clone(),
            Node::List(items) => Json::Array(items.iter().map(Node::document).collect()),
            Node::Map(members) => Json::Object(
                members
                    .iter()
                    .map(|(key, member)| (key.clone(), member.document()))
                    .collect(),
            ),
            Node::Floats(exact, numbers) => {
                let mut members = exact.clone();
                members.insert(numbers.key().to_owned(), numbers.document());
                Json::Object(members)
            }
        }
    }

    /// Adds what is not as pinned.
    pub fn differences(&self, pinned: &Json, path: &OutcomePath, found: &mut Vec<Divergence>) {
        let differ = |found: &mut Vec<Divergence>| differ(pinned, &self.document(), path, found);
        match (self, pinned) {
            (Node::List(items), Json::Array(others)) => {
                for (index, item) in items.iter().enumerate() {
                    match others.get(index) {
                        Some(other) => item.differences(other, &path.index(index), found),
                        None => found.push(only_found(path.index(index), &item.document())),
                    }
                }
                for (index, other) in others.iter().enumerate().skip(items.len()) {
                    found.push(only_pinned(path.index(index), other));
                }
            }
            // What stands for something else has no member in common with a map.
            (Node::Map(members), Json::Object(others))
                if tag(members).as_ref() == others.get(TAG) =>
            {
                let keys: Vec<&String> = members.iter().map(|(key, _)| key).collect();
                let other_keys: Vec<&String> = others.keys().collect();
                if keys != other_keys {
                    found.push(Divergence::new(
                        path.aspect("keys"),
                        one_line::text(&format!("{other_keys:?}")),
                        one_line::text(&format!("{keys:?}")),
                    ));
                }
                for (key, member) in members {
                    match others.get(key) {
                        Some(other) => member.differences(other, &path.key(key), found),
                        None => found.push(only_found(path.key(key), &member.document())),
                    }
                }
                for (key, other) in others {
                    if !keys.contains(&key) {
                        found.push(only_pinned(path.key(key), other));
                    }
                }
            }
            (Node::Exact(own), other) if own == other => {}
            (Node::Float(own, numbers, signed), other) => {
                if own != other && !numbers.accept_one(other, *signed) {
                    differ(found);
                }
            }
            (Node::Floats(exact, numbers), Json::Object(others)) => {
                let mut others = others.clone();
                let near = others.shift_remove(numbers.key()).unwrap_or_default();
                if *exact != others || !numbers.accept(&near) {
                    differ(found);
                }
            }
            _ => differ(found),
        }
    }
}

/// Adds what differs in two documents of one place: of a text where it does, of what stands for something else the first member that does.
fn differ(pinned: &Json, own: &Json, path: &OutcomePath, found: &mut Vec<Divergence>) {
    let (pinned, own) = match (pinned, own) {
        (Json::String(pinned), Json::String(own)) => one_line::texts(pinned, own),
        (Json::Object(a), Json::Object(b)) if a.get(TAG).is_some() && a.get(TAG) == b.get(TAG) => {
            let mut keys = a.keys().chain(b.keys().filter(|key| !a.contains_key(*key)));
            let key = keys.find(|key| a.get(*key) != b.get(*key));
            let key = key.map_or("", String::as_str);
            let (a, b) = member(a.get(key), b.get(key));
            (format!("{key} {a}"), format!("{key} {b}"))
        }
        (pinned, own) => (shown(pinned), shown(own)),
    };
    found.push(Divergence::new(path.clone(), pinned, own));
}

/// A member of both; of lines, such as the elements of an array, the first that differs.
fn member(a: Option<&Json>, b: Option<&Json>) -> (String, String) {
    let lines = |json: Option<&Json>| match json {
        Some(Json::Array(lines)) => lines
            .iter()
            .map(|line| line.as_str().map(str::to_owned))
            .collect(),
        Some(Json::String(text)) => Some(vec![text.clone()]),
        _ => None,
    };
    if let (Some(a), Some(b)) = (lines(a), lines(b)) {
        let first = a.iter().zip(&b).find(|(a, b)| a != b);
        if let Some((a, b)) = first {
            return one_line::texts(a, b);
        }
    }
    let show = |json: Option<&Json>| json.map_or_else(|| "nothing".to_owned(), shown);
    (show(a), show(b))
}

/// What an object stands for, if not for itself.
fn tag(members: &[(String, Node)]) -> Option<Json> {
    let tag = members.iter().find(|(key, _)| key == TAG);
    tag.map(|(_, node)| node.document())
}

/// A text, or its length and digest.
pub fn text(text: &str) -> Node {
    if text.len() <= LONGEST_TEXT {
        return Node::Exact(Json::from(text));
    }
    let digest = hexadecimal(Sha256::digest(text.as_bytes()).as_slice());
    Node::Exact(json!({TAG: "text", "bytes": text.len(), "sha256": digest}))
}

/// A list of parts that have no tolerances, or its length and digest.
pub fn list(items: Vec<Node>) -> Node {
    if items.len() <= LONGEST_LIST {
        return Node::List(items);
    }
    let count = items.len();
    let whole = Node::List(items).document().to_string();
    let digest = hexadecimal(Sha256::digest(whole.as_bytes()).as_slice());
    Node::Exact(json!({TAG: "list", "items": count, "sha256": digest}))
}

pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn shown(json: &Json) -> String {
    one_line::text(&json.to_string())
}

pub fn only_found(path: OutcomePath, found: &Json) -> Divergence {
    Divergence::new(path, "nothing".to_owned(), shown(found))
}

pub fn only_pinned(path: OutcomePath, pinned: &Json) -> Divergence {
    Divergence::new(path, shown(pinned), "nothing".to_owned())
}
