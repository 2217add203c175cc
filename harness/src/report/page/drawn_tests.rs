use super::*;
use crate::record::measurement::Quantity;
use crate::report::made_tests::{case, measured, measurement, record};
use crate::verdict::status::Status;

fn drawn(all: &[crate::record::measurement::Measurement]) -> Drawn {
    let run = record(vec![case("a", Status::Pass)], &[]);
    let costs = Costs::of(&run, all);
    Drawn::of(&costs, &["native", "wasm"], &BTreeSet::from(["case-a"]))
}

fn place(text: &str) -> f64 {
    text.parse().expect("a number")
}

#[test]
fn an_interval_lies_on_the_side_of_1_that_its_words_say() {
    let all = [measured("a", "n", 10, 30), measured("b", "n", 30, 10)].concat();
    let drawn = drawn(&all);
    let one = place(&drawn.one);
    for row in drawn.cases.rows.iter().chain(&drawn.nodes.rows) {
        let mark = row.mark.as_ref().expect("a mark");
        let [from, to, at] = [&mark.from, &mark.to, &mark.at].map(|text| place(text));
        assert!((0.0..=WIDTH).contains(&from) && from <= at && at <= to && to <= WIDTH);
        assert_eq!(row.says == "slower", from > one, "{row:?}");
    }
    // Only what the page tells of is linked.
    let links: Vec<_> = drawn
        .cases
        .rows
        .iter()
        .map(|row| (row.case.as_str(), row.link.as_deref()))
        .collect();
    assert_eq!(links, [("a", Some("case-a")), ("b", None)]);
}

#[test]
fn bars_follow_each_other_and_end_where_the_slower_leg_does() {
    let drawn = drawn(&measured("a", "n", 100, 200));
    let [native, wasm] = &drawn.phases.rows[..] else {
        panic!()
    };
    assert_eq!(
        native.times,
        ["10.0 µs", "20.0 µs", "50.0 µs", "20.0 µs", "100 µs"]
    );
    let ends = |waterfall: &Waterfall| -> Vec<(f64, f64)> {
        let bars = waterfall.bars.iter();
        bars.map(|bar| (place(&bar.x), place(&bar.x) + place(&bar.width)))
            .collect()
    };
    assert_eq!(
        ends(wasm),
        [(0.0, 20.0), (20.0, 60.0), (60.0, 160.0), (160.0, 200.0)]
    );
    assert_eq!(ends(native)[3], (80.0, 100.0));
}

#[test]
fn what_is_not_known_is_a_dash_and_not_drawn() {
    let drawn = drawn(&[measurement("a", Quantity::Whole, [10, 20])]);
    let row = &drawn.phases.rows[0];
    assert_eq!(row.times, ["–", "–", "–", "–", "10.0 ns"]);
    assert!(row.bars.is_empty());
    let nothing = super::number(f64::NAN, |_| "x".to_owned());
    assert_eq!(nothing, "–");
}
