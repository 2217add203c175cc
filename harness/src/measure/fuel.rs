//! What cases consume where that is metered: a figure without noise, of every case and not only of those that take long enough to be timed.

use parallax_runtime::marshal::Transport;

use super::rounds::Side;
use crate::case::request::{repeating, request};
use crate::case::{Case, CaseId};
use crate::error::Problem;
use crate::executor::Job;
use crate::leg::Leg;
use crate::outcome::Class;

/// What each metered leg has consumed, or why that isn't known.
pub type Consumed = Result<Fuel, Unmetered>;

/// Why it isn't known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmetered {
    pub why: String,
    /// Whether the case has no end where it had one.
    pub ends_late: bool,
}

/// What a case has consumed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fuel {
    /// By leg; the larger one of two runs.
    pub legs: Vec<(String, u64)>,
    /// By leg: what all items take once more, where there are some.
    pub items: Vec<(String, u64)>,
    /// Says of a leg that the two runs were not quite the same.
    pub unlike: Option<String>,
}

/// The part by which two runs may differ to be compared at all; what waits for files or times polls now and then once more.
const QUITE: f64 = 0.001;

/// Fuel for a case: more than any consumes within its limits.
pub const ENOUGH: u64 = 1 << 60;

/// How often items are run once more: what happens now and then counts for as little.
const MORE: usize = 4;

/// Bytes of a request that isn't made longer: large items are most of what their case consumes anyway.
const LONG: usize = 1 << 20;

/// Runs each case twice on the legs that meter.
///
/// # Errors
/// The legs can't be made, or an executor can't be run.
pub fn consumed(side: &Side<'_>, transport: Transport) -> Result<Vec<(CaseId, Consumed)>, Problem> {
    let mut legs = (side.make)()?;
    let cases = side.cases.iter();
    let found = cases.map(|case| Ok((case.id.clone(), twice(side, transport, case, &mut legs)?)));
    found.collect()
}

fn twice(
    side: &Side<'_>,
    transport: Transport,
    case: &Case,
    legs: &mut Vec<Leg>,
) -> Result<Consumed, Problem> {
    let request_json = match request(case) {
        Ok(request) => request,
        Err(problem) => {
            return Ok(Err(Unmetered {
                why: problem.message,
                ends_late: false,
            }));
        }
    };
    let request = transport.carry(request_json.clone());
    let job = Job {
        request: &request,
        transport,
        node_path: side.node_path,
        limits: &case.limits,
        exact: case.exact,
    };
    let longer = match request_json {
        json if json.len() <= LONG => repeating(&json, MORE).map(|json| transport.carry(json)),
        _ => None,
    };
    let mut found = Fuel::default();
    let (mut unlike, mut late, mut error) = (None, None, None);
    // A leg that doesn't meter once never does.
    legs.retain(|leg| {
        let mut ask = || match leg.executor.run(job) {
            // What waits may wait for a clock that is made up; its fuel is that of the waiting.
            Ok(answer) if answer.fuel.is_some() && answer.outcome.class() == Class::TimedOut => {
                let what = format!("{} runs out of time when it is metered", leg.name);
                late.get_or_insert(what);
                None
            }
            Ok(answer) => answer.fuel,
            Err(problem) => {
                error.get_or_insert(problem);
                None
            }
        };
        let Some(first) = ask() else {
            return error.is_some() || late.is_some();
        };
        let second = ask().unwrap_or(first);
        if first != second {
            let what = format!(
                "{} consumes {first} units of fuel, and then {second}",
                leg.name
            );
            let part = first.abs_diff(second) as f64 / first.max(second) as f64;
            let place = if part > QUITE {
                &mut unlike
            } else {
                &mut found.unlike
            };
            place.get_or_insert(what);
        }
        found.legs.push((leg.name.clone(), first.max(second)));
        let again = longer.as_ref().and_then(|request| {
            let answer = leg.executor.run(Job { request, ..job }).ok()?;
            let returned = answer.outcome.class() == Class::Returned;
            answer.fuel.filter(|_| returned)
        });
        let items = again.and_then(|again| again.checked_sub(first));
        if let Some(items) = items.filter(|_| case.expect == Class::Returned) {
            found.items.push((leg.name.clone(), items / MORE as u64));
        }
        true
    });
    if let Some(problem) = error {
        return Err(problem);
    }
    let ends_late = late.is_some();
    Ok(match late.or(unlike) {
        Some(why) => Err(Unmetered { why, ends_late }),
        None => Ok(found),
    })
}
