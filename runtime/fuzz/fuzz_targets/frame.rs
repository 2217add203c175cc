//! Any bytes as a frame: both uses read it alike, and a document that reads is written to a frame that reads to the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use parallax_runtime::manifest::read_frame;
use parallax_runtime::marshal::frame::{Buffer, Frame, Use};
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
    let buffer = |frame: &[u8]| Buffer::copy_of(frame).expect("memory for a small frame");
    let _ = read_frame(buffer(&frame));
    if let Some([0 | 1, 0]) = frame.get(10..12) {
        let copied = Frame::read_copy(&frame).map(|frame| format!("{frame:?}"));
        let mut in_place = frame.clone();
        in_place[10] = 1;
        let in_place = Frame::read(buffer(&in_place)).map(|frame| format!("{frame:?}"));
        assert_eq!(copied, in_place);
    }
    if let Ok(document) = Document::parse_frame(&frame) {
        let again = document.clone().into_frame(Use::InPlace).to_vec();
        assert_eq!(Document::parse_frame(&again), Ok(document));
    }
});
