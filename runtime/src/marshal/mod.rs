//! How values cross the boundary between host and executor.

pub mod frame;
pub mod json;
pub mod json_base64;

/// The ways in which a request's arrays travel; its answer's travel the same way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// As base64 in the JSON text.
    #[default]
    JsonBase64,
    /// As segments of a binary frame, copied out of it and into the answer's.
    Frame,
    /// As segments of a binary frame, used where they lie.
    ZeroCopy,
}

impl Transport {
    pub const ALL: [Transport; 3] = [Transport::JsonBase64, Transport::Frame, Transport::ZeroCopy];

    pub fn name(self) -> &'static str {
        match self {
            Transport::JsonBase64 => "json-base64",
            Transport::Frame => "frame",
            Transport::ZeroCopy => "zero-copy",
        }
    }

    /// Turns a request in JSON, or bytes that are none, into the request that travels this way.
    pub fn carry(self, request: Vec<u8>) -> Vec<u8> {
        match self {
            Transport::JsonBase64 => request,
            Transport::Frame => frame::from_json(&request, frame::Use::Copy),
            Transport::ZeroCopy => frame::from_json(&request, frame::Use::InPlace),
        }
    }
}
