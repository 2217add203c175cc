//! Errors: kind, node, and the whole tree of exceptions with class, message, notes and traceback of each.

use parallax_runtime::outcome::{Exception, Failure};

use crate::path::OutcomePath;
use crate::verdict::findings::Findings;
use crate::verdict::normalise::normalise;
use crate::verdict::shown;

pub(super) fn compare_failures(
    findings: &mut Findings<'_>,
    reference: &Failure,
    candidate: &Failure,
) {
    let path = OutcomePath::root("error");
    findings.check(path.key("kind"), &reference.kind, &candidate.kind, |kind| {
        format!("{kind:?}").to_lowercase()
    });
    findings.check(path.key("node"), &reference.node, &candidate.node, |node| {
        node.as_deref().map_or_else(
            || "none".to_owned(),
            |node| shown::text(&shown::quoted(node)),
        )
    });
    if own_words(reference) != own_words(candidate) {
        let (a, b) = (normalise(&reference.message), normalise(&candidate.message));
        let (a, mut b) = shown::texts(&a, &b);
        if a == b {
            // It stayed, where its exception's changed.
            b.push_str(" (which is not what its exception says)");
        }
        findings.differ(path.key("message"), a, b);
    }
    let exception = path.key("exception");
    match (&reference.exception, &candidate.exception) {
        (Some(a), Some(b)) => compare_exceptions(findings, &exception, a, b),
        (a, b) => one_sided(findings, exception, a.as_deref(), b.as_deref()),
    }
}

/// What a failure's message says besides the class and the message of its exception, which are compared as such: what stands before, between and behind them.
fn own_words(failure: &Failure) -> [Option<String>; 3] {
    let whole = || [None, None, Some(normalise(&failure.message))];
    let Some(exception) = &failure.exception else {
        return whole();
    };
    let Some(rest) = failure.message.strip_suffix(&exception.message) else {
        return whole();
    };
    match rest.rsplit_once(&exception.class) {
        Some((before, between)) => [Some(normalise(before)), Some(normalise(between)), None],
        None => [Some(normalise(rest)), None, None],
    }
}

fn compare_exceptions(
    findings: &mut Findings<'_>,
    path: &OutcomePath,
    reference: &Exception,
    candidate: &Exception,
) {
    if reference.truncated || candidate.truncated {
        let told = |truncated: bool| {
            if truncated {
                "more exceptions than are told"
            } else {
                "all told"
            }
        };
        findings.uncompared(
            path.aspect("truncated"),
            told(reference.truncated),
            told(candidate.truncated),
        );
    }
    findings.check_text(path.key("type"), &reference.class, &candidate.class);
    let (a, b) = (normalise(&reference.message), normalise(&candidate.message));
    findings.check_text(path.key("message"), &a, &b);
    for (name, a, b) in [
        ("traceback", &reference.traceback, &candidate.traceback),
        ("notes", &reference.notes, &candidate.notes),
    ] {
        let lines = |lines: &[String]| lines.iter().map(|line| normalise(line)).collect::<Vec<_>>();
        compare_lines(findings, &path.key(name), &lines(a), &lines(b));
    }
    for (name, a, b) in [
        ("cause", &reference.cause, &candidate.cause),
        ("context", &reference.context, &candidate.context),
    ] {
        match (a, b) {
            (Some(a), Some(b)) => compare_exceptions(findings, &path.key(name), a, b),
            (a, b) => one_sided(findings, path.key(name), a.as_deref(), b.as_deref()),
        }
    }
    let members = path.key("members");
    for index in 0..reference.members.len().max(candidate.members.len()) {
        let path = members.index(index);
        match (reference.members.get(index), candidate.members.get(index)) {
            (Some(a), Some(b)) => compare_exceptions(findings, &path, a, b),
            (a, b) => one_sided(findings, path, a, b),
        }
    }
}

/// An exception that only one side has, if there is one.
fn one_sided(
    findings: &mut Findings<'_>,
    path: OutcomePath,
    reference: Option<&Exception>,
    candidate: Option<&Exception>,
) {
    if reference.is_none() && candidate.is_none() {
        return;
    }
    let show = |exception: Option<&Exception>| match exception {
        Some(exception) => {
            // All of it, so that a ledger that pins it pins its causes, too.
            let tree = serde_json::json!(normalised_exception(exception)).to_string();
            let class = shown::text(&exception.class);
            format!("{class} ({})", shown::identity(tree.as_bytes()))
        }
        None => "none".to_owned(),
    };
    findings.differ(path, show(reference), show(candidate));
}

/// A failure whose texts are as they are compared.
pub(super) fn normalised(failure: &Failure) -> Failure {
    let exception = failure.exception.as_deref();
    Failure {
        message: normalise(&failure.message),
        exception: exception.map(|exception| Box::new(normalised_exception(exception))),
        ..failure.clone()
    }
}

fn normalised_exception(exception: &Exception) -> Exception {
    let lines = |lines: &[String]| lines.iter().map(|line| normalise(line)).collect();
    let one = |exception: &Option<Box<Exception>>| {
        let exception = exception.as_deref();
        exception.map(|exception| Box::new(normalised_exception(exception)))
    };
    Exception {
        class: exception.class.clone(),
        message: normalise(&exception.message),
        traceback: lines(&exception.traceback),
        notes: lines(&exception.notes),
        cause: one(&exception.cause),
        context: one(&exception.context),
        members: exception.members.iter().map(normalised_exception).collect(),
        truncated: exception.truncated,
    }
}

/// Lines one by one.
pub(super) fn compare_lines(
    findings: &mut Findings<'_>,
    path: &OutcomePath,
    reference: &[String],
    candidate: &[String],
) {
    for index in 0..reference.len().max(candidate.len()) {
        match (reference.get(index), candidate.get(index)) {
            (Some(a), Some(b)) => findings.check_text(path.index(index), a, b),
            (a, b) => {
                let show = |line: Option<&String>| {
                    line.map_or_else(
                        || "nothing".to_owned(),
                        |line| shown::text(&shown::quoted(line)),
                    )
                };
                findings.differ(path.index(index), show(a), show(b));
            }
        }
    }
}
