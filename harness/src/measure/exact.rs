//! Figures without noise, as they were and as they are.

use crate::record::measured::{Exact, ExactQuantity};

/// The part by which such a figure may grow: a longer text in a message costs some fuel, too.
pub const TOLERANCE: f64 = 0.005;

/// The same of what items consume, and how many units they may grow besides: another module of the node path moves what a case finds in memory, and when its garbage is collected.
const TOLERANCE_OF_ITEMS: f64 = 0.01;
const UNITS_OF_ITEMS: f64 = 1000.0;

/// One figure on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExactRow {
    pub what: ExactQuantity,
    pub leg: Option<String>,
    pub was: u64,
    pub is: u64,
}

impl ExactRow {
    /// The new figure as a multiple of the old one.
    pub fn ratio(&self) -> f64 {
        self.is as f64 / self.was as f64
    }

    pub fn has_grown(&self) -> bool {
        self.is as f64 > self.was as f64 + self.room()
    }

    pub fn has_shrunk(&self) -> bool {
        (self.is as f64) < self.was as f64 - self.room()
    }

    /// By how much it may change without a word.
    fn room(&self) -> f64 {
        match self.what {
            ExactQuantity::Items { .. } => self.was as f64 * TOLERANCE_OF_ITEMS + UNITS_OF_ITEMS,
            ExactQuantity::Fuel { .. } | ExactQuantity::Size { .. } => self.was as f64 * TOLERANCE,
        }
    }
}

/// The figures that both sides have, and those that one side alone has.
pub fn paired(was: &[Exact], is: &[Exact]) -> (Vec<ExactRow>, Vec<Exact>) {
    let same = |one: &Exact, other: &Exact| one.what == other.what && one.leg == other.leg;
    let mut rows = Vec::new();
    let mut alone = Vec::new();
    // Both are in the order of the cases, so that the next one is nearly always the one.
    let mut next = 0;
    for one in is {
        let after = was[next.min(was.len())..]
            .iter()
            .position(|it| same(it, one));
        let found = after
            .map(|at| at + next)
            .or_else(|| was.iter().position(|it| same(it, one)));
        match found {
            Some(at) => {
                next = at + 1;
                rows.push(ExactRow {
                    what: one.what.clone(),
                    leg: one.leg.clone(),
                    was: was[at].value,
                    is: one.value,
                });
            }
            None => alone.push(one.clone()),
        }
    }
    let lost = was
        .iter()
        .filter(|old| !is.iter().any(|new| same(old, new)));
    alone.extend(lost.cloned());
    (rows, alone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::CaseId;

    fn fuel(case: &str, value: u64) -> Exact {
        Exact {
            what: ExactQuantity::Fuel {
                case: CaseId(case.to_owned()),
            },
            leg: Some("leg".to_owned()),
            value,
        }
    }

    #[test]
    fn figures_are_paired_by_what_they_are() {
        let was = [
            fuel("a", 1000),
            fuel("b", 1000),
            fuel("c", 1000),
            fuel("d", 1),
        ];
        let is = [
            fuel("c", 1006),
            fuel("a", 1005),
            fuel("b", 994),
            fuel("e", 1),
        ];
        let (rows, alone) = paired(&was, &is);
        let grown: Vec<bool> = rows.iter().map(ExactRow::has_grown).collect();
        let shrunk: Vec<bool> = rows.iter().map(ExactRow::has_shrunk).collect();
        assert_eq!(grown, [true, false, false]);
        assert_eq!(shrunk, [false, false, true]);
        assert_eq!(alone, [fuel("e", 1), fuel("d", 1)]);
    }

    #[test]
    fn five_percent_of_a_short_node_are_seen_and_a_few_units_are_not() {
        let items = |value| Exact {
            what: ExactQuantity::Items {
                case: CaseId("a".to_owned()),
            },
            leg: None,
            value,
        };
        let grown = |was, is| paired(&[items(was)], &[items(is)]).0[0].has_grown();
        assert!(grown(30_000, 31_500) && grown(385_667, 407_193));
        assert!(!grown(365_128, 367_232) && !grown(32_660, 33_532));
    }

    #[test]
    fn what_was_nothing_has_grown() {
        let (rows, _) = paired(&[fuel("a", 0)], &[fuel("a", 1)]);
        assert!(rows[0].has_grown() && !rows[0].has_shrunk());
    }
}
