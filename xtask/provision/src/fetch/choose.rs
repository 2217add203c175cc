//! Which suite of the archive a row's packages are taken from.

use super::apt::Available;

/// The first suite that has every package, all in one version; else the packages that no suite has.
pub fn one_suite(
    listed: &[Available],
    packages: &[String],
    suites: &[String],
) -> Result<Vec<Available>, Vec<String>> {
    for suite in suites {
        let found: Vec<Available> = packages
            .iter()
            .filter_map(|package| {
                listed
                    .iter()
                    .find(|one| one.package == *package && one.suite == *suite)
            })
            .cloned()
            .collect();
        if found.len() == packages.len() && found.iter().all(|one| one.version == found[0].version)
        {
            return Ok(found);
        }
    }
    Err(packages.to_vec())
}

/// Each package from the first suite that has it; else the packages that none has.
pub fn each(
    listed: &[Available],
    packages: &[String],
    suites: &[String],
) -> Result<Vec<Available>, Vec<String>> {
    let first = |package: &String| {
        suites.iter().find_map(|suite| {
            listed
                .iter()
                .find(|one| one.package == *package && one.suite == *suite)
        })
    };
    let missing: Vec<String> = packages
        .iter()
        .filter(|package| first(package).is_none())
        .cloned()
        .collect();
    if missing.is_empty() {
        Ok(packages.iter().filter_map(first).cloned().collect())
    } else {
        Err(missing)
    }
}

/// The packages that the first release with any of them has. Packages of several releases would bring several C libraries.
pub fn one_release(
    listed: &[Available],
    packages: &[String],
    suites: &[String],
) -> Result<Vec<Available>, Vec<String>> {
    let release = |suite: &str| suite.split('-').next().unwrap_or_default().to_owned();
    let found = suites
        .iter()
        .find(|suite| listed.iter().any(|one| one.suite == **suite));
    let Some(found) = found else {
        return Err(packages.to_vec());
    };
    let same: Vec<String> = suites
        .iter()
        .filter(|suite| release(suite) == release(found))
        .cloned()
        .collect();
    let is_there = |package: &&String| each(listed, std::slice::from_ref(*package), &same).is_ok();
    let present: Vec<String> = packages.iter().filter(is_there).cloned().collect();
    each(listed, &present, &same)
}

#[cfg(test)]
#[path = "choose_tests.rs"]
mod tests;
