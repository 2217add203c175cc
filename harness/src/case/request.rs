//! A case as the bytes that every leg receives.

use parallax_runtime::marshal::json_base64;
use serde_json::{Map, Value as Json, json};

use super::Case;
use crate::error::Problem;
use crate::generate::generate;

/// The exact bytes that every leg receives.
///
/// # Errors
/// The case asks for generated inputs, but its manifest is no JSON that could take them.
pub fn request(case: &Case) -> Result<Vec<u8>, Problem> {
    if case.inputs.is_empty() {
        return Ok(case.manifest.clone());
    }
    let mut envelope = envelope(case)?;
    if let Some(Json::Array(items)) = envelope.get_mut("input_data") {
        items.extend(case.inputs.iter().map(generate).map(json_base64::encode));
    }
    Ok(Json::Object(envelope).to_string().into_bytes())
}

/// The request with an option of the envelope, such as `timed`; nothing, where it is no request that could have one.
pub fn asking(request: &[u8], option: &str) -> Option<Vec<u8>> {
    let mut envelope = match serde_json::from_slice(request).ok()? {
        Json::Object(members) if members.contains_key("manifest") => members,
        manifest @ Json::Object(_) => Map::from_iter([("manifest".to_owned(), manifest)]),
        _ => return None,
    };
    envelope.insert(option.to_owned(), json!(true));
    Some(Json::Object(envelope).to_string().into_bytes())
}

/// The request with all its items once more, this many times; nothing, where it has none.
pub fn repeating(request: &[u8], times: usize) -> Option<Vec<u8>> {
    let Json::Object(mut envelope) = serde_json::from_slice(request).ok()? else {
        return None;
    };
    let Json::Array(items) = envelope.get_mut("input_data")? else {
        return None;
    };
    let all = vec![items.as_slice(); times + 1].concat();
    if items.len() == all.len() {
        return None;
    }
    *items = all;
    Some(Json::Object(envelope).to_string().into_bytes())
}

/// Says whether the request can be made, without making its inputs.
///
/// # Errors
/// Those of [`request`].
pub fn check(case: &Case) -> Result<(), Problem> {
    if case.inputs.is_empty() {
        return Ok(());
    }
    envelope(case).map(drop)
}

/// The manifest in an envelope whose `input_data` is a list.
fn envelope(case: &Case) -> Result<Map<String, Json>, Problem> {
    let cannot = |why: &str| {
        Problem::usage(format!("{}: inputs can't be added: {why}", case.id))
            .hint("[[input]] needs a manifest, or an envelope whose input_data is a list")
    };
    let document: Json = serde_json::from_slice(&case.manifest)
        .map_err(|error| cannot(&format!("the manifest is not JSON: {error}")))?;
    let document = if document.get("manifest").is_some() {
        document
    } else {
        json!({"manifest": document, "input_data": []})
    };
    let Json::Object(mut members) = document else {
        return Err(cannot("the manifest is not an object"));
    };
    let items = members.entry("input_data").or_insert_with(|| json!([]));
    if !items.is_array() {
        return Err(cannot("input_data is not a list"));
    }
    Ok(members)
}
