//! What is planted in a corpus or a record, and must not be passed over: each in a run of the program itself.

mod files;
mod harms;
mod runs;
mod scene;

use std::path::Path;

use parallax_harness::error::Problem;
use parallax_harness::selftest::oracle::Tally;

use self::scene::{Plant, Scene};
use super::work::in_parallel;

/// Plants everything that is called so.
///
/// # Errors
/// There is no room for it.
pub fn plant(build: &Path, only: Option<&str>) -> Result<Tally, Problem> {
    let all = harms::PLANTS
        .iter()
        .chain(&files::PLANTS)
        .chain(&runs::PLANTS);
    let chosen: Vec<&Plant> = all
        .filter(|plant| {
            only.is_none_or(|text| plant.name.contains(text) || plant.group.contains(text))
        })
        .collect();
    let build = build
        .canonicalize()
        .map_err(|error| Problem::environment(format!("{}: {error}", build.display())))?;
    let found = in_parallel(&chosen, |plant| -> Result<Option<String>, Problem> {
        let scene = Scene::new(&build)
            .map_err(|error| Problem::environment(format!("failed to make a corpus: {error}")))?;
        Ok((plant.find)(&scene).err())
    });
    let mut tally = Tally::default();
    for (plant, escape) in chosen.iter().zip(found) {
        tally.note(plant.group, plant.name, escape?);
    }
    Ok(tally)
}
