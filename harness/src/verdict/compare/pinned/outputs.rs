//! The items that reached the sinks, in their pinned form.

use parallax_runtime::marshal::json_base64::{self, Path};
use parallax_runtime::value::Value;
use serde_json::{Map, Value as Json, json};
use sha2::{Digest as _, Sha256};

use super::aligned::Alignments;
use super::arrays;
use super::node::{self, LONGEST_LIST, LONGEST_TEXT, Node, TAG, hexadecimal};
use super::numbers::{Near, Numbers, has_sign};
use crate::path::OutcomePath;
use crate::verdict::compare::order::picked;
use crate::verdict::policy::{Place, Policies, Precision};

/// Makes the pinned form of one case's outputs.
pub struct Encoder<'a> {
    policies: &'a Policies,
    alignments: Alignments,
}

impl<'a> Encoder<'a> {
    pub fn new(policies: &'a Policies, outputs: &[Value]) -> Self {
        Encoder {
            policies,
            alignments: Alignments::of(policies, outputs),
        }
    }

    pub fn outputs(&self, outputs: &[Value]) -> Node {
        self.list(outputs, Path::Root("outputs"))
    }

    fn value(&self, value: &Value, path: Path<'_>) -> Node {
        if let Some(node) = self.aligned(value, path) {
            return node;
        }
        match value {
            Value::List(items) => self.list(items, path),
            Value::Map(entries) => self.map(entries, path),
            Value::Array(array) => {
                let place = self.policies.at_value(path);
                arrays::node("array", array, place, &self.places_within(path))
            }
            Value::Str(text) => node::text(text),
            Value::Bytes(bytes) if bytes.len() > LONGEST_TEXT => {
                let digest = hexadecimal(Sha256::digest(bytes).as_slice());
                Node::Exact(json!({TAG: "long bytes", "bytes": bytes.len(), "sha256": digest}))
            }
            Value::Float(number) => {
                let exact = json_base64::encode(value.clone());
                match self.near(*number, path) {
                    Some((near, place)) => {
                        Node::Float(exact, Numbers::of(&[near]), has_sign(place))
                    }
                    None => Node::Exact(exact),
                }
            }
            other => Node::Exact(json_base64::encode(other.clone())),
        }
    }

    /// What has a property, brought into the one order or to the one side that stands for all.
    fn aligned(&self, value: &Value, path: Path<'_>) -> Option<Node> {
        if self.alignments.is_empty() {
            return None;
        }
        let place = self.policies.at_value(path);
        let alignment = self.alignments.at(&OutcomePath::from(path))?;
        let within = self.places_within(path);
        match value {
            Value::Array(array) => Some(match alignment.turned(array) {
                Some(turned) => arrays::node("array", &turned, place, &within),
                None => arrays::node("array", &picked(array, alignment.order()), place, &within),
            }),
            Value::List(items) => Some(match alignment.matrix(value) {
                Some(matrix) => arrays::node("numbers", &matrix, place, &within),
                None => {
                    let order = alignment.order().iter();
                    let items: Vec<&Value> = order.filter_map(|&at| items.get(at)).collect();
                    let items = items.into_iter().enumerate();
                    let items: Vec<Node> = items
                        .map(|(index, item)| self.value(item, Path::Index(&path, index)))
                        .collect();
                    node::list(items)
                }
            }),
            _ => None,
        }
    }

    fn list(&self, items: &[Value], path: Path<'_>) -> Node {
        if items.len() > LONGEST_LIST {
            let mut gathered = Gathered::new(self);
            gathered.items(items, path);
            return gathered.node("list", items.len());
        }
        let items = items.iter().enumerate();
        Node::List(
            items
                .map(|(index, item)| self.value(item, Path::Index(&path, index)))
                .collect(),
        )
    }

    fn map(&self, entries: &[(String, Value)], path: Path<'_>) -> Node {
        if entries.len() > LONGEST_LIST {
            let mut gathered = Gathered::new(self);
            gathered.entries(entries, path);
            return gathered.node("map", entries.len());
        }
        let members = entries.iter().map(|(key, value)| {
            let node = self.value(value, Path::Key(&path, key));
            (key.clone(), node)
        });
        // As in a result document, what looks like a tag is kept apart.
        let looks_tagged = |key: &str| key.starts_with("__parallax__") || key == "__numpy__";
        if entries.iter().any(|(key, _)| looks_tagged(key)) {
            let pairs = members
                .map(|(key, node)| Node::List(vec![Node::Exact(Json::from(key)), node]))
                .collect();
            return Node::Map(vec![
                (TAG.to_owned(), Node::Exact(Json::from("map"))),
                ("items".to_owned(), Node::List(pairs)),
            ]);
        }
        Node::Map(members.collect())
    }

    /// A double with a tolerance at its place.
    fn near(&self, value: f64, path: Path<'_>) -> Option<(Near, &Place)> {
        let place = self.policies.at_value(path);
        let near = Near::of(place, Precision::Double, value, None)?;
        Some((near, place))
    }

    /// The places that lie within a value, each with the steps that lead there; the least precise first.
    fn places_within(&self, path: Path<'_>) -> Vec<arrays::Within<'_>> {
        if self.policies.places().is_empty() {
            return Vec::new();
        }
        let places = self.policies.places();
        let mut within: Vec<arrays::Within<'_>> = self
            .policies
            .within(&path.into())
            .into_iter()
            .map(|(index, steps)| (steps, &places[index]))
            .collect();
        within.sort_by_key(|(_, place)| place.path.precision());
        within
    }
}

/// What is too long to be pinned item by item: a digest of all that is exact, and the floats that aren't.
struct Gathered<'e, 'a> {
    encoder: &'e Encoder<'a>,
    digest: Sha256,
    floats: Vec<Near>,
}

impl<'e, 'a> Gathered<'e, 'a> {
    fn new(encoder: &'e Encoder<'a>) -> Self {
        Gathered {
            encoder,
            digest: Sha256::new(),
            floats: Vec::new(),
        }
    }

    fn items(&mut self, items: &[Value], path: Path<'_>) {
        self.digest.update("[");
        for (index, item) in items.iter().enumerate() {
            self.value(item, Path::Index(&path, index));
        }
        self.digest.update("]");
    }

    fn entries(&mut self, entries: &[(String, Value)], path: Path<'_>) {
        self.digest.update("{");
        for (key, value) in entries {
            self.digest.update(Json::from(key.as_str()).to_string());
            self.digest.update(":");
            self.value(value, Path::Key(&path, key));
        }
        self.digest.update("}");
    }

    fn value(&mut self, value: &Value, path: Path<'_>) {
        match value {
            Value::List(items) => self.items(items, path),
            Value::Map(entries) => self.entries(entries, path),
            Value::Float(number) => match self.encoder.near(*number, path) {
                Some((near, place)) => {
                    let negative = has_sign(place) && number.is_sign_negative();
                    self.digest.update(if negative { "-~" } else { "~" });
                    self.floats.push(near);
                }
                None => self.digest.update(format!("{number:?}")),
            },
            Value::Array(array) => {
                let place = self.encoder.policies.at_value(path);
                let within = self.encoder.places_within(path);
                let (exact, floats) = arrays::parts(array, place, &within);
                self.digest
                    .update(format!("{}{:?}", array.dtype(), array.shape()));
                self.digest.update(format!("{:?}", array.layout()));
                self.digest.update(exact);
                self.floats.extend(floats);
            }
            other => self
                .digest
                .update(json_base64::encode(other.clone()).to_string()),
        }
        self.digest.update(",");
    }

    fn node(self, kind: &str, count: usize) -> Node {
        let digest = hexadecimal(self.digest.finalize().as_slice());
        let exact = json!({TAG: kind, "items": count, "sha256": digest});
        if self.floats.is_empty() {
            return Node::Exact(exact);
        }
        let Json::Object(members) = exact else {
            return Node::Exact(exact);
        };
        let members: Map<String, Json> = members;
        Node::Floats(members, Numbers::of(&self.floats))
    }
}
