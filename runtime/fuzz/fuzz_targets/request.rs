//! A request in JSON: it reads or is refused, and as a frame it reads to the same or is refused in the same words.
#![no_main]

use libfuzzer_sys::fuzz_target;
use parallax_runtime::manifest::{read_frame, read_request};
use parallax_runtime::marshal::frame::{Buffer, Use, from_json};

fuzz_target!(|request: &[u8]| {
    let plain = read_request(request);
    for intent in [Use::Copy, Use::InPlace] {
        let frame = from_json(request, intent);
        let framed = read_frame(Buffer::copy_of(&frame).expect("memory for a small frame"));
        match (&plain, &framed) {
            (Ok(plain), Ok(framed)) => assert_eq!(plain.input_data, framed.input_data),
            (Err(plain), Err(framed)) => assert_eq!(plain, framed),
            _ => panic!("{plain:?} but {framed:?}"),
        }
    }
});
