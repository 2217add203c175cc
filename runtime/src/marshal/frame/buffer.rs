//! Memory for a request, aligned as its arrays want it.

use std::io::Read;
use std::ops::{Deref, DerefMut};

use bytes::{Buf as _, Bytes, BytesMut};

use super::wire::{self, ALIGNMENT, is_frame};

/// The bytes of a request, beginning at a multiple of [`ALIGNMENT`].
#[derive(Debug, Default)]
pub struct Buffer(BytesMut);

impl Buffer {
    /// A buffer of zeros, to be written to; `None` where memory has run out.
    pub fn zeroed(length: usize) -> Option<Self> {
        let (mut bytes, start) = reserve(length)?;
        bytes.resize(start + length, 0);
        Some(Self::of(bytes, start))
    }

    /// A copy; `None` where memory has run out.
    pub fn copy_of(bytes: &[u8]) -> Option<Self> {
        Self::gather(bytes.len(), [bytes])
    }

    /// What `length` bytes in several pieces are together; `None` where memory has run out.
    pub fn gather<'a>(length: usize, pieces: impl IntoIterator<Item = &'a [u8]>) -> Option<Self> {
        let (mut whole, start) = reserve(length)?;
        for piece in pieces {
            whole.extend_from_slice(piece);
        }
        Some(Self::of(whole, start))
    }

    /// Reads to the end; a frame, which says how long it is, without moving it in memory.
    ///
    /// # Errors
    /// Those of the reader, and that memory has run out.
    pub fn read_from(mut reader: impl Read) -> std::io::Result<Self> {
        let mut beginning = Vec::new();
        reader
            .by_ref()
            .take(wire::PREAMBLE as u64)
            .read_to_end(&mut beginning)?;
        let expected = if is_frame(&beginning) {
            wire::told_length(&beginning).unwrap_or_default()
        } else {
            0
        };
        let no_memory = || std::io::Error::from(std::io::ErrorKind::OutOfMemory);
        let (mut bytes, start) = reserve(expected.max(beginning.len())).ok_or_else(no_memory)?;
        let room = bytes.capacity();
        bytes.extend_from_slice(&beginning);
        reader.read_to_end(&mut bytes)?;
        if bytes.capacity() == room {
            return Ok(Self::of(bytes, start));
        }
        Self::copy_of(&bytes[start..]).ok_or_else(no_memory)
    }

    /// `bytes` from `start` on, without a copy.
    fn of(bytes: Vec<u8>, start: usize) -> Self {
        let mut bytes = BytesMut::from(Bytes::from(bytes));
        bytes.advance(start);
        Buffer(bytes)
    }

    /// The memory, of which parts can be split off.
    pub(super) fn into_inner(self) -> BytesMut {
        self.0
    }
}

/// Memory for a request that somebody else writes, without filling it first.
pub struct Unwritten {
    bytes: Vec<u8>,
    start: usize,
    length: usize,
}

impl Unwritten {
    /// Room for `length` bytes; `None` where memory has run out.
    pub fn new(length: usize) -> Option<Self> {
        let (bytes, start) = reserve(length)?;
        Some(Unwritten {
            bytes,
            start,
            length,
        })
    }

    /// Where to write.
    pub fn start(&mut self) -> *mut u8 {
        self.bytes.spare_capacity_mut().as_mut_ptr().cast()
    }

    /// # Safety
    /// All `length` bytes from [`Unwritten::start`] on are written.
    pub unsafe fn assume_written(self) -> Buffer {
        let Unwritten {
            mut bytes,
            start,
            length,
        } = self;
        // SAFETY: `reserve` has filled what is before the start and made room for `length` bytes behind it, which the caller has written.
        unsafe { bytes.set_len(start + length) };
        Buffer::of(bytes, start)
    }
}

/// An empty vector with room for `length` bytes from the first multiple of [`ALIGNMENT`] on, filled up to there.
fn reserve(length: usize) -> Option<(Vec<u8>, usize)> {
    let mut bytes: Vec<u8> = Vec::new();
    bytes
        .try_reserve_exact(length.checked_add(ALIGNMENT)?)
        .ok()?;
    let start = bytes.as_ptr().align_offset(ALIGNMENT);
    bytes.resize(start, 0);
    Some((bytes, start))
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

#[cfg(test)]
mod tests {
    use super::super::wire::Use;
    use super::super::writer::Writer;
    use super::*;

    #[test]
    fn every_buffer_is_aligned_and_holds_what_was_read() {
        for length in [0, 1, 63, 64, 65, 100_000] {
            let bytes: Vec<u8> = (0..length).map(|index| index as u8).collect();
            for buffer in [
                Buffer::copy_of(&bytes).unwrap(),
                Buffer::read_from(bytes.as_slice()).unwrap(),
            ] {
                assert_eq!(buffer.as_ptr().align_offset(ALIGNMENT), 0);
                assert_eq!(*buffer, *bytes);
            }
            assert_eq!(Buffer::zeroed(length).unwrap().len(), length);
        }
        assert!(Buffer::zeroed(usize::MAX).is_none());
    }

    #[test]
    fn a_frame_is_not_moved_after_it_was_read() {
        let frame = Writer::new(Use::InPlace).finish(b"{}").to_vec();
        let (mut bytes, start) = reserve(frame.len()).unwrap();
        bytes.extend_from_slice(&frame);
        let place = bytes[start..].as_ptr();
        assert_eq!(Buffer::of(bytes, start).as_ptr(), place);
    }
}
