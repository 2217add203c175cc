//! OutcomePath: a place in an Outcome. Parsing, showing, and what covers what are decided here and nowhere else.

use std::fmt;
use std::str::FromStr;

use parallax_runtime::marshal::json_base64;

/// A place in an Outcome, such as `outputs[0].rows[3].name`, `outputs[0].image[1, 2]`, `outputs[0].sum@dtype`, `files["a.txt"]`.
///
/// `.key` and `["any key"]` lead into a map or a record, `[3]` into a list or an array of one axis, `[1, 2]` into an array of two; `[*]` stands for any index.
/// `@dtype` and the like are what a value has besides its parts; a key can't be mistaken for one, as a key with `@` is quoted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OutcomePath {
    root: String,
    steps: Vec<Step>,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    Key(String),
    /// An index for each axis; one for a list.
    Index(Vec<u64>),
    AnyIndex,
    /// What a value has besides its parts: `dtype`, `shape`, `layout`, `length`, `keys`, `order`, …
    Aspect(String),
}

/// Why a text is no path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no path: {reason} at byte {at}")]
pub struct PathError {
    text: String,
    reason: &'static str,
    at: usize,
}

impl OutcomePath {
    pub fn root(name: &str) -> Self {
        OutcomePath {
            root: name.to_owned(),
            steps: Vec::new(),
        }
    }

    /// The name that the path begins with: `outputs`, `error`, `warnings`, `printed`, `files`, …
    pub fn root_name(&self) -> &str {
        &self.root
    }

    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    #[must_use]
    pub fn step(&self, step: Step) -> Self {
        let mut path = self.clone();
        path.steps.push(step);
        path
    }

    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        self.step(Step::Key(key.to_owned()))
    }

    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.step(Step::Index(vec![index as u64]))
    }

    #[must_use]
    pub fn aspect(&self, name: &str) -> Self {
        self.step(Step::Aspect(name.to_owned()))
    }

    /// Whether a value's path is this place or lies below it; the same as [`OutcomePath::covers`], without making a path of it.
    pub fn covers_value(&self, path: json_base64::Path<'_>) -> bool {
        let Some(mut excess) = depth(path).checked_sub(self.steps.len()) else {
            return false;
        };
        let mut steps = self.steps.iter().rev();
        let mut rest = path;
        loop {
            let (parent, fits) = match rest {
                json_base64::Path::Root(name) => return self.root == name,
                json_base64::Path::Key(parent, key) => (
                    parent,
                    excess > 0 || matches!(steps.next(), Some(Step::Key(own)) if own == key),
                ),
                json_base64::Path::Index(parent, index) => (
                    parent,
                    excess > 0
                        || match steps.next() {
                            Some(Step::Index(own)) => *own == [index as u64],
                            step => step == Some(&Step::AnyIndex),
                        },
                ),
            };
            if !fits {
                return false;
            }
            excess = excess.saturating_sub(1);
            rest = *parent;
        }
    }

    /// Whether `other` is this place or lies below it.
    pub fn covers(&self, other: &OutcomePath) -> bool {
        self.root == other.root && self.covers_steps(&other.steps)
    }

    fn covers_steps(&self, steps: &[Step]) -> bool {
        self.steps.len() <= steps.len()
            && self
                .steps
                .iter()
                .zip(steps)
                .all(|(own, other)| own.takes(other))
    }

    /// Whether this place lies below `other`, so that only a part of what is there is meant; the steps that lead from there.
    ///
    /// Steps that only the text of `other` leaves open (`[*]` here) count as met.
    pub fn below(&self, other: &OutcomePath) -> Option<&[Step]> {
        let depth = other.steps.len();
        let above = self.root == other.root
            && self.steps.len() > depth
            && self
                .steps
                .iter()
                .zip(&other.steps)
                .all(|(own, other)| own.takes(other));
        above.then(|| &self.steps[depth..])
    }

    /// About how many bytes the path takes as text.
    pub fn text_length(&self) -> usize {
        let steps = self.steps.iter().map(|step| match step {
            Step::Key(text) | Step::Aspect(text) => text.len() + 4,
            Step::Index(indices) => 4 * indices.len() + 2,
            Step::AnyIndex => 3,
        });
        self.root.len() + steps.sum::<usize>()
    }

    /// Whether the path names one place, and no family of them.
    pub fn is_exact(&self) -> bool {
        !self.steps.contains(&Step::AnyIndex)
    }

    /// How precisely the path names its place: of two that cover a place, the one with the larger value is meant.
    pub fn precision(&self) -> (usize, usize) {
        let open = self.steps.iter().filter(|step| **step == Step::AnyIndex);
        (self.steps.len(), self.steps.len() - open.count())
    }
}

impl Step {
    /// Whether this step, of a path that may leave indices open, is the other one.
    pub fn takes(&self, other: &Step) -> bool {
        self == other || (*self == Step::AnyIndex && matches!(other, Step::Index(_)))
    }
}

/// How many steps a value's path has.
fn depth(mut path: json_base64::Path<'_>) -> usize {
    let mut depth = 0;
    while let json_base64::Path::Key(parent, _) | json_base64::Path::Index(parent, _) = path {
        depth += 1;
        path = *parent;
    }
    depth
}

/// The runtime's path of a value, which has no array indices and no aspects.
impl From<json_base64::Path<'_>> for OutcomePath {
    fn from(path: json_base64::Path<'_>) -> Self {
        match path {
            json_base64::Path::Root(name) => OutcomePath::root(name),
            json_base64::Path::Key(parent, key) => OutcomePath::from(*parent).key(key),
            json_base64::Path::Index(parent, index) => OutcomePath::from(*parent).index(index),
        }
    }
}

impl serde::Serialize for OutcomePath {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for OutcomePath {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for OutcomePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.root)?;
        self.steps.iter().try_for_each(|step| write!(f, "{step}"))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Key(key) if is_plain(key) => write!(f, ".{key}"),
            Step::Key(key) => write!(f, "[{}]", serde_json::Value::from(key.as_str())),
            Step::Index(indices) => write!(f, "{indices:?}"),
            Step::AnyIndex => f.write_str("[*]"),
            Step::Aspect(name) => write!(f, "@{name}"),
        }
    }
}

/// Whether a key stands behind a dot as it is.
fn is_plain(key: &str) -> bool {
    !key.is_empty() && key.chars().all(is_plain_character)
}

fn is_plain_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

impl FromStr for OutcomePath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        let mut reader = Reader { text, at: 0 };
        let root = reader.name("the name of a part of an outcome is missing")?;
        let mut path = OutcomePath::root(root);
        while !reader.rest().is_empty() {
            path.steps.push(reader.step()?);
        }
        Ok(path)
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn fail<T>(&self, reason: &'static str) -> Result<T, PathError> {
        Err(PathError {
            text: self.text.to_owned(),
            reason,
            at: self.at,
        })
    }

    fn take(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn name(&mut self, missing: &'static str) -> Result<&'a str, PathError> {
        let rest = self.rest();
        let end = rest
            .find(|c: char| !is_plain_character(c))
            .unwrap_or(rest.len());
        if end == 0 {
            return self.fail(missing);
        }
        self.at += end;
        Ok(&rest[..end])
    }

    fn step(&mut self) -> Result<Step, PathError> {
        if self.take(".") {
            let key = self.name("a key is missing, or needs quotes: [\"a key\"]")?;
            return Ok(Step::Key(key.to_owned()));
        }
        if self.take("@") {
            let name = self.name("the name of an aspect is missing")?;
            return Ok(Step::Aspect(name.to_owned()));
        }
        if !self.take("[") {
            return self.fail("expected one of . [ @");
        }
        if self.take("*]") {
            return Ok(Step::AnyIndex);
        }
        if self.rest().starts_with('"') {
            return self.quoted();
        }
        let Some(end) = self.rest().find(']') else {
            return self.fail("a `[` is never closed");
        };
        let indices: Result<Vec<u64>, ()> = self.rest()[..end]
            .split(',')
            .map(|index| {
                let index = index.trim();
                // One place has one text: no sign, no leading zero.
                let number: u64 = index.parse().map_err(|_| ())?;
                (number.to_string() == index).then_some(number).ok_or(())
            })
            .collect();
        let Ok(indices) = indices else {
            return self.fail("expected an index, several indices, *, or a quoted key");
        };
        self.at += end + 1;
        Ok(Step::Index(indices))
    }

    /// A key in quotes, written as a JSON string.
    fn quoted(&mut self) -> Result<Step, PathError> {
        let mut strings = serde_json::Deserializer::from_str(self.rest()).into_iter::<String>();
        let Some(Ok(key)) = strings.next() else {
            return self.fail("a quoted key is written as a JSON string");
        };
        self.at += strings.byte_offset();
        if !self.take("]") {
            return self.fail("a `]` is missing behind the quoted key");
        }
        Ok(Step::Key(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn path(text: &str) -> OutcomePath {
        text.parse().unwrap_or_else(|error| panic!("{error}"))
    }

    fn any_step() -> impl Strategy<Value = Step> {
        prop_oneof![
            ".{0,6}".prop_map(Step::Key),
            prop::collection::vec(0u64..2000, 1..4).prop_map(Step::Index),
            Just(Step::AnyIndex),
            "[a-z]{1,8}".prop_map(Step::Aspect),
        ]
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_back(steps in prop::collection::vec(any_step(), 0..6)) {
            let path = OutcomePath { root: "outputs".to_owned(), steps };
            prop_assert_eq!(path.to_string().parse(), Ok(path));
        }

        #[test]
        fn any_text_is_read_or_refused_with_its_place(text in "[a-z.\\[\\]\"@*0-9, ]{0,20}") {
            if let Ok(path) = text.parse::<OutcomePath>() {
                prop_assert_eq!(path.to_string().parse(), Ok(path));
            }
        }
    }

    #[test]
    fn a_place_covers_itself_and_what_lies_below() {
        for (own, other, expected) in [
            ("outputs[0]", "outputs[0]", true),
            ("outputs[0]", "outputs[0].x", true),
            ("outputs[0]", "outputs[0]@dtype", true),
            ("outputs[0]", "outputs[10]", false),
            ("outputs[0].a", "outputs[0].ab", false),
            ("outputs[0].a", "outputs[0]", false),
            ("outputs[*].a", "outputs[7].a[1, 2]", true),
            ("outputs[*].a", "outputs.x.a", false),
            ("error", "outputs", false),
            ("outputs[0].dtype", "outputs[0]@dtype", false),
            ("outputs[\"a.b\"]", "outputs.a.b", false),
        ] {
            assert_eq!(path(own).covers(&path(other)), expected, "{own} {other}");
        }
    }

    #[test]
    fn a_values_path_is_covered_as_its_steps_are() {
        use json_base64::Path;
        let root = Path::Root("outputs");
        let item = Path::Index(&root, 3);
        let member = Path::Key(&item, "a.b");
        let cell = Path::Index(&member, 7);
        for value in [root, item, member, cell] {
            for own in [
                "outputs",
                "error",
                "outputs[3]",
                "outputs[*]",
                "outputs[4]",
                "outputs.x",
                "outputs[3][\"a.b\"]",
                "outputs[3].a",
                "outputs[*][\"a.b\"][7]",
                "outputs[*][*]",
                "outputs[3][\"a.b\"][*]",
                "outputs[3][\"a.b\"][7].x",
                "outputs[3][\"a.b\"][7, 0]",
            ] {
                let expected = path(own).covers(&value.into());
                assert_eq!(path(own).covers_value(value), expected, "{own} {value}");
            }
        }
    }

    #[test]
    fn what_is_no_path_says_where() {
        for (text, expected) in [
            (
                "",
                "\"\" is no path: the name of a part of an outcome is missing at byte 0",
            ),
            (
                "outputs[",
                "\"outputs[\" is no path: a `[` is never closed at byte 8",
            ),
            (
                "outputs.",
                "\"outputs.\" is no path: a key is missing, or needs quotes: [\"a key\"] at byte 8",
            ),
            (
                "outputs x",
                "\"outputs x\" is no path: expected one of . [ @ at byte 7",
            ),
            (
                "a[01]",
                "\"a[01]\" is no path: expected an index, several indices, *, or a quoted key at byte 2",
            ),
            (
                "a[1,x]",
                "\"a[1,x]\" is no path: expected an index, several indices, *, or a quoted key at byte 2",
            ),
        ] {
            assert_eq!(
                text.parse::<OutcomePath>().expect_err(text).to_string(),
                expected
            );
        }
    }
}
