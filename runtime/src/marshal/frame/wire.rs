//! The fixed part of a frame: what lies where.

use std::ops::Range;

use super::error::FrameError;

/// What every frame begins with; no JSON document does.
pub const MAGIC: [u8; 8] = *b"\x93PARALLX";

/// Data begins at multiples of this, so that any element and any vector instruction finds it aligned.
pub const ALIGNMENT: usize = 64;

/// What the receiver of a frame is asked to do with its arrays; an answer is sent for the same use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Copy them out of the frame.
    Copy,
    /// Use them where they lie.
    InPlace,
}

/// Whether bytes are meant as a frame.
pub fn is_frame(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC)
}

const VERSION: u16 = 1;

/// Bytes of the fixed part.
pub const PREAMBLE: usize = 32;

/// Where the fixed part says what the frame is sent for.
pub const INTENT: Range<usize> = 10..12;

/// Bytes of a segment's length.
const ENTRY: usize = 8;

/// Where the parts of a frame are.
#[derive(Debug)]
pub struct Plan {
    pub intent: Use,
    pub header: Range<usize>,
    pub segments: Vec<Range<usize>>,
}

/// The length that a preamble tells.
pub fn told_length(preamble: &[u8]) -> Option<usize> {
    usize::try_from(u64::from_le_bytes(*preamble.get(24..)?.first_chunk()?)).ok()
}

impl Plan {
    /// Reads preamble and lengths; everything they say is within `bytes`.
    pub fn read(bytes: &[u8]) -> Result<Self, FrameError> {
        Self::read_front(bytes, bytes.len())
    }

    /// Reads preamble and lengths of a frame of `total` bytes, of which these are the first; everything they say is within the frame.
    pub fn read_front(bytes: &[u8], total: usize) -> Result<Self, FrameError> {
        let Some(preamble) = bytes.first_chunk::<PREAMBLE>() else {
            let message = format!("it ends after {} bytes, within the preamble", bytes.len());
            return Err(FrameError::new(bytes.len(), message));
        };
        if !preamble.starts_with(&MAGIC) {
            return Err(FrameError::new(0, "it doesn't begin as a frame does"));
        }
        let version = u16::from_le_bytes([preamble[8], preamble[9]]);
        if version != VERSION {
            let message = format!("it has version {version}, known is {VERSION}");
            return Err(FrameError::new(8, message));
        }
        let intent = match u16::from_le_bytes([preamble[10], preamble[11]]) {
            0 => Use::Copy,
            1 => Use::InPlace,
            other => {
                let message = format!("the use {other} is neither 0 (copy) nor 1 (in place)");
                return Err(FrameError::new(10, message));
            }
        };
        let long = |at: usize| {
            let mut integer = [0; 8];
            integer.copy_from_slice(&preamble[at..at + 8]);
            u64::from_le_bytes(integer)
        };
        let count = u32::from_le_bytes([preamble[12], preamble[13], preamble[14], preamble[15]]);
        if told_length(preamble) != Some(total) {
            let message = format!("it tells of {} bytes, found {total}", long(24));
            return Err(FrameError::new(24, message));
        }
        let lengths_end = (count as usize)
            .checked_mul(ENTRY)
            .and_then(|length| length.checked_add(PREAMBLE))
            .filter(|&end| end <= bytes.len())
            .ok_or_else(|| FrameError::new(12, format!("it is too short for {count} segments")))?;
        let header = part(total, 16, lengths_end, long(16), "the header")?;
        let mut segments = Vec::with_capacity(count as usize);
        let mut end = header.end;
        for index in 0..count as usize {
            let at = PREAMBLE + index * ENTRY;
            let mut length = [0; ENTRY];
            length.copy_from_slice(&bytes[at..at + ENTRY]);
            let what = format!("segment {index}");
            let start = align(end).filter(|&start| start <= total);
            let start = start.ok_or_else(|| {
                FrameError::new(at, format!("{what} would begin after the frame's end"))
            })?;
            let segment = part(total, at, start, u64::from_le_bytes(length), &what)?;
            end = segment.end;
            segments.push(segment);
        }
        if end != total {
            let message = format!("{} bytes belong to no segment", total - end);
            return Err(FrameError::new(end, message));
        }
        Ok(Plan {
            intent,
            header,
            segments,
        })
    }
}

fn part(
    total: usize,
    told_at: usize,
    start: usize,
    length: u64,
    what: &str,
) -> Result<Range<usize>, FrameError> {
    usize::try_from(length)
        .ok()
        .and_then(|length| start.checked_add(length))
        .filter(|&end| end <= total)
        .map(|end| start..end)
        .ok_or_else(|| {
            let left = total - start;
            let message = format!("{what} has {length} bytes, where {left} are left");
            FrameError::new(told_at, message)
        })
}

/// The next place where data may begin.
pub fn align(place: usize) -> Option<usize> {
    place.checked_next_multiple_of(ALIGNMENT)
}

/// Writes what stands before the segments: preamble, lengths, header; and says how long the frame will be.
///
/// Whatever is written was in memory, so that no length overflows.
pub fn write(intent: Use, header: &[u8], lengths: &[usize]) -> Vec<u8> {
    let front = PREAMBLE + lengths.len() * ENTRY + header.len();
    let total = lengths.iter().fold(front, |end, length| {
        end.next_multiple_of(ALIGNMENT) + length
    });
    let mut bytes = Vec::with_capacity(front);
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    let intent: u16 = match intent {
        Use::Copy => 0,
        Use::InPlace => 1,
    };
    bytes.extend_from_slice(&intent.to_le_bytes());
    bytes.extend_from_slice(&(lengths.len() as u32).to_le_bytes());
    bytes.extend_from_slice(&(header.len() as u64).to_le_bytes());
    bytes.extend_from_slice(&(total as u64).to_le_bytes());
    for &length in lengths {
        bytes.extend_from_slice(&(length as u64).to_le_bytes());
    }
    bytes.extend_from_slice(header);
    bytes
}
