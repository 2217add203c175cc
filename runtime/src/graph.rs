//! The graph of a manifest: checked, and put into the one order in which it runs.

use std::collections::BTreeMap;

use crate::manifest::Manifest;
use crate::outcome::{Failure, GraphInfo, Kind};

/// Nodes are indices into the manifest's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Graph {
    /// Topological; among nodes that are ready the one listed first comes first.
    pub order: Vec<usize>,
    /// The nodes that feed a node, in the order of the manifest's connections.
    pub incoming: Vec<Vec<usize>>,
    /// How many connections leave a node.
    pub outgoing: Vec<usize>,
}

impl Graph {
    /// Builds the graph.
    ///
    /// # Errors
    /// [`Kind::Graph`] for a duplicate id, an unknown endpoint, a repeated connection, or a cycle, each by name.
    pub fn new(manifest: &Manifest) -> Result<Self, Failure> {
        let mut index_of = BTreeMap::new();
        for (index, node) in manifest.nodes.iter().enumerate() {
            if let Some(first) = index_of.insert(node.id.as_str(), index) {
                return Err(refuse(format!(
                    "manifest.nodes[{index}].id: {:?} is already the id of nodes[{first}]",
                    node.id
                ))
                .at(&node.id));
            }
        }
        let count = manifest.nodes.len();
        let mut incoming = vec![Vec::new(); count];
        let mut outgoing = vec![Vec::new(); count];
        let mut seen = BTreeMap::new();
        for (index, connection) in manifest.connections.iter().enumerate() {
            let find = |end: &str, id: &str| {
                index_of.get(id).copied().ok_or_else(|| {
                    refuse(format!(
                        "manifest.connections[{index}].{end}: no node has the id {id:?}"
                    ))
                })
            };
            let from = find("from", &connection.from)?;
            let to = find("to", &connection.to)?;
            if let Some(first) = seen.insert((from, to), index) {
                return Err(refuse(format!(
                    "manifest.connections[{index}]: the same as connections[{first}]"
                )));
            }
            incoming[to].push(from);
            outgoing[from].push(to);
        }
        let order = topological(&incoming, &outgoing).ok_or_else(|| {
            let cycle = find_cycle(&incoming, &outgoing);
            let ids: Vec<&str> = cycle
                .iter()
                .chain(cycle.first())
                .map(|&index| manifest.nodes[index].id.as_str())
                .collect();
            refuse(format!("the graph has a cycle: {}", ids.join(" -> ")))
        })?;
        Ok(Graph {
            order,
            incoming,
            outgoing: outgoing.iter().map(Vec::len).collect(),
        })
    }

    pub fn is_source(&self, node: usize) -> bool {
        self.incoming[node].is_empty()
    }

    pub fn is_sink(&self, node: usize) -> bool {
        self.outgoing[node] == 0
    }

    /// What a result document says of the graph.
    pub fn info(&self, manifest: &Manifest) -> GraphInfo {
        let nodes = 0..self.order.len();
        GraphInfo {
            node_count: self.order.len(),
            source_count: nodes.clone().filter(|&node| self.is_source(node)).count(),
            sink_count: nodes.filter(|&node| self.is_sink(node)).count(),
            execution_order: self
                .order
                .iter()
                .map(|&node| manifest.nodes[node].id.clone())
                .collect(),
        }
    }
}

fn refuse(message: String) -> Failure {
    Failure::new(Kind::Graph, message)
}

/// Kahn's algorithm with a min-heap, so that the order depends on nothing but the manifest.
fn topological(incoming: &[Vec<usize>], outgoing: &[Vec<usize>]) -> Option<Vec<usize>> {
    use std::cmp::Reverse;
    let mut missing: Vec<usize> = incoming.iter().map(Vec::len).collect();
    let mut ready: std::collections::BinaryHeap<Reverse<usize>> = (0..incoming.len())
        .filter(|&node| missing[node] == 0)
        .map(Reverse)
        .collect();
    let mut order = Vec::with_capacity(incoming.len());
    while let Some(Reverse(node)) = ready.pop() {
        order.push(node);
        for &next in &outgoing[node] {
            missing[next] -= 1;
            if missing[next] == 0 {
                ready.push(Reverse(next));
            }
        }
    }
    (order.len() == incoming.len()).then_some(order)
}

/// Some cycle of a graph that has one, starting at its lowest node.
fn find_cycle(incoming: &[Vec<usize>], outgoing: &[Vec<usize>]) -> Vec<usize> {
    // Nodes that lead nowhere but out of the graph are peeled off; every node left has a successor that is left.
    let mut left: Vec<usize> = outgoing.iter().map(Vec::len).collect();
    let mut dead: Vec<usize> = (0..left.len()).filter(|&node| left[node] == 0).collect();
    let mut alive = vec![true; left.len()];
    while let Some(node) = dead.pop() {
        alive[node] = false;
        for &previous in &incoming[node] {
            left[previous] -= 1;
            if left[previous] == 0 {
                dead.push(previous);
            }
        }
    }
    let mut walk = Vec::new();
    let mut next = alive.iter().position(|&alive| alive);
    while let Some(node) = next {
        if let Some(start) = walk.iter().position(|&seen| seen == node) {
            let mut cycle = walk.split_off(start);
            let lowest = cycle
                .iter()
                .enumerate()
                .min_by_key(|(_, node)| **node)
                .map_or(0, |(position, _)| position);
            cycle.rotate_left(lowest);
            return cycle;
        }
        walk.push(node);
        next = outgoing[node].iter().copied().find(|&next| alive[next]);
    }
    walk
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::read_request;
    use proptest::prelude::*;

    fn build(ids: &[&str], connections: &[(&str, &str)]) -> Result<Graph, Failure> {
        let document = serde_json::json!({
            "version": "v1",
            "metadata": {"name": "test"},
            "nodes": ids.iter().map(|id| serde_json::json!({"id": id, "node_type": "Echo"})).collect::<Vec<_>>(),
            "connections": connections.iter().map(|(from, to)| serde_json::json!({"from": from, "to": to})).collect::<Vec<_>>(),
        });
        let request =
            read_request(document.to_string().as_bytes()).expect("the test's own manifest");
        Graph::new(&request.manifest)
    }

    #[track_caller]
    fn check_refused(ids: &[&str], connections: &[(&str, &str)], expected: &str) {
        let failure = build(ids, connections).expect_err("must be refused");
        assert_eq!(
            (failure.kind, failure.message.as_str()),
            (Kind::Graph, expected)
        );
    }

    #[test]
    fn refusals_name_the_nodes() {
        check_refused(
            &["a", "a"],
            &[],
            r#"manifest.nodes[1].id: "a" is already the id of nodes[0]"#,
        );
        check_refused(
            &["a"],
            &[("a", "b")],
            r#"manifest.connections[0].to: no node has the id "b""#,
        );
        check_refused(
            &["a", "b"],
            &[("a", "b"), ("a", "b")],
            "manifest.connections[1]: the same as connections[0]",
        );
        check_refused(&["a"], &[("a", "a")], "the graph has a cycle: a -> a");
        check_refused(
            &["z", "c", "a", "b", "end"],
            &[("z", "a"), ("a", "b"), ("b", "c"), ("c", "a"), ("c", "end")],
            "the graph has a cycle: c -> a -> b -> c",
        );
    }

    #[test]
    fn fan_in_follows_the_connections() {
        let graph = build(&["sink", "a", "b"], &[("b", "sink"), ("a", "sink")]).unwrap();
        assert_eq!(graph.order, [1, 2, 0]);
        assert_eq!(graph.incoming[0], [2, 1]);
    }

    proptest! {
        #[test]
        fn every_connection_goes_forward_in_the_order(edges in prop::collection::btree_set((0usize..12, 0usize..12), 0..30)) {
            let ids: Vec<String> = (0..12).map(|index| format!("n{index}")).collect();
            let names: Vec<&str> = ids.iter().map(String::as_str).collect();
            // Directing each edge from the higher index keeps the graph free of cycles and the order non-trivial.
            let connections: Vec<(&str, &str)> = edges.iter()
                .filter(|(a, b)| a > b)
                .map(|&(a, b)| (names[a], names[b]))
                .collect();
            let graph = build(&names, &connections).unwrap();
            let place = |id: &str| graph.order.iter().position(|&node| names[node] == id).unwrap();
            for (from, to) in connections {
                prop_assert!(place(from) < place(to));
            }
        }
    }
}
