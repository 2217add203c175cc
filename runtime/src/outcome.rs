//! The result document: what an executor writes to standard output.
//!
//! Its shape is the protocol (`docs/PROTOCOL.md`); the harness reads it back with [`Document::parse`].

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::array::Data;
use crate::marshal::frame;
use crate::marshal::json_base64::{self, ArraySource, Path, Text};
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
        }
    }
}

/// A Python exception, as far as it can be compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// Qualified class name, without the module for built-in classes.
    #[serde(rename = "type")]
    pub class: String,
    pub message: String,
    /// `file:line in function`, outermost first.
    pub traceback: Vec<String>,
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phases {
    pub parse_ns: u64,
    pub start_ns: u64,
    pub load_ns: u64,
    pub run_ns: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Success {
    pub outputs: Vec<Value>,
    pub graph_info: GraphInfo,
    pub warnings: Vec<Warning>,
    pub phases: Option<Phases>,
}

/// One result document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Document {
    Success(Success),
    Error(Failure),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireSuccess<'a, T> {
    status: Cow<'a, str>,
    outputs: Vec<T>,
    graph_info: Cow<'a, GraphInfo>,
    warnings: Cow<'a, [Warning]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    phases: Option<Phases>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireError<'a> {
    status: Cow<'a, str>,
    error: Cow<'a, Failure>,
}

impl Success {
    /// Everything as it is written, with `outputs` in place of its own.
    fn wire<T>(&self, outputs: Vec<T>) -> WireSuccess<'_, T> {
        WireSuccess {
            status: "success".into(),
            outputs,
            graph_info: Cow::Borrowed(&self.graph_info),
            warnings: Cow::Borrowed(&self.warnings),
            phases: self.phases,
        }
    }
}

impl<'a> WireError<'a> {
    fn of(error: &'a Failure) -> Self {
        WireError {
            status: "error".into(),
            error: Cow::Borrowed(error),
        }
    }
}

impl Document {
    /// The exit code that goes with this document.
    pub fn exit_code(&self) -> i32 {
        match self {
            Document::Success(_) => 0,
            Document::Error(failure) => failure.kind.exit_code(),
        }
    }

    /// Writes the document as one line of JSON, keys in a fixed order.
    ///
    /// # Errors
    /// Only those of the writer.
    pub fn write(&self, mut writer: impl std::io::Write) -> std::io::Result<()> {
        match self {
            Document::Success(success) => {
                let outputs = success.outputs.iter().map(Text).collect();
                serde_json::to_writer(&mut writer, &success.wire(outputs))?;
            }
            Document::Error(error) => serde_json::to_writer(&mut writer, &WireError::of(error))?,
        }
        writer.write_all(b"\n")
    }

    /// The document as a frame, its arrays left where they are.
    pub fn into_frame(self, intent: frame::Use) -> frame::Parts {
        let mut writer = frame::Writer::new(intent);
        let header = match self {
            Document::Success(mut success) => {
                let outputs = std::mem::take(&mut success.outputs)
                    .into_iter()
                    .map(|value| json_base64::encode_with(value, &mut |array| writer.array(array)))
                    .collect::<Vec<Json>>();
                serde_json::to_vec(&success.wire(outputs))
            }
            Document::Error(error) => serde_json::to_vec(&WireError::of(&error)),
        };
        // What has only strings as keys can be written to memory.
        writer.finish(&header.unwrap_or_default())
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
        let json = serde_json::from_slice(&header)
            .map_err(|error| format!("the frame's header is not JSON: {error}"))?;
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
        let status = json
            .as_object()
            .ok_or("the document is not an object")?
            .get("status")
            .ok_or("`status` is missing")?;
        match status.as_str() {
            Some("success") => {
                let wire: WireSuccess<'_, Json> = typed(json)?;
                let root = Path::Root("outputs");
                let outputs = wire
                    .outputs
                    .into_iter()
                    .enumerate()
                    .map(|(index, item)| {
                        json_base64::decode_with(item, Path::Index(&root, index), arrays)
                    })
                    .collect::<Result<_, _>>()
                    .map_err(|error| error.to_string())?;
                Ok(Document::Success(Success {
                    outputs,
                    graph_info: wire.graph_info.into_owned(),
                    warnings: wire.warnings.into_owned(),
                    phases: wire.phases,
                }))
            }
            Some("error") => {
                let wire: WireError<'_> = typed(json)?;
                Ok(Document::Error(wire.error.into_owned()))
            }
            _ => Err(format!(
                "`status` is neither \"success\" nor \"error\": {status}"
            )),
        }
    }
}

fn typed<T: for<'de> Deserialize<'de>>(json: Json) -> Result<T, String> {
    serde_path_to_error::deserialize(json).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_error(text: &str, expected: &str) {
        let json = serde_json::from_str(text).expect("the test's own JSON");
        assert_eq!(Document::parse(json).expect_err("must fail"), expected);
    }

    #[test]
    fn a_document_reads_back_equal() {
        let document = Document::Success(Success {
            outputs: vec![Value::Float(f64::NAN), Value::Bytes(vec![0, 255])],
            graph_info: GraphInfo {
                node_count: 1,
                source_count: 1,
                sink_count: 1,
                execution_order: vec!["a".to_owned()],
            },
            warnings: vec![Warning {
                node: None,
                category: "UserWarning".to_owned(),
                message: "m".to_owned(),
            }],
            phases: Some(Phases::default()),
        });
        let mut text = Vec::new();
        document.write(&mut text).unwrap();
        let json = serde_json::from_slice(&text).unwrap();
        assert_eq!(Document::parse(json).unwrap(), document);
    }

    #[test]
    fn what_is_no_result_document_says_why() {
        check_error("[]", "the document is not an object");
        check_error("{}", "`status` is missing");
        check_error(
            r#"{"status":1}"#,
            "`status` is neither \"success\" nor \"error\": 1",
        );
        check_error(
            r#"{"status":"error","error":{"kind":"fire","message":""}}"#,
            "error.kind: unknown variant `fire`, expected one of `manifest`, `graph`, `python`, `marshaling`, `execution`, `io`, `limit`",
        );
        check_error(
            r#"{"status":"success","outputs":[]}"#,
            "missing field `graph_info`",
        );
    }
}
