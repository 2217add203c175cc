//! A request in JSON to the same request as a frame.

use serde_json::{Map, Value as Json};

use super::segments::has_reference;
use super::wire::Use;
use super::writer::Writer;
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
    // A receiver of segments takes for a reference what looks like one, wherever it stands.
    if has_reference(&document) {
        return None;
    }
    let mut writer = Writer::new(intent);
    move_arrays(&mut document, &mut writer);
    (!writer.is_empty()).then(|| (document.to_string(), writer))
}

/// Arrays stand in the items and in the nodes' parameters; anything else is read as other types.
fn move_arrays(document: &mut Json, writer: &mut Writer) {
    if let Some(Json::Array(items)) = document.get_mut("input_data") {
        items.iter_mut().for_each(|item| move_from(item, writer));
    }
    let manifest = if document.get("manifest").is_some() {
        &mut document["manifest"]
    } else {
        document
    };
    let Some(Json::Array(nodes)) = manifest.get_mut("nodes") else {
        return;
    };
    for node in nodes {
        if let Some(Json::Object(params)) = node.get_mut("params") {
            params
                .values_mut()
                .for_each(|value| move_from(value, writer));
        }
    }
}

fn move_from(json: &mut Json, writer: &mut Writer) {
    match json {
        Json::Array(items) => items.iter_mut().for_each(|item| move_from(item, writer)),
        Json::Object(members) if members.contains_key(TAG) => {
            // Of the tagged forms only a map holds values.
            if let Some(Json::Array(pairs)) = members.get_mut("items") {
                pairs
                    .iter_mut()
                    .filter_map(|pair| pair.get_mut(1))
                    .for_each(|value| move_from(value, writer));
            }
        }
        Json::Object(members) if members.contains_key(ARRAY_TAG) => {
            let path = Path::Root("");
            if let Ok(array) = decode_array(members.clone(), path) {
                *members = Map::new();
                *json = writer.array(array);
            }
        }
        Json::Object(members) => members
            .values_mut()
            .for_each(|member| move_from(member, writer)),
        _ => {}
    }
}
