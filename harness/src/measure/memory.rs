//! How much memory this process takes, as the kernel says.

use crate::error::Problem;

/// Bytes of memory that this process takes; of a page that several mappings share, each counts its part.
///
/// # Errors
/// The kernel doesn't say.
pub fn resident() -> Result<u64, Problem> {
    const FILE: &str = "/proc/self/smaps_rollup";
    let rollup = std::fs::read_to_string(FILE).unwrap_or_default();
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
    let kib: Option<u64> =
        line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse().ok());
    kib.map(|kib| kib << 10).ok_or_else(|| {
        Problem::environment(format!("{FILE} does not say how much memory is in use"))
            .hint("this figure needs Linux")
    })
}
