//! Lies that an executor could tell: each changes one thing of a true answer to a case of the corpus, and says where that must be reported.

mod arrays;
mod beside;
mod lie;
mod protocol;
mod told;
mod values;

pub use lie::{Deed, Lie, Tell, Way};
pub use told::Told;

/// All lies.
pub fn all() -> impl Iterator<Item = &'static Lie> {
    values::LIES
        .iter()
        .chain(&arrays::LIES)
        .chain(&beside::LIES)
        .chain(&protocol::LIES)
}

/// The cases that are told about, each once.
pub fn cases() -> Vec<&'static str> {
    let mut cases: Vec<&str> = all().map(|lie| lie.case).collect();
    cases.sort_unstable();
    cases.dedup();
    cases
}

/// The lie of a name.
pub fn named(name: &str) -> Option<&'static Lie> {
    all().find(|lie| lie.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_places_are_paths() {
        let mut names: Vec<&str> = all().map(|lie| lie.name).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        assert!(count >= 60, "{count}");
        for lie in all() {
            assert!(lie.path().is_some(), "{}", lie.place);
        }
    }
}
