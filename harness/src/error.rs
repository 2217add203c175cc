//! A failure of Parallax itself, sorted by who can mend it; never an Outcome.

pub use parallax_failure::{Class, Failure as Problem};
