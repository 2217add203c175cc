//! Times and memory of single executions, as samples.

#![expect(clippy::disallowed_methods, reason = "measures time and memory")]

pub mod exact;
pub mod fuel;
pub mod gate;
pub mod machine;
pub mod memory;
pub mod rounds;
pub mod verified;

use std::path::Path;
use std::time::{Duration, Instant};

use parallax_runtime::array::{Array, Layout};
use parallax_runtime::marshal::{Transport, json_base64};
use parallax_runtime::value::Value;

use self::memory::resident;
use crate::case::{Exact, Limits};
use crate::error::Problem;
use crate::executor::wasm::CopyExecutor;
use crate::executor::{Answer, Executor, Job};
use crate::outcome::Class;

/// Samples of one quantity, in the order in which they were taken.
#[derive(Clone, Debug, Default)]
pub struct Samples(Vec<Duration>);

impl Samples {
    /// Takes `count` samples after a tenth as many that don't count.
    ///
    /// # Errors
    /// The first that `sample` gives.
    pub fn take(
        count: usize,
        mut sample: impl FnMut() -> Result<Duration, Problem>,
    ) -> Result<Self, Problem> {
        for _ in 0..count / 10 {
            sample()?;
        }
        (0..count)
            .map(|_| sample())
            .collect::<Result<_, _>>()
            .map(Samples)
    }

    /// The smallest sample that at least this share of all doesn't exceed.
    pub fn quantile(&self, share: f64) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort();
        let rank = (share * sorted.len() as f64).ceil() as usize;
        sorted
            .get(rank.saturating_sub(1))
            .copied()
            .unwrap_or_default()
    }
}

/// A request that is run again and again.
pub struct Subject<'a> {
    request: Vec<u8>,
    transport: Transport,
    node_path: &'a Path,
    limits: Limits,
}

impl<'a> Subject<'a> {
    /// A request in its transport's form, under the usual limits.
    pub fn new(request: Vec<u8>, transport: Transport, node_path: &'a Path) -> Self {
        Subject {
            request,
            transport,
            node_path,
            limits: Limits::default(),
        }
    }

    pub fn job(&self) -> Job<'_> {
        Job {
            request: &self.request,
            transport: self.transport,
            node_path: self.node_path,
            limits: &self.limits,
            exact: Exact::default(),
        }
    }

    /// From nothing to the outcome, everything taken down again.
    ///
    /// # Errors
    /// The executor can't be run, or didn't return: what fails fast has no time worth knowing.
    pub fn time(&self, executor: &dyn Executor) -> Result<Duration, Problem> {
        let started = Instant::now();
        let answer = executor.run(self.job())?;
        let taken = started.elapsed();
        check(&answer).map(|()| taken)
    }

    /// From the request in the host's memory to the answer there, in the form in which it travels.
    ///
    /// # Errors
    /// As for [`Subject::time`].
    pub fn time_exchange(&self, executor: &CopyExecutor) -> Result<Duration, Problem> {
        let (answer, live) = executor.run_and_keep(self.job())?;
        check(&answer).map(|()| live.exchange)
    }
}

fn check(answer: &Answer) -> Result<(), Problem> {
    match answer.outcome.class() {
        Class::Returned => Ok(()),
        _ => Err(Problem::environment(format!(
            "the case that is measured {}",
            answer.outcome.summary()
        ))),
    }
}

/// A request for a Python node that returns the doubles that it gets.
///
/// # Errors
/// They can't be put together as an array.
pub fn echo_request(elements: usize) -> Result<Vec<u8>, Problem> {
    let failed = |error: &dyn std::fmt::Display| Problem::environment(format!("no array: {error}"));
    let data: Vec<u8> = (0..elements)
        .flat_map(|index| (index as f64).to_le_bytes())
        .collect();
    let dtype = "<f8".parse().map_err(|error| failed(&error))?;
    let array = Array::new(dtype, vec![elements as u64], Layout::C, data)
        .map_err(|error| failed(&error))?;
    let item = json_base64::encode(Value::Array(array));
    let request = serde_json::json!({
        "manifest": {
            "version": "v1",
            "metadata": {"name": "echo"},
            "nodes": [{"id": "echo", "node_type": "small_numpy:Same"}],
            "connections": [],
        },
        "input_data": [item],
    });
    Ok(request.to_string().into_bytes())
}

/// The time that copying `bytes` bytes there and back takes, between buffers that were written to before.
pub fn time_copies(bytes: usize) -> Duration {
    let source = vec![1u8; bytes];
    let mut there = vec![2u8; bytes];
    let mut back = vec![3u8; bytes];
    let started = Instant::now();
    there.copy_from_slice(std::hint::black_box(&source));
    back.copy_from_slice(std::hint::black_box(&there));
    let taken = started.elapsed();
    std::hint::black_box(&back);
    taken
}

/// Bytes that one live instance adds to the process, averaged over `count` of them.
///
/// # Errors
/// An instance can't be run, or the kernel doesn't say.
pub fn instance_memory(
    executor: &CopyExecutor,
    subject: &Subject<'_>,
    count: u64,
) -> Result<u64, Problem> {
    // The first instances bring along what all share.
    executor.run_and_keep(subject.job())?;
    let before = resident()?;
    let mut live = Vec::new();
    for _ in 0..count {
        live.push(executor.run_and_keep(subject.job())?.1);
    }
    Ok(resident()?.saturating_sub(before) / count.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_samples() {
        let samples = Samples((1..=200).rev().map(Duration::from_millis).collect());
        for (share, expected) in [(0.0, 1), (0.5, 100), (0.99, 198), (1.0, 200)] {
            assert_eq!(samples.quantile(share), Duration::from_millis(expected));
        }
        assert_eq!(Samples::default().quantile(0.5), Duration::ZERO);
    }
}
