//! The normalisation "places": the directories that each leg knows under a path of its own get one name.

use crate::outcome::Outcome;
use crate::texts;

/// The paths of a leg, as its messages hold them.
pub struct Places<'a> {
    pub case_dir: &'a str,
    pub node_path: &'a str,
    /// Where Python's library and packages are, as far as that is known: nothing of a foreign executor.
    pub library: &'a Library,
}

/// The paths of the guest.
///
/// Any text may hold them; so they are replaced on every leg, or a text that is the same on all would be another one on the guest's.
pub const GUEST: [(&str, &str); 6] = [
    ("/parallax/case", CASE),
    ("/parallax/nodes", NODES),
    ("/usr/local", PREFIX),
    ("/usr/local/lib", LIBRARY),
    // The guest has the library in an archive, as if it were the folder.
    ("/usr/local/lib/python313.zip", "<library>/python3.13"),
    ("/usr/local/lib/site-packages.zip", PACKAGES),
];

/// Where a native executor's Python has its library, and packages; empty where that isn't known, or there are none.
#[derive(Clone, Debug, Default)]
pub struct Library {
    pub library: String,
    pub packages: String,
}

impl Library {
    /// Nothing is known, or it is the guest's.
    pub const UNKNOWN: Library = Library {
        library: String::new(),
        packages: String::new(),
    };

    /// Where Python is installed; empty as the library is.
    fn prefix(&self) -> &str {
        self.library
            .rsplit_once('/')
            .map_or("", |(prefix, _)| prefix)
    }
}

/// What stands for the paths.
const CASE: &str = "<case>";
const NODES: &str = "<nodes>";
const LIBRARY: &str = "<library>";
const PACKAGES: &str = "<packages>";
const PREFIX: &str = "<prefix>";

impl Places<'_> {
    /// Replaces the paths in all that is text for people, and in the targets of links.
    pub fn hide(&self, outcome: &mut Outcome) {
        texts::replace(outcome, &|text| self.hidden(text));
        texts::replace_in_links(outcome, &|text| self.hidden(text));
    }

    /// The same in the texts of what sinks have, and in the keys of maps.
    pub fn hide_in_outputs(&self, outcome: &mut Outcome) {
        texts::replace_in_outputs(outcome, &|text| self.hidden(text));
    }

    /// The text with names for the paths; `None` where it stays as it is.
    ///
    /// What reads like a name without being one gets a tilde (`<case>` becomes `<~case>`, and that one would become `<~~case>`), so that no two texts become one.
    fn hidden(&self, text: &[u8]) -> Option<Vec<u8>> {
        let mut hidden: Option<Vec<u8>> = None;
        let mut kept = 0;
        let mut at = 0;
        while at < text.len() {
            let (before, rest) = text.split_at(at);
            let replaced = match rest[0] {
                b'<' if reads_like_a_name(rest) => Some((1, "<~")),
                b'/' => self.path(before, rest),
                _ => None,
            };
            let Some((length, name)) = replaced else {
                at += 1;
                continue;
            };
            let hidden = hidden.get_or_insert_default();
            hidden.extend_from_slice(&text[kept..at]);
            hidden.extend_from_slice(name.as_bytes());
            at += length;
            kept = at;
        }
        let mut hidden = hidden?;
        hidden.extend_from_slice(&text[kept..]);
        Some(hidden)
    }

    /// The longer path that begins here and stands as a whole (`/case`, but not a part of `/cases` or `a/case`): its length, and what stands for it.
    fn path(&self, before: &[u8], rest: &[u8]) -> Option<(usize, &'static str)> {
        let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
        if last_char(before).is_some_and(|c| goes_on(c) || matches!(c, '/' | '.')) {
            return None;
        }
        let own = [
            (self.case_dir, CASE),
            (self.node_path, NODES),
            (self.library.prefix(), PREFIX),
            (self.library.library.as_str(), LIBRARY),
            (self.library.packages.as_str(), PACKAGES),
        ];
        own.into_iter()
            .chain(GUEST)
            .filter(|(path, _)| {
                let after = rest.strip_prefix(path.as_bytes());
                !path.is_empty()
                    && after.is_some_and(|after| !first_char(after).is_some_and(goes_on))
            })
            .map(|(path, name)| (path.len(), name))
            .max_by_key(|(length, _)| *length)
    }
}

/// Whether a text that begins with `<` goes on as a name does, after any number of tildes.
fn reads_like_a_name(text: &[u8]) -> bool {
    let tildes = text[1..].iter().take_while(|&&byte| byte == b'~').count();
    [CASE, NODES, LIBRARY, PACKAGES, PREFIX]
        .iter()
        .any(|name| text[1 + tildes..].starts_with(&name.as_bytes()[1..]))
}

/// No character takes more bytes.
const LONGEST_CHAR: usize = 4;

fn first_char(text: &[u8]) -> Option<char> {
    let chunk = text[..text.len().min(LONGEST_CHAR)].utf8_chunks().next()?;
    chunk.valid().chars().next()
}

fn last_char(text: &[u8]) -> Option<char> {
    (1..=text.len().min(LONGEST_CHAR)).find_map(|length| {
        let end = std::str::from_utf8(&text[text.len() - length..]).ok()?;
        end.chars().next()
    })
}

#[cfg(test)]
mod tests {
    use parallax_runtime::outcome::{Exception, Failure, Kind, Warning};
    use proptest::prelude::*;

    use super::*;
    use parallax_runtime::value::Value;

    use crate::outcome::{Ending, FileKind, LeftFile, Printed};

    const PLACES: Places<'static> = Places {
        case_dir: "/case",
        node_path: "/case/nodes",
        library: &Library::UNKNOWN,
    };

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let hidden = PLACES.hidden(text.as_bytes());
        let hidden = hidden.map(|text| String::from_utf8(text).expect("UTF-8"));
        assert_eq!(hidden.as_deref().unwrap_or(text), expected);
    }

    #[test]
    fn outputs_have_names_for_paths_in_texts_and_keys() {
        let text = |text: &str| Value::Str(text.to_owned());
        let mut outcome = Outcome::from(Ending::Raised {
            failure: Failure::new(Kind::Python, "failed"),
            outputs: vec![Value::Map(vec![(
                "/case/a".to_owned(),
                Value::List(vec![text("in /case/nodes"), text("/cases"), Value::Int(1)]),
            )])],
        });
        PLACES.hide_in_outputs(&mut outcome);
        let Ending::Raised { outputs, .. } = outcome.ending else {
            panic!("another ending");
        };
        let items = Value::List(vec![text("in <nodes>"), text("/cases"), Value::Int(1)]);
        assert_eq!(outputs, [Value::Map(vec![("<case>/a".to_owned(), items)])]);
    }

    #[test]
    fn a_legs_own_library_and_the_guests_have_one_name() {
        let library = Library {
            library: "/py/lib".to_owned(),
            packages: "/py/lib/site".to_owned(),
        };
        let places = Places {
            library: &library,
            ..PLACES
        };
        let hidden = places.hidden(b"/py/lib/a /py/lib/site/b /usr/local/lib/a /py /pyx");
        let expected = b"<library>/a <packages>/b <library>/a <prefix> /pyx";
        assert_eq!(hidden.as_deref(), Some(&expected[..]));
    }

    #[test]
    fn only_whole_paths_are_replaced() {
        check(
            "/usr/local/lib/a.py /usr/local/lib/site-packages.zip/numpy /usr/local /usr",
            "<library>/a.py <packages>/numpy <prefix> /usr",
        );
        check(
            "/usr/local/lib/python313.zip/json/tool.py",
            "<library>/python3.13/json/tool.py",
        );
        check(
            "/parallax/case/x /parallax/nodes /parallax",
            "<case>/x <nodes> /parallax",
        );
        check(
            "'/case' /cases a/case //case /case/a /case",
            "'<case>' /cases a/case //case <case>/a <case>",
        );
        check(
            "/case/nodes/m.py /case/nodes2",
            "<nodes>/m.py <case>/nodes2",
        );
        check(
            "\u{201c}/case\u{201d} \u{e9}/case /case\u{e9}",
            "\u{201c}<case>\u{201d} \u{e9}/case /case\u{e9}",
        );
    }

    #[test]
    fn what_reads_like_a_name_stays_apart_from_it() {
        check("<case> <~case> <nodes>/m", "<~case> <~~case> <~nodes>/m");
        check("<cases> <~> < case> <", "<cases> <~> < case> <");
        check("</case>", "<<case>>");
    }

    #[test]
    fn bytes_around_a_path_stay_as_they_are() {
        let hidden = PLACES.hidden(b"\xff/case\xfe").expect("a path");
        assert_eq!(hidden, b"\xff<case>\xfe");
    }

    #[test]
    fn every_text_for_people_is_looked_through() {
        let exception = || Exception {
            notes: vec!["n /case".to_owned()],
            traceback: vec!["/case/m.py:1 in f".to_owned()],
            ..Exception::new("E", "m /case")
        };
        let tree = Exception {
            members: vec![exception()],
            ..exception()
        };
        let mut outcome = Outcome {
            phases: None,
            ending: Ending::Raised {
                failure: Failure {
                    exception: Some(Box::new(tree)),
                    ..Failure::new(Kind::Python, "f /case")
                },
                outputs: Vec::new(),
            },
            warnings: vec![Warning {
                node: None,
                category: "W".to_owned(),
                message: "w /case".to_owned(),
            }],
            printed: Printed {
                stdout: b"o /case".to_vec(),
                stderr: b"e /case".to_vec(),
            },
            files: vec![LeftFile {
                path: "link".to_owned(),
                kind: FileKind::Link,
                mode: 0o777,
                size: 0,
                digest: "/case/x".to_owned(),
            }],
        };
        PLACES.hide(&mut outcome);
        let text = format!("{outcome:?}");
        assert!(!text.contains("/case"), "{text}");
        assert_eq!(outcome.printed.stderr, b"e <case>");
    }

    proptest! {
        #[test]
        fn no_two_texts_become_one(
            one in "(/case|<case>|<~case>|<|~|>|case|/| ){0,6}",
            other in "(/case|<case>|<~case>|<|~|>|case|/| ){0,6}",
        ) {
            let hidden = |text: &str| PLACES.hidden(text.as_bytes()).unwrap_or_else(|| text.into());
            prop_assert_eq!(hidden(&one) == hidden(&other), one == other);
        }
    }
}
