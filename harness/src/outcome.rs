//! What one leg did with a request.

use std::fmt;

use parallax_runtime::marshal::{Transport, json_base64};
pub use parallax_runtime::outcome::Printed;
use parallax_runtime::outcome::{Document, Failure, GraphInfo, Kind, Phases, Success, Warning};
use parallax_runtime::value::Value;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

/// The classes of outcome, as a case's `expect` names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    Returned,
    Raised,
    Rejected,
    Exited,
    Trapped,
    TimedOut,
    OutOfMemory,
    Unsupported,
}

impl Class {
    pub const ALL: [Class; 8] = [
        Class::Returned,
        Class::Raised,
        Class::Rejected,
        Class::Exited,
        Class::Trapped,
        Class::TimedOut,
        Class::OutOfMemory,
        Class::Unsupported,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Class::Returned => "returned",
            Class::Raised => "raised",
            Class::Rejected => "rejected",
            Class::Exited => "exited",
            Class::Trapped => "trapped",
            Class::TimedOut => "timed-out",
            Class::OutOfMemory => "out-of-memory",
            Class::Unsupported => "unsupported",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How an executor broke the protocol.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("no result document")]
    Silent,
    #[error("the result is not JSON: {0}")]
    NotJson(String),
    #[error("more than one result document")]
    SeveralDocuments,
    #[error("not a result document: {0}")]
    Schema(String),
    #[error("exit code {found} does not go with the document, which asks for {expected}")]
    ExitCode { expected: i32, found: i32 },
    #[error("the result came as {}, and was asked for as {}", found.name(), asked.name())]
    Transport { asked: Transport, found: Transport },
    /// The executor was stopped for it.
    #[error("more than {most} bytes {place}")]
    OutputLimit { place: &'static str, most: usize },
    /// One of the above, in the words of a canonical document.
    #[error("{0}")]
    Told(String),
}

/// Everything of an execution that two legs can be compared by.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub ending: Ending,
    /// What Python's `warnings` reported until then.
    pub warnings: Vec<Warning>,
    pub printed: Printed,
    /// What the case left in its directory, by path.
    pub files: Vec<LeftFile>,
    /// The times that the executor has told: no two runs have the same, so that nothing compares, shows or pins them.
    pub phases: Option<Box<Phases>>,
}

impl PartialEq for Outcome {
    fn eq(&self, other: &Self) -> bool {
        let Outcome {
            ending,
            warnings,
            printed,
            files,
            phases: _,
        } = self;
        *ending == other.ending
            && *warnings == other.warnings
            && *printed == other.printed
            && *files == other.files
    }
}

impl Eq for Outcome {}

/// How an execution ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    Returned {
        outputs: Vec<Value>,
        graph_info: GraphInfo,
    },
    Raised {
        failure: Failure,
        /// What sinks already had.
        outputs: Vec<Value>,
    },
    Rejected(Failure),
    Exited {
        code: i32,
        fault: Fault,
    },
    /// Ended by a signal or a WebAssembly trap, by its name.
    Trapped(String),
    TimedOut,
    /// With the failure where a document told it.
    OutOfMemory(Option<Failure>),
    Unsupported(String),
}

/// A file or folder that a case left in its directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftFile {
    /// Below the case's directory, parted by `/`; `.` is the directory itself. A backslash is doubled, and a byte that is no UTF-8 is `\xff`.
    pub path: String,
    pub kind: FileKind,
    /// The permission bits.
    #[serde(with = "octal")]
    pub mode: u32,
    /// Bytes of a file, 0 for anything else.
    pub size: u64,
    /// SHA-256 of the contents, in hexadecimal digits; the target of a link; what there is to say of other kinds.
    pub digest: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileKind {
    File,
    Directory,
    Link,
    Other,
}

/// Permission bits as people write them.
mod octal {
    use serde::{Deserialize as _, Deserializer, Serializer, de};

    pub fn serialize<S: Serializer>(mode: &u32, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{mode:04o}"))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
        let text = String::deserialize(deserializer)?;
        u32::from_str_radix(&text, 8)
            .map_err(|error| de::Error::custom(format!("{text:?} is no octal number: {error}")))
    }
}

impl Ending {
    pub fn class(&self) -> Class {
        match self {
            Ending::Returned { .. } => Class::Returned,
            Ending::Raised { .. } => Class::Raised,
            Ending::Rejected(_) => Class::Rejected,
            Ending::Exited { .. } => Class::Exited,
            Ending::Trapped(_) => Class::Trapped,
            Ending::TimedOut => Class::TimedOut,
            Ending::OutOfMemory(_) => Class::OutOfMemory,
            Ending::Unsupported(_) => Class::Unsupported,
        }
    }

    /// Whether a limit ended the case: how far it had come by then is chance.
    pub fn is_cut_short(&self) -> bool {
        match self {
            Ending::TimedOut | Ending::OutOfMemory(_) => true,
            Ending::Exited { fault, .. } => matches!(fault, Fault::OutputLimit { .. }),
            _ => false,
        }
    }

    /// A few words for one line of a report.
    pub fn summary(&self) -> String {
        match self {
            Ending::Returned { outputs, .. } => match outputs.len() {
                1 => "returned 1 item".to_owned(),
                count => format!("returned {count} items"),
            },
            Ending::Raised { failure, .. } | Ending::Rejected(failure) => {
                format!("{}: {}", self.class(), failure.message)
            }
            Ending::Exited { code, fault } => format!("exited with code {code}: {fault}"),
            Ending::Trapped(name) => format!("trapped: {name}"),
            Ending::TimedOut => "timed out".to_owned(),
            Ending::OutOfMemory(_) => "ran out of memory".to_owned(),
            Ending::Unsupported(reason) => format!("unsupported: {reason}"),
        }
    }
}

impl From<Ending> for Outcome {
    /// An ending, and nothing to see besides.
    fn from(ending: Ending) -> Self {
        Outcome {
            ending,
            warnings: Vec::new(),
            printed: Printed::default(),
            files: Vec::new(),
            phases: None,
        }
    }
}

impl Outcome {
    pub fn class(&self) -> Class {
        self.ending.class()
    }

    /// A few words for one line of a report.
    pub fn summary(&self) -> String {
        self.ending.summary()
    }

    /// The outcome that a result document tells of.
    pub fn from_document(document: Document) -> Self {
        let (ending, warnings, printed, phases) = match document {
            Document::Success(Success {
                outputs,
                graph_info,
                warnings,
                printed,
                phases,
            }) => {
                let ending = Ending::Returned {
                    outputs,
                    graph_info,
                };
                (ending, warnings, printed, phases.map(Box::new))
            }
            Document::Error(failed) => {
                let failure = failed.failure;
                let ending = match failure.kind {
                    Kind::Manifest | Kind::Graph => Ending::Rejected(failure),
                    Kind::Limit => Ending::OutOfMemory(Some(failure)),
                    // As wasmtime calls it, which can't say more of it.
                    Kind::Stack => Ending::Trapped("call stack exhausted".to_owned()),
                    Kind::Python | Kind::Marshaling | Kind::Execution | Kind::Io => {
                        Ending::Raised {
                            failure,
                            outputs: failed.outputs,
                        }
                    }
                };
                (ending, failed.warnings, failed.printed, None)
            }
        };
        if ending.is_cut_short() {
            return ending.into();
        }
        Outcome {
            ending,
            warnings,
            printed: printed.map(|printed| *printed).unwrap_or_default(),
            files: Vec::new(),
            phases,
        }
    }

    /// The canonical document: what snapshots pin, `replay` prints and `compare` reads.
    pub fn to_json(&self) -> Json {
        let encode = |outputs: &[Value]| -> Json {
            outputs.iter().cloned().map(json_base64::encode).collect()
        };
        let mut members = Map::new();
        let mut add = |key: &str, member: Json| {
            members.insert(key.to_owned(), member);
        };
        add("outcome", json!(self.class().name()));
        match &self.ending {
            Ending::Returned {
                outputs,
                graph_info,
            } => {
                add("outputs", encode(outputs));
                add("graph_info", json!(graph_info));
            }
            Ending::Raised { failure, outputs } => {
                add("error", json!(failure));
                if !outputs.is_empty() {
                    add("outputs", encode(outputs));
                }
            }
            Ending::Rejected(failure) | Ending::OutOfMemory(Some(failure)) => {
                add("error", json!(failure));
            }
            Ending::Exited { code, fault } => {
                add("code", json!(code));
                add("fault", json!(fault.to_string()));
            }
            Ending::Trapped(name) => add("trap", json!(name)),
            Ending::Unsupported(reason) => add("reason", json!(reason)),
            Ending::TimedOut | Ending::OutOfMemory(None) => {}
        }
        if self.class() == Class::Returned || !self.warnings.is_empty() {
            add("warnings", json!(self.warnings));
        }
        if !self.printed.is_empty() {
            add("printed", json!(self.printed));
        }
        if !self.files.is_empty() {
            add("files", json!(self.files));
        }
        Json::Object(members)
    }

    /// Reads a canonical document, or a result document as an executor writes it.
    ///
    /// # Errors
    /// Says what keeps the JSON from being either; among others, that an outcome isn't of the class that it says.
    pub fn from_json(json: Json) -> Result<Self, String> {
        let Json::Object(mut members) = json else {
            return Err("not an object".to_owned());
        };
        let Some(class) = members.shift_remove("outcome") else {
            return Document::parse(Json::Object(members)).map(Self::from_document);
        };
        let class: Class = typed("outcome", class)?;
        let files = match members.shift_remove("files") {
            Some(files) => typed("files", files)?,
            None => Vec::new(),
        };
        let has_error = members.contains_key("error");
        let outcome = match class {
            Class::Returned => from_status("success", members)?,
            Class::Raised | Class::Rejected => from_status("error", members)?,
            Class::OutOfMemory if has_error => from_status("error", members)?,
            _ => from_members(class, members)?,
        };
        if outcome.class() != class {
            let found = outcome.class();
            return Err(format!(
                "outcome \"{class}\" has what makes it \"{found}\": its error is of another kind"
            ));
        }
        Ok(Outcome { files, ..outcome })
    }
}

/// What is left of a canonical document is a result document but for its status.
fn from_status(status: &str, mut members: Map<String, Json>) -> Result<Outcome, String> {
    members.insert("status".to_owned(), json!(status));
    Document::parse(Json::Object(members)).map(Outcome::from_document)
}

/// The classes that no result document tells of.
fn from_members(class: Class, mut members: Map<String, Json>) -> Result<Outcome, String> {
    let mut take = |key: &str| members.shift_remove(key);
    let warnings = take("warnings").map(|warnings| typed("warnings", warnings));
    let printed = take("printed").map(|printed| typed("printed", printed));
    let mut text = |key: &str| match take(key) {
        Some(Json::String(text)) => Ok(text),
        _ => Err(format!("outcome \"{class}\" needs a string `{key}`")),
    };
    let ending = match class {
        Class::Trapped => Ending::Trapped(text("trap")?),
        Class::Unsupported => Ending::Unsupported(text("reason")?),
        Class::TimedOut => Ending::TimedOut,
        Class::Exited => {
            let fault = Fault::Told(text("fault")?);
            let code = take("code").ok_or("outcome \"exited\" needs an integer `code`")?;
            let code = typed("code", code)?;
            Ending::Exited { code, fault }
        }
        Class::OutOfMemory => Ending::OutOfMemory(None),
        Class::Returned | Class::Raised | Class::Rejected => {
            return Err(format!("outcome \"{class}\" is a result document's"));
        }
    };
    if let Some(key) = members.keys().next() {
        return Err(format!("unknown key `{key}` in outcome \"{class}\""));
    }
    Ok(Outcome {
        ending,
        warnings: warnings.transpose()?.unwrap_or_default(),
        printed: printed.transpose()?.unwrap_or_default(),
        files: Vec::new(),
        phases: None,
    })
}

fn typed<T: serde::de::DeserializeOwned>(key: &str, json: Json) -> Result<T, String> {
    serde_json::from_value(json).map_err(|error| format!("{key}: {error}"))
}

#[cfg(test)]
#[path = "outcome_tests.rs"]
mod tests;
