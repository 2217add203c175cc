//! Arrays on their way to the guest and back, in every form that is measured.

use std::path::{Path, PathBuf};
use std::time::Duration;

use parallax_harness::case::{Exact, Limits};
use parallax_harness::error::Problem;
use parallax_harness::executor::Job;
use parallax_harness::executor::wasm::CopyExecutor;
use parallax_harness::outcome::Ending;
use parallax_runtime::array::{Array, Kind, Layout};
use parallax_runtime::marshal::{Transport, json_base64};
use parallax_runtime::value::Value;
use serde_json::json;

use crate::place::root;
use crate::stop::Stop;

/// What an element is: its name in a benchmark's id, and its dtype.
pub const DTYPES: [(&str, &str); 5] = [
    ("uint8", "|u1"),
    ("float32", "<f4"),
    ("float64", "<f8"),
    ("complex128", "<c16"),
    ("U8", "<U8"),
];

/// How an array's elements stand, and what the node does with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// In C order, there and back.
    C,
    /// In Fortran order, there and back.
    Fortran,
    /// There in C order, and back as a view with a negative stride: no other form of an array can be strided, as all are contiguous on the way.
    Strided,
    /// There in C order, and nothing back but a number.
    Taken,
}

impl Form {
    pub fn name(self) -> &'static str {
        match self {
            Form::C | Form::Taken => "C",
            Form::Fortran => "F",
            Form::Strided => "strided",
        }
    }

    /// How often each byte crosses the boundary.
    pub fn crossings(self) -> u64 {
        match self {
            Form::Taken => 1,
            _ => 2,
        }
    }

    fn class(self) -> &'static str {
        match self {
            Form::C | Form::Fortran => "Same",
            Form::Strided => "Reversed",
            Form::Taken => "Taken",
        }
    }
}

/// Two copies of a row have this many rows, so that C and Fortran order are two orders.
const ROWS: usize = 2;

/// An array of so many bytes, of two axes but for the strided form; none where the elements have only one order.
///
/// # Errors
/// They can't be put together as an array.
pub fn array(dtype: &str, form: Form, bytes: usize) -> Result<Option<Array>, Problem> {
    let failed = |error: &dyn std::fmt::Display| Problem::environment(format!("no array: {error}"));
    let dtype: parallax_runtime::array::Dtype = dtype.parse().map_err(|error| failed(&error))?;
    let size = usize::try_from(dtype.size().unwrap_or(1)).unwrap_or(1);
    let count = bytes / size;
    let shape = match form {
        Form::Strided => vec![count as u64],
        _ => vec![ROWS as u64, (count / ROWS) as u64],
    };
    let layout = match form {
        Form::Fortran => Layout::Fortran,
        _ => Layout::C,
    };
    let data = elements(&dtype, bytes);
    let array = Array::new(dtype, shape, layout, data).map_err(|error| failed(&error))?;
    let kept = form != Form::Fortran || array.layout() == Layout::Fortran;
    Ok(kept.then_some(array))
}

/// Bytes of elements that go up, and begin again: letters for texts, whole numbers for floats.
fn elements(dtype: &parallax_runtime::array::Dtype, bytes: usize) -> Vec<u8> {
    use parallax_runtime::array::Dtype;
    let number = |index: usize| (index % 1_000_003) as f64;
    let mut data = Vec::with_capacity(bytes);
    let kind_and_size = match dtype {
        Dtype::Plain { kind, size, .. } => Some((*kind, *size)),
        Dtype::Record(_) => None,
    };
    let mut index = 0;
    while data.len() < bytes {
        match kind_and_size {
            Some((Kind::Float, 4)) => data.extend((number(index) as f32).to_le_bytes()),
            Some((Kind::Float | Kind::Complex, _)) => data.extend(number(index).to_le_bytes()),
            Some((Kind::Unicode, _)) => {
                data.extend((u32::from(b'a') + (index % 26) as u32).to_le_bytes());
            }
            _ => data.push((index % 251) as u8),
        }
        index += 1;
    }
    data
}

/// An array that travels again and again.
pub struct Travel {
    request: Vec<u8>,
    transport: Transport,
    node_path: PathBuf,
    limits: Limits,
    /// What has to come back; nothing where it is a number.
    expected: Option<Array>,
    bytes: usize,
}

impl Travel {
    /// # Errors
    /// The array can't be put together.
    pub fn new(array: Array, form: Form, transport: Transport) -> Result<Self, Problem> {
        let bytes = array.byte_count();
        let expected = match form {
            Form::C | Form::Fortran => Some(array.clone()),
            Form::Strided => Some(reversed(&array)?),
            Form::Taken => None,
        };
        let request = json!({
            "manifest": {
                "version": "v1",
                "metadata": {"name": "carried"},
                "nodes": [{"id": "carried", "node_type": format!("carried:{}", form.class())}],
                "connections": [],
            },
            "input_data": [json_base64::encode(Value::Array(array))],
        });
        Ok(Travel {
            request: transport.carry(request.to_string().into_bytes()),
            transport,
            node_path: node_path(),
            limits: Limits {
                memory: 2 << 30,
                output: 256 << 20,
                ..Limits::default()
            },
            expected,
            bytes,
        })
    }

    /// From the request in the host's memory to the answer there, in the form in which it travels; the answer is held against what was sent.
    ///
    /// # Errors
    /// Something else came back, or the case can't be run.
    pub fn time(&self, executor: &CopyExecutor) -> Result<Duration, Stop> {
        let job = Job {
            request: &self.request,
            transport: self.transport,
            node_path: &self.node_path,
            limits: &self.limits,
            exact: Exact::default(),
        };
        let (answer, live) = executor.run_and_keep(job)?;
        let came = match &answer.outcome.ending {
            Ending::Returned { outputs, .. } => match (&outputs[..], &self.expected) {
                ([Value::Array(array)], Some(expected)) => array == expected,
                ([Value::Int(count)], None) => usize::try_from(*count) == Ok(self.bytes),
                _ => false,
            },
            _ => {
                return Err(Stop::Refused(format!(
                    "the case {}",
                    answer.outcome.summary()
                )));
            }
        };
        match came {
            true => Ok(live.exchange),
            false => Err(Stop::Refused("another array comes back".to_owned())),
        }
    }
}

/// The modules of the nodes that arrays travel to.
pub fn node_path() -> PathBuf {
    root().join(Path::new("benches/nodes"))
}

/// An array of one axis with its elements in the opposite order.
fn reversed(array: &Array) -> Result<Array, Problem> {
    let size = usize::try_from(array.dtype().size().unwrap_or(1)).unwrap_or(1);
    let data: Vec<u8> = array
        .data()
        .chunks_exact(size)
        .rev()
        .flatten()
        .copied()
        .collect();
    Array::new(
        array.dtype().clone(),
        array.shape().to_vec(),
        Layout::C,
        data,
    )
    .map_err(|error| Problem::environment(format!("no array: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(dtype: &str, form: Form, bytes: usize) -> Option<Array> {
        array(dtype, form, bytes).unwrap_or_else(|problem| panic!("{problem}"))
    }

    #[test]
    fn every_array_has_the_bytes_that_it_is_named_by() {
        for (_, dtype) in DTYPES {
            for form in [Form::C, Form::Fortran, Form::Strided, Form::Taken] {
                for bytes in [64, 1024] {
                    if let Some(array) = made(dtype, form, bytes) {
                        assert_eq!(array.byte_count(), bytes, "{dtype} {form:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn only_what_has_two_orders_is_of_fortrans() {
        // Two elements of 32 bytes, one a row.
        assert!(made("<U8", Form::Fortran, 64).is_none());
        let array = made("<U8", Form::Fortran, 1024).expect("has two orders");
        assert_eq!(array.layout(), Layout::Fortran);
    }

    #[test]
    fn a_reversed_array_is_its_elements_from_the_last_on() {
        let array = made("<f8", Form::Strided, 64).expect("an array");
        let back = reversed(&array).unwrap_or_else(|problem| panic!("{problem}"));
        assert_eq!(&back.data()[..8], 7f64.to_le_bytes());
        assert_eq!(&back.data()[56..], 0f64.to_le_bytes());
    }

    #[test]
    fn texts_are_letters() {
        let array = made("<U8", Form::C, 64).expect("an array");
        assert_eq!(&array.data()[..8], [b'a', 0, 0, 0, b'b', 0, 0, 0]);
    }
}
