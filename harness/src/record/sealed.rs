//! Lines of a record: one JSON object each, which says what it is in `event` and ends with a seal.

use std::io::Write;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};
use sha2::{Digest as _, Sha256};

/// What the seal of a line stands behind.
const SEAL: &str = ",\"seal\":\"";

/// The kind of line that a record begins with, and the version of its form.
#[derive(Clone, Copy)]
pub struct Form {
    pub first: &'static str,
    pub version: u64,
}

/// Writes one line, whole.
///
/// # Errors
/// Those of the writer.
pub fn write(
    mut writer: impl Write,
    form: Form,
    event: &str,
    row: &impl Serialize,
) -> std::io::Result<()> {
    let mut members = Map::new();
    members.insert("event".to_owned(), Json::from(event));
    if event == form.first {
        members.insert("format".to_owned(), Json::from(form.version));
    }
    if let Json::Object(own) = serde_json::to_value(row)? {
        members.extend(own);
    }
    let mut line = Json::Object(members).to_string();
    // The seal stands in the object, so that a line stays JSON.
    line.pop();
    let seal = seal(&line);
    line.push_str(&format!("{SEAL}{seal}\"}}\n"));
    writer.write_all(line.as_bytes())?;
    // A killed run keeps what it knew.
    writer.flush()
}

/// Shows that a line was edited; anybody can make a new one, so that it is no signature.
fn seal(line: &str) -> String {
    let digest = Sha256::digest(line);
    let hex = digest[..8].iter().map(|byte| format!("{byte:02x}"));
    hex.collect()
}

/// What a line says it is, and the rest of it. `kinds` are those that there are.
///
/// # Errors
/// The line is none of this form, or was edited.
pub fn open(
    line: &str,
    form: Form,
    kinds: &[&'static str],
) -> Result<(&'static str, Rest), String> {
    let Ok(Json::Object(mut members)) = serde_json::from_str(line) else {
        return Err("not a JSON object".to_owned());
    };
    let event = members.shift_remove("event");
    let event = event.as_ref().and_then(Json::as_str);
    let Some(kind) = kinds.iter().find(|kind| event == Some(kind)) else {
        return Err(format!("`event` is none of {}", kinds.join(", ")));
    };
    if *kind == form.first {
        let format = members.shift_remove("format");
        let format = format.and_then(|format| format.as_u64());
        if format != Some(form.version) {
            let found = format.map_or_else(|| "none".to_owned(), |format| format.to_string());
            return Err(format!(
                "format {found}, where this version reads {}; make the record anew",
                form.version
            ));
        }
    }
    members.shift_remove("seal");
    let sealed = line.rsplit_once(SEAL);
    match sealed.and_then(|(content, end)| Some((content, end.strip_suffix("\"}")?))) {
        Some((content, found)) if found == seal(content) => Ok((kind, Rest(members))),
        _ => Err("the line was edited: its seal is not that of its content".to_owned()),
    }
}

/// What a line holds besides its kind and its seal.
pub struct Rest(Map<String, Json>);

impl Rest {
    /// As what it is.
    ///
    /// # Errors
    /// It is something else.
    pub fn typed<T: DeserializeOwned>(self) -> Result<T, String> {
        serde_json::from_value(Json::Object(self.0)).map_err(|error| error.to_string())
    }
}
