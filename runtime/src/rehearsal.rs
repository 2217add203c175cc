//! What most cases do, done ahead until it needs nothing new.

use crate::executor::Executor;
use crate::manifest::Request;
use crate::marshal::frame::Buffer;
use crate::nodes::python::PythonHost;
use crate::outcome::{Failed, Failure, Success};
use crate::program::Service;

/// What executes a request.
type Run = fn(&mut Executor<PythonHost>, Request) -> Result<Success, Failed>;

/// So many interpreters are taken through the requests, one after the other.
const CASES: usize = 10;

/// The interpreter adapts code to what it meets; it is done with that when a function has run so often.
const ROUNDS: usize = 100;

/// The requests; the second one needs numpy.
const REQUESTS: [&str; 2] = [
    r#"{"manifest":{"version":"v1","metadata":{"name":"rehearsal"},"nodes":[{"id":"rehearsal","node_type":"_parallax_warm:Rehearsal"}],"connections":[]},"input_data":[null,true,1,0.5,"text",[0.25,"text"],{"key":[1]}]}"#,
    r#"{"manifest":{"version":"v1","metadata":{"name":"rehearsal"},"nodes":[{"id":"rehearsal","node_type":"_parallax_warm:Rehearsal","params":{"factor":0.5}}],"connections":[]},"input_data":[{"__numpy__":true,"array":{"meta":{"shape":[2],"dtype":"float64","size":2},"data":"AAAAAAAA4D8AAAAAAADwPw=="}}]}"#,
];

/// Has `service` answer requests of its own: symbols are bound, caches filled, and code is put together and adapted once, and not again in every copy.
///
/// # Errors
/// A case can't be begun, or the library isn't what it was when this was written.
pub fn rehearse(service: &mut Service, run: Run) -> Result<(), Failure> {
    for case in 0..CASES {
        if case == 0 || case == CASES / 2 {
            // The second time it knows what was rehearsed.
            service.pack()?;
        }
        service.rehearse(|service| {
            for request in REQUESTS {
                answer(service, request, run)?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

fn answer(service: &mut Service, request: &str, run: Run) -> Result<(), Failure> {
    for _ in 0..ROUNDS / CASES {
        service.resume()?;
        let Some(request) = Buffer::copy_of(request.as_bytes()) else {
            break;
        };
        let answer = service.answer(request, run);
        if answer.exit_code() != 0 {
            // There is no numpy.
            break;
        }
        // Nobody reads it, so it can't fail.
        let _ = answer.write(std::io::sink());
    }
    Ok(())
}
