//! Times and memory of single executions, as samples.

use std::path::Path;
use std::time::{Duration, Instant};

use parallax_runtime::marshal::Transport;

use crate::case::{Case, Limits};
use crate::error::Problem;
use crate::executor::wasm::CopyExecutor;
use crate::executor::{Executor, Job};
use crate::load::resident;
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
    pub node_path: &'a Path,
    pub limits: Limits,
}

impl<'a> Subject<'a> {
    /// # Errors
    /// The case's request can't be made.
    pub fn new(case: &Case, transport: Transport, node_path: &'a Path) -> Result<Self, Problem> {
        Ok(Subject {
            request: transport.carry(case.request()?),
            transport,
            node_path,
            limits: case.limits,
        })
    }

    pub fn job(&self) -> Job<'_> {
        Job {
            request: &self.request,
            transport: self.transport,
            node_path: self.node_path,
            limits: &self.limits,
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
        match answer.outcome.class() {
            Class::Returned => Ok(taken),
            _ => Err(Problem::environment(format!(
                "the case that is measured {}",
                answer.outcome.summary()
            ))),
        }
    }
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
