//! Any bytes as a frame: a document that reads is written to a frame that reads to the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use parallax_runtime::manifest::read_frame;
use parallax_runtime::marshal::frame::{Buffer, Use};
use parallax_runtime::outcome::Document;

fuzz_target!(|frame: &[u8]| {
    // The rest of the preamble decides more often than the magic does.
    let mut frame = frame.to_vec();
    if let Some(total) = frame.get(24..32) {
        let told = total.iter().all(|&byte| byte == 0);
        let length = (frame.len() as u64).to_le_bytes();
        if told {
            frame[24..32].copy_from_slice(&length);
        }
    }
    let buffer = Buffer::copy_of(&frame).expect("memory for a small frame");
    let _ = read_frame(buffer);
    if let Ok(document) = Document::parse_frame(&frame) {
        let again = document.clone().into_frame(Use::InPlace).to_vec();
        assert_eq!(Document::parse_frame(&again), Ok(document));
    }
});
