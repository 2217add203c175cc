//! The header of a `.npy` file (`numpy.lib.format`, versions 1.0, 2.0 and 3.0).
//!
//! It is the text of a Python dict; read is exactly what numpy writes for the dtypes that can be carried.

mod literal;

use self::literal::{Literal, write_dtype};
use super::wire::ALIGNMENT;
use crate::array::{Array, Dtype, Layout};

const MAGIC: [u8; 6] = *b"\x93NUMPY";

/// What stands in front of the data.
#[derive(Debug)]
pub struct Header {
    pub dtype: Dtype,
    pub fortran_order: bool,
    pub shape: Vec<u64>,
    /// Bytes up to the data.
    pub length: usize,
}

/// Why bytes are no header, and which byte is the first wrong one.
#[derive(Debug, PartialEq, Eq)]
pub struct NpyError {
    pub at: usize,
    pub message: String,
}

impl NpyError {
    fn new(at: usize, message: impl Into<String>) -> Self {
        NpyError {
            at,
            message: message.into(),
        }
    }
}

/// The encodings of a header's text.
enum Encoding {
    Latin1,
    Utf8,
}

/// Where the text begins, how long it is, and its encoding.
fn frame_of(bytes: &[u8]) -> Result<(usize, usize, Encoding), NpyError> {
    if !bytes.starts_with(&MAGIC) {
        return Err(NpyError::new(0, "it doesn't begin as .npy files do"));
    }
    let cut = || NpyError::new(bytes.len(), "it ends within the .npy header");
    let version = bytes.get(6..8).ok_or_else(cut)?;
    let encoding = match version {
        [1 | 2, 0] => Encoding::Latin1,
        [3, 0] => Encoding::Utf8,
        other => {
            let message = format!(".npy version {}.{} is not known", other[0], other[1]);
            return Err(NpyError::new(6, message));
        }
    };
    let rest = &bytes[8..];
    let (start, length) = if version[0] == 1 {
        let length = rest.first_chunk().ok_or_else(cut)?;
        (10, usize::from(u16::from_le_bytes(*length)))
    } else {
        let length = rest.first_chunk().ok_or_else(cut)?;
        (12, u32::from_le_bytes(*length) as usize)
    };
    Ok((start, length, encoding))
}

/// How long the header says it is, with all that stands before its text.
pub fn head_length(bytes: &[u8]) -> Option<usize> {
    let (start, length, _) = frame_of(bytes).ok()?;
    start.checked_add(length)
}

/// Reads the header; whether the data fits it is for the caller to see.
pub fn read_header(bytes: &[u8]) -> Result<Header, NpyError> {
    let (start, length, encoding) = frame_of(bytes)?;
    let end = start
        .checked_add(length)
        .filter(|&end| end <= bytes.len())
        .ok_or_else(|| {
            let message = format!("its header has {length} bytes, more than there are");
            NpyError::new(8, message)
        })?;
    if end % ALIGNMENT != 0 {
        let message = format!("its data begins at {end}, which is no multiple of {ALIGNMENT}");
        return Err(NpyError::new(8, message));
    }
    let text = match encoding {
        Encoding::Latin1 => bytes[start..end].iter().copied().map(char::from).collect(),
        Encoding::Utf8 => std::str::from_utf8(&bytes[start..end])
            .map_err(|error| NpyError::new(start + error.valid_up_to(), "its header is not UTF-8"))?
            .to_owned(),
    };
    let mut literal = Literal::new(&text);
    let read = (|| {
        literal.expect("{'descr': ")?;
        let dtype = literal.dtype()?;
        literal.expect(", 'fortran_order': ")?;
        let fortran_order = literal.boolean()?;
        literal.expect(", 'shape': ")?;
        let shape = literal.shape()?;
        literal.expect(", }")?;
        literal.padding()?;
        Ok((dtype, fortran_order, shape))
    })();
    let (dtype, fortran_order, shape) = read.map_err(|message: String| {
        // In Latin-1 a character is a byte, in UTF-8 the place is one already.
        let at = match encoding {
            Encoding::Latin1 => text[..literal.place()].chars().count(),
            Encoding::Utf8 => literal.place(),
        };
        NpyError::new(start + at, message)
    })?;
    Ok(Header {
        dtype,
        fortran_order,
        shape,
        length: end,
    })
}

/// The header of an array, so long that the data behind it is aligned; the bytes that follow are in the order of the layout.
pub fn write_header(array: &Array) -> Vec<u8> {
    let mut text = String::from("{'descr': ");
    write_dtype(&mut text, array.dtype());
    let fortran = if array.layout() == Layout::Fortran {
        "True"
    } else {
        "False"
    };
    text.push_str(&format!(
        ", 'fortran_order': {fortran}, 'shape': {}, }}",
        literal::shape_text(array.shape())
    ));
    // Text that is all ASCII is the same in every version; numpy takes the first that has room, too.
    let short = text.len() + ALIGNMENT <= usize::from(u16::MAX);
    let start = if short { 10 } else { 12 };
    let end = (start + text.len() + 1).next_multiple_of(ALIGNMENT);
    let length = end - start;
    let mut bytes = Vec::with_capacity(end);
    bytes.extend_from_slice(&MAGIC);
    if short {
        bytes.extend_from_slice(&[1, 0]);
        bytes.extend_from_slice(&(length as u16).to_le_bytes());
    } else {
        bytes.extend_from_slice(&[2, 0]);
        bytes.extend_from_slice(&(length as u32).to_le_bytes());
    }
    bytes.extend_from_slice(text.as_bytes());
    bytes.resize(end - 1, b' ');
    bytes.push(b'\n');
    bytes
}
