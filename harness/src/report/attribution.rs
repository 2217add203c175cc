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
        // Of one cause there is no question what it belongs to.
        let place = match attribution.causes.len() {
            1 => String::new(),
            _ => match &one.node {
                Some(node) => format!(" of {} of node {node}", one.place),
                None => format!(" of {}", one.place),
            },
        };
        lines.push(format!("cause{place}: {}: {}", one.cause, one.because));
        lines.push(format!("hint: {}", one.remedy));
    }
    lines
}
