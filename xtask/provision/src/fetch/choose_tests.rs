use super::*;

fn available(rows: &[(&str, &str, &str)]) -> Vec<Available> {
    let make = |(package, version, suite): &(&str, &str, &str)| Available {
        package: (*package).into(),
        version: (*version).into(),
        suite: (*suite).into(),
    };
    rows.iter().map(make).collect()
}

fn names(list: &[&str]) -> Vec<String> {
    list.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn a_compiler_comes_whole_from_one_suite() {
    let packages = names(&["clang", "lld"]);
    let suites = names(&["security", "trixie"]);
    let whole = available(&[
        ("clang", "2", "trixie"),
        ("lld", "2", "trixie"),
        ("clang", "1", "security"),
        ("lld", "1", "security"),
    ]);
    let chosen = one_suite(&whole, &packages, &suites).expect("is there");
    assert!(chosen.iter().all(|one| one.suite == "security"));
    // A suite that lacks a part, or mixes versions, is passed over.
    let partial = available(&[
        ("clang", "1", "security"),
        ("clang", "2", "trixie"),
        ("lld", "2", "trixie"),
    ]);
    assert!(
        one_suite(&partial, &packages, &suites)
            .expect("is there")
            .iter()
            .all(|one| one.suite == "trixie")
    );
    let mixed = available(&[("clang", "1", "security"), ("lld", "2", "security")]);
    assert!(one_suite(&mixed, &packages, &suites).is_err());
}

#[test]
fn separate_packages_take_the_first_suite_and_name_what_is_missing() {
    let listed = available(&[
        ("a", "3", "trixie"),
        ("a", "1", "main"),
        ("b", "1", "trixie"),
    ]);
    let suites = names(&["main", "trixie"]);
    let chosen = each(&listed, &names(&["a", "b"]), &suites).expect("is there");
    assert_eq!(
        chosen,
        available(&[("a", "1", "main"), ("b", "1", "trixie")])
    );
    assert_eq!(
        each(&listed, &names(&["a", "c"]), &suites),
        Err(names(&["c"]))
    );
}

#[test]
fn libraries_come_from_one_release_and_what_it_lacks_is_left_out() {
    let listed = available(&[
        ("xml", "1", "old"),
        ("icu72", "1", "old-security"),
        ("xml", "2", "new"),
        ("icu76", "2", "new"),
    ]);
    let packages = names(&["xml", "icu72", "icu76"]);
    let from = |suites: &[&str]| one_release(&listed, &packages, &names(suites));
    let old = available(&[("xml", "1", "old"), ("icu72", "1", "old-security")]);
    assert_eq!(from(&["old-security", "old", "new"]), Ok(old));
    let new = available(&[("xml", "2", "new"), ("icu76", "2", "new")]);
    assert_eq!(from(&["newest", "new", "old"]), Ok(new));
    assert_eq!(from(&["newest"]), Err(packages.clone()));
}
