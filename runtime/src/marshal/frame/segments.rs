//! The arrays of a frame, and what refers to them.

use std::ops::Range;

use serde_json::{Map, Value as Json};

use super::buffer::Buffer;
use super::error::FrameError;
use super::npy;
use super::wire::Plan;
use crate::array::{Array, Data, Layout};
use crate::marshal::json_base64::{ARRAY_TAG, ArraySource, DecodeError, Inline, Path};

/// The arrays of a frame, each until it is taken.
#[derive(Clone, Debug, Default)]
pub struct Segments(Vec<Option<Array>>);

/// What stands for an array in the header.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct WireReference {
    __numpy__: bool,
    array: WireSegment,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct WireSegment {
    segment: u64,
    #[serde(default)]
    scalar: bool,
}

impl Segments {
    pub(super) fn copied(bytes: &[u8], plan: &Plan) -> Result<Self, FrameError> {
        let read = |(index, range): (usize, &Range<usize>)| {
            let segment = &bytes[range.clone()];
            let data = |start: usize| Data::Owned(segment[start..].to_vec());
            read_array(index, range.start, segment, data).map(Some)
        };
        plan.segments
            .iter()
            .enumerate()
            .map(read)
            .collect::<Result<_, _>>()
            .map(Segments)
    }

    pub(super) fn in_place(buffer: Buffer, plan: &Plan) -> Result<Self, FrameError> {
        let mut bytes = buffer.into_inner();
        let mut arrays = Vec::with_capacity(plan.segments.len());
        // From the last to the first, so that what is split off is always the end.
        for (index, range) in plan.segments.iter().enumerate().rev() {
            let mut segment = bytes.split_off(range.start);
            segment.truncate(range.len());
            // What can't be read as a header is refused below, where all of it must be seen.
            let head = npy::head_length(&segment).unwrap_or(usize::MAX);
            let data = segment.split_off(head.min(segment.len()));
            // The head is parsed without the data, which has been split off: its length is all that is needed.
            let array = read_array(index, range.start, &segment, |_| Data::Part(data));
            arrays.push(array.map(Some));
        }
        // Forwards again, so that of several broken segments the first is named, as where they are copied.
        arrays
            .into_iter()
            .rev()
            .collect::<Result<_, _>>()
            .map(Segments)
    }

    /// The same, of a frame in pieces; `None` where they aren't as a writer makes them: what stands before the segments, then for each its header, with the zeros before it, and its data.
    pub(super) fn of_pieces(pieces: &mut [Data], plan: &Plan) -> Option<Result<Self, FrameError>> {
        let (front, pieces) = pieces.split_first_mut()?;
        let (pairs, []) = pieces.as_chunks_mut::<2>() else {
            return None;
        };
        if pairs.len() != plan.segments.len() {
            return None;
        }
        let mut end = front.len();
        let mut heads = Vec::with_capacity(plan.segments.len());
        for (range, [before, data]) in plan.segments.iter().zip(&*pairs) {
            let head = before.get(range.start.checked_sub(end)?..)?.to_vec();
            end += before.len() + data.len();
            let whole = npy::head_length(&head) == Some(head.len()) && end == range.end;
            heads.push((range.start, whole.then_some(head)?));
        }
        let arrays = heads.into_iter().zip(pairs).enumerate();
        let read = arrays.map(|(index, ((start, head), [_, data]))| {
            read_array(index, start, &head, |_| std::mem::take(data)).map(Some)
        });
        Some(read.collect::<Result<_, _>>().map(Segments))
    }

    /// Checks that every segment is referred to exactly once, so that no two receivers ever share one.
    ///
    /// # Errors
    /// Names the place of the reference, or the segment that nothing refers to.
    pub fn check_references(&self, header: &Json, root: &str) -> Result<(), DecodeError> {
        // Without segments there are no references, and the text's own form is all there is.
        if self.0.is_empty() {
            return Ok(());
        }
        let mut seen = vec![false; self.0.len()];
        find_references(header, Path::Root(root), &mut seen)?;
        match seen.iter().position(|&seen| !seen) {
            Some(index) => Err(DecodeError {
                path: root.to_owned(),
                message: format!("nothing refers to segment {index} of the frame"),
            }),
            None => Ok(()),
        }
    }

    /// A source of copies: what is read more than once can't be taken.
    pub fn copies(&self) -> impl ArraySource {
        Copies(self)
    }
}

fn read_array(
    index: usize,
    start: usize,
    segment: &[u8],
    data: impl FnOnce(usize) -> Data,
) -> Result<Array, FrameError> {
    let fail = |at: usize, message: String| {
        FrameError::new(start + at, format!("segment {index}: {message}"))
    };
    let header = npy::read_header(segment).map_err(|error| fail(error.at, error.message))?;
    let data = data(header.length);
    let array = if header.fortran_order {
        Array::new_fortran(header.dtype, header.shape, data)
    } else {
        Array::new(header.dtype, header.shape, Layout::C, data)
    };
    array.map_err(|error| fail(header.length, error.to_string()))
}

/// The segment that an object refers to, if it is a reference at all.
fn referred(members: &Map<String, Json>) -> Option<&Json> {
    members.get(ARRAY_TAG)?;
    members.get("array")?.get("segment")
}

/// Whether anything in a document would be taken for a reference, were there segments.
pub(super) fn has_reference(json: &Json) -> bool {
    match json {
        Json::Array(items) => items.iter().any(has_reference),
        Json::Object(members) => referred(members).is_some() || members.values().any(has_reference),
        _ => false,
    }
}

fn find_references(json: &Json, path: Path<'_>, seen: &mut [bool]) -> Result<(), DecodeError> {
    match json {
        Json::Array(items) => items
            .iter()
            .enumerate()
            .try_for_each(|(index, item)| find_references(item, Path::Index(&path, index), seen)),
        Json::Object(members) => {
            if let Some(index) = referred(members) {
                return mark(index, path, seen);
            }
            members
                .iter()
                .try_for_each(|(key, member)| find_references(member, Path::Key(&path, key), seen))
        }
        _ => Ok(()),
    }
}

fn mark(index: &Json, path: Path<'_>, seen: &mut [bool]) -> Result<(), DecodeError> {
    let fail = |message: String| {
        Err(DecodeError {
            path: format!("{path}.array.segment"),
            message,
        })
    };
    let count = seen.len();
    let slot = index
        .as_u64()
        .and_then(|index| usize::try_from(index).ok())
        .and_then(|index| seen.get_mut(index));
    match slot {
        None => fail(format!("{index}, where the frame has {count} segments")),
        Some(true) => fail(format!("segment {index} is referred to twice")),
        Some(slot) => {
            *slot = true;
            Ok(())
        }
    }
}

fn resolve(
    members: Map<String, Json>,
    path: Path<'_>,
    take: impl FnOnce(usize) -> Option<Array>,
) -> Result<Array, DecodeError> {
    let fail = |place: &str, message: String| DecodeError {
        path: format!("{path}{place}"),
        message,
    };
    let wire: WireReference =
        serde_path_to_error::deserialize(Json::Object(members)).map_err(|error| {
            let place = format!(".{}", error.path());
            fail(&place, error.into_inner().to_string())
        })?;
    if !wire.__numpy__ {
        return Err(fail(".__numpy__", "expected true".to_owned()));
    }
    let WireSegment { segment, scalar } = wire.array;
    let array = usize::try_from(segment)
        .ok()
        .and_then(take)
        .ok_or_else(|| fail(".array.segment", format!("there is no segment {segment}")))?;
    if !scalar {
        return Ok(array);
    }
    array
        .into_scalar()
        .ok_or_else(|| fail(".array.scalar", "a scalar has no axes".to_owned()))
}

impl ArraySource for Segments {
    fn array(&mut self, members: Map<String, Json>, path: Path<'_>) -> Result<Array, DecodeError> {
        if self.0.is_empty() || referred(&members).is_none() {
            return Inline.array(members, path);
        }
        resolve(members, path, |index| self.0.get_mut(index)?.take())
    }
}

struct Copies<'a>(&'a Segments);

impl ArraySource for Copies<'_> {
    fn array(&mut self, members: Map<String, Json>, path: Path<'_>) -> Result<Array, DecodeError> {
        if self.0.0.is_empty() || referred(&members).is_none() {
            return Inline.array(members, path);
        }
        resolve(members, path, |index| self.0.0.get(index)?.clone())
    }
}
