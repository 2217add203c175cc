//! Any bytes as the one segment of a frame.
#![no_main]

use libfuzzer_sys::fuzz_target;
use parallax_runtime::marshal::frame::{Buffer, Frame, MAGIC};

fuzz_target!(|segment: &[u8]| {
    // The header is padded, so that the segment follows it at once.
    let header = format!("{:24}", r#"{"a":0}"#);
    let mut frame = MAGIC.to_vec();
    frame.extend_from_slice(&[1, 0, 1, 0, 1, 0, 0, 0]);
    frame.extend_from_slice(&(header.len() as u64).to_le_bytes());
    frame.extend_from_slice(&(64 + segment.len() as u64).to_le_bytes());
    frame.extend_from_slice(&(segment.len() as u64).to_le_bytes());
    frame.extend_from_slice(header.as_bytes());
    frame.extend_from_slice(segment);
    let copied = Frame::read_copy(&frame).map(|frame| format!("{frame:?}"));
    let buffer = Buffer::copy_of(&frame).expect("memory for a small frame");
    let in_place = Frame::read(buffer).map(|frame| format!("{frame:?}"));
    assert_eq!(copied, in_place);
});
