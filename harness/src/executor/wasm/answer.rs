//! A result document in a guest's memory, read there or copied out of it.

use std::ops::Range;
use std::ptr::NonNull;
use std::sync::{Arc, Mutex};

use parallax_runtime::array::{Data, Foreign};
use parallax_runtime::channel;
use parallax_runtime::marshal::frame::{self, Buffer, Use};
use wasmtime::{Instance, Memory, Store};

use super::state::State;
use super::streams::too_much_output;
use crate::error::Problem;
use crate::executor::protocol::Form;
use crate::outcome::Ending;

/// Where the pieces of an answer are; one after the other they are its bytes.
pub struct Pieces {
    memory: Memory,
    /// Within the memory.
    ranges: Vec<Range<usize>>,
}

/// Why a document can't be taken: it is larger than is allowed, or than is possible.
enum TooLarge {
    Allowed,
    Possible,
}

impl Pieces {
    /// Asks an instance for its document, once it has ended by itself; `None` where it has none.
    ///
    /// # Errors
    /// It isn't one of our own executors, or says that the document is where no memory is.
    pub async fn of_instance(
        instance: Instance,
        store: &mut Store<State>,
    ) -> wasmtime::Result<Option<Self>> {
        let broken = || wasmtime::Error::msg("the executor broke its side of the exchange");
        let document = instance.get_typed_func::<(), u32>(&mut *store, channel::EXPORT)?;
        let memory = instance
            .get_memory(&mut *store, "memory")
            .ok_or_else(broken)?;
        match document.call_async(&mut *store, ()).await? {
            0 => Ok(None),
            place => Self::find(memory, store, place)
                .map(Some)
                .ok_or_else(broken),
        }
    }

    /// Follows the guest's pointer; `None` if it leads elsewhere.
    fn find(memory: Memory, store: &Store<State>, answer: u32) -> Option<Self> {
        let bytes = memory.data(store);
        let range = |start: u32, length: u32| {
            let start = start as usize;
            let range = start..start.checked_add(length as usize)?;
            bytes.get(range.clone()).is_some().then_some(range)
        };
        let pair = |start: u32| {
            let (start_of, rest) = bytes[range(start, 8)?].split_first_chunk()?;
            let length = rest.first_chunk()?;
            Some((u32::from_le_bytes(*start_of), u32::from_le_bytes(*length)))
        };
        let (list, count) = pair(answer)?;
        range(list, count.checked_mul(8)?)?;
        let ranges = (0..count).map(|index| {
            let (start, length) = pair(list + index * 8)?;
            range(start, length)
        });
        Some(Pieces {
            memory,
            ranges: ranges.collect::<Option<_>>()?,
        })
    }

    /// Takes the document: in place where it was sent for that, and copied otherwise. The store is given back unless the document stays in it.
    ///
    /// # Errors
    /// It is longer than `most`, or memory has run out on the host.
    fn take(
        self,
        store: Store<State>,
        most: usize,
    ) -> Result<(Form<'static>, Option<Store<State>>), TooLarge> {
        if self.length() > most {
            return Err(TooLarge::Allowed);
        }
        if self.stay(&store) {
            return Ok((Form::Pieces(self.keep(store)), None));
        }
        let copy = self.copy(&store).ok_or(TooLarge::Possible)?;
        Ok((Form::Buffer(copy), Some(store)))
    }

    /// Bytes in all; more than there is memory if the guest names some twice.
    fn length(&self) -> usize {
        self.ranges.iter().map(Range::len).sum()
    }

    /// Whether this is a frame whose arrays are to be used where they are, and no two pieces have a byte in common.
    fn stay(&self, store: &Store<State>) -> bool {
        let first = self.ranges.first().cloned().unwrap_or_default();
        let mut ranges: Vec<_> = self
            .ranges
            .iter()
            .filter(|range| !range.is_empty())
            .collect();
        ranges.sort_by_key(|range| range.start);
        let apart = ranges.is_sorted_by(|one, next| one.end <= next.start);
        apart && frame::intent(&self.memory.data(store)[first]) == Some(Use::InPlace)
    }

    /// A copy of all bytes; `None` where memory has run out.
    fn copy(&self, store: &Store<State>) -> Option<Buffer> {
        let bytes = self.memory.data(store);
        let pieces = self.ranges.iter().map(|range| &bytes[range.clone()]);
        Buffer::gather(self.length(), pieces)
    }

    /// The pieces where they are; the instance, which is not run any more, lives as long as any of them.
    fn keep(self, mut store: Store<State>) -> Vec<Data> {
        let bytes = self.memory.data_mut(&mut store);
        let places: Vec<NonNull<[u8]>> = self
            .ranges
            .into_iter()
            .map(|range| NonNull::from(&mut bytes[range]))
            .collect();
        let store = Arc::new(Mutex::new(store));
        let part = |memory| {
            let store = Arc::clone(&store);
            let part = Part {
                _store: store,
                memory,
            };
            Data::Foreign(Arc::new(part))
        };
        places.into_iter().map(part).collect()
    }
}

/// A document that an instance has left, and the instance unless the document stays in it.
pub type Taken = (Result<Option<Form<'static>>, Ending>, Option<Store<State>>);

/// Takes the document that an instance has left, if it has.
///
/// # Errors
/// Memory has run out on the host.
pub fn take_document(
    pieces: Option<Pieces>,
    store: Store<State>,
    most: usize,
) -> Result<Taken, Problem> {
    let Some(pieces) = pieces else {
        return Ok((Ok(None), Some(store)));
    };
    match pieces.take(store, most) {
        Ok((form, store)) => Ok((Ok(Some(form)), store)),
        Err(TooLarge::Allowed) => Ok((Err(too_much_output("in the result", most)), None)),
        Err(TooLarge::Possible) => Err(Problem::environment(
            "no memory is left for a result document",
        )
        .hint("lower the case's limit of output, or run fewer cases at once with --jobs")),
    }
}

/// A part of an instance's memory, which no other part has a byte of.
struct Part {
    /// Keeps the memory mapped.
    _store: Arc<Mutex<Store<State>>>,
    memory: NonNull<[u8]>,
}

// SAFETY: the memory is the instance's, which lives as long as its store and is never run again, so that only who has this part writes to it; linear memory is always initialised.
unsafe impl Foreign for Part {
    fn memory(&self) -> NonNull<[u8]> {
        self.memory
    }
}

// SAFETY: the pointer is to memory that doesn't belong to a thread; the store may be sent.
unsafe impl Send for Part {}
// SAFETY: as above, and a shared part only reads.
unsafe impl Sync for Part {}
