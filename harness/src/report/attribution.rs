//! Why a case is red, in a few lines.

use crate::attribute::Attribution;

/// The node, and each cause with what to do.
pub fn attribution_lines(attribution: &Attribution) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(node) = &attribution.node {
        lines.push(match node.contains(", ") {
            false => format!("node: {node}, the first that differs"),
            true => format!("nodes: {node}, the first that differ"),
        });
    }
    for one in &attribution.causes {
        lines.push(format!("cause: {}: {}", one.cause, one.because));
        lines.push(format!("hint: {}", one.remedy));
    }
    lines
}
