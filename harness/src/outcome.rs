//! What one leg did with a request.

use std::fmt;

use parallax_runtime::marshal::json_base64;
use parallax_runtime::outcome::{Document, Failure, GraphInfo, Kind, Success, Warning};
use parallax_runtime::value::Value;
use serde_json::{Map, Value as Json, json};

/// The classes of outcome, as a case's `expect` names them.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
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
    #[error("standard output is not JSON: {0}")]
    NotJson(String),
    #[error("more than one document on standard output")]
    SeveralDocuments,
    #[error("not a result document: {0}")]
    Schema(String),
    #[error("exit code {found} does not go with the document, which asks for {expected}")]
    ExitCode { expected: i32, found: i32 },
    #[error("more than {0} bytes on standard output")]
    OutputLimit(usize),
}

/// Everything of an execution that two legs can be compared by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Returned {
        outputs: Vec<Value>,
        graph_info: GraphInfo,
        warnings: Vec<Warning>,
    },
    Raised(Failure),
    Rejected(Failure),
    Exited {
        code: i32,
        fault: Fault,
    },
    /// Ended by a signal or a WebAssembly trap, by its name.
    Trapped(String),
    TimedOut,
    OutOfMemory,
    Unsupported(String),
}

impl Outcome {
    pub fn class(&self) -> Class {
        match self {
            Outcome::Returned { .. } => Class::Returned,
            Outcome::Raised(_) => Class::Raised,
            Outcome::Rejected(_) => Class::Rejected,
            Outcome::Exited { .. } => Class::Exited,
            Outcome::Trapped(_) => Class::Trapped,
            Outcome::TimedOut => Class::TimedOut,
            Outcome::OutOfMemory => Class::OutOfMemory,
            Outcome::Unsupported(_) => Class::Unsupported,
        }
    }

    /// The outcome that a result document tells of.
    pub fn from_document(document: Document) -> Self {
        match document {
            Document::Success(Success {
                outputs,
                graph_info,
                warnings,
                phases: _,
            }) => Outcome::Returned {
                outputs,
                graph_info,
                warnings,
            },
            Document::Error(failure) => match failure.kind {
                Kind::Manifest | Kind::Graph => Outcome::Rejected(failure),
                Kind::Limit => Outcome::OutOfMemory,
                Kind::Python | Kind::Marshaling | Kind::Execution | Kind::Io => {
                    Outcome::Raised(failure)
                }
            },
        }
    }

    /// A few words for one line of a report.
    pub fn summary(&self) -> String {
        match self {
            Outcome::Returned { outputs, .. } => match outputs.len() {
                1 => "returned 1 item".to_owned(),
                count => format!("returned {count} items"),
            },
            Outcome::Raised(failure) | Outcome::Rejected(failure) => {
                format!("{}: {}", self.class(), failure.message)
            }
            Outcome::Exited { code, fault } => format!("exited with code {code}: {fault}"),
            Outcome::Trapped(name) => format!("trapped: {name}"),
            Outcome::TimedOut => "timed out".to_owned(),
            Outcome::OutOfMemory => "out of memory".to_owned(),
            Outcome::Unsupported(reason) => format!("unsupported: {reason}"),
        }
    }

    /// The canonical document: what snapshots pin, `replay` prints and `compare` reads.
    pub fn to_json(&self) -> Json {
        let mut members = Map::new();
        members.insert("outcome".to_owned(), json!(self.class().name()));
        match self {
            Outcome::Returned {
                outputs,
                graph_info,
                warnings,
            } => {
                let outputs = outputs.iter().cloned().map(json_base64::encode).collect();
                members.insert("outputs".to_owned(), Json::Array(outputs));
                members.insert("graph_info".to_owned(), json!(graph_info));
                members.insert("warnings".to_owned(), json!(warnings));
            }
            Outcome::Raised(failure) | Outcome::Rejected(failure) => {
                members.insert("error".to_owned(), json!(failure));
            }
            Outcome::Exited { code, fault } => {
                members.insert("code".to_owned(), json!(code));
                members.insert("fault".to_owned(), json!(fault.to_string()));
            }
            Outcome::Trapped(name) => {
                members.insert("trap".to_owned(), json!(name));
            }
            Outcome::Unsupported(reason) => {
                members.insert("reason".to_owned(), json!(reason));
            }
            Outcome::TimedOut | Outcome::OutOfMemory => {}
        }
        Json::Object(members)
    }

    /// Reads a canonical document, or a result document as an executor writes it.
    ///
    /// # Errors
    /// Says what keeps the JSON from being either.
    pub fn from_json(json: Json) -> Result<Self, String> {
        let Json::Object(mut members) = json else {
            return Err("not an object".to_owned());
        };
        let Some(class) = members.shift_remove("outcome") else {
            return Document::parse(Json::Object(members)).map(Self::from_document);
        };
        let class: Class =
            serde_json::from_value(class).map_err(|error| format!("outcome: {error}"))?;
        let mut text = |key: &str| match members.shift_remove(key) {
            Some(Json::String(text)) => Ok(text),
            _ => Err(format!("outcome \"{class}\" needs a string `{key}`")),
        };
        let outcome = match class {
            Class::Trapped => Outcome::Trapped(text("trap")?),
            Class::Unsupported => Outcome::Unsupported(text("reason")?),
            Class::TimedOut => Outcome::TimedOut,
            Class::OutOfMemory => Outcome::OutOfMemory,
            Class::Exited => Outcome::Exited {
                fault: Fault::Schema(text("fault")?),
                code: match members.shift_remove("code").and_then(|code| code.as_i64()) {
                    Some(code) => i32::try_from(code).map_err(|error| format!("code: {error}"))?,
                    None => return Err("outcome \"exited\" needs an integer `code`".to_owned()),
                },
            },
            Class::Returned => {
                members.insert("status".to_owned(), json!("success"));
                return Document::parse(Json::Object(members)).map(Self::from_document);
            }
            Class::Raised | Class::Rejected => {
                members.insert("status".to_owned(), json!("error"));
                return Document::parse(Json::Object(members)).map(Self::from_document);
            }
        };
        match members.keys().next() {
            Some(key) => Err(format!("unknown key `{key}` in outcome \"{class}\"")),
            None => Ok(outcome),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_documents_read_back_equal() {
        let failure = Failure::new(Kind::Marshaling, "m").at("a");
        for outcome in [
            Outcome::Raised(failure),
            Outcome::Rejected(Failure::new(Kind::Graph, "g")),
            Outcome::Trapped("unreachable".to_owned()),
            Outcome::TimedOut,
            Outcome::OutOfMemory,
            Outcome::Unsupported("no".to_owned()),
            Outcome::Returned {
                outputs: vec![Value::Float(-0.0)],
                graph_info: GraphInfo {
                    node_count: 1,
                    source_count: 1,
                    sink_count: 1,
                    execution_order: vec!["a".to_owned()],
                },
                warnings: vec![],
            },
        ] {
            assert_eq!(Outcome::from_json(outcome.to_json()), Ok(outcome));
        }
    }

    #[test]
    fn every_class_has_the_name_that_files_use() {
        for class in Class::ALL {
            assert_eq!(json!(class), json!(class.name()));
        }
    }
}
