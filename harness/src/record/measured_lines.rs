//! What `cost --json` has written, read back: one measurement a line.

use std::io::BufRead;

use super::lines::RecordError;
use super::measurement::Measurement;

/// Reads every measurement.
///
/// # Errors
/// A line is no measurement, has too few legs to compare, or other legs than the first; or the last one has no end.
pub fn read(mut reader: impl BufRead) -> Result<Vec<Measurement>, RecordError> {
    let mut found: Vec<Measurement> = Vec::new();
    for line in 1.. {
        let mut bytes = Vec::new();
        reader.read_until(b'\n', &mut bytes)?;
        if bytes.is_empty() {
            break;
        }
        let refuse = |reason: String| RecordError::Line { line, reason };
        if bytes.pop() != Some(b'\n') {
            return Err(refuse(
                "it has no end: whatever wrote it was killed".to_owned(),
            ));
        }
        let measurement: Measurement =
            serde_json::from_slice(&bytes).map_err(|error| refuse(error.to_string()))?;
        let names = names(&measurement);
        if names.len() < 2 {
            return Err(refuse("a measurement has two legs or more".to_owned()));
        }
        match found.first().map(self::names) {
            Some(first) if first != names => {
                let [names, first] = [names, first].map(|names| names.join(", "));
                return Err(refuse(format!(
                    "legs {names}, where the first line has {first}"
                )));
            }
            _ => found.push(measurement),
        }
    }
    Ok(found)
}

fn names(measurement: &Measurement) -> Vec<&str> {
    let legs = measurement.legs.iter();
    legs.map(|leg| leg.leg.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"case":"a","quantity":"whole","legs":[{"leg":"x","rounds":[[1]]},{"leg":"y","rounds":[[2]]}]}"#;

    #[test]
    fn measurements_are_read_back() {
        let text = format!("{LINE}\n{LINE}\n");
        let found = read(text.as_bytes()).expect("two measurements");
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].legs[1].rounds, [[2]]);
        assert_eq!(read(&b""[..]).expect("none"), []);
    }

    #[test]
    fn what_is_no_measurement_is_refused_with_its_line() {
        for (text, expected) in [
            (
                format!("{LINE}\n{{}}\n"),
                "line 2: missing field `case` at line 1 column 2",
            ),
            (
                format!("{LINE}\n{LINE}"),
                "line 2: it has no end: whatever wrote it was killed",
            ),
            (
                format!("{}\n", LINE.replace(r#",{"leg":"y","rounds":[[2]]}"#, "")),
                "line 1: a measurement has two legs or more",
            ),
            (
                format!("{LINE}\n{}\n", LINE.replace("\"y\"", "\"z\"")),
                "line 2: legs x, z, where the first line has x, y",
            ),
        ] {
            let error = read(text.as_bytes()).expect_err(&text);
            assert_eq!(error.to_string(), expected);
        }
    }
}
