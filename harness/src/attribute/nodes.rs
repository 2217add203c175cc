//! Which node differs first: what every node has made, of both legs.

use parallax_runtime::graph::Graph;
use parallax_runtime::manifest::{Manifest, read_request};
use parallax_runtime::outcome::GraphInfo;
use parallax_runtime::value::Value;
use serde_json::Value as Json;

use super::place::outputs;
use crate::case::Ignored;
use crate::case::request::asking;
use crate::outcome::{Ending, Outcome};
use crate::verdict::compare::compare;
use crate::verdict::divergence::{Divergence, Verdict};
use crate::verdict::policy::{Policies, Policy};

/// A request for what every node makes, and the graph that tells which feeds which.
pub struct Traced {
    pub request: Vec<u8>,
    manifest: Manifest,
    graph: Graph,
}

/// A node with which a case ends.
pub struct Ended {
    pub node: String,
    /// The request for what the nodes before it make, where there are any.
    pub before: Option<Vec<u8>>,
}

/// What one node has made on two legs.
pub struct Differing<'o> {
    pub id: String,
    pub divergences: Vec<Divergence>,
    pub outputs: [&'o [Value]; 2],
}

impl Traced {
    /// The request with the option; nothing, where it is one that is refused anyway.
    pub fn of(request: &[u8]) -> Option<Self> {
        let read = read_request(request).ok()?;
        let graph = Graph::new(&read.manifest).ok()?;
        Some(Traced {
            request: asking(request, "trace")?,
            manifest: read.manifest,
            graph,
        })
    }

    /// The first node, in execution order, with which a case does what `ends` asks for: the pipeline is cut behind each node in question.
    pub fn first_to_end(&self, mut ends: impl FnMut(&[u8]) -> bool) -> Option<Ended> {
        let (mut without, mut with) = (0, self.graph.order.len());
        if !ends(&self.prefix(with)?) {
            return None;
        }
        while with - without > 1 {
            let middle = without.midpoint(with);
            if ends(&self.prefix(middle)?) {
                with = middle;
            } else {
                without = middle;
            }
        }
        let index = *self.graph.order.get(with.checked_sub(1)?)?;
        let before = if without > 0 {
            self.prefix(without)
        } else {
            None
        };
        Some(Ended {
            node: self.manifest.nodes[index].id.clone(),
            before,
        })
    }

    /// The request with the first nodes alone, in execution order.
    fn prefix(&self, count: usize) -> Option<Vec<u8>> {
        let kept = self.graph.order.iter().take(count);
        let kept: Vec<&str> = kept
            .map(|&index| self.manifest.nodes[index].id.as_str())
            .collect();
        let has =
            |entry: &Json, key: &str| entry[key].as_str().is_some_and(|id| kept.contains(&id));
        let mut document: Json = serde_json::from_slice(&self.request).ok()?;
        let manifest = document.get_mut("manifest")?;
        manifest
            .get_mut("nodes")?
            .as_array_mut()?
            .retain(|node| has(node, "id"));
        if let Some(Json::Array(connections)) = manifest.get_mut("connections") {
            connections.retain(|one| has(one, "from") && has(one, "to"));
        }
        Some(document.to_string().into_bytes())
    }

    /// The nodes whose inputs agree and whose outputs don't, in execution order.
    pub fn first_differing<'o>(&self, sides: [&'o Outcome; 2]) -> Vec<Differing<'o>> {
        let traces = sides.map(|outcome| self.by_node(outcome));
        let agreement = self.agreement(sides);
        let order = self.graph.order.iter();
        let first = order.filter(|&&index| agreement.inputs[index] && !agreement.outputs[index]);
        let found = first.filter_map(|&index| {
            let outputs = [traces[0][index]?, traces[1][index]?];
            Some(Differing {
                id: self.manifest.nodes[index].id.clone(),
                divergences: items_differ(outputs[0], outputs[1]),
                outputs,
            })
        });
        found.collect()
    }

    /// Those of some nodes whose inputs agree, in execution order.
    pub fn with_agreeing_inputs(&self, ids: &[&str], sides: [&Outcome; 2]) -> Vec<String> {
        let agreement = self.agreement(sides);
        let order = self.graph.order.iter();
        let kept = order.filter(|&&index| {
            agreement.inputs[index] && ids.contains(&self.manifest.nodes[index].id.as_str())
        });
        kept.map(|&index| self.manifest.nodes[index].id.clone())
            .collect()
    }

    fn agreement(&self, sides: [&Outcome; 2]) -> Agreement {
        let traces = sides.map(|outcome| self.by_node(outcome));
        let all = || vec![true; self.manifest.nodes.len()];
        let mut agreement = Agreement {
            inputs: all(),
            outputs: all(),
        };
        for &index in &self.graph.order {
            let mut incoming = self.graph.incoming[index].iter();
            agreement.inputs[index] =
                incoming.all(|&from| agreement.inputs[from] && agreement.outputs[from]);
            agreement.outputs[index] = match [traces[0][index], traces[1][index]] {
                [Some(a), Some(b)] => items_differ(a, b).is_empty(),
                // One leg has not come so far.
                [None, None] => true,
                _ => false,
            };
        }
        agreement
    }

    /// What each node has made, in manifest order.
    fn by_node<'o>(&self, outcome: &'o Outcome) -> Vec<Option<&'o [Value]>> {
        let nodes = self.manifest.nodes.iter();
        nodes.map(|node| made_by(outcome, &node.id)).collect()
    }

    /// The class that a node is made of, as the manifest names it.
    pub fn node_type(&self, id: &str) -> Option<&str> {
        let mut nodes = self.manifest.nodes.iter();
        let node = nodes.find(|node| node.id == id)?;
        Some(&node.node_type)
    }

    /// The one node that there is, if there is only one.
    pub fn only(&self) -> Option<&str> {
        match self.manifest.nodes.as_slice() {
            [node] => Some(&node.id),
            _ => None,
        }
    }
}

/// On which nodes two legs agree, in manifest order.
struct Agreement {
    /// In all that a node depends on.
    inputs: Vec<bool>,
    outputs: Vec<bool>,
}

/// What a node has made, in an outcome that has what every node has.
pub fn made_by<'o>(outcome: &'o Outcome, id: &str) -> Option<&'o [Value]> {
    outputs(outcome).iter().find_map(|entry| match entry {
        Value::Map(members) => match members.as_slice() {
            [(_, Value::Str(node)), (_, Value::List(items))] if node == id => {
                Some(items.as_slice())
            }
            _ => None,
        },
        _ => None,
    })
}

/// In what two lists of items differ, every bit counting.
pub fn items_differ(reference: &[Value], candidate: &[Value]) -> Vec<Divergence> {
    let outcome = |items: &[Value]| {
        Outcome::from(Ending::Returned {
            outputs: items.to_vec(),
            graph_info: GraphInfo {
                node_count: 0,
                source_count: 0,
                sink_count: 0,
                execution_order: Vec::new(),
            },
        })
    };
    let exact: Policies = Policy::exact().into();
    match compare(
        &outcome(reference),
        &outcome(candidate),
        &exact,
        Ignored::default(),
    ) {
        Verdict::Diverged(divergences) => divergences,
        Verdict::Equal | Verdict::WithinPolicy(_) => Vec::new(),
    }
}
