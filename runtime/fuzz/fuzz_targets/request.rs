//! A request in JSON: it reads or is refused, and as a frame it reads to the same or is refused in the same words.
#![no_main]

use libfuzzer_sys::fuzz_target;
use parallax_runtime::manifest::{Manifest, Request, read_frame, read_request};
use parallax_runtime::marshal::frame::{Buffer, Use, from_json};
use parallax_runtime::outcome::Failure;
use parallax_runtime::value::Value;

fuzz_target!(|request: &[u8]| {
    let plain = read_request(request);
    for intent in [Use::Copy, Use::InPlace] {
        let frame = from_json(request, intent);
        let framed = read_frame(Buffer::copy_of(&frame).expect("memory for a small frame"));
        match (&plain, &framed) {
            (Ok(plain), Ok(framed)) => {
                assert_eq!(plain.input_data, framed.input_data);
                assert!(params(plain).eq(params(framed)));
            }
            (Err(plain), Err(framed)) => assert_eq!(plain, framed),
            _ => panic!("{plain:?} but {framed:?}"),
        }
    }
});

/// Each node's parameters, which are decoded when the node is made.
fn params(request: &Request) -> impl Iterator<Item = Result<Vec<(String, Value)>, Failure>> {
    let Manifest {
        nodes, segments, ..
    } = &request.manifest;
    let nodes = nodes.iter().enumerate();
    nodes.map(move |(index, node)| node.decode_params(index, segments))
}
