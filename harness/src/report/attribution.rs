//! Why a case is red, in a few lines.

use crate::attribute::found::Attribution;

/// The node, and each cause with what to do.
pub fn attribution_lines(attribution: &Attribution) -> Vec<String> {
    let mut lines = Vec::new();
    match attribution.nodes.as_slice() {
        [] => {}
        [node] => lines.push(format!("node: {node}, the first that differs")),
        nodes => lines.push(format!(
            "nodes: {}, the first that differ",
            nodes.join(", ")
        )),
    }
    for one in &attribution.causes {
        lines.push(format!("cause: {}: {}", one.cause, one.because));
        lines.push(format!("hint: {}", one.remedy));
    }
    lines
}
