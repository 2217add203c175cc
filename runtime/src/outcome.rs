//! The result document: what an executor answers with.
//!
//! Its shape is the protocol (`docs/PROTOCOL.md`); the harness reads it back with [`Document::parse`].

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::array::Data;
pub use crate::exception::Exception;
use crate::marshal::json_base64::{self, ArraySource, Path, Text};
use crate::marshal::{frame, json};
pub use crate::printed::Printed;
use crate::value::Value;

/// What went wrong, as a class; each has its own exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Manifest,
    Graph,
    Python,
    Marshaling,
    Execution,
    Io,
    Limit,
    Stack,
}

impl Kind {
    /// The exit code of an executor that reports this kind.
    pub fn exit_code(self) -> i32 {
        match self {
            Kind::Manifest => 10,
            Kind::Graph => 11,
            Kind::Python => 12,
            Kind::Marshaling => 13,
            Kind::Execution => 14,
            Kind::Io => 15,
            Kind::Limit => 16,
            Kind::Stack => 17,
        }
    }
}

/// Why a request has no outputs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
#[serde(deny_unknown_fields)]
pub struct Failure {
    pub kind: Kind,
    pub message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exception: Option<Box<Exception>>,
}

impl Failure {
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Failure {
            kind,
            message: message.into(),
            node: None,
            exception: None,
        }
    }

    /// Checks that the parts of an error go together.
    fn check(&self, has_outputs: bool) -> Result<(), String> {
        let has_exception = self.exception.is_some();
        match self.kind {
            Kind::Python if !has_exception => {
                Err("error.exception is missing, where error.kind is \"python\"".to_owned())
            }
            Kind::Manifest
            | Kind::Graph
            | Kind::Marshaling
            | Kind::Execution
            | Kind::Io
            | Kind::Stack
                if has_exception =>
            {
                Err("error.exception goes with the kinds \"python\" and \"limit\"".to_owned())
            }
            Kind::Manifest | Kind::Graph | Kind::Limit | Kind::Stack if has_outputs => {
                Err("an error of this kind has no outputs".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// The same failure, blamed on a node.
    #[must_use]
    pub fn at(mut self, node: &str) -> Self {
        self.node = Some(node.to_owned());
        self
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GraphInfo {
    pub node_count: usize,
    pub source_count: usize,
    pub sink_count: usize,
    pub execution_order: Vec<String>,
}

/// One report of Python's `warnings` module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Warning {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    pub category: String,
    pub message: String,
}

/// Nanoseconds spent in each phase of one execution.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phases {
    pub parse_ns: u64,
    pub start_ns: u64,
    pub load_ns: u64,
    pub run_ns: u64,
    /// By nodes in execution order, where the request asks for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<NodeTimes>,
}

/// Nanoseconds spent in one node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeTimes {
    pub node: String,
    /// Importing its module, constructing and initialising it; with the start of Python where it is the first that needs it.
    pub load_ns: u64,
    /// Each call, from the item as the runtime has it to the results: one an item, or one for a stream.
    pub process_ns: Vec<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Success {
    pub outputs: Vec<Value>,
    pub graph_info: GraphInfo,
    pub warnings: Vec<Warning>,
    /// What the case has printed, told by executors that have no other place for it.
    pub printed: Option<Box<Printed>>,
    pub phases: Option<Phases>,
}

/// Why a run has no result, and what there was of one until then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{failure}")]
pub struct Failed {
    pub failure: Failure,
    /// The items that sinks already had, sinks in manifest order.
    pub outputs: Vec<Value>,
    pub warnings: Vec<Warning>,
    /// As for [`Success::printed`].
    pub printed: Option<Box<Printed>>,
}

impl From<Failure> for Failed {
    /// A failure before there was anything else.
    fn from(failure: Failure) -> Self {
        Failed {
            failure,
            outputs: Vec::new(),
            warnings: Vec::new(),
            printed: None,
        }
    }
}

/// One result document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Document {
    Success(Success),
    Error(Failed),
}

/// A success as it is written and, but for its outputs, read.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireSuccess<'a, T> {
    status: Cow<'a, str>,
    #[serde(skip_deserializing)]
    outputs: Vec<T>,
    graph_info: Cow<'a, GraphInfo>,
    warnings: Cow<'a, [Warning]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    printed: Option<Cow<'a, Printed>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    phases: Option<Cow<'a, Phases>>,
}

/// An error, likewise.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireError<'a, T> {
    status: Cow<'a, str>,
    error: Cow<'a, Failure>,
    #[serde(skip_deserializing, skip_serializing_if = "Vec::is_empty")]
    outputs: Vec<T>,
    #[serde(default, skip_serializing_if = "<[Warning]>::is_empty")]
    warnings: Cow<'a, [Warning]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    printed: Option<Cow<'a, Printed>>,
}

impl Document {
    /// The exit code that goes with this document.
    pub fn exit_code(&self) -> i32 {
        match self {
            Document::Success(_) => 0,
            Document::Error(failed) => failed.failure.kind.exit_code(),
        }
    }

    fn outputs(&self) -> &[Value] {
        match self {
            Document::Success(success) => &success.outputs,
            Document::Error(failed) => &failed.outputs,
        }
    }

    fn take_outputs(&mut self) -> Vec<Value> {
        std::mem::take(match self {
            Document::Success(success) => &mut success.outputs,
            Document::Error(failed) => &mut failed.outputs,
        })
    }

    /// Writes everything but the document's own outputs, with `outputs` in their place.
    fn write_with<T: Serialize>(
        &self,
        writer: impl std::io::Write,
        outputs: Vec<T>,
    ) -> std::io::Result<()> {
        match self {
            Document::Success(success) => serde_json::to_writer(
                writer,
                &WireSuccess {
                    status: "success".into(),
                    outputs,
                    graph_info: Cow::Borrowed(&success.graph_info),
                    warnings: Cow::Borrowed(&success.warnings),
                    printed: success.printed.as_deref().map(Cow::Borrowed),
                    phases: success.phases.as_ref().map(Cow::Borrowed),
                },
            ),
            Document::Error(failed) => serde_json::to_writer(
                writer,
                &WireError {
                    status: "error".into(),
                    error: Cow::Borrowed(&failed.failure),
                    outputs,
                    warnings: Cow::Borrowed(&failed.warnings),
                    printed: failed.printed.as_deref().map(Cow::Borrowed),
                },
            ),
        }
        .map_err(Into::into)
    }

    /// Writes the document as one line of JSON, keys in a fixed order.
    ///
    /// # Errors
    /// Only those of the writer.
    pub fn write(&self, mut writer: impl std::io::Write) -> std::io::Result<()> {
        let outputs: Vec<Text<'_>> = self.outputs().iter().map(Text).collect();
        self.write_with(&mut writer, outputs)?;
        writer.write_all(b"\n")
    }

    /// The document as a frame, its arrays left where they are.
    pub fn into_frame(mut self, intent: frame::Use) -> frame::Parts {
        let mut writer = frame::Writer::new(intent);
        let outputs: Vec<Json> = self
            .take_outputs()
            .into_iter()
            .map(|value| json_base64::encode_with(value, &mut |array| writer.array(array)))
            .collect();
        let mut header = Vec::new();
        // What has only strings as keys can be written to memory.
        let _ = self.write_with(&mut header, outputs);
        writer.finish(&header)
    }

    /// Reads a document back from a frame.
    ///
    /// # Errors
    /// Says, with the place, what keeps the bytes from being a frame around a result document.
    pub fn parse_frame(bytes: &[u8]) -> Result<Self, String> {
        Self::parse_read_frame(frame::Frame::read_copy(bytes))
    }

    /// Reads a document that travels as a frame; its arrays stay where they are if they were sent for that.
    ///
    /// # Errors
    /// Those of [`Document::parse_frame`].
    pub fn read_frame(frame: frame::Buffer) -> Result<Self, String> {
        Self::parse_read_frame(frame::Frame::read(frame))
    }

    /// Reads a document that travels as a frame and lies in pieces, with its arrays staying in theirs.
    ///
    /// # Errors
    /// Those of [`Document::parse_frame`].
    pub fn read_pieces(pieces: Vec<Data>) -> Result<Self, String> {
        Self::parse_read_frame(frame::Frame::read_pieces(pieces))
    }

    fn parse_read_frame(frame: Result<frame::Frame, frame::FrameError>) -> Result<Self, String> {
        let frame::Frame {
            header,
            mut segments,
        } = frame.map_err(|error| error.to_string())?;
        let json = json::read(&header, "document").map_err(|error| match error {
            json::JsonError::Repeated(_) => format!("the frame's header: {error}"),
            _ => format!("the frame's header is not JSON: {error}"),
        })?;
        segments
            .check_references(&json, "document")
            .map_err(|error| error.to_string())?;
        Self::parse_with(json, &mut segments)
    }

    /// Reads a document back from JSON.
    ///
    /// # Errors
    /// Says, with the path, what keeps the JSON from being a result document.
    pub fn parse(json: Json) -> Result<Self, String> {
        Self::parse_with(json, &mut json_base64::Inline)
    }

    fn parse_with(json: Json, arrays: &mut dyn ArraySource) -> Result<Self, String> {
        let Json::Object(mut members) = json else {
            return Err("the document is not an object".to_owned());
        };
        let status = members.get("status").ok_or("`status` is missing")?.clone();
        // By hand: on its way through serde, an object can be taken for a number.
        let outputs = members
            .shift_remove("outputs")
            .map(|outputs| decode_outputs(outputs, arrays))
            .transpose()?;
        let rest = Json::Object(members);
        match status.as_str() {
            Some("success") => {
                let wire: WireSuccess<'_, Json> = typed(rest)?;
                Ok(Document::Success(Success {
                    outputs: outputs.ok_or("missing field `outputs`")?,
                    graph_info: wire.graph_info.into_owned(),
                    warnings: wire.warnings.into_owned(),
                    printed: wire.printed.map(|printed| Box::new(printed.into_owned())),
                    phases: wire.phases.map(Cow::into_owned),
                }))
            }
            Some("error") => {
                let wire: WireError<'_, Json> = typed(rest)?;
                let failure = wire.error.into_owned();
                failure.check(outputs.is_some())?;
                Ok(Document::Error(Failed {
                    failure,
                    outputs: outputs.unwrap_or_default(),
                    warnings: wire.warnings.into_owned(),
                    printed: wire.printed.map(|printed| Box::new(printed.into_owned())),
                }))
            }
            _ => Err(format!(
                "`status` is neither \"success\" nor \"error\": {status}"
            )),
        }
    }
}

fn decode_outputs(outputs: Json, arrays: &mut dyn ArraySource) -> Result<Vec<Value>, String> {
    let Json::Array(items) = outputs else {
        return Err("outputs: expected an array".to_owned());
    };
    let root = Path::Root("outputs");
    let decode = |(index, item)| {
        json_base64::decode_with(item, Path::Index(&root, index), arrays)
            .map_err(|error| error.to_string())
    };
    items.into_iter().enumerate().map(decode).collect()
}

fn typed<T: for<'de> Deserialize<'de>>(json: Json) -> Result<T, String> {
    serde_path_to_error::deserialize(json).map_err(|error| error.to_string())
}

#[cfg(test)]
#[path = "outcome_tests.rs"]
mod tests;
