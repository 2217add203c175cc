//! Runs a graph: one code for the asynchronous native use and the synchronous use in WebAssembly.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use crate::graph::Graph;
use crate::manifest::{Manifest, Request, Wanted};
use crate::nodes::{Blueprint, Node, NodeHost, builtin};
use crate::outcome::{Failed, Failure, GraphInfo, Kind, Phases, Success};
use crate::stopwatch::{Stopwatch, nanoseconds};
use crate::value::Value;

/// Runs manifests with the nodes of a host.
pub struct Executor<H> {
    host: H,
}

impl<H: NodeHost> Executor<H> {
    pub fn new(host: H) -> Self {
        Executor { host }
    }

    pub fn host(&self) -> &H {
        &self.host
    }

    pub fn host_mut(&mut self) -> &mut H {
        &mut self.host
    }

    /// Runs a manifest whose sources need no input.
    ///
    /// # Errors
    /// The first failure of the graph or of a node, with what there was until then.
    pub async fn execute(&mut self, manifest: &Manifest) -> Result<Success, Failed> {
        self.run(manifest, None, Wanted::default()).await
    }

    /// Runs a manifest with the items that each source receives.
    ///
    /// # Errors
    /// The first failure of the graph or of a node, with what there was until then.
    pub async fn execute_with_input(
        &mut self,
        manifest: &Manifest,
        input: Vec<Value>,
    ) -> Result<Success, Failed> {
        self.run(manifest, Some(input), Wanted::default()).await
    }

    /// [`Executor::execute`] where there is no other task to give way to.
    ///
    /// # Errors
    /// The first failure of the graph or of a node, with what there was until then.
    pub fn execute_sync(&mut self, manifest: &Manifest) -> Result<Success, Failed> {
        pollster::block_on(self.execute(manifest))
    }

    /// [`Executor::execute_with_input`] where there is no other task to give way to.
    ///
    /// # Errors
    /// The first failure of the graph or of a node, with what there was until then.
    pub fn execute_with_input_sync(
        &mut self,
        manifest: &Manifest,
        input: Vec<Value>,
    ) -> Result<Success, Failed> {
        pollster::block_on(self.execute_with_input(manifest, input))
    }

    /// Runs a request as it was read.
    ///
    /// # Errors
    /// The first failure of the graph or of a node, with what there was until then.
    pub async fn execute_request(&mut self, request: Request) -> Result<Success, Failed> {
        let Request {
            manifest,
            input_data,
            wanted,
        } = request;
        self.run(&manifest, input_data, wanted).await
    }

    /// [`Executor::execute_request`] where there is no other task to give way to.
    ///
    /// # Errors
    /// The first failure of the graph or of a node, with what there was until then.
    pub fn execute_request_sync(&mut self, request: Request) -> Result<Success, Failed> {
        pollster::block_on(self.execute_request(request))
    }

    async fn run(
        &mut self,
        manifest: &Manifest,
        input: Option<Vec<Value>>,
        wanted: Wanted,
    ) -> Result<Success, Failed> {
        let mut outputs = Vec::new();
        let ended = self.attempt(manifest, input, wanted, &mut outputs).await;
        // The nodes are gone, and have said what they say when they go.
        let warnings = self.host.take_warnings();
        match ended {
            Ok((graph_info, phases)) => Ok(Success {
                outputs,
                graph_info,
                warnings,
                printed: None,
                phases: Some(phases),
            }),
            // Where memory has run out, what has taken it makes room for saying so.
            Err(failure) if failure.kind == Kind::Limit => Err(failure.into()),
            Err(failure) => Err(Failed {
                failure,
                outputs,
                warnings,
                printed: None,
            }),
        }
    }

    /// Runs a graph from its check to its clean-up; `outputs` gets what sinks have, also before a failure.
    async fn attempt(
        &mut self,
        manifest: &Manifest,
        input: Option<Vec<Value>>,
        wanted: Wanted,
        outputs: &mut Vec<Value>,
    ) -> Result<(GraphInfo, Phases), Failure> {
        let graph = Graph::new(manifest)?;
        let mut stopwatch = Stopwatch::new(manifest, wanted.timed);
        let load_started = Instant::now();
        let mut nodes = self.load(manifest, &graph, &mut stopwatch)?;
        let (initialized, started) = initialize(&mut nodes, &graph, &mut stopwatch);
        let load_ns = nanoseconds(load_started);
        let run_started = Instant::now();
        let flowed = match started {
            Ok(()) => {
                let mut made = Made {
                    results: vec![Vec::new(); nodes.len()],
                    trace: wanted.trace.then(Vec::new),
                    stopwatch: &mut stopwatch,
                };
                let flowed = pass_on(manifest, &graph, &mut nodes, input, &mut made).await;
                made.give(&graph, outputs);
                flowed
            }
            Err(failure) => Err(failure),
        };
        let cleaned = cleanup(&mut nodes, &graph.order[..initialized]);
        flowed?;
        cleaned?;
        let phases = Phases {
            load_ns,
            run_ns: nanoseconds(run_started),
            nodes: stopwatch.into_times(&graph.order),
            ..Phases::default()
        };
        Ok((graph.info(manifest), phases))
    }

    /// Constructs the nodes in execution order; the list is in manifest order.
    fn load(
        &mut self,
        manifest: &Manifest,
        graph: &Graph,
        stopwatch: &mut Stopwatch,
    ) -> Result<Vec<Option<Box<dyn Node>>>, Failure> {
        let mut nodes: Vec<Option<Box<dyn Node>>> = manifest.nodes.iter().map(|_| None).collect();
        for &index in &graph.order {
            let spec = &manifest.nodes[index];
            let blueprint = Blueprint {
                id: spec.id.clone(),
                node_type: spec.node_type.clone(),
                params: spec.decode_params(index, &manifest.segments)?,
            };
            let construct = || match builtin::construct(blueprint)? {
                Ok(node) => Ok(node),
                Err(blueprint) => self.host.construct(blueprint),
            };
            nodes[index] = Some(stopwatch.load(index, construct)?);
        }
        Ok(nodes)
    }
}

type Nodes = [Option<Box<dyn Node>>];

/// Initialises in execution order; says how many nodes must be cleaned up.
fn initialize(
    nodes: &mut Nodes,
    graph: &Graph,
    stopwatch: &mut Stopwatch,
) -> (usize, Result<(), Failure>) {
    for (done, &index) in graph.order.iter().enumerate() {
        if let Some(node) = &mut nodes[index]
            && let Err(failure) = stopwatch.load(index, || node.initialize())
        {
            return (done, Err(failure));
        }
    }
    (graph.order.len(), Ok(()))
}

/// Cleans up in reverse order, every node whatever the others do; the first failure counts.
fn cleanup(nodes: &mut Nodes, initialized: &[usize]) -> Result<(), Failure> {
    let mut first = Ok(());
    for &index in initialized.iter().rev() {
        if let Some(node) = &mut nodes[index] {
            first = first.and(node.cleanup());
        }
    }
    first
}

/// What nodes have made so far.
struct Made<'s> {
    /// In manifest order, until somebody takes them.
    results: Vec<Vec<Value>>,
    /// The same for good, in execution order, each with the node's id; where that is asked for.
    trace: Option<Vec<Value>>,
    stopwatch: &'s mut Stopwatch,
}

impl Made<'_> {
    /// Gives what sinks have, or what every node has made.
    fn give(mut self, graph: &Graph, outputs: &mut Vec<Value>) {
        match self.trace {
            Some(trace) => outputs.extend(trace),
            None => {
                let sinks = (0..self.results.len()).filter(|&index| graph.is_sink(index));
                outputs.extend(sinks.flat_map(|index| std::mem::take(&mut self.results[index])));
            }
        }
    }

    fn add(&mut self, index: usize, id: &str, produced: Vec<Value>) {
        if let Some(trace) = &mut self.trace {
            trace.push(Value::Map(vec![
                ("node".to_owned(), Value::Str(id.to_owned())),
                ("outputs".to_owned(), Value::List(produced.clone())),
            ]));
        }
        self.results[index] = produced;
    }
}

/// Has each node make its results of those before it, in execution order.
async fn pass_on(
    manifest: &Manifest,
    graph: &Graph,
    nodes: &mut Nodes,
    mut input: Option<Vec<Value>>,
    made: &mut Made<'_>,
) -> Result<(), Failure> {
    let mut sources = (0..nodes.len())
        .filter(|&index| graph.is_source(index))
        .count();
    let mut readers = graph.outgoing.clone();
    for &index in &graph.order {
        let items = if graph.is_source(index) {
            sources -= 1;
            // As below: the last source takes the items.
            if sources == 0 {
                input.take()
            } else {
                input.clone()
            }
        } else {
            let mut items = Vec::new();
            for &from in &graph.incoming[index] {
                readers[from] -= 1;
                // The last reader takes the items, so that a chain copies nothing.
                if readers[from] == 0 {
                    items.append(&mut made.results[from]);
                } else {
                    items.extend(made.results[from].iter().cloned());
                }
            }
            Some(items)
        };
        let Some(node) = &mut nodes[index] else {
            continue;
        };
        let mut produced = Vec::new();
        let stopwatch = &mut *made.stopwatch;
        let processed = match items {
            None => stopwatch.process(index, || node.process(None, &mut produced)),
            Some(items) if manifest.nodes[index].is_streaming => {
                stopwatch.process(index, || node.process_stream(items, &mut produced))
            }
            Some(items) => {
                produced.reserve(items.len());
                items.into_iter().try_for_each(|item| {
                    stopwatch.process(index, || node.process(Some(item), &mut produced))
                })
            }
        };
        produced.retain(|value| !matches!(value, Value::Null));
        made.add(index, &manifest.nodes[index].id, produced);
        processed?;
        GiveWay(false).await;
    }
    Ok(())
}

/// Lets other tasks of the same thread run once.
struct GiveWay(bool);

impl Future for GiveWay {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.0 {
            return Poll::Ready(());
        }
        self.0 = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::read_request;
    use crate::nodes::NoHost;

    fn run(request: serde_json::Value) -> Result<Vec<Value>, Failed> {
        let request = read_request(request.to_string().as_bytes())?;
        pollster::block_on(Executor::new(NoHost).execute_request(request))
            .map(|success| success.outputs)
    }

    fn add(id: &str, addend: i64) -> serde_json::Value {
        serde_json::json!({"id": id, "node_type": "AddNode", "params": {"addend": addend}})
    }

    fn request(
        nodes: &[serde_json::Value],
        connections: &[(&str, &str)],
        input: serde_json::Value,
    ) -> serde_json::Value {
        let connections: Vec<_> = connections
            .iter()
            .map(|(from, to)| serde_json::json!({"from": from, "to": to}))
            .collect();
        serde_json::json!({
            "manifest": {"version": "v1", "metadata": {"name": "t"}, "nodes": nodes, "connections": connections},
            "input_data": input,
        })
    }

    #[test]
    fn a_diamond_gives_each_branch_every_item_and_joins_in_connection_order() {
        let nodes = [add("a", 0), add("b", 10), add("c", 20), add("d", 0)];
        let connections = [("a", "b"), ("a", "c"), ("c", "d"), ("b", "d")];
        let outputs = run(request(&nodes, &connections, serde_json::json!([1, 2]))).unwrap();
        assert_eq!(outputs, [21, 22, 11, 12].map(Value::Int));
    }

    #[test]
    fn sinks_come_in_manifest_order() {
        let nodes = [add("late", 1), add("source", 0), add("early", 2)];
        let connections = [("source", "early"), ("source", "late")];
        let outputs = run(request(&nodes, &connections, serde_json::json!([0]))).unwrap();
        assert_eq!(outputs, [1, 2].map(Value::Int));
    }

    #[test]
    fn null_is_dropped_and_no_input_gives_no_output() {
        let nodes = [serde_json::json!({"id": "e", "node_type": "Echo"})];
        let nulls = serde_json::json!([null, 1, null]);
        assert_eq!(run(request(&nodes, &[], nulls)).unwrap(), [Value::Int(1)]);
        let bare = request(&nodes, &[], serde_json::Value::Null)["manifest"].take();
        assert_eq!(run(bare).unwrap(), []);
    }

    #[test]
    fn a_failure_brings_what_sinks_had_in_manifest_order() {
        let plain = |id: &str| serde_json::json!({"id": id, "node_type": "PassThrough"});
        // `last` runs last, and stands first.
        let nodes = [
            add("last", 10),
            plain("source"),
            plain("sink"),
            plain("between"),
        ];
        let connections = [
            ("source", "sink"),
            ("source", "between"),
            ("between", "last"),
        ];
        let items = serde_json::json!([1, null, "x", 2]);
        let failed = run(request(&nodes, &connections, items)).unwrap_err();
        assert_eq!(failed.failure.node.as_deref(), Some("last"));
        let text = Value::Str("x".to_owned());
        let expected = [Value::Int(11), Value::Int(1), text, Value::Int(2)];
        assert_eq!(failed.outputs, expected);
    }

    #[test]
    fn each_call_of_a_node_is_timed_where_that_is_asked_for() {
        let request = |timed: bool| {
            let request = serde_json::json!({
                "manifest": {
                    "version": "v1",
                    "metadata": {"name": "n"},
                    "nodes": [{"id": "b", "node_type": "Echo"}, {"id": "a", "node_type": "PassThrough"}],
                    "connections": [{"from": "a", "to": "b"}],
                },
                "input_data": [1, 2, 3],
                "timed": timed,
            });
            read_request(request.to_string().as_bytes()).unwrap()
        };
        let phases = |timed| {
            let run = Executor::new(NoHost).execute_request_sync(request(timed));
            run.unwrap().phases.unwrap()
        };
        let nodes = phases(true).nodes;
        let calls: Vec<_> = nodes
            .iter()
            .map(|times| (times.node.as_str(), times.process_ns.len()))
            .collect();
        assert_eq!(calls, [("a", 3), ("b", 3)]);
        assert_eq!(phases(false).nodes, []);
    }

    #[test]
    fn a_trace_has_what_every_node_has_made_until_one_fails() {
        let nodes = [add("last", 10), add("source", 0), add("between", 1)];
        let connections = [("source", "between"), ("between", "last")];
        let made = |id: &str, items: &[Value]| {
            let member = |key: &str, value| (key.to_owned(), value);
            Value::Map(vec![
                member("node", Value::Str(id.to_owned())),
                member("outputs", Value::List(items.to_vec())),
            ])
        };
        let trace = |items: serde_json::Value| {
            let mut request = request(&nodes, &connections, items);
            request["trace"] = true.into();
            run(request)
        };
        let expected = [
            made("source", &[1, 2].map(Value::Int)),
            made("between", &[2, 3].map(Value::Int)),
            made("last", &[12, 13].map(Value::Int)),
        ];
        assert_eq!(trace(serde_json::json!([1, 2])).unwrap(), expected);
        let failed = trace(serde_json::json!([1, "x"])).unwrap_err();
        let expected = [made("source", &[Value::Int(1)])];
        assert_eq!(failed.outputs, expected);
    }
}
