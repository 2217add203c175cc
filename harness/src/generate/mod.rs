//! Inputs that are described in a few words and made on the host, the same bytes every time.

mod array;
#[cfg(test)]
mod array_tests;
pub mod random;

use parallax_runtime::value::Value;

use random::Random;

use crate::case::input::Input;

const WORDS: [&str; 32] = [
    "the", "signal", "of", "a", "river", "and", "café", "in", "naïve", "to", "Stone", "measure",
    "is", "light", "über", "quick", "brown", "data", "42", "pipeline", "for", "year", "señor",
    "with", "Matrix", "on", "3.14", "window", "they", "frame", "Ωmega", "by",
];

/// The value that an input describes.
pub fn generate(input: &Input) -> Value {
    match input {
        &Input::Text { bytes, seed } => Value::Str(text(bytes, seed)),
        &Input::Integers {
            count,
            seed,
            min,
            max,
        } => {
            let mut random = Random(seed);
            Value::List(
                (0..count)
                    .map(|_| Value::Int(random.between(min, max)))
                    .collect(),
            )
        }
        &Input::Floats { count, seed } => {
            let mut random = Random(seed);
            Value::List((0..count).map(|_| Value::Float(random.double())).collect())
        }
        &Input::Nested { depth } => {
            (0..depth).fold(Value::Int(0), |inner, _| Value::List(vec![inner]))
        }
        &Input::Records { count, seed } => {
            let mut random = Random(seed);
            Value::List((0..count).map(|id| record(id, &mut random)).collect())
        }
        Input::Array(input) => Value::Array(input.generate()),
    }
}

fn record(id: usize, random: &mut Random) -> Value {
    let name = format!("{} {}", random.pick(&WORDS), random.pick(&WORDS));
    let group = random.pick(&["north", "south", "east", "west"]).to_owned();
    let entries = [
        ("id", Value::Int(id as i64)),
        ("name", Value::Str(name)),
        ("group", Value::Str(group)),
        ("value", Value::Float(random.double())),
    ];
    Value::Map(
        entries
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect(),
    )
}

fn text(bytes: usize, seed: u64) -> String {
    let mut random = Random(seed);
    let mut text = String::with_capacity(bytes + 16);
    while text.len() < bytes {
        text.push_str(random.pick(&WORDS));
        text.push_str(match random.below(24) {
            0 => ".\n",
            1 => ", ",
            2 => "; ",
            _ => " ",
        });
    }
    // Cut to the size asked for, without cutting a character: the rest is filled with full stops.
    let mut end = bytes;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text.extend(std::iter::repeat_n('.', bytes - end));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn text_has_exactly_the_size_asked_for(bytes in 0usize..5000, seed: u64) {
            let text = text(bytes, seed);
            prop_assert_eq!(text.len(), bytes);
            prop_assert_eq!(&text, &super::text(bytes, seed));
        }

        #[test]
        fn integers_stay_within_their_bounds(seed: u64, a: i64, b: i64) {
            let (min, max) = (a.min(b), a.max(b));
            let Value::List(items) = generate(&Input::Integers { count: 50, seed, min, max }) else {
                return Err(TestCaseError::fail("not a list"));
            };
            for item in items {
                let Value::Int(value) = item else { return Err(TestCaseError::fail("not an int")) };
                prop_assert!((min..=max).contains(&value));
            }
        }
    }

    /// Stored outcomes depend on these bytes: a change here is a change of the corpus.
    #[test]
    fn the_text_of_a_seed_never_changes() {
        assert_eq!(text(40, 7), "is.\nthey über über river a frame windo");
    }
}
