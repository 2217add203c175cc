//! Manifest version 1: its types, how a request is read, and what is refused.
//!
//! The types are the definition: the JSON Schema in `docs/` is generated from them.

use serde::Deserialize;
use serde_json::{Map, Value as Json};

use crate::marshal::frame::{Buffer, Frame, Segments};
use crate::marshal::json_base64::{self, ArraySource, Inline, Path};
use crate::outcome::{Failure, Kind};
use crate::value::Value;

/// A pipeline: nodes, and the connections between them.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The version of this format.
    pub version: Version,
    pub metadata: Metadata,
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub nodes: Vec<NodeSpec>,
    /// The edges of the graph, which has no cycle.
    pub connections: Vec<Connection>,
    /// Arrays that the nodes' parameters refer to, where the request came as a frame.
    #[serde(skip)]
    pub segments: Segments,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Version {
    #[serde(rename = "v1")]
    V1,
}

#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Metadata {
    pub name: String,
    pub description: Option<String>,
    /// When the manifest was written; free text, ISO 8601 by custom.
    pub created_at: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NodeSpec {
    #[cfg_attr(test, schemars(regex(pattern = "^[A-Za-z0-9_-]+$")))]
    pub id: String,
    /// A built-in node, `module:Class`, or the bare name of a class in the node path.
    pub node_type: String,
    /// Keyword arguments of the class.
    #[serde(default)]
    pub params: Map<String, Json>,
    /// Whether `process` is called once with a stream of all items.
    #[serde(default)]
    pub is_streaming: bool,
    pub capabilities: Option<Capabilities>,
    pub host: Option<String>,
    pub runtime_hint: Option<RuntimeHint>,
    pub execution: Option<Execution>,
}

/// What a node needs of the machine.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Capabilities {
    pub gpu: Option<Gpu>,
    pub cpu: Option<Cpu>,
    pub memory_gb: Option<f64>,
}

#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Gpu {
    #[serde(rename = "type")]
    pub kind: String,
    pub min_memory_gb: Option<f64>,
    pub required: Option<bool>,
}

#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Cpu {
    pub cores: Option<u32>,
    pub arch: Option<String>,
}

/// Which interpreter the author had in mind; a hint, so every executor may take it.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RuntimeHint {
    RustPython,
    Cpython,
    CpythonWasm,
    Auto,
}

#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Execution {
    pub placement: String,
    pub reason: Option<String>,
    pub fallback: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Connection {
    pub from: String,
    pub to: String,
}

/// A request as it was read: the manifest, and the items for its sources.
#[derive(Clone, Debug)]
pub struct Request {
    pub manifest: Manifest,
    /// `None` where the request carries no `input_data`: each source is then called once with nothing.
    pub input_data: Option<Vec<Value>>,
    pub wanted: Wanted,
}

/// What an answer has only where the request asks for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// What every node made, in place of what the sinks have.
    pub trace: bool,
    /// What each call of a node takes.
    pub timed: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireEnvelope {
    manifest: Json,
    #[serde(default)]
    input_data: Option<Vec<Json>>,
    #[serde(default)]
    trace: bool,
    #[serde(default)]
    timed: bool,
}

/// Reads a request: a bare manifest, or `{"manifest":…,"input_data":[…],"trace":…,"timed":…}`.
///
/// # Errors
/// [`Kind::Manifest`] with line and column for text that is no JSON, with the path for JSON that is no request.
pub fn read_request(bytes: &[u8]) -> Result<Request, Failure> {
    request_of(read_json(bytes)?, &mut Inline)
}

/// Reads a request that came as a frame.
///
/// # Errors
/// [`Kind::Manifest`] with the byte for what is no frame, otherwise as [`read_request`].
pub fn read_frame(buffer: Buffer) -> Result<Request, Failure> {
    let Frame {
        header,
        mut segments,
    } = Frame::read(buffer).map_err(|error| refuse(error.to_string()))?;
    let document = read_json(&header)?;
    segments
        .check_references(&document, "request")
        .map_err(|error| refuse(error.to_string()))?;
    let mut request = request_of(document, &mut segments)?;
    // What the items have not taken is for the parameters.
    request.manifest.segments = segments;
    Ok(request)
}

fn read_json(bytes: &[u8]) -> Result<Json, Failure> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(refuse("the request is empty: expected a JSON document"));
    }
    serde_json::from_slice(bytes)
        .map_err(|error| refuse(format!("the request is not JSON: {error}")))
}

fn request_of(document: Json, arrays: &mut dyn ArraySource) -> Result<Request, Failure> {
    let members = document.as_object().ok_or_else(|| {
        refuse("the request is not a JSON object: expected a manifest or an envelope around one")
    })?;
    let (manifest, input_data, wanted) = if members.contains_key("manifest") {
        let envelope: WireEnvelope = typed(document, "request")?;
        let items = envelope
            .input_data
            .map(|items| decode_items(items, arrays))
            .transpose()?;
        let wanted = Wanted {
            trace: envelope.trace,
            timed: envelope.timed,
        };
        (typed(envelope.manifest, "manifest")?, items, wanted)
    } else {
        (typed(document, "manifest")?, None, Wanted::default())
    };
    let request = Request {
        manifest,
        input_data,
        wanted,
    };
    request.manifest.check()?;
    Ok(request)
}

fn decode_items(items: Vec<Json>, arrays: &mut dyn ArraySource) -> Result<Vec<Value>, Failure> {
    let root = Path::Root("input_data");
    items
        .into_iter()
        .enumerate()
        .map(|(index, item)| json_base64::decode_with(item, Path::Index(&root, index), arrays))
        .collect::<Result<_, _>>()
        .map_err(|error| refuse(error.to_string()))
}

fn typed<T: for<'de> Deserialize<'de>>(json: Json, root: &str) -> Result<T, Failure> {
    serde_path_to_error::deserialize(json).map_err(|error| {
        let path = error.path().to_string();
        let place = if path == "." {
            root.to_owned()
        } else {
            format!("{root}.{path}")
        };
        refuse(format!("{place}: {}", error.into_inner()))
    })
}

fn refuse(message: impl Into<String>) -> Failure {
    Failure::new(Kind::Manifest, message)
}

impl Manifest {
    /// Checks what the types can't say: at least one node, the form of ids, features that no executor here has.
    fn check(&self) -> Result<(), Failure> {
        if self.nodes.is_empty() {
            return Err(refuse("manifest.nodes: expected at least one node"));
        }
        for (index, node) in self.nodes.iter().enumerate() {
            node.check(index)?;
        }
        Ok(())
    }
}

impl NodeSpec {
    fn check(&self, index: usize) -> Result<(), Failure> {
        if !is_id(&self.id) {
            return Err(refuse(format!(
                "manifest.nodes[{index}].id: {:?} does not match ^[A-Za-z0-9_-]+$",
                self.id
            )));
        }
        let refuse_here = |field: &str, reason: String| {
            Err(refuse(format!("manifest.nodes[{index}].{field}: {reason}")).at(&self.id))
        };
        if self.node_type.is_empty() {
            return refuse_here("node_type", "expected a name".to_owned());
        }
        if let Some(host) = &self.host {
            return refuse_here(
                "host",
                format!("this executor cannot run a node on another host ({host:?})"),
            );
        }
        if let Some(execution) = &self.execution
            && !matches!(execution.placement.as_str(), "local" | "auto")
        {
            return refuse_here(
                "execution.placement",
                format!(
                    "this executor runs nodes locally, {:?} cannot be honoured",
                    execution.placement
                ),
            );
        }
        match &self.capabilities {
            Some(capabilities) => match capabilities.unmet() {
                Some((field, reason)) => refuse_here(&format!("capabilities.{field}"), reason),
                None => Ok(()),
            },
            None => Ok(()),
        }
    }

    /// The parameters as values, tagged forms undone.
    ///
    /// # Errors
    /// [`Kind::Manifest`] with the path of the parameter that no value can hold.
    pub fn decode_params(
        &self,
        index: usize,
        segments: &Segments,
    ) -> Result<Vec<(String, Value)>, Failure> {
        let root = format!("manifest.nodes[{index}].params");
        let root = Path::Root(&root);
        let mut arrays = segments.copies();
        self.params
            .iter()
            .map(|(key, json)| {
                json_base64::decode_with(json.clone(), Path::Key(&root, key), &mut arrays)
                    .map(|value| (key.clone(), value))
            })
            .collect::<Result<_, _>>()
            .map_err(|error| refuse(error.to_string()).at(&self.id))
    }
}

impl Capabilities {
    /// The first capability that this target doesn't have, with the reason.
    fn unmet(&self) -> Option<(&'static str, String)> {
        if let Some(gpu) = &self.gpu
            && gpu.required != Some(false)
        {
            return Some(("gpu", format!("this executor has no GPU ({:?})", gpu.kind)));
        }
        // The reasons name what was asked for, not what is there: a refusal reads the same on every machine.
        let cpu = self.cpu.as_ref();
        if let Some(arch) = cpu.and_then(|cpu| cpu.arch.as_deref())
            && arch != "any"
            && arch != std::env::consts::ARCH
        {
            return Some(("cpu.arch", format!("this executor doesn't run on {arch:?}")));
        }
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        if let Some(wanted) = cpu.and_then(|cpu| cpu.cores)
            && wanted as usize > cores
        {
            return Some((
                "cpu.cores",
                format!("this executor has fewer than {wanted}"),
            ));
        }
        let addressable = 2f64.powi(usize::BITS as i32 - 30);
        if let Some(wanted) = self.memory_gb
            && (wanted.is_nan() || wanted > addressable)
        {
            return Some((
                "memory_gb",
                format!("this executor can't address {wanted} GiB"),
            ));
        }
        None
    }
}

fn is_id(id: &str) -> bool {
    !id.is_empty()
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/manifest.schema.json");

    #[test]
    fn the_committed_schema_is_that_of_the_types() {
        let schema = serde_json::to_value(schemars::schema_for!(Manifest)).unwrap();
        let text = format!("{schema:#}\n");
        if std::env::var("PARALLAX_BLESS").as_deref() == Ok("1") {
            std::fs::write(SCHEMA, &text).unwrap();
        }
        let committed = std::fs::read_to_string(SCHEMA).unwrap_or_default();
        assert!(
            committed == text,
            "docs/manifest.schema.json is not what the types say: run PARALLAX_BLESS=1 cargo test -p parallax-runtime"
        );
    }

    const NODE: &str = r#"{"id":"a","node_type":"Echo"}"#;

    fn manifest(nodes: &str) -> String {
        format!(
            r#"{{"version":"v1","metadata":{{"name":"m"}},"nodes":[{nodes}],"connections":[]}}"#
        )
    }

    #[track_caller]
    fn check_refused(request: &str, expected: &str) {
        let failure = read_request(request.as_bytes()).expect_err("must be refused");
        assert_eq!(failure.kind, Kind::Manifest);
        assert_eq!(failure.message, expected);
    }

    #[test]
    fn both_forms_are_read() {
        assert!(
            read_request(manifest(NODE).as_bytes())
                .unwrap()
                .input_data
                .is_none()
        );
        let envelope = format!(r#"{{"manifest":{},"input_data":[1]}}"#, manifest(NODE));
        let request = read_request(envelope.as_bytes()).unwrap();
        assert_eq!(request.input_data, Some(vec![Value::Int(1)]));
    }

    #[test]
    fn refusals_name_the_place() {
        check_refused(" \n", "the request is empty: expected a JSON document");
        check_refused(
            "{",
            "the request is not JSON: EOF while parsing an object at line 1 column 1",
        );
        check_refused(
            "[]",
            "the request is not a JSON object: expected a manifest or an envelope around one",
        );
        check_refused(&manifest(""), "manifest.nodes: expected at least one node");
        check_refused(
            &manifest(r#"{"id":"a","node_type":"Echo","colour":1}"#),
            "manifest.nodes[0].colour: unknown field `colour`, expected one of `id`, `node_type`, `params`, `is_streaming`, `capabilities`, `host`, `runtime_hint`, `execution`",
        );
        check_refused(
            &manifest(r#"{"id":"a b","node_type":"Echo"}"#),
            r#"manifest.nodes[0].id: "a b" does not match ^[A-Za-z0-9_-]+$"#,
        );
        check_refused(
            &manifest(r#"{"id":"a","node_type":"Echo","params":[]}"#),
            "manifest.nodes[0].params: invalid type: sequence, expected a map",
        );
        check_refused(
            &manifest(r#"{"id":"a","node_type":"Echo","host":"far"}"#),
            r#"manifest.nodes[0].host: this executor cannot run a node on another host ("far")"#,
        );
        check_refused(
            &manifest(r#"{"id":"a","node_type":"Echo","capabilities":{"gpu":{"type":"cuda"}}}"#),
            r#"manifest.nodes[0].capabilities.gpu: this executor has no GPU ("cuda")"#,
        );
        check_refused(
            &format!(r#"{{"manifest":{},"input":[]}}"#, manifest(NODE)),
            "request.input: unknown field `input`, expected one of `manifest`, `input_data`, `trace`, `timed`",
        );
        check_refused(
            &format!(
                r#"{{"manifest":{},"input_data":[[1e999]]}}"#,
                manifest(NODE)
            ),
            "input_data[0][0]: 1e+999 is beyond the range of a double",
        );
    }

    #[test]
    fn an_optional_gpu_is_not_refused() {
        let node = r#"{"id":"a","node_type":"Echo","capabilities":{"gpu":{"type":"cuda","required":false},"memory_gb":1.5}}"#;
        assert!(read_request(manifest(node).as_bytes()).is_ok());
    }
}
