//! The nodes that need no Python.

use num_bigint::BigInt;
use num_traits::{ToPrimitive, Zero};

use super::node::{Blueprint, Node};
use crate::outcome::{Failure, Kind};
use crate::value::Value;

/// What a manifest can name as a built-in node.
pub const NAMES: [&str; 5] = [
    "PassThrough",
    "Echo",
    "CalculatorNode",
    "MultiplyNode",
    "AddNode",
];

/// Constructs a built-in node, or gives the blueprint back if there is none of that name.
///
/// # Errors
/// [`Kind::Manifest`] for parameters that the node doesn't take.
pub fn construct(blueprint: Blueprint) -> Result<Result<Box<dyn Node>, Blueprint>, Failure> {
    if !NAMES.contains(&blueprint.node_type.as_str()) {
        return Ok(Err(blueprint));
    }
    let mut params = Params::new(&blueprint);
    let operation = match blueprint.node_type.as_str() {
        "CalculatorNode" => Some((params.operation()?, params.take("operand")?)),
        "MultiplyNode" => Some((Operation::Multiply, params.take("factor")?)),
        "AddNode" => Some((Operation::Add, params.take("addend")?)),
        _ => None,
    };
    let node: Box<dyn Node> = match operation {
        Some((operation, operand)) => Box::new(Arithmetic {
            id: blueprint.id.clone(),
            operation,
            operand: Scalar::of(&operand).ok_or_else(|| {
                params.refuse(format!("expected a number, found {}", operand.type_name()))
            })?,
        }),
        None => Box::new(PassThrough),
    };
    params.finish()?;
    Ok(Ok(node))
}

/// The parameters of a blueprint, each taken once.
struct Params<'a> {
    blueprint: &'a Blueprint,
    left: Vec<&'a (String, Value)>,
}

impl<'a> Params<'a> {
    fn new(blueprint: &'a Blueprint) -> Self {
        let left = blueprint.params.iter().collect();
        Params { blueprint, left }
    }

    fn refuse(&self, message: String) -> Failure {
        let Blueprint { id, node_type, .. } = self.blueprint;
        Failure::new(
            Kind::Manifest,
            format!("node `{id}`: params of {node_type}: {message}"),
        )
        .at(id)
    }

    fn take(&mut self, name: &str) -> Result<Value, Failure> {
        match self.left.iter().position(|(key, _)| key == name) {
            Some(index) => Ok(self.left.remove(index).1.clone()),
            None => Err(self.refuse(format!("missing `{name}`"))),
        }
    }

    fn operation(&mut self) -> Result<Operation, Failure> {
        match self.take("operation")? {
            Value::Str(name) => match name.as_str() {
                "add" => Ok(Operation::Add),
                "subtract" => Ok(Operation::Subtract),
                "multiply" => Ok(Operation::Multiply),
                "divide" => Ok(Operation::Divide),
                other => Err(self.refuse(format!(
                    "unknown operation {other:?}; known are add, subtract, multiply, divide"
                ))),
            },
            other => Err(self.refuse(format!(
                "`operation` is a string, found {}",
                other.type_name()
            ))),
        }
    }

    fn finish(self) -> Result<(), Failure> {
        match self.left.first() {
            Some((key, _)) => Err(self.refuse(format!("unknown parameter `{key}`"))),
            None => Ok(()),
        }
    }
}

struct PassThrough;

impl Node for PassThrough {
    fn process(&mut self, item: Option<Value>, results: &mut Vec<Value>) -> Result<(), Failure> {
        results.extend(item);
        Ok(())
    }
}

#[derive(Clone, Copy)]
enum Operation {
    Add,
    Subtract,
    Multiply,
    Divide,
}

#[derive(Clone)]
enum Scalar {
    Int(BigInt),
    Float(f64),
}

impl Scalar {
    fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Int(small) => Some(Scalar::Int(BigInt::from(*small))),
            Value::BigInt(big) => Some(Scalar::Int(big.clone())),
            Value::Float(double) => Some(Scalar::Float(*double)),
            _ => None,
        }
    }

    /// The nearest double; an integer beyond its range becomes an infinity.
    fn to_double(&self) -> f64 {
        match self {
            Scalar::Int(int) => int.to_f64().unwrap_or(f64::NAN),
            Scalar::Float(double) => *double,
        }
    }
}

struct Arithmetic {
    id: String,
    operation: Operation,
    operand: Scalar,
}

impl Arithmetic {
    fn apply(&self, value: Value) -> Result<Value, Failure> {
        if let Value::List(items) = value {
            return items
                .into_iter()
                .map(|item| self.apply(item))
                .collect::<Result<_, _>>()
                .map(Value::List);
        }
        let left = Scalar::of(&value).ok_or_else(|| {
            self.refuse(format!("expected a number, found {}", value.type_name()))
        })?;
        match (&left, &self.operand) {
            (Scalar::Int(a), Scalar::Int(b)) => self.integers(a, b),
            (a, b) => self.doubles(a.to_double(), b.to_double()),
        }
    }

    fn integers(&self, a: &BigInt, b: &BigInt) -> Result<Value, Failure> {
        Ok(match self.operation {
            Operation::Add => Value::integer(a + b),
            Operation::Subtract => Value::integer(a - b),
            Operation::Multiply => Value::integer(a * b),
            Operation::Divide if b.is_zero() => return Err(self.refuse("division by zero".into())),
            Operation::Divide if (a % b).is_zero() => Value::integer(a / b),
            Operation::Divide => {
                let (a, b) = (Scalar::Int(a.clone()), Scalar::Int(b.clone()));
                Value::Float(a.to_double() / b.to_double())
            }
        })
    }

    fn doubles(&self, a: f64, b: f64) -> Result<Value, Failure> {
        Ok(Value::Float(match self.operation {
            Operation::Add => a + b,
            Operation::Subtract => a - b,
            Operation::Multiply => a * b,
            Operation::Divide if b == 0.0 => return Err(self.refuse("division by zero".into())),
            Operation::Divide => a / b,
        }))
    }

    fn refuse(&self, message: String) -> Failure {
        Failure::new(Kind::Execution, format!("node `{}`: {message}", self.id)).at(&self.id)
    }
}

impl Node for Arithmetic {
    fn process(&mut self, item: Option<Value>, results: &mut Vec<Value>) -> Result<(), Failure> {
        results.extend(item.map(|value| self.apply(value)).transpose()?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(node_type: &str, params: &[(&str, Value)]) -> Result<Box<dyn Node>, Failure> {
        let blueprint = Blueprint {
            id: "n".to_owned(),
            node_type: node_type.to_owned(),
            params: params
                .iter()
                .map(|(key, value)| ((*key).to_owned(), value.clone()))
                .collect(),
        };
        construct(blueprint).map(|node| node.unwrap_or_else(|_| panic!("{node_type} is built in")))
    }

    fn calculate(operation: &str, item: Value, operand: Value) -> Result<Value, String> {
        let params = [
            ("operation", Value::Str(operation.to_owned())),
            ("operand", operand),
        ];
        let mut node = node("CalculatorNode", &params).map_err(|failure| failure.message)?;
        let mut results = Vec::new();
        node.process(Some(item), &mut results)
            .map_err(|failure| failure.message)?;
        results.pop().ok_or_else(|| "no result".to_owned())
    }

    #[test]
    fn integers_stay_integers_of_any_size() {
        let max = Value::Int(i64::MAX);
        let sum = calculate("add", max.clone(), max.clone()).unwrap();
        assert_eq!(sum, Value::integer(BigInt::from(i64::MAX) * 2));
        assert_eq!(calculate("subtract", sum, max.clone()), Ok(max));
        assert_eq!(
            calculate("divide", Value::Int(6), Value::Int(3)),
            Ok(Value::Int(2))
        );
        assert_eq!(
            calculate("divide", Value::Int(7), Value::Int(2)),
            Ok(Value::Float(3.5))
        );
        assert_eq!(
            calculate("multiply", Value::Int(2), Value::Float(-0.0)),
            Ok(Value::Float(-0.0))
        );
    }

    #[test]
    fn lists_are_handled_element_by_element() {
        let item = Value::List(vec![Value::Int(1), Value::List(vec![Value::Float(0.5)])]);
        assert_eq!(
            calculate("multiply", item, Value::Int(2)),
            Ok(Value::List(vec![
                Value::Int(2),
                Value::List(vec![Value::Float(1.0)])
            ]))
        );
    }

    #[test]
    fn refusals_say_what_was_expected() {
        let text = Value::Str("1".to_owned());
        assert_eq!(
            calculate("add", text.clone(), Value::Int(1)),
            Err("node `n`: expected a number, found str".to_owned())
        );
        assert_eq!(
            calculate("divide", Value::Int(1), Value::Float(-0.0)),
            Err("node `n`: division by zero".to_owned())
        );
        assert_eq!(
            calculate("power", Value::Int(1), Value::Int(1)),
            Err("node `n`: params of CalculatorNode: unknown operation \"power\"; known are add, subtract, multiply, divide".to_owned())
        );
        assert_eq!(
            node("AddNode", &[("addend", text)]).err().unwrap().message,
            "node `n`: params of AddNode: expected a number, found str"
        );
        assert_eq!(
            node("Echo", &[("x", Value::Null)]).err().unwrap().message,
            "node `n`: params of Echo: unknown parameter `x`"
        );
    }
}
