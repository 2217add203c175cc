use super::*;

const PRINTED: &str = "\
'http://mirror.example/debian/dists/bookworm/InRelease' mirror.example_debian_dists_bookworm_InRelease 0 
'http://mirror.example/debian/dists/bookworm-updates/InRelease' mirror 0 
'http://mirror.example/debian-security/dists/bookworm-security/InRelease' mirror 0 
'http://mirror.example/debian/dists/bookworm/main/binary-amd64/Packages.xz' mirror 0 
'https://tools.example/apt/dists/nodistro/InRelease' tools 0 
";

#[test]
fn the_archives_come_from_the_machines_configuration() {
    let archives = Archives::parse(PRINTED, "bookworm").expect("is there");
    assert_eq!(archives.base, "http://mirror.example/debian");
    assert_eq!(
        archives.security.as_deref(),
        Some("http://mirror.example/debian-security")
    );
    assert_eq!(Archives::parse(PRINTED, "noble"), None);
    assert_eq!(Archives::parse(PRINTED, ""), None);
    let moving = PRINTED.replace("bookworm", "oldstable");
    assert!(
        Archives::parse(&moving, "bookworm").is_some_and(|archives| archives.security.is_some())
    );
}

#[test]
fn each_suite_gets_one_signed_line() {
    let archives = Archives::parse(PRINTED, "bookworm").expect("is there");
    let suites = [
        ("security", false),
        ("main", false),
        ("trixie", true),
        ("bookworm", false),
    ];
    let lines = archives.source_lines(
        "bookworm",
        &suites.map(|(name, source)| (name.to_owned(), source)),
    );
    let lines: Vec<&str> = lines.lines().collect();
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert!(
        lines
            .iter()
            .all(|line| line.contains("[signed-by=/usr/share/keyrings/"))
    );
    assert!(lines.iter().any(|line| {
        line.ends_with("http://mirror.example/debian-security bookworm-security main")
    }));
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("deb-src ") && line.ends_with("/debian trixie main"))
    );
}

#[test]
fn a_machine_without_security_updates_has_no_such_line() {
    let archives = Archives {
        base: "http://m/debian".into(),
        security: None,
    };
    assert_eq!(
        archives.source_lines("trixie", &[("security".into(), false)]),
        "\n"
    );
}

#[test]
fn madison_lines_are_read_and_sources_are_skipped() {
    let read = parse_madison(
        "  clang-22 | 1:22.1.8-1 | http://m/debian-security bookworm-security/main amd64 Packages",
    );
    let clang = Available {
        package: "clang-22".into(),
        version: "1:22.1.8-1".into(),
        suite: "bookworm-security".into(),
    };
    assert_eq!(read, Some(clang));
    assert_eq!(
        parse_madison("zlib | 1:1.3 | http://m/debian trixie/main Sources"),
        None
    );
    assert_eq!(parse_madison("N: nothing found"), None);
}

#[test]
fn only_the_last_commands_complaints_are_quoted() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("log");
    std::fs::write(
        &log,
        "$ apt-get update\nE: old\n$ apt-get download x\nHit:1\nE: new\nE: new\n",
    )
    .expect("is written");
    assert_eq!(complaints(&log), "E: new");
}
