//! The values that flow between nodes.

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use crate::array::Array;

/// The deepest nesting of lists and maps that a document may carry.
///
/// `serde_json` refuses 128; the envelope around a value takes some of that.
pub const MAX_DEPTH: usize = 100;

/// The longest integer, in decimal digits: CPython's own limit for text conversion, so that both sides of the bridge agree.
pub const MAX_INTEGER_DIGITS: usize = 4300;

/// One item of data. Maps keep their order, integers their size, doubles their bits.
#[derive(Clone, Debug)]
pub enum Value {
    Null,
    Bool(bool),
    Int(i64),
    /// An integer outside of the range of `i64`; build it with [`Value::integer`], which keeps that true.
    BigInt(BigInt),
    Float(f64),
    Str(String),
    Bytes(Vec<u8>),
    List(Vec<Value>),
    Map(Vec<(String, Value)>),
    Array(Array),
}

impl Value {
    /// An integer of any size, in its one canonical form.
    pub fn integer(value: BigInt) -> Self {
        match value.to_i64() {
            Some(small) => Value::Int(small),
            None => Value::BigInt(value),
        }
    }

    /// The name of the type as a message shows it.
    pub fn type_name(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "bool",
            Value::Int(_) | Value::BigInt(_) => "int",
            Value::Float(_) => "float",
            Value::Str(_) => "str",
            Value::Bytes(_) => "bytes",
            Value::List(_) => "list",
            Value::Map(_) => "map",
            Value::Array(_) => "array",
        }
    }
}

/// Equal as computed results are: doubles by their bits, any NaN like any other (POLICY: only the class of a NaN is compared), maps in order.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::BigInt(a), Value::BigInt(b)) => a == b,
            (Value::Float(a), Value::Float(b)) => {
                a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
            }
            (Value::Str(a), Value::Str(b)) => a == b,
            (Value::Bytes(a), Value::Bytes(b)) => a == b,
            (Value::List(a), Value::List(b)) => a == b,
            (Value::Map(a), Value::Map(b)) => a == b,
            (Value::Array(a), Value::Array(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for Value {}
