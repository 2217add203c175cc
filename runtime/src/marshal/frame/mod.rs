//! Values as a binary frame: their JSON, with each array moved into a segment that is a whole `.npy` file.
//!
//! ```text
//! preamble        32 bytes: magic, version, use, number of segments, length of the header, length of the frame
//! lengths         8 bytes per segment
//! header          the JSON; an array in it is {"__numpy__":true,"array":{"segment":0}}
//! segments        each at the next multiple of 64, zeros between them
//! ```
//!
//! Integers are little-endian.
//! As a segment says only how long it is, none can overlap another or be misaligned.
//! A `.npy` header is padded, so that an array's data stands at a multiple of 64, too.

mod buffer;
mod error;
mod from_json;
mod npy;
mod segments;
#[cfg(test)]
mod tests;
mod wire;
mod writer;

pub use buffer::{Buffer, Unwritten};
pub use error::FrameError;
pub use from_json::from_json;
pub use segments::Segments;
pub use wire::{ALIGNMENT, MAGIC, Use, is_frame};
pub use writer::{Parts, Writer};

use self::wire::Plan;
use crate::array::Data;

/// What a request that is meant as a frame is sent for; `None` for one in JSON.
pub fn intent(request: &[u8]) -> Option<Use> {
    is_frame(request).then(|| match request.get(wire::INTENT) {
        Some([1, 0]) => Use::InPlace,
        // Also where it can't be read: the answer to that has no arrays.
        _ => Use::Copy,
    })
}

/// A frame that was taken apart.
#[derive(Debug)]
pub struct Frame {
    /// JSON, if the sender had some.
    pub header: Vec<u8>,
    pub segments: Segments,
}

impl Frame {
    /// Takes a frame apart; for [`Use::InPlace`] its arrays stay where they are.
    ///
    /// # Errors
    /// Names the byte from which on it is no frame.
    pub fn read(buffer: Buffer) -> Result<Self, FrameError> {
        let plan = Plan::read(&buffer)?;
        let header = buffer[plan.header.clone()].to_vec();
        let segments = match plan.intent {
            Use::Copy => Segments::copied(&buffer, &plan)?,
            Use::InPlace => Segments::in_place(buffer, &plan)?,
        };
        Ok(Frame { header, segments })
    }

    /// Takes a frame apart that lies in pieces, as [`Parts`] has them: for [`Use::InPlace`] its arrays stay where they are.
    ///
    /// # Errors
    /// Those of [`Frame::read`].
    pub fn read_pieces(mut pieces: Vec<Data>) -> Result<Self, FrameError> {
        let total = pieces.iter().map(|piece| piece.len()).sum();
        let front = pieces.first().map_or(&[][..], |piece| piece);
        if let Ok(plan) = Plan::read_front(front, total)
            && plan.intent == Use::InPlace
            && let Some(header) = front.get(plan.header.clone())
        {
            let header = header.to_vec();
            if let Some(segments) = Segments::of_pieces(&mut pieces, &plan) {
                let segments = segments?;
                return Ok(Frame { header, segments });
            }
        }
        let whole = Buffer::gather(total, pieces.iter().map(|piece| &**piece));
        Self::read(whole.ok_or_else(|| FrameError::new(0, "there is no memory for it"))?)
    }

    /// Takes a frame apart that somebody else keeps.
    ///
    /// # Errors
    /// Those of [`Frame::read`].
    pub fn read_copy(bytes: &[u8]) -> Result<Self, FrameError> {
        let plan = Plan::read(bytes)?;
        Ok(Frame {
            header: bytes[plan.header.clone()].to_vec(),
            segments: Segments::copied(bytes, &plan)?,
        })
    }
}
