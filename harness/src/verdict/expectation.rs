//! An outcome of another class than the case expects: where it comes from, and what to do.

use parallax_runtime::manifest::read_request;
use parallax_runtime::outcome::Failure;

use super::left_out;
use crate::case::Case;
use crate::outcome::{Class, Ending, Outcome};

/// What there is to say of a case whose reference has ended in another way than the case expects, and what to do.
pub fn unmet(
    case: &Case,
    reference: &Outcome,
    candidate_differs: bool,
) -> (String, Option<String>) {
    let class = reference.class();
    let summary = reference.summary();
    let expected = case.expect;
    if candidate_differs {
        // There is more to do than to expect it.
        let explanation = format!(
            "expected \"{expected}\", but the reference {summary}, and the candidate differs"
        );
        return (explanation, None);
    }
    let correct = match &reference.ending {
        Ending::TimedOut => Some(format!(
            "its limit is wall_ms = {} under [limits] in {}",
            case.limits.wall.as_millis(),
            case.id.sidecar()
        )),
        Ending::OutOfMemory(_) => Some(format!(
            "its limit is memory_mb = {} under [limits] in {}",
            case.limits.memory >> 20,
            case.id.sidecar()
        )),
        Ending::Rejected(_) => Some(format!("correct {}", case.id.manifest())),
        Ending::Raised { failure, .. } => raised(case, reference, failure),
        _ => None,
    };
    let expect = (class != Class::Returned && class != Class::Unsupported).then(|| {
        format!(
            "if the case is about that, write expect = \"{class}\" in {}",
            case.id.sidecar()
        )
    });
    let hints: Vec<String> = correct.into_iter().chain(expect).collect();
    (
        format!("expected \"{expected}\", but both legs {summary}"),
        (!hints.is_empty()).then(|| hints.join("; ")),
    )
}

/// What is to be corrected where a node has failed.
fn raised(case: &Case, reference: &Outcome, failure: &Failure) -> Option<String> {
    if let Some(module) = left_out::missing(reference) {
        return Some(format!(
            "both Pythons are built without {module}, as docs/CORPUS.md says, so that nothing of it can be compared"
        ));
    }
    let exception = failure.exception.as_deref()?;
    let message = exception.message.as_str();
    let node_type = node_type(case, failure);
    let (module, class) = match node_type.as_ref().and_then(|name| name.split_once(':')) {
        Some((module, class)) => (Some(module), class),
        None => (None, ""),
    };
    let file = |module: &str| format!("nodes/{}.py", module.replace('.', "/"));
    match exception.class.as_str() {
        "ModuleNotFoundError" => {
            let lacking = message
                .strip_prefix("No module named '")?
                .split('\'')
                .next()?;
            let own = module.is_some_and(|own| {
                own == lacking
                    || own
                        .strip_prefix(lacking)
                        .is_some_and(|rest| rest.starts_with('.'))
            });
            Some(if own {
                let file = file(module.unwrap_or(lacking));
                format!(
                    "write {file}, or correct node_type in {}",
                    case.id.manifest()
                )
            } else {
                format!(
                    "neither leg has {lacking}: both have the standard library and numpy, and what lies in nodes/"
                )
            })
        }
        "AttributeError"
            if module.is_some_and(|module| {
                message.starts_with(&format!("module '{module}' has no attribute '{class}'"))
            }) =>
        {
            let file = file(module.unwrap_or_default());
            let manifest = case.id.manifest();
            Some(format!(
                "{file} has no {class}: write it, or correct node_type in {manifest}"
            ))
        }
        "SyntaxError" | "IndentationError" | "TabError" if is_of_a_file(message) => {
            // `expected ':' (file.py, line 2)`; the node's own file, or one that it imports.
            let (name, line) = message.rsplit_once(" (")?.1.split_once(", line ")?;
            let line = line.strip_suffix(')')?;
            let file = module
                .map(file)
                .filter(|file| file.ends_with(&format!("/{name}")));
            Some(format!(
                "correct {}:{line}",
                file.as_deref().unwrap_or(name)
            ))
        }
        _ => {
            // Of the other files nobody knows whether they are the library's.
            let own = module.map(|module| format!("{}.py:", module.replace('.', "/")))?;
            let mut frames = exception.traceback.iter().rev();
            let frame = frames.find(|frame| frame.starts_with(&own))?;
            let (place, function) = frame.split_once(" in ")?;
            Some(format!("look at nodes/{place}, in {function}"))
        }
    }
}

/// Whether a syntax error is of a file, and not of a text that a node has compiled.
fn is_of_a_file(message: &str) -> bool {
    let place = message.rsplit_once(" (");
    place.is_some_and(|(_, place)| place.contains(".py, line "))
}

/// What the manifest says that the failed node is.
fn node_type(case: &Case, failure: &Failure) -> Option<String> {
    let request = read_request(&case.manifest).ok()?;
    let mut nodes = request.manifest.nodes.into_iter();
    let id = failure.node.as_ref()?;
    Some(nodes.find(|node| node.id == *id)?.node_type)
}
