//! A request in JSON to the same request as a frame.

use serde_json::{Map, Value as Json};

use super::{Use, Writer};
use crate::marshal::json_base64::{ARRAY_TAG, Path, TAG, decode_array};

/// Moves the arrays of a request into segments.
///
/// A request that isn't JSON travels as it is, so that it is refused in the same words.
/// So does an array whose JSON is wrong, and a request whose text looks like a reference to a segment.
pub fn from_json(request: &[u8], intent: Use) -> Vec<u8> {
    match moved(request, intent) {
        Some((header, writer)) => writer.finish(header.as_bytes()).to_vec(),
        None => Writer::new(intent).finish(request).to_vec(),
    }
}

/// The header and the arrays; `None` where there are no arrays that could be moved.
fn moved(request: &[u8], intent: Use) -> Option<(String, Writer)> {
    let mut document: Json = serde_json::from_slice(request).ok()?;
    let mut writer = Writer::new(intent);
    move_arrays(&mut document, &mut writer).ok()?;
    (!writer.is_empty()).then(|| (document.to_string(), writer))
}

/// The text has, in a place for an array, what means something else in a frame.
struct Ambiguous;

/// Arrays stand in the items and in the nodes' parameters; anything else is read as other types.
fn move_arrays(document: &mut Json, writer: &mut Writer) -> Result<(), Ambiguous> {
    if let Some(Json::Array(items)) = document.get_mut("input_data") {
        items
            .iter_mut()
            .try_for_each(|item| move_from(item, writer))?;
    }
    let manifest = if document.get("manifest").is_some() {
        &mut document["manifest"]
    } else {
        document
    };
    let Some(Json::Array(nodes)) = manifest.get_mut("nodes") else {
        return Ok(());
    };
    for node in nodes {
        if let Some(Json::Object(params)) = node.get_mut("params") {
            params
                .values_mut()
                .try_for_each(|value| move_from(value, writer))?;
        }
    }
    Ok(())
}

fn move_from(json: &mut Json, writer: &mut Writer) -> Result<(), Ambiguous> {
    match json {
        Json::Array(items) => items
            .iter_mut()
            .try_for_each(|item| move_from(item, writer)),
        Json::Object(members) if members.contains_key(TAG) => {
            // Of the tagged forms only a map holds values.
            let Some(Json::Array(pairs)) = members.get_mut("items") else {
                return Ok(());
            };
            pairs.iter_mut().try_for_each(|pair| match pair.get_mut(1) {
                Some(value) => move_from(value, writer),
                None => Ok(()),
            })
        }
        Json::Object(members) if members.contains_key(ARRAY_TAG) => {
            if members
                .get("array")
                .is_some_and(|array| array.get("segment").is_some())
            {
                return Err(Ambiguous);
            }
            let path = Path::Root("");
            if let Ok(array) = decode_array(members.clone(), path) {
                *members = Map::new();
                *json = writer.array(array);
            }
            Ok(())
        }
        Json::Object(members) => members
            .values_mut()
            .try_for_each(|member| move_from(member, writer)),
        _ => Ok(()),
    }
}
