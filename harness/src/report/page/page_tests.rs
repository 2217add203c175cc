use std::collections::BTreeSet;

use super::*;
use crate::outcome::Class;
use crate::record::CaseReport;
use crate::record::case_report::PolicyNote;
use crate::report::made_tests::{HOSTILE, case, expected, failing, measured, record};
use crate::verdict::cause::Cause;
use crate::verdict::policy::Worst;

/// What a page may take, whatever the run.
const MOST: usize = 1_000_000;

fn page(record: &Record, measured: &[Measurement]) -> String {
    let mut bytes = Vec::new();
    write(&mut bytes, &View::of(record, measured)).expect("memory takes everything");
    String::from_utf8(bytes).expect("a page is text")
}

/// The values of an attribute.
fn values<'a>(page: &'a str, attribute: &str) -> Vec<&'a str> {
    let begins = format!(" {attribute}=\"");
    let mut rest = page.split(begins.as_str());
    rest.next();
    rest.filter_map(|rest| rest.split('"').next()).collect()
}

#[track_caller]
fn check_links(page: &str) {
    let ids = values(page, "id");
    let unique: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), unique.len(), "an id stands twice");
    for link in values(page, "href") {
        let target = link.strip_prefix('#').expect("only links into the page");
        assert!(unique.contains(target), "{link} leads nowhere");
    }
}

/// What needs no end.
const VOID: [&str; 3] = ["meta", "input", "!DOCTYPE"];

/// Every element ends where it has to: after those that began in it, and before those in which it began.
#[track_caller]
fn check_elements(page: &str) {
    let mut open: Vec<&str> = Vec::new();
    for part in page.split('<').skip(1) {
        // Style and script hold no such character.
        let tag = part.split('>').next().unwrap_or_default();
        let name = tag
            .split([' ', '/'])
            .find(|name| !name.is_empty())
            .unwrap_or_default();
        match (
            tag.starts_with('/'),
            tag.ends_with('/') || VOID.contains(&name),
        ) {
            (true, _) => assert_eq!(open.pop(), Some(name), "near {part:?}"),
            (false, true) => {}
            (false, false) => open.push(name),
        }
    }
    assert!(open.is_empty(), "{open:?} never end");
}

fn mixed() -> Record {
    let mut passed = case("a/pass", Status::Pass);
    passed.policies = vec![PolicyNote {
        name: "sum".to_owned(),
        allows: "1 n·eps".to_owned(),
        recorded: Worst::default(),
    }];
    passed.comparisons[0].allowed.insert(
        "sum".to_owned(),
        Worst {
            ulp: [0; 3],
            norm: Some(0.5),
        },
    );
    let mut skipped = case("a/skip", Status::Skip);
    skipped.skip_allowed = true;
    let mut silent = failing("b/silent", "silent corruption: outputs[0]: 1 != 2");
    silent.comparisons[0].judgement.silent = true;
    let cases = vec![
        passed,
        skipped,
        expected("a/known", &[Cause::Libm]),
        failing("b/fail", "outputs[0]: 1.0 != 2.0"),
        silent,
        case("b/broken", Status::Broken),
    ];
    record(cases, &["z/missing"])
}

#[test]
fn the_verdict_is_one_sentence_at_the_top() {
    let page = page(&mixed(), &[]);
    let heading = page
        .split("<h1")
        .nth(1)
        .and_then(|rest| rest.split("</h1>").next());
    let heading = heading.expect("a heading");
    assert!(heading.ends_with("Not equal: of 7 cases on native and wasm, 2 differ or end unexpectedly (1 of them silent corruption), 1 broken, where Parallax itself failed, 1 without a result."), "{heading}");
    assert!(page.contains("<title>Not equal – Parallax, native and wasm</title>"));
    // What nothing warns of stands before the rest.
    let at = |id: &str| page.find(&format!("id=\"case-{id}\"")).expect(id);
    assert!(at("b&#x2f;silent") < at("b&#x2f;fail"));
}

#[test]
fn links_lead_somewhere_and_nothing_leads_away() {
    let all = [
        measured("a/pass", "n", 10, 20),
        measured("other", "n", 10, 20),
    ]
    .concat();
    for page in [page(&mixed(), &[]), page(&mixed(), &all)] {
        check_links(&page);
        check_elements(&page);
        assert!(values(&page, "src").is_empty());
        for text in ["http:", "https:", "url(", "@import", "<link"] {
            assert!(!page.contains(text), "{text}");
        }
    }
}

#[test]
fn nothing_of_a_guest_is_obeyed() {
    let mut skipped = case(HOSTILE, Status::Skip);
    skipped.skip_allowed = true;
    let mut known = expected("known", &[Cause::Libm]);
    known.explanation = HOSTILE.to_owned();
    known.policies = vec![PolicyNote {
        name: HOSTILE.to_owned(),
        allows: HOSTILE.to_owned(),
        recorded: Worst::default(),
    }];
    let mut run = record(vec![failing("f", HOSTILE), skipped, known], &[HOSTILE]);
    run.summary.unwritten = vec![HOSTILE.to_owned()];
    run.info.transport = HOSTILE.to_owned();
    run.info.legs[1].name = HOSTILE.to_owned();
    run.info.legs[1].target = HOSTILE.to_owned();
    run.info.legs[1].provenance.versions = [(HOSTILE.to_owned(), HOSTILE.to_owned())].into();
    let page = page(&run, &measured(HOSTILE, HOSTILE, 10, 20));
    assert_eq!(page.matches("<script").count(), 1, "the page's own");
    assert_eq!(page.matches("</script").count(), 1);
    assert!(
        page.matches("&lt;script&gt;alert(1)&lt;&#x2f;script&gt;&quot;&#x27;")
            .count()
            > 20
    );
    assert!(page.contains("{{ 7 }}") && !page.contains('\u{202e}'));
    check_links(&page);
    check_elements(&page);
}

#[test]
fn the_same_record_gives_the_same_bytes() {
    let all = measured("a/pass", "n", 10, 20);
    assert_eq!(page(&mixed(), &all), page(&mixed(), &all));
}

#[test]
fn what_has_no_data_is_said_and_not_drawn() {
    let plain = page(&mixed(), &[]);
    assert!(!plain.contains("<svg") && !plain.contains("id=\"costs\""));
    assert!(plain.contains("<dt>What cases cost</dt>"));
    let measured = page(&mixed(), &measured("a/pass", "n", 10, 20));
    assert!(measured.contains("<svg") && measured.contains("id=\"costs\""));
    assert!(!measured.contains("<dt>What cases cost</dt>"));
    for page in [plain, measured] {
        for what in [
            "Marshaling curves",
            "Memory",
            "History",
            "Heat map of operation and dtype",
        ] {
            assert!(page.contains(&format!("<dt>{what}</dt>")), "{what}");
        }
    }
    let nothing = page(&record(Vec::new(), &[]), &[]);
    assert!(nothing.contains("No verdict: nothing was compared"));
    check_links(&nothing);
}

fn many(make: impl Fn(&str) -> CaseReport) -> Vec<CaseReport> {
    (0..10_000)
        .map(|index| make(&format!("family_{}/a_case_of_many_{index}", index % 40)))
        .collect()
}

#[test]
fn ten_thousand_cases_that_pass_are_listed_as_far_as_there_is_room() {
    let mut cases = many(|id| case(id, Status::Pass));
    // Red ones are told of wherever they stand.
    cases[9_998] = failing("the/last_but_one", "outputs[0]: 1 != 2");
    let run = record(cases, &[]);
    let view = View::of(&run, &[]);
    let listed = view.lines.rows.len();
    assert!(listed > 500, "{listed}");
    assert_eq!(view.lines.more, [format!("{} pass", 10_000 - listed)]);
    let page = page(&run, &[]);
    assert!(page.len() < MOST, "{}", page.len());
    assert!(page.contains("id=\"case-the&#x2f;last_but_one\""));
    assert!(page.contains(&format!(
        "There is no room for {} pass more",
        10_000 - listed
    )));
    check_links(&page);
}

#[test]
fn no_red_case_is_left_out_without_a_word() {
    let long = HOSTILE.repeat(20);
    let mut cases = many(|id| failing(&format!("{id}{}", "<".repeat(30)), &long));
    let id = format!("silent/{}", "é".repeat(2000));
    cases[9_999] = failing(&id, "silent corruption: outputs[0]: 1 != 2");
    cases[9_999].comparisons[0].judgement.silent = true;
    let costs: Vec<Measurement> = (0..2_000)
        .flat_map(|index| measured(&format!("{HOSTILE}{index}"), &long, 10, 20 + index))
        .collect();
    let run = record(cases, &["missing"; 5_000]);
    let view = View::of(&run, &costs);
    let (rows, named) = (view.failures.rows.len(), view.failures.named.rows.len());
    assert!(rows > 10 && named > 100, "{rows}, {named}");
    assert_eq!(rows + named + view.failures.named.more, 10_000);
    let page = page(&run, &costs);
    assert!(page.len() < MOST, "{}", page.len());
    assert!(page.contains("This page has no room to tell of all 10000 red cases."));
    assert!(page.contains(&format!(
        "and {} more that are not even named here",
        view.failures.named.more
    )));
    // The worst of all comes first, though it came last.
    assert!(page.find("silent&#x2f;~c3~a9") < page.find("a_case_of_many_0"));
    check_links(&page);
}

#[test]
fn cases_that_ended_otherwise_are_counted_by_leg() {
    let mut other = case("a", Status::Fail);
    other.comparisons[0].candidate_class = Class::Raised;
    let rows = classes(&record(vec![other, case("b", Status::Pass)], &[]));
    let told: Vec<_> = rows
        .iter()
        .map(|row| (row.name, row.counts.clone()))
        .collect();
    assert_eq!(told, [("returned", vec![2, 1]), ("raised", vec![0, 1])]);
}
