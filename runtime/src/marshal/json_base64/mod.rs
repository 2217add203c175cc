//! Values as JSON text, with a tagged form for what JSON has no words for.
//!
//! Arrays have the form that pipelines have used before: `{"__numpy__":true,"array":{"meta":{"shape":[2],"dtype":"int32","size":2,"c_contiguous":true,"f_contiguous":true},"data":"<base64>"}}`, elements in C order.
//! `{"__parallax__":"float","value":"nan"}`, `{"__parallax__":"bytes","base64":"…"}`, and `{"__parallax__":"map","items":[[key,value],…]}` for a map that has one of the two tags as a key itself.

mod array;
mod decode;
mod encode;
mod place;
mod tag;
#[cfg(test)]
pub(super) mod tests;
mod text;

pub(super) use array::decode as decode_array;
pub use decode::{ArraySource, Inline, decode, decode_with};
pub use encode::{encode, encode_with};
pub use place::{DecodeError, Path};
pub(super) use tag::{ARRAY_TAG, TAG};
pub use text::Text;
