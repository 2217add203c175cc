//! What has become slower between two builds, for people: what makes the run red first.

use std::fmt::Write as _;

use super::cost::duration;
use super::text::{counted, in_a_line};
use crate::case::CaseId;
use crate::measure::exact::ExactRow;
use crate::measure::gate::Row;
use crate::statistics::change::Change;

/// Everything that a gate has found.
pub struct Found<'a> {
    pub rows: &'a [Row],
    pub exact: &'a [ExactRow],
    pub lost: &'a [Lost],
    /// The command that measures again, without the case.
    pub command: &'a str,
    /// Told to differ, of how many comparisons of a leg with itself.
    pub alarms: (usize, usize),
    /// A part within which nobody cares.
    pub margin: f64,
}

/// A case that isn't compared, or a size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    pub what: CaseId,
    pub why: String,
    /// Whether it is this side's fault, so that the run is red.
    pub red: bool,
}

/// Rows of a kind that are shown; a record has all of them.
const SHOWN: usize = 15;

impl Found<'_> {
    /// Whether something is slower, has grown, or can't be measured any more.
    pub fn is_red(&self) -> bool {
        let slower = self.rows.iter().any(|row| row.change == Change::Slower);
        let grown = self.exact.iter().any(ExactRow::has_grown);
        slower || grown || self.lost.iter().any(|lost| lost.red)
    }

    /// All of it in lines.
    pub fn text(&self) -> String {
        let mut text = String::new();
        self.exact_rows(&mut text);
        self.timed_rows(&mut text);
        self.not_compared(&mut text);
        self.sums(&mut text);
        text
    }

    fn exact_rows(&self, text: &mut String) {
        let mut grown: Vec<&ExactRow> = self.exact.iter().filter(|row| row.has_grown()).collect();
        let mut shrunk: Vec<&ExactRow> = self.exact.iter().filter(|row| row.has_shrunk()).collect();
        grown.sort_by(|a, b| b.ratio().total_cmp(&a.ratio()));
        shrunk.sort_by(|a, b| a.ratio().total_cmp(&b.ratio()));
        for (word, rows) in [("GROWN", &grown), ("shrunk", &shrunk)] {
            for row in rows.iter().take(SHOWN) {
                let percent = (row.ratio() - 1.0) * 100.0;
                let leg = row.leg.as_deref().map(|leg| format!(", {leg}"));
                let _ = writeln!(
                    text,
                    "{word} {}{}: {} to {}, {percent:+.1} %",
                    in_a_line(&row.what.to_string()),
                    leg.unwrap_or_default(),
                    row.was,
                    row.is
                );
                if let Some(case) = row.what.case().filter(|_| row.has_grown()) {
                    let _ = writeln!(text, "    {}", self.command(case));
                }
            }
            more(text, rows.len());
        }
    }

    fn timed_rows(&self, text: &mut String) {
        for (word, kind) in [("SLOWER", Change::Slower), ("faster", Change::Faster)] {
            let rows: Vec<&Row> = self.rows.iter().filter(|row| row.change == kind).collect();
            for row in rows.iter().take(SHOWN) {
                let _ = writeln!(text, "{word} {}", shown(row));
                if kind == Change::Slower {
                    let _ = writeln!(text, "    {}", self.command(&row.case));
                }
            }
            more(text, rows.len());
        }
    }

    fn not_compared(&self, text: &mut String) {
        // What is red stands first, and all of it.
        let (red, others): (Vec<_>, Vec<_>) = self.lost.iter().partition(|lost| lost.red);
        for lost in &red {
            let _ = writeln!(text, "NOT COMPARED {}", lost.line());
        }
        for lost in others.iter().take(SHOWN) {
            let _ = writeln!(text, "not compared {}", lost.line());
        }
        more(text, others.len());
    }

    fn sums(&self, text: &mut String) {
        let count = |kind: &dyn Fn(&Row) -> bool| self.rows.iter().filter(|row| kind(row)).count();
        let open: Vec<&Row> = self
            .rows
            .iter()
            .filter(|row| matches!(row.change, Change::Inconclusive { .. }))
            .collect();
        let widest = open
            .iter()
            .filter_map(|row| row.figure.ratio)
            .map(|interval| interval.high)
            .fold(1.0, f64::max);
        let grown = self.exact.iter().filter(|row| row.has_grown()).count();
        let same = self.exact.iter().filter(|row| row.was == row.is).count();
        let _ = writeln!(
            text,
            "\nexact: {}, {same} equal, {grown} grown by more than their tolerance",
            counted(self.exact.len(), "figure")
        );
        let _ = writeln!(
            text,
            "times: {}, {} slower, {} faster, {} the same within {} %, {} inconclusive",
            counted(self.rows.len(), "row"),
            count(&|row| row.change == Change::Slower),
            count(&|row| row.change == Change::Faster),
            count(&|row| row.change == Change::Same),
            (self.margin * 1e4).round() / 100.0,
            open.len()
        );
        if !open.is_empty() {
            let percent = (widest - 1.0) * 100.0;
            let _ = writeln!(
                text,
                "inconclusive rows are none that is shown to be slower; one of them may be, by up to {percent:.0} %"
            );
        }
        let (alarms, all) = self.alarms;
        if all > 0 {
            let _ = writeln!(
                text,
                "a leg against itself: {alarms} of {all} told to differ, where about 1 in 20 is by chance"
            );
        }
    }

    fn command(&self, case: &CaseId) -> String {
        format!("{} {}", self.command, shell_words::quote(&case.0))
    }
}

impl Lost {
    fn line(&self) -> String {
        format!("{}: {}", in_a_line(&self.what.0), in_a_line(&self.why))
    }
}

fn shown(row: &Row) -> String {
    let [was, is] = row.figure.medians.map(duration);
    let interval = row.figure.ratio.map(|found| {
        let batch = if row.repeated { "repeated " } else { "" };
        let rounds = counted(row.figure.ratios.len(), &format!("{batch}round"));
        format!(
            ", {:.3} ({:.3} to {:.3}) in {rounds}",
            found.ratio, found.low, found.high
        )
    });
    format!(
        "{}: {}, {}: {was} to {is}{}",
        in_a_line(&row.case.0),
        row.quantity,
        row.leg,
        interval.unwrap_or_default()
    )
}

fn more(text: &mut String, count: usize) {
    if count > SHOWN {
        let _ = writeln!(text, "    and {} more, which --json has", count - SHOWN);
    }
}
