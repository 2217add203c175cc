//! The JSON form of an array.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Json};

use super::place::{DecodeError, Path};
use super::tag::ARRAY_TAG;
use crate::array::{Array, Dtype, Layout};

/// The object as serde reads it.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct WireArray {
    __numpy__: bool,
    array: WireContent,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct WireContent {
    meta: WireMeta,
    data: String,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct WireMeta {
    shape: Vec<u64>,
    dtype: Json,
    size: Option<u64>,
    #[serde(default)]
    c_contiguous: Option<bool>,
    #[serde(default)]
    f_contiguous: Option<bool>,
    #[serde(default)]
    scalar: bool,
}

/// Reads an array from the members of its object.
pub fn decode(members: Map<String, Json>, path: Path<'_>) -> Result<Array, DecodeError> {
    let fail = |place: &str, message: String| DecodeError {
        path: format!("{path}{place}"),
        message,
    };
    let wire: WireArray =
        serde_path_to_error::deserialize(Json::Object(members)).map_err(|error| {
            let inner = error.path().to_string();
            let place = if inner == "." {
                String::new()
            } else {
                format!(".{inner}")
            };
            fail(&place, error.into_inner().to_string())
        })?;
    if !wire.__numpy__ {
        return Err(fail(".__numpy__", "expected true".to_owned()));
    }
    let WireContent { meta, data } = wire.array;
    let dtype = Dtype::from_json(&meta.dtype)
        .map_err(|error| fail(".array.meta.dtype", error.to_string()))?;
    let data = STANDARD
        .decode(data)
        .map_err(|error| fail(".array.data", format!("bad base64: {error}")))?;
    let layout = match (meta.scalar, meta.c_contiguous, meta.f_contiguous) {
        (true, ..) if meta.shape.is_empty() => Layout::Scalar,
        (true, ..) => {
            return Err(fail(
                ".array.meta.scalar",
                "a scalar has no axes".to_owned(),
            ));
        }
        (false, Some(false), Some(true)) => Layout::Fortran,
        (false, ..) => Layout::C,
    };
    let array = Array::new(dtype, meta.shape, layout, data)
        .map_err(|error| fail(".array", error.to_string()))?;
    match meta.size {
        Some(size) if size != array.len() => Err(fail(
            ".array.meta.size",
            format!("{size}, where the shape has {} elements", array.len()),
        )),
        _ => Ok(array),
    }
}

/// What is said of an array beside its data.
pub fn meta(array: &Array) -> Map<String, Json> {
    let one_order = array.has_one_order();
    let fortran = array.layout() == Layout::Fortran;
    let mut meta = Map::new();
    meta.insert("shape".to_owned(), array.shape().into());
    meta.insert("dtype".to_owned(), array.dtype().to_name());
    meta.insert("size".to_owned(), array.len().into());
    meta.insert("c_contiguous".to_owned(), (!fortran || one_order).into());
    meta.insert("f_contiguous".to_owned(), (fortran || one_order).into());
    if array.layout() == Layout::Scalar {
        meta.insert("scalar".to_owned(), true.into());
    }
    meta
}

/// Writes an array as an object.
pub fn encode(array: Array) -> Json {
    let mut content = Map::new();
    content.insert("meta".to_owned(), Json::Object(meta(&array)));
    content.insert("data".to_owned(), STANDARD.encode(array.data()).into());
    let mut members = Map::new();
    members.insert(ARRAY_TAG.to_owned(), true.into());
    members.insert("array".to_owned(), Json::Object(content));
    Json::Object(members)
}
