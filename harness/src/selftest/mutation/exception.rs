//! Failures, and every exception in their trees.

use parallax_runtime::outcome::{Exception, Failure, Kind};

use super::chance::{any, two};
use super::change::{Change, Group};
use super::text;
use crate::generate::random::Random;
use crate::path::OutcomePath;
use crate::verdict::normalise::normalise;

const KINDS: [Kind; 7] = [
    Kind::Manifest,
    Kind::Graph,
    Kind::Python,
    Kind::Marshaling,
    Kind::Execution,
    Kind::Io,
    Kind::Limit,
];

/// Changes a failure, or an exception of its tree.
pub(super) fn change_failure(random: &mut Random, failure: &mut Failure) -> Option<Change> {
    let root = OutcomePath::root("error");
    if random.below(4) > 0
        && let Some(exception) = &mut failure.exception
    {
        let change = change_exception(random, exception, &root.key("exception"))?;
        // The failure's own message repeats the one of its exception, and now differs from it.
        return Some(change.within(root));
    }
    let (kind, leaf) = match random.below(4) {
        0 => {
            let kind = KINDS[any(random, KINDS.len())?];
            if kind == failure.kind {
                return None;
            }
            failure.kind = kind;
            ("another kind", root.key("kind"))
        }
        1 => {
            text::change(random, &mut failure.message)?;
            ("another message", root.key("message"))
        }
        2 => {
            failure.node = match failure.node.take() {
                None => Some("a".to_owned()),
                Some(_) if random.below(2) == 0 => None,
                Some(node) => Some(node + "-"),
            };
            ("another node", root.key("node"))
        }
        _ => {
            failure.exception = match failure.exception.take() {
                Some(_) => None,
                None => Some(Box::new(Exception::new("ValueError", ""))),
            };
            ("an exception more or less", root.key("exception"))
        }
    };
    Some(Change::at(Group::Failures, kind, leaf).within(root))
}

fn change_exception(
    random: &mut Random,
    exception: &mut Exception,
    path: &OutcomePath,
) -> Option<Change> {
    match random.below(8) {
        0 | 1 => {
            let index = any(random, exception.members.len());
            match (index, &mut exception.cause, &mut exception.context) {
                (Some(index), _, _) if random.below(2) == 0 => {
                    let path = path.key("members").index(index);
                    return change_exception(random, &mut exception.members[index], &path);
                }
                (_, Some(cause), _) if random.below(2) == 0 => {
                    return change_exception(random, cause, &path.key("cause"));
                }
                (_, _, Some(context)) => {
                    return change_exception(random, context, &path.key("context"));
                }
                _ => return None,
            }
        }
        _ => {}
    }
    let (kind, leaf) = match random.below(11) {
        0 => {
            text::change(random, &mut exception.class)?;
            ("another class", path.key("type"))
        }
        1 | 2 => {
            text::change(random, &mut exception.message)?;
            ("another message of an exception", path.key("message"))
        }
        3 => change_lines(random, &mut exception.traceback, path.key("traceback"))?,
        4 => change_lines(random, &mut exception.notes, path.key("notes"))?,
        5 => {
            exception.cause = toggled(exception.cause.take());
            ("a cause more or less", path.key("cause"))
        }
        6 => {
            exception.context = toggled(exception.context.take());
            ("a context more or less", path.key("context"))
        }
        7 => {
            // They may differ in addresses alone.
            let shown = |one: &Option<Box<Exception>>| normalise(&format!("{one:?}"));
            if shown(&exception.cause) == shown(&exception.context) {
                return None;
            }
            std::mem::swap(&mut exception.cause, &mut exception.context);
            ("cause and context exchanged", path.clone())
        }
        8 => {
            exception.truncated = !exception.truncated;
            ("exceptions left out", path.aspect("truncated"))
        }
        9 => {
            exception.members.push(Exception::new("KeyError", "'k'"));
            ("a member more", path.key("members"))
        }
        _ => {
            let index = any(random, exception.members.len())?;
            exception.members.remove(index);
            ("a member less", path.key("members"))
        }
    };
    Some(Change::at(Group::Exceptions, kind, leaf).within(path.clone()))
}

fn toggled(exception: Option<Box<Exception>>) -> Option<Box<Exception>> {
    match exception {
        Some(_) => None,
        None => Some(Box::new(Exception::new("OSError", "gone"))),
    }
}

/// Lines of a traceback, or notes.
fn change_lines(
    random: &mut Random,
    lines: &mut Vec<String>,
    path: OutcomePath,
) -> Option<(&'static str, OutcomePath)> {
    Some(match random.below(4) {
        0 => {
            lines.push("a.py:1 in <module>".to_owned());
            ("a line more", path)
        }
        1 => {
            lines.remove(any(random, lines.len())?);
            ("a line less", path)
        }
        2 => {
            let (one, other) = two(random, lines, |a, b| normalise(a) == normalise(b))?;
            lines.swap(one, other);
            ("two lines exchanged", path)
        }
        _ => {
            let index = any(random, lines.len())?;
            text::change(random, &mut lines[index])?;
            ("another line", path.index(index))
        }
    })
}
