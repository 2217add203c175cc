//! Any bytes as a frame: both uses read it alike, also where it lies in pieces, and a document that reads is written to a frame that reads to the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use parallax_runtime::array::Data;
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
        let pieces = Frame::read_pieces(pieces(&in_place)).map(|frame| format!("{frame:?}"));
        let in_place = Frame::read(buffer(&in_place)).map(|frame| format!("{frame:?}"));
        assert_eq!(copied, in_place);
        assert_eq!(copied, pieces);
    }
    if let Ok(document) = Document::parse_frame(&frame) {
        let again = document.clone().into_frame(Use::InPlace).to_vec();
        assert_eq!(Document::parse_frame(&again), Ok(document));
    }
});

/// The frame cut where an executor would cut it, as far as what it says of itself can be followed.
fn pieces(frame: &[u8]) -> Vec<Data> {
    let long = |at: usize| {
        let bytes = frame.get(at..)?.first_chunk()?;
        usize::try_from(u64::from_le_bytes(*bytes)).ok()
    };
    let count = frame.get(12..16).map_or(0, |count| usize::from(count[0]));
    let mut end = long(16).and_then(|header| (32 + 8 * count).checked_add(header));
    let mut cuts = vec![0];
    cuts.extend(end);
    for index in 0..count {
        let start = end.and_then(|end| end.checked_next_multiple_of(64));
        let text = start.and_then(|start| frame.get(start.checked_add(8)?..)?.first_chunk());
        let head = text.map_or(0, |text| 10 + usize::from(u16::from_le_bytes(*text)));
        end = start.and_then(|start| start.checked_add(long(32 + 8 * index)?));
        cuts.extend(start.map(|start| start + head));
        cuts.extend(end);
    }
    cuts.push(frame.len());
    for cut in &mut cuts {
        *cut = (*cut).min(frame.len());
    }
    cuts.sort();
    let piece = |cut: &[usize]| Data::from(frame[cut[0]..cut[1]].to_vec());
    let mut pieces: Vec<Data> = cuts.windows(2).map(piece).collect();
    if pieces.last().is_some_and(|last| last.is_empty()) {
        pieces.pop();
    }
    pieces
}
