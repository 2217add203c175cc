//! Lies about what stands beside values: the graph, warnings, errors, printed text, files.

use parallax_runtime::outcome::{Document, Exception, Failed, Failure, GraphInfo, Kind, Warning};

use super::lie::{Deed, Lie, Tell};
use super::told::Told;

const fn document(
    group: &'static str,
    name: &'static str,
    case: &'static str,
    place: &'static str,
    change: fn(&mut Document) -> Option<()>,
) -> Lie {
    Lie {
        name,
        group,
        case,
        place,
        says: "",
        tell: Tell::Document(change),
        ways: &[],
    }
}

const fn printed(
    name: &'static str,
    case: &'static str,
    place: &'static str,
    change: fn(&mut Told) -> Option<()>,
) -> Lie {
    Lie {
        name,
        group: "printed text",
        case,
        place,
        says: "",
        tell: Tell::Answer(change),
        ways: &[],
    }
}

const fn file(name: &'static str, place: &'static str, says: &'static str, deed: Deed) -> Lie {
    Lie {
        name,
        group: "files",
        case: "files/save_and_load",
        place,
        says,
        tell: Tell::Deed(deed),
        ways: &[],
    }
}

const PRINTING: &str = "output/print_is_not_output";

pub(super) const LIES: [Lie; 44] = [
    document(
        "graph",
        "another number of nodes",
        "graph/multiple_sinks",
        "graph_info.node_count",
        |document| {
            graph(document)?.node_count += 1;
            Some(())
        },
    ),
    document(
        "graph",
        "another number of sinks",
        "graph/multiple_sinks",
        "graph_info.sink_count",
        |document| {
            graph(document)?.sink_count = 1;
            Some(())
        },
    ),
    document(
        "graph",
        "another order of nodes",
        "graph/multiple_sinks",
        "graph_info.execution_order",
        |document| {
            graph(document)?.execution_order.swap(1, 2);
            Some(())
        },
    ),
    document(
        "warnings",
        "a warning swallowed",
        "warnings/repeated",
        "warnings[0]",
        |document| warnings(document).pop().map(|_| ()),
    ),
    document(
        "warnings",
        "a warning invented",
        "generators/flatten",
        "warnings[0]",
        |document| {
            warnings(document).push(Warning {
                node: None,
                category: "UserWarning".to_owned(),
                message: "invented".to_owned(),
            });
            Some(())
        },
    ),
    document(
        "warnings",
        "another category",
        "warnings/repeated",
        "warnings[0]",
        |document| {
            warnings(document).first_mut()?.category = "RuntimeWarning".to_owned();
            Some(())
        },
    ),
    document(
        "warnings",
        "another message of a warning",
        "warnings/repeated",
        "warnings[0]",
        |document| {
            warnings(document).first_mut()?.message.push('.');
            Some(())
        },
    ),
    document(
        "warnings",
        "a warning of no node",
        "warnings/repeated",
        "warnings[0]",
        |document| warnings(document).first_mut()?.node.take().map(|_| ()),
    ),
    document(
        "warnings",
        "two warnings exchanged",
        "warnings/every_method",
        "warnings[0]",
        |document| {
            let warnings = warnings(document);
            (warnings.len() > 1).then(|| warnings.swap(0, 1))
        },
    ),
    document(
        "warnings",
        "a warning before an error swallowed",
        "warnings/then_error",
        "warnings[0]",
        |document| warnings(document).pop().map(|_| ()),
    ),
    document(
        "errors",
        "another class of exception",
        "errors/process_raises",
        "error.exception.type",
        |document| {
            exception(document)?.class = "TypeError".to_owned();
            Some(())
        },
    ),
    document(
        "errors",
        "another number in a message",
        "errors/process_raises",
        "error.exception.message",
        |document| {
            let exception = exception(document)?;
            exception.message = exception.message.replace('3', "4");
            Some(())
        },
    ),
    document(
        "errors",
        "another line of a traceback",
        "errors/process_raises",
        "error.exception.traceback[0]",
        |document| {
            exception(document)?.traceback.first_mut()?.insert(0, 'x');
            Some(())
        },
    ),
    document(
        "errors",
        "a frame of a traceback dropped",
        "errors/process_raises",
        "error.exception.traceback[0]",
        |document| exception(document)?.traceback.pop().map(|_| ()),
    ),
    document(
        "errors",
        "a note added",
        "errors/process_raises",
        "error.exception.notes[0]",
        |document| {
            exception(document)?.notes.push("note".to_owned());
            Some(())
        },
    ),
    document(
        "errors",
        "another node at fault",
        "errors/process_raises",
        "error.node",
        |document| {
            failure(document)?.node = Some("good".to_owned());
            Some(())
        },
    ),
    document(
        "errors",
        "another message of an error",
        "errors/duplicate_ids",
        "error.message",
        |document| {
            failure(document)?.message.push('!');
            Some(())
        },
    ),
    document(
        "errors",
        "another kind of error",
        "errors/duplicate_ids",
        "error.kind",
        |document| {
            failure(document)?.kind = Kind::Manifest;
            Some(())
        },
    ),
    document(
        "errors",
        "a cause swallowed",
        "errors/exception_with_cause",
        "error.exception.cause",
        |document| exception(document)?.cause.take().map(|_| ()),
    ),
    document(
        "errors",
        "another message of a cause",
        "errors/exception_with_cause",
        "error.exception.cause.message",
        |document| {
            exception(document)?.cause.as_mut()?.message.push('!');
            Some(())
        },
    ),
    document(
        "errors",
        "a cause as a context",
        "errors/exception_with_cause",
        "error.exception.cause",
        |document| {
            let exception = exception(document)?;
            exception.context = exception.cause.take();
            exception.context.is_some().then_some(())
        },
    ),
    document(
        "errors",
        "a member of a group swallowed",
        "errors/exception_group",
        "error.exception.members[1]",
        |document| exception(document)?.members.pop().map(|_| ()),
    ),
    document(
        "errors",
        "another class of a member",
        "errors/exception_group",
        "error.exception.members[0].type",
        |document| {
            exception(document)?.members.first_mut()?.class.push('X');
            Some(())
        },
    ),
    document(
        "errors",
        "members in the other order",
        "errors/exception_group",
        "error.exception.members[0]",
        |document| {
            let members = &mut exception(document)?.members;
            (members.len() > 1).then(|| members.swap(0, 1))
        },
    ),
    document(
        "errors",
        "exceptions left out",
        "errors/exception_group",
        "error.exception@truncated",
        |document| {
            exception(document)?.truncated = true;
            Some(())
        },
    ),
    document(
        "errors",
        "an output before a failure dropped",
        "errors/generator_raises",
        "outputs@length",
        |document| match document {
            Document::Error(failed) => failed.outputs.pop().map(|_| ()),
            Document::Success(_) => None,
        },
    ),
    document(
        "errors",
        "a result for an error",
        "errors/process_raises",
        "outcome",
        |document| {
            let Document::Error(failed) = document else {
                return None;
            };
            *document = success(std::mem::take(&mut failed.outputs));
            Some(())
        },
    ),
    document(
        "errors",
        "an error for a result",
        "generators/flatten",
        "outcome",
        |document| {
            let mut exception = Exception::new("ValueError", "invented");
            exception.traceback.push("flow.py:1 in process".to_owned());
            let failure = Failure {
                exception: Some(Box::new(exception)),
                ..Failure::new(
                    Kind::Python,
                    "node `flatten_lists` raised ValueError in process: invented",
                )
            };
            *document = Document::Error(Failed::from(failure));
            Some(())
        },
    ),
    document(
        "errors",
        "no memory for a result",
        "generators/flatten",
        "outcome",
        |document| {
            let failure = Failure::new(Kind::Limit, "memory ran out");
            *document = Document::Error(Failed::from(failure));
            Some(())
        },
    ),
    printed(
        "a printed line dropped",
        PRINTING,
        "printed.stdout",
        |told| {
            let stdout = &mut told.printed.stdout;
            let end = stdout.iter().position(|&byte| byte == b'\n')?;
            stdout.drain(..=end);
            Some(())
        },
    ),
    printed(
        "another printed character",
        PRINTING,
        "printed.stdout",
        |told| {
            let letter = told.printed.stdout.iter_mut().find(|byte| **byte == b'i')?;
            *letter = b'j';
            Some(())
        },
    ),
    printed(
        "no line end at the end",
        PRINTING,
        "printed.stdout",
        |told| told.printed.stdout.pop().map(|_| ()),
    ),
    printed(
        "printed to the other stream",
        PRINTING,
        "printed.stderr",
        |told| {
            std::mem::swap(&mut told.printed.stdout, &mut told.printed.stderr);
            Some(())
        },
    ),
    printed(
        "nothing on standard error",
        "output/standard_error",
        "printed.stderr",
        |told| (!told.printed.stderr.is_empty()).then(|| told.printed.stderr.clear()),
    ),
    printed(
        "a byte that is no text",
        PRINTING,
        "printed.stdout",
        |told| {
            told.printed.stdout.push(0xff);
            Some(())
        },
    ),
    printed(
        "printed where nothing was",
        "builtin/doubles",
        "printed.stdout",
        |told| {
            told.printed.stdout.extend_from_slice(b"debug\n");
            Some(())
        },
    ),
    file(
        "a file more",
        "files[\"new.txt\"]",
        "nothing",
        Deed::Leave("new.txt", "new"),
    ),
    file(
        "other content of a file",
        "files[\"part-01.txt\"]",
        "sha256",
        Deed::Leave("part-01.txt", "first!"),
    ),
    file(
        "a file less",
        "files[\"part-01.txt\"]",
        "nothing",
        Deed::Remove("part-01.txt"),
    ),
    file(
        "a file for everybody",
        "files[\"part-01.txt\"]@mode",
        "0666",
        Deed::Share("part-01.txt"),
    ),
    file(
        "a file of another name",
        "files[\"part-1.txt\"]",
        "nothing",
        Deed::Rename("part-01.txt", "part-1.txt"),
    ),
    file(
        "a directory more",
        "files.more",
        "directory",
        Deed::MakeDirectory("more"),
    ),
    file(
        "a link more",
        "files.link",
        "part-01.txt",
        Deed::Link("link", "part-01.txt"),
    ),
    Lie {
        case: "builtin/doubles",
        ..file(
            "a file where nothing was",
            "files[\"core\"]",
            "nothing",
            Deed::Leave("core", ""),
        )
    },
];

fn graph(document: &mut Document) -> Option<&mut GraphInfo> {
    match document {
        Document::Success(success) => Some(&mut success.graph_info),
        Document::Error(_) => None,
    }
}

fn warnings(document: &mut Document) -> &mut Vec<Warning> {
    match document {
        Document::Success(success) => &mut success.warnings,
        Document::Error(failed) => &mut failed.warnings,
    }
}

fn failure(document: &mut Document) -> Option<&mut Failure> {
    match document {
        Document::Success(_) => None,
        Document::Error(failed) => Some(&mut failed.failure),
    }
}

fn exception(document: &mut Document) -> Option<&mut Exception> {
    failure(document)?.exception.as_deref_mut()
}

fn success(outputs: Vec<parallax_runtime::value::Value>) -> Document {
    Document::Success(parallax_runtime::outcome::Success {
        outputs,
        graph_info: GraphInfo {
            node_count: 1,
            source_count: 1,
            sink_count: 1,
            execution_order: vec!["bad".to_owned()],
        },
        warnings: Vec::new(),
        printed: None,
        phases: None,
    })
}
