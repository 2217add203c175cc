use super::*;
use crate::report::made_tests::{case, failing, measured, measurement, record};
use crate::verdict::status::Status;

fn ids(costs: &[Cost]) -> Vec<&str> {
    costs.iter().map(|cost| cost.case.0.as_str()).collect()
}

#[test]
fn what_matters_most_comes_first() {
    let run = record(
        ["a", "b", "c"].map(|id| case(id, Status::Pass)).to_vec(),
        &[],
    );
    // Nine times as slow and short; twice as slow and long; as fast and longer still.
    let all = [
        measured("a", "n", 10, 90),
        measured("b", "n", 500, 1000),
        measured("c", "n", 1500, 1500),
    ];
    let costs = Costs::of(&run, &all.concat());
    assert_eq!(ids(&costs.cases), ["b", "c", "a"]);
    let [first, second, third] = &costs.cases[..] else {
        panic!()
    };
    assert_eq!(
        (first.says(), second.says(), third.says()),
        ("slower", "not told apart", "slower")
    );
    assert!((first.share - 1000.0 / 2590.0).abs() < 1e-9, "{first:?}");
    // A node's share is of its own case.
    assert_eq!(ids(&costs.nodes), ["a", "b", "c"]);
    assert!(
        costs
            .nodes
            .iter()
            .all(|cost| (cost.share - 0.25).abs() < 1e-9)
    );
    let phases: Vec<(&str, &str)> = costs
        .phases
        .iter()
        .map(|one| (one.case.0.as_str(), one.leg.as_str()))
        .collect();
    assert_eq!(
        phases[..3],
        [("b", "native"), ("b", "wasm"), ("c", "native")]
    );
    assert_eq!(costs.phases[0].rest(), Some(100_000.0));
}

#[test]
fn a_red_case_has_no_ratio() {
    let run = record(vec![case("a", Status::Pass), failing("b", "x")], &[]);
    let all = [
        measured("a", "n", 10, 20),
        measured("b", "n", 10, 20),
        measured("z", "n", 10, 20),
    ];
    let costs = Costs::of(&run, &all.concat());
    assert_eq!(ids(&costs.cases), ["a", "z"]);
    assert!(
        costs.remarks[0].starts_with("Left out, because red in this record"),
        "{:?}",
        costs.remarks
    );
    assert!(costs.remarks[0].ends_with(": b."), "{:?}", costs.remarks);
    assert_eq!(
        costs.remarks[1],
        "Measured, and no part of the run that this record is of: z."
    );
}

#[test]
fn what_was_not_in_every_turn_is_counted_and_has_no_ratio() {
    let run = record(vec![case("a", Status::Pass)], &[]);
    let mut all = measured("a", "n", 10, 20);
    all[2].legs[1].rounds[3].pop();
    let costs = Costs::of(&run, &all);
    assert_eq!(costs.phases[1].parts[1], None);
    assert_eq!(costs.phases[1].rest(), None);
    let expected =
        "1 quantity is not in every run on both legs, so that there is no ratio to tell.";
    assert!(
        costs.remarks.iter().any(|remark| remark == expected),
        "{:?}",
        costs.remarks
    );
}

#[test]
fn few_rounds_have_a_ratio_without_an_interval() {
    let run = record(vec![case("a", Status::Pass)], &[]);
    let mut whole = measurement("a", Quantity::Whole, [10, 20]);
    for leg in &mut whole.legs {
        leg.rounds.truncate(3);
    }
    let costs = Costs::of(&run, &[whole]);
    let [cost] = &costs.cases[..] else { panic!() };
    assert_eq!(
        (cost.ratio, cost.interval, cost.says()),
        (2.0, None, "too few rounds")
    );
}

#[test]
fn phases_that_come_to_more_than_the_whole_leave_no_rest() {
    let phases = Phases {
        case: CaseId("a".to_owned()),
        leg: "x".to_owned(),
        whole: 10.0,
        parts: [Some(1.0), Some(2.0), Some(8.0)],
    };
    assert_eq!(phases.rest(), None);
}
