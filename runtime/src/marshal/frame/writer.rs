//! Puts a frame together without touching the arrays' bytes.

use std::io::{IoSlice, Write};

use serde_json::{Value as Json, json};

use super::npy;
use super::wire::{self, ALIGNMENT, Use};
use crate::array::{Array, Data, Layout};
use crate::marshal::json_base64::ARRAY_TAG;

/// Takes the arrays of a document, one after the other.
pub struct Writer {
    intent: Use,
    segments: Vec<(Vec<u8>, Data)>,
}

impl Writer {
    pub fn new(intent: Use) -> Self {
        Writer {
            intent,
            segments: Vec::new(),
        }
    }

    /// Makes an array the next segment, and gives what stands for it in the header.
    pub fn array(&mut self, array: Array) -> Json {
        let mut content = json!({"segment": self.segments.len()});
        if array.layout() == Layout::Scalar {
            content["scalar"] = Json::Bool(true);
        }
        let head = npy::write_header(&array);
        self.segments.push((head, array.into_layout_order()));
        json!({ARRAY_TAG: true, "array": content})
    }

    pub fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// The frame with this header.
    pub fn finish(self, header: &[u8]) -> Parts {
        let lengths: Vec<usize> = self
            .segments
            .iter()
            .map(|(head, data)| head.len() + data.len())
            .collect();
        let front = wire::write(self.intent, header, &lengths);
        let mut end = front.len();
        let mut pieces = vec![Data::Owned(front)];
        for (head, data) in self.segments {
            let start = end.next_multiple_of(ALIGNMENT);
            let mut before = vec![0; start - end];
            before.extend_from_slice(&head);
            end = start + head.len() + data.len();
            pieces.push(Data::Owned(before));
            pieces.push(data);
        }
        Parts(pieces)
    }
}

/// An answer in pieces, which one after the other are its bytes; they stay where they are until this is dropped.
#[derive(Debug)]
pub struct Parts(Vec<Data>);

impl Parts {
    /// An answer in one piece.
    pub fn whole(bytes: Vec<u8>) -> Self {
        Parts(vec![Data::Owned(bytes)])
    }

    /// The pieces that hold anything.
    pub fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        self.0
            .iter()
            .map(|piece| &**piece)
            .filter(|piece| !piece.is_empty())
    }

    /// Bytes in all.
    pub fn byte_count(&self) -> usize {
        self.pieces().map(<[u8]>::len).sum()
    }

    /// Everything in one piece.
    pub fn to_vec(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.byte_count());
        self.pieces()
            .for_each(|piece| bytes.extend_from_slice(piece));
        bytes
    }

    /// Writes the pieces from where they are.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write(&self, mut writer: impl Write) -> std::io::Result<()> {
        let mut slices: Vec<IoSlice<'_>> = self.pieces().map(IoSlice::new).collect();
        let mut left = slices.as_mut_slice();
        while !left.is_empty() {
            match writer.write_vectored(left) {
                Ok(0) => return Err(std::io::ErrorKind::WriteZero.into()),
                Ok(written) => IoSlice::advance_slices(&mut left, written),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        writer.flush()
    }
}
