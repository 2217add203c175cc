//! What each node's calls take, where a request asks for it: a clock costs something, too.

use std::time::Instant;

use crate::manifest::Manifest;
use crate::outcome::NodeTimes;

/// Times the calls of nodes, or just makes them.
pub struct Stopwatch {
    /// In manifest order; nothing where nobody asks.
    nodes: Option<Vec<NodeTimes>>,
}

impl Stopwatch {
    pub fn new(manifest: &Manifest, timed: bool) -> Self {
        let times = |id: &String| NodeTimes {
            node: id.clone(),
            load_ns: 0,
            process_ns: Vec::new(),
        };
        Stopwatch {
            nodes: timed.then(|| manifest.nodes.iter().map(|node| times(&node.id)).collect()),
        }
    }

    /// A part of making a node ready: importing its module, constructing it, initialising it.
    pub fn load<T>(&mut self, index: usize, part: impl FnOnce() -> T) -> T {
        self.time(index, part, |times, taken| times.load_ns += taken)
    }

    /// One call of a node with an item, or with a stream of them.
    pub fn process<T>(&mut self, index: usize, call: impl FnOnce() -> T) -> T {
        self.time(index, call, |times, taken| times.process_ns.push(taken))
    }

    fn time<T>(
        &mut self,
        index: usize,
        call: impl FnOnce() -> T,
        note: impl FnOnce(&mut NodeTimes, u64),
    ) -> T {
        let Some(times) = self.nodes.as_mut().and_then(|nodes| nodes.get_mut(index)) else {
            return call();
        };
        let started = Instant::now();
        let done = call();
        note(times, nanoseconds(started));
        done
    }

    /// The times, by nodes in execution order.
    pub fn into_times(self, order: &[usize]) -> Vec<NodeTimes> {
        let nodes = self.nodes.unwrap_or_default();
        let times = order.iter().filter_map(|&index| nodes.get(index));
        times.cloned().collect()
    }
}

/// Nanoseconds since `start`, as a document carries them.
pub fn nanoseconds(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX)
}
