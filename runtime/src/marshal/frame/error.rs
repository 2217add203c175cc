//! Why bytes are no frame, and where.

/// Why bytes are no frame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the frame is broken at byte {at}: {message}")]
pub struct FrameError {
    pub at: usize,
    pub message: String,
}

impl FrameError {
    pub(super) fn new(at: usize, message: impl Into<String>) -> Self {
        FrameError {
            at,
            message: message.into(),
        }
    }
}
