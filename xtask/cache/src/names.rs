//! What a cache holds, by name.

/// Folders and files that belong to every cache, besides the steps of provisioning and the mark.
pub const OWN: [&str; 6] = ["downloads", "tmp", "logs", COMPILED, RUNS, LOCK];

/// The harness's part: modules that it has compiled, and snapshots.
pub const COMPILED: &str = "compiled";

/// The harness's other part: the record of the last run of each corpus.
pub const RUNS: &str = "runs";

/// Whoever provisions holds a lock on this file.
pub const LOCK: &str = "lock";

/// The record inside each step's folder.
pub const RECORD: &str = "parallax-step.json";

/// Whether a folder's name is a step's: a name, a dash, and 16 digits of its key.
pub fn is_step(name: &str) -> bool {
    name.rsplit_once('-')
        .is_some_and(|(_, key)| key.len() == 16 && key.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
