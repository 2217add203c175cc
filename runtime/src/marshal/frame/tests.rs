//! What goes into a frame comes out of it, and what is no frame is refused with its place.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;
use crate::array::{Array, Dtype, Layout};
use crate::manifest::{read_frame, read_request};
use crate::marshal::json_base64::{self, tests::arrays};
use crate::outcome::{Document, GraphInfo, Success};
use crate::value::Value;

fn document(outputs: Vec<Value>) -> Document {
    Document::Success(Success {
        outputs,
        graph_info: GraphInfo {
            node_count: 1,
            source_count: 1,
            sink_count: 1,
            execution_order: vec!["a".to_owned()],
        },
        warnings: Vec::new(),
        printed: None,
        phases: None,
    })
}

fn request(items: &Json) -> Vec<u8> {
    json!({
        "manifest": {
            "version": "v1",
            "metadata": {"name": "t"},
            "nodes": [{"id": "a", "node_type": "Echo", "params": {"p": items}}],
            "connections": [],
        },
        "input_data": [items],
    })
    .to_string()
    .into_bytes()
}

fn buffer(bytes: &[u8]) -> Buffer {
    Buffer::copy_of(bytes).unwrap()
}

fn small(dtype: &str, shape: &[u64]) -> Array {
    let dtype: Dtype = dtype.parse().unwrap();
    let bytes = shape.iter().product::<u64>() * dtype.size().unwrap();
    Array::new(dtype, shape.to_vec(), Layout::C, vec![7; bytes as usize]).unwrap()
}

fn frame_of(arrays: &[Array]) -> Vec<u8> {
    let values = arrays.iter().cloned().map(Value::Array).collect();
    document(values).into_frame(Use::Copy).to_vec()
}

#[test]
fn a_segment_is_the_file_that_numpy_writes() {
    let array = Array::new("<i2".parse().unwrap(), vec![2], Layout::C, vec![1, 0, 2, 0]).unwrap();
    let frame = frame_of(&[array]);
    let mut expected =
        b"\x93NUMPY\x01\x00\x76\x00{'descr': '<i2', 'fortran_order': False, 'shape': (2,), }"
            .to_vec();
    expected.resize(127, b' ');
    expected.extend_from_slice(b"\n\x01\x00\x02\x00");
    assert!(frame.ends_with(&expected));
    assert_eq!((frame.len() - expected.len()) % ALIGNMENT, 0);
}

#[test]
fn a_request_without_arrays_travels_as_it_is() {
    for text in ["", "\u{feff}{", "{\"a\" : 1e999}", "[NaN]"] {
        let frame = from_json(text.as_bytes(), Use::Copy);
        assert!(frame.ends_with(text.as_bytes()));
        let plain = read_request(text.as_bytes()).unwrap_err();
        assert_eq!(read_frame(buffer(&frame)).unwrap_err(), plain);
    }
    let bytes = b"\xff\xfe";
    assert!(from_json(bytes, Use::InPlace).ends_with(bytes));
}

#[test]
fn an_array_that_is_wrong_is_refused_in_the_same_words() {
    let right = json!({"__numpy__": true, "array": {"meta": {"shape": [1], "dtype": "int8"}, "data": "AQ=="}});
    let mut short = right.clone();
    short["array"]["data"] = json!("");
    let mut unknown = right.clone();
    unknown["array"]["meta"]["dtype"] = json!("|O");
    let reference = json!({"__numpy__": true, "array": {"segment": 0}});
    let deep = (0..101).fold(right.clone(), |inner, _| json!([inner]));
    for wrong in [short, unknown, reference, deep, json!({"__numpy__": 1})] {
        let request = request(&json!([right, {"x": wrong}]));
        let plain = read_request(&request).unwrap_err();
        for intent in [Use::Copy, Use::InPlace] {
            let frame = from_json(&request, intent);
            assert_eq!(read_frame(buffer(&frame)).unwrap_err(), plain);
        }
    }
}

/// The fuzz target `request` fails where, beside an array that was moved, one of these is taken for a reference to it.
#[test]
fn what_looks_like_a_reference_anywhere_is_refused_in_the_same_words() {
    let array = json!({"__numpy__": true, "array": {"meta": {"shape": [1], "dtype": "int8"}, "data": "AQ=="}});
    let reference = json!({"__numpy__": true, "array": {"segment": 0}});
    let right: Json = serde_json::from_slice(&request(&array)).unwrap();
    let mut unknown_key = right.clone();
    unknown_key["extra"] = reference.clone();
    let mut name = right.clone();
    name["manifest"]["metadata"]["name"] = reference.clone();
    let mut requests = vec![unknown_key, name];
    for item in [
        json!({"__parallax__": "float", "value": reference}),
        json!({"__parallax__": "map", "items": [[reference, 1]]}),
        json!({"__parallax__": "float", "__numpy__": true, "array": {"segment": 0}}),
        json!({"__numpy__": true, "array": {"meta": reference, "data": ""}}),
    ] {
        let mut wrong = right.clone();
        wrong["input_data"][0] = json!([array, item]);
        requests.push(wrong);
    }
    for request in requests {
        let request = request.to_string().into_bytes();
        let plain = read_request(&request).unwrap_err();
        for intent in [Use::Copy, Use::InPlace] {
            let frame = from_json(&request, intent);
            assert_eq!(read_frame(buffer(&frame)).unwrap_err(), plain);
        }
    }
}

#[test]
fn what_is_used_in_place_is_not_copied() {
    let request = request(&json_base64::encode(Value::Array(small("<f8", &[3, 4]))));
    let frame = buffer(&from_json(&request, Use::InPlace));
    let memory = frame.as_ptr_range();
    let request = read_frame(frame).unwrap();
    let Some([Value::Array(array)]) = request.input_data.as_deref() else {
        panic!("not an array");
    };
    let data = array.data();
    assert!(memory.contains(&data.as_ptr()));
    assert_eq!(data.as_ptr().align_offset(ALIGNMENT), 0);
    let data = data.as_ptr();
    let outputs = request.input_data.unwrap();
    let parts = document(outputs).into_frame(Use::InPlace);
    assert!(parts.pieces().any(|piece| piece.as_ptr() == data));
}

#[track_caller]
fn check_broken(change: impl FnOnce(&mut Vec<u8>), expected: &str) {
    let mut frame = frame_of(&[small("<f8", &[2]), small("|u1", &[3])]);
    change(&mut frame);
    let error = Document::parse_frame(&frame).unwrap_err();
    assert_eq!(error, expected);
}

/// Replaces text of the same length.
fn replace(frame: &mut [u8], from: &str, to: &str) {
    assert_eq!(from.len(), to.len());
    let at = frame
        .windows(from.len())
        .position(|window| window == from.as_bytes());
    frame[at.unwrap()..][..to.len()].copy_from_slice(to.as_bytes());
}

#[test]
fn what_is_no_frame_is_refused_with_its_place() {
    check_broken(
        |frame| frame[8] = 9,
        "the frame is broken at byte 8: it has version 9, known is 1",
    );
    check_broken(
        |frame| frame[10] = 2,
        "the frame is broken at byte 10: the use 2 is neither 0 (copy) nor 1 (in place)",
    );
    check_broken(
        |frame| frame[12..16].fill(0xff),
        "the frame is broken at byte 12: it is too short for 4294967295 segments",
    );
    check_broken(
        |frame| frame.push(0),
        "the frame is broken at byte 24: it tells of 643 bytes, found 644",
    );
    check_broken(
        |frame| frame[16..24].fill(0xff),
        "the frame is broken at byte 16: the header has 18446744073709551615 bytes, where 595 are left",
    );
    check_broken(
        |frame| frame[40] = 132,
        "the frame is broken at byte 40: segment 1 has 132 bytes, where 131 are left",
    );
    check_broken(
        |frame| frame[40] = 130,
        "the frame is broken at byte 642: 1 bytes belong to no segment",
    );
    check_broken(
        |frame| replace(frame, "(3,)", "(4,)"),
        "the frame is broken at byte 640: segment 1: shape [4] of |u1 takes 4 bytes, found 3",
    );
    check_broken(
        |frame| replace(frame, "'<f8'", "'<f9'"),
        "the frame is broken at byte 340: segment 0: dtype \"<f9\" is not known",
    );
    check_broken(
        |frame| replace(frame, "NUMPY\u{1}\0v", "NUMPY\u{1}\0u"),
        "the frame is broken at byte 328: segment 0: its data begins at 127, which is no multiple of 64",
    );
    check_broken(
        |frame| replace(frame, "\"segment\":1", "\"segment\":0"),
        "document.outputs[1].array.segment: segment 0 is referred to twice",
    );
    check_broken(
        |frame| replace(frame, "\"segment\":1", "\"segment\":2"),
        "document.outputs[1].array.segment: 2, where the frame has 2 segments",
    );
    check_broken(
        |frame| replace(frame, "{\"segment\":1}", "[\"segment\",1]"),
        "document: nothing refers to segment 1 of the frame",
    );
}

/// What both ways of reading a frame make of it, which must be the same.
#[track_caller]
fn read_both_ways(frame: &[u8]) -> Result<Frame, FrameError> {
    let copied = Frame::read_copy(frame);
    let mut in_place = frame.to_vec();
    // `Frame::read` copies, too, where the frame asks for that.
    if let Some(intent @ [0, 0]) = in_place.get_mut(wire::INTENT) {
        intent[0] = 1;
    }
    let in_place = Frame::read(buffer(&in_place));
    assert_eq!(format!("{copied:?}"), format!("{in_place:?}"));
    copied
}

/// Found by the fuzz target `npy`: read in place, it was refused at another byte.
#[test]
fn a_segment_of_an_unknown_version_is_refused_alike_by_both_uses() {
    let mut frame = frame_of(&[small("<f8", &[2])]);
    replace(&mut frame, "NUMPY\u{1}\0", "NUMPY':");
    let error = read_both_ways(&frame).unwrap_err();
    assert!(
        error.message.ends_with(".npy version 39.58 is not known"),
        "{error}"
    );
}

/// The fuzz target `frame` fails where one use names another segment than the other.
#[test]
fn of_several_broken_segments_both_uses_name_the_first() {
    let mut frame = frame_of(&[small("<f8", &[2]), small("|u1", &[3])]);
    replace(&mut frame, "'<f8'", "'<f9'");
    replace(&mut frame, "'|u1'", "'|u2'");
    let error = read_both_ways(&frame).unwrap_err();
    assert!(error.message.starts_with("segment 0: "), "{error}");
}

#[test]
fn a_frame_cut_anywhere_is_refused() {
    let whole = frame_of(&[small("<f8", &[2]), small("<U2", &[])]);
    for end in 0..whole.len() {
        assert!(Document::parse_frame(&whole[..end]).is_err(), "{end}");
        assert!(read_both_ways(&whole[..end]).is_err(), "{end}");
    }
}

/// Every dtype there is.
fn dtypes() -> Vec<Json> {
    let mut all: Vec<Json> = ["|b1", "|i1", "|u1", "|S0", "|S5", "|V3"]
        .map(Json::from)
        .to_vec();
    for code in [
        "i2", "i4", "i8", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16", "M8[ns]", "m8[25s]",
        "M8", "U0", "U3",
    ] {
        all.push(format!("<{code}").into());
        all.push(format!(">{code}").into());
    }
    all.push(json!([
        ["a'\"\\\u{e9}\n", "<i4"],
        ["", "|V4"],
        ["b", ">f8", [2, 1]],
        ["c", [["d", "<U2", [3]]]]
    ]));
    all
}

#[test]
fn every_dtype_rank_and_layout_survives_every_form() {
    for dtype in dtypes() {
        let dtype = Dtype::from_json(&dtype).unwrap();
        for rank in 0..6usize {
            for layout in [Layout::C, Layout::Fortran, Layout::Scalar] {
                if layout == Layout::Scalar && rank > 0 {
                    continue;
                }
                for shape in [[2, 3, 1, 2, 2], [2, 0, 3, 1, 1]] {
                    let shape = &shape[..rank];
                    let bytes = shape.iter().product::<u64>() * dtype.size().unwrap();
                    let data: Vec<u8> = (0..bytes).map(|index| (index * 37) as u8).collect();
                    let array = Array::new(dtype.clone(), shape.to_vec(), layout, data).unwrap();
                    let sent = document(vec![Value::Array(array)]);
                    for intent in [Use::Copy, Use::InPlace] {
                        let frame = sent.clone().into_frame(intent).to_vec();
                        assert_eq!(Document::parse_frame(&frame).as_ref(), Ok(&sent));
                        let parts = sent.clone().into_frame(intent);
                        let pieces = parts.pieces().map(<[u8]>::to_vec).map(Data::from);
                        let read = Document::read_pieces(pieces.collect());
                        assert_eq!(read.as_ref(), Ok(&sent));
                    }
                    let mut text = Vec::new();
                    sent.write(&mut text).unwrap();
                    let json = serde_json::from_slice(&text).unwrap();
                    assert_eq!(Document::parse(json).as_ref(), Ok(&sent));
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn a_request_is_the_same_in_every_form(items in prop::collection::vec(arrays(), 0..4)) {
        let items = Value::List(items.into_iter().map(Value::Array).collect());
        let request = request(&json_base64::encode(items));
        let plain = read_request(&request).unwrap();
        for intent in [Use::Copy, Use::InPlace] {
            let read = read_frame(buffer(&from_json(&request, intent))).unwrap();
            prop_assert_eq!(&read.input_data, &plain.input_data);
            let params = |request: &crate::manifest::Request| {
                let manifest = &request.manifest;
                manifest.nodes[0].decode_params(0, &manifest.segments).unwrap()
            };
            prop_assert_eq!(params(&read), params(&plain));
        }
    }

    #[test]
    fn a_frame_with_any_byte_changed_never_panics(at in 0usize..900, byte: u8, cut in 0usize..900) {
        let mut frame = frame_of(&[small("<f8", &[2]), small(">U2", &[2, 1])]);
        let end = frame.len();
        frame[at % end] = byte;
        frame.truncate(end - cut % 3);
        // Either it reads, or it says where it doesn't.
        let _ = Document::parse_frame(&frame);
        let _ = read_both_ways(&frame);
        let _ = read_frame(buffer(&frame));
    }

    #[test]
    fn a_frame_in_pieces_is_read_as_the_whole_is(
        cuts in prop::collection::vec(0usize..1000, 0..6),
        as_written: bool,
        at in 0usize..900,
        byte in prop::option::of(any::<u8>()),
    ) {
        let arrays = ["<f8", ">U2", "|S3"].map(|dtype| Value::Array(small(dtype, &[2])));
        let parts = document(arrays.into()).into_frame(Use::InPlace);
        let mut whole = parts.to_vec();
        if let Some(byte) = byte {
            let end = whole.len();
            whole[at % end] = byte;
        }
        let mut ends: Vec<usize> = if as_written {
            let lengths = parts.pieces().map(<[u8]>::len);
            lengths.scan(0, |end, length| { *end += length; Some(*end) }).collect()
        } else {
            cuts.into_iter().map(|cut| cut % whole.len()).collect()
        };
        ends.push(whole.len());
        ends.sort();
        let mut start = 0;
        let pieces = ends.iter().map(|&end| {
            Data::from(whole[std::mem::replace(&mut start, end)..end].to_vec())
        });
        let read = Document::read_pieces(pieces.collect());
        prop_assert_eq!(read.ok(), Document::parse_frame(&whole).ok());
    }

    #[test]
    fn no_text_makes_the_header_parser_panic(text in "\\{'descr': ('[<|>][a-zA-Z][0-9]{1,3}'|\\[\\('.{0,3}', '<f8'(, \\([0-9, ]*\\))?\\)\\]), 'fortran_order': (True|False), 'shape': \\([0-9, ]{0,8}\\), \\} *\n?") {
        for version in 1..4u8 {
            let mut bytes = b"\x93NUMPY".to_vec();
            bytes.extend_from_slice(&[version, 0]);
            let start = if version == 1 { 10 } else { 12 };
            let end = (start + text.len()).next_multiple_of(ALIGNMENT);
            bytes.extend_from_slice(&((end - start) as u32).to_le_bytes()[..start - 8]);
            bytes.extend_from_slice(text.as_bytes());
            bytes.resize(end, b' ');
            let _ = npy::read_header(&bytes);
        }
    }
}
