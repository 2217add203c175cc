//! How much of a list a page holds: rows as they come, until its part of the page is full. What is left out is counted, so that the page says so.

use serde::Serialize;
use serde_json::Value as Json;

/// Bytes of the markup around a text of a row.
const TEXT: usize = 16;

/// Bytes that a list may take.
#[derive(Debug)]
pub struct Budget {
    left: usize,
    /// Bytes of the markup around a row.
    row: usize,
}

/// The rows that fit, and how many follow.
#[derive(Debug, Serialize)]
pub struct Listed<T> {
    pub rows: Vec<T>,
    pub more: usize,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Listed {
            rows: Vec::new(),
            more: 0,
        }
    }
}

impl Budget {
    /// `row` is what the markup around a row takes, beside [`TEXT`] for each text in it.
    pub fn new(left: usize, row: usize) -> Self {
        Budget { left, row }
    }

    /// Takes rows as long as each fits. The first that doesn't ends the list, so that what is left out are the last ones.
    pub fn list<T: Serialize>(&mut self, rows: impl IntoIterator<Item = T>) -> Listed<T> {
        let mut listed = Listed::default();
        for row in rows {
            let bytes = self.row + weight(&row);
            if listed.more == 0 && bytes <= self.left {
                self.left -= bytes;
                listed.rows.push(row);
            } else {
                listed.more += 1;
            }
        }
        listed
    }
}

/// Upper bound on the bytes that the texts of a row take on the page.
fn weight(row: &impl Serialize) -> usize {
    // A row of texts and numbers can always be told.
    let told = serde_json::to_value(row).unwrap_or_default();
    texts(&told)
}

fn texts(told: &Json) -> usize {
    match told {
        Json::String(text) => TEXT + text.bytes().map(escaped).sum::<usize>(),
        Json::Array(items) => items.iter().map(texts).sum(),
        Json::Object(members) => members.values().map(texts).sum(),
        Json::Null | Json::Bool(_) | Json::Number(_) => TEXT,
    }
}

/// How long a byte becomes in HTML.
fn escaped(byte: u8) -> usize {
    match byte {
        b'<' | b'>' | b'&' | b'"' | b'\'' | b'/' => 6,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_ends_where_it_is_full_and_counts_what_follows() {
        let row = "x".repeat(100);
        let long = "y".repeat(5000);
        let mut budget = Budget::new(3 * (30 + TEXT + 100), 30);
        let listed = budget.list([&row, &row, &long, "short"]);
        assert_eq!((listed.rows.len(), listed.more), (2, 2));
        let next = budget.list(["short"]);
        assert_eq!((next.rows.len(), next.more), (1, 0));
    }

    #[test]
    fn what_is_escaped_counts_as_it_becomes() {
        assert_eq!(weight(&"<<"), TEXT + 12);
        assert_eq!(weight(&("a", vec!["b", "c"])), 3 * TEXT + 3);
    }
}
