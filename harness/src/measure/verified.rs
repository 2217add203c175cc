//! Which cases are worth measuring: those that pass on both sides, and compute the same from the same request.

use parallax_runtime::marshal::Transport;

use super::rounds::{Lost, Side, differs, refused};
use crate::case::request::request;
use crate::case::{Case, CaseId};
use crate::error::Problem;
use crate::leg::Leg;
use crate::outcome::Class;
use crate::trial::{Setting, run_trial};

/// What keeps each case from being measured, if something does.
///
/// # Errors
/// The legs can't be made, or an executor can't be run.
pub fn verified(
    sides: [&Side<'_>; 2],
    transport: Transport,
) -> Result<Vec<(CaseId, Option<Lost>)>, Problem> {
    let legs = [(sides[0].make)()?, (sides[1].make)()?];
    let mut found = Vec::new();
    for (was, is) in sides[0].cases.iter().zip(sides[1].cases) {
        let settings = [0, 1].map(|side| Setting {
            ledger: sides[side].ledger,
            snapshots: None,
            node_path: sides[side].node_path,
            legs: &legs[side],
            transport,
        });
        found.push((is.id.clone(), lost(settings, [was, is], &legs[1])?));
    }
    Ok(found)
}

fn lost(
    settings: [Setting<'_>; 2],
    cases: [&Case; 2],
    legs: &[Leg],
) -> Result<Option<Lost>, Problem> {
    let because = |side, why: &str| {
        let why = why.to_owned();
        Ok(Some(Lost { side, why }))
    };
    // What ends by a clock takes whatever it is given.
    if cases.iter().any(|case| case.expect == Class::TimedOut) {
        return because(None, "it ends by its time limit");
    }
    let now = run_trial(settings[1], cases[1])?;
    if let Some(why) = refused(&now) {
        return because(Some(1), &why);
    }
    match cases.map(request) {
        [Ok(was), Ok(is)] if was == is && cases[0].limits == cases[1].limits => {}
        _ => return because(None, "its request or its limits are others now"),
    }
    let before = run_trial(settings[0], cases[0])?;
    if let Some(why) = refused(&before) {
        return because(Some(0), &why);
    }
    for ((leg, was), is) in legs.iter().zip(&before.answers).zip(&now.answers) {
        if let Some(what) = differs(cases[1], was, is) {
            let why = format!("the {} leg computes something else now: {what}", leg.name);
            return because(None, &why);
        }
    }
    Ok(None)
}
