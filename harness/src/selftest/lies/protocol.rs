//! Lies in the way that is answered: a broken document, another form, an exit code that doesn't go with it, no answer at all.

use parallax_runtime::marshal::Transport;
use parallax_runtime::marshal::frame::Use;

use super::lie::{Deed, Lie, Tell, Way};
use super::told::{Told, framed};

const CASE: &str = "generators/flatten";

const fn lie(name: &'static str, says: &'static str, change: fn(&mut Told) -> Option<()>) -> Lie {
    Lie {
        name,
        group: "protocol",
        case: CASE,
        place: "outcome",
        says,
        tell: Tell::Answer(change),
        ways: &[],
    }
}

const fn deed(name: &'static str, says: &'static str, deed: Deed, ways: &'static [Way]) -> Lie {
    Lie {
        name,
        group: "endings",
        case: CASE,
        place: "outcome",
        says,
        tell: Tell::Deed(deed),
        ways,
    }
}

/// What only text can have.
const TEXT: &[Way] = &[Way::Json, Way::Channel];

/// What only a frame can have.
const FRAMES: &[Way] = &[Way::Frame, Way::ZeroCopy];

pub(super) const LIES: [Lie; 27] = [
    lie(
        "a key of the document twice",
        "not a result document",
        |told| told.edit(|text| text.replacen("{\"status\"", "{\"warnings\":[],\"status\"", 1)),
    ),
    lie("a key of a value twice", "not a result document", |told| {
        told.edit(|text| text.replacen("{\"k\":", "{\"k\":[0],\"k\":", 1))
    }),
    lie(
        "a key of a tagged map twice",
        "not a result document",
        |told| {
            let map = "{\"__parallax__\":\"map\",\"items\":[[\"k\",0],[\"k\",[4]]]}";
            told.edit(|text| text.replacen("{\"k\":[4]}", map, 1))
        },
    ),
    lie("an unknown key", "unknown field", |told| {
        told.edit(|text| text.replacen("{\"status\"", "{\"note\":1,\"status\"", 1))
    }),
    lie("a key left out", "missing field", |told| {
        told.edit(|text| text.replacen("\"warnings\":[],", "", 1))
    }),
    lie("an unknown status", "`status` is neither", |told| {
        told.edit(|text| text.replacen("\"success\"", "\"ok\"", 1))
    }),
    lie("an unknown tagged form", "unknown tagged form", |told| {
        told.edit(|text| text.replacen("\"x\"", "{\"__parallax__\":\"x\",\"value\":1}", 1))
    }),
    lie("a number that is none", "not JSON", |told| {
        told.edit(|text| text.replacen("\"x\"", "NaN", 1))
    }),
    lie(
        "a success with the exit code of an error",
        "exit code 12",
        |told| {
            told.code = 12;
            Some(())
        },
    ),
    lie(
        "a success with an unknown exit code",
        "exit code 1 does not go",
        |told| {
            told.code = 1;
            Some(())
        },
    ),
    Lie {
        case: "errors/process_raises",
        ..lie(
            "an error with the exit code of a success",
            "exit code 0",
            |told| {
                told.code = 0;
                Some(())
            },
        )
    },
    Lie {
        case: "errors/process_raises",
        ..lie(
            "an error with the exit code of another kind",
            "exit code 13",
            |told| {
                told.code = 13;
                Some(())
            },
        )
    },
    Lie {
        case: "errors/process_raises",
        ..lie("an unknown kind of error", "unknown variant", |told| {
            told.edit(|text| text.replacen("\"kind\":\"python\"", "\"kind\":\"pythom\"", 1))
        })
    },
    lie("no document", "no result document", |told| {
        told.document.clear();
        Some(())
    }),
    lie("half a document", "", |told| {
        told.document.truncate(told.document.len() / 2);
        Some(())
    }),
    Lie {
        ways: TEXT,
        ..lie("two documents", "more than one result document", |told| {
            told.document.extend_from_within(..);
            Some(())
        })
    },
    Lie {
        ways: FRAMES,
        ..lie("two frames", "the frame is broken", |told| {
            told.document.extend_from_within(..);
            Some(())
        })
    },
    Lie {
        ways: TEXT,
        ..lie("text before the document", "not JSON", |told| {
            told.document.splice(..0, *b"log: ");
            Some(())
        })
    },
    Lie {
        ways: TEXT,
        ..lie("text behind the document", "not JSON", |told| {
            told.document.extend_from_slice(b"bye");
            Some(())
        })
    },
    Lie {
        ways: TEXT,
        ..lie("a byte that is no UTF-8", "not JSON", |told| {
            let at = told.document.iter().position(|&byte| byte == b'x')?;
            told.document[at] = 0xff;
            Some(())
        })
    },
    lie(
        "another form than was asked for",
        "was asked for as",
        |told| {
            let document = told.read().ok()?;
            told.document = match told.form() {
                Transport::JsonBase64 => framed(document, Use::Copy),
                Transport::Frame => framed(document, Use::InPlace),
                Transport::ZeroCopy => {
                    let mut text = Vec::new();
                    document.write(&mut text).ok()?;
                    text
                }
            };
            Some(())
        },
    ),
    Lie {
        case: "builtin/arrays",
        ways: FRAMES,
        ..lie("a segment left out", "", |told| {
            told.edit(|text| text.replacen("{\"segment\":1}", "{\"segment\":0}", 1))
        })
    },
    Lie {
        case: "builtin/arrays",
        ways: TEXT,
        ..lie("base64 that is none", "bad base64", |told| {
            told.edit(|text| text.replacen("\"data\":\"", "\"data\":\"*", 1))
        })
    },
    Lie {
        case: "builtin/arrays",
        ways: TEXT,
        ..lie("fewer bytes than a shape asks for", "takes", |told| {
            told.edit(|text| text.replacen("\"shape\":[2,2]", "\"shape\":[2,3]", 1))
        })
    },
    deed("a signal", "SIGABRT", Deed::Crash, &[]),
    deed("no end", "timed out", Deed::Hang, &[Way::Json]),
    deed("output without end", "more than", Deed::Flood, &[Way::Json]),
];
