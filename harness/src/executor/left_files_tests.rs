//! Everything that is left is seen, and nothing that is left can harm who looks.

use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{FileExt as _, PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;

use super::*;
use crate::executor::fresh_directory;

fn directory() -> tempfile::TempDir {
    fresh_directory().unwrap_or_else(|problem| panic!("{problem}"))
}

fn found(directory: &tempfile::TempDir) -> Vec<LeftFile> {
    left_files(directory.path()).unwrap_or_else(|problem| panic!("{problem}"))
}

/// Path, kind, mode, size and the first digits of the digest of each entry.
fn told(directory: &tempfile::TempDir) -> Vec<String> {
    let tell = |file: LeftFile| {
        let digest: String = file.digest.chars().take(16).collect();
        format!(
            "{} {:?} {:o} {} {digest}",
            file.path, file.kind, file.mode, file.size
        )
    };
    found(directory).into_iter().map(tell).collect()
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("its mode");
}

#[test]
fn an_untouched_directory_has_nothing_to_tell() {
    assert_eq!(found(&directory()), []);
}

#[test]
fn files_folders_and_links_are_told_by_path_kind_mode_size_and_contents() {
    let place = directory();
    let at = |name: &str| place.path().join(name);
    fs::create_dir_all(at("b/inner")).expect("folders");
    fs::write(at("b/inner/abc"), "abc").expect("a file");
    fs::write(at("empty"), "").expect("a file");
    symlink("b/nowhere", at("link")).expect("a link");
    for (name, mode) in [
        ("b", 0o755),
        ("b/inner", 0o700),
        ("b/inner/abc", 0o640),
        ("empty", 0o644),
    ] {
        set_mode(&at(name), mode);
    }
    assert_eq!(
        told(&place),
        [
            "b Directory 755 0 ",
            "b/inner Directory 700 0 ",
            "b/inner/abc File 640 3 ba7816bf8f01cfea",
            "empty File 644 0 e3b0c44298fc1c14",
            "link Link 777 0 b/nowhere",
        ]
    );
}

#[test]
fn what_is_neither_file_nor_folder_is_told_without_being_opened() {
    let place = directory();
    let pipe = place.path().join("pipe");
    rustix::fs::mkfifoat(CWD, &pipe, Mode::RWXU).expect("a named pipe");
    let _socket = UnixListener::bind(place.path().join("socket")).expect("a socket");
    let found: Vec<_> = found(&place)
        .into_iter()
        .map(|file| (file.kind, file.digest))
        .collect();
    let other = |what: &str| (FileKind::Other, what.to_owned());
    assert_eq!(found, [other("named pipe"), other("socket")]);
}

#[test]
fn what_its_owner_may_not_read_is_read_all_the_same() {
    let place = directory();
    let folder = place.path().join("d");
    fs::create_dir(&folder).expect("a folder");
    fs::write(folder.join("f"), "abc").expect("a file");
    set_mode(&folder.join("f"), 0);
    set_mode(&folder, 0);
    set_mode(place.path(), 0o500);
    assert_eq!(
        told(&place),
        [
            ". Directory 500 0 ",
            "d Directory 0 0 ",
            "d/f File 0 3 ba7816bf8f01cfea"
        ]
    );
    let path = place.path().to_owned();
    place.close().expect("it can be removed");
    assert!(!path.exists());
}

#[test]
fn a_directory_that_is_gone_or_something_else_is_told() {
    let place = directory();
    fs::remove_dir(place.path()).expect("it is empty");
    assert_eq!(told(&place), [". Other 0 0 missing"]);
    symlink("/", place.path()).expect("a link");
    assert_eq!(told(&place), [". Other 777 0 no directory any"]);
    fs::remove_file(place.path()).expect("a link");
}

#[test]
fn no_two_names_become_one() {
    let place = directory();
    for name in [&b"\xff"[..], b"\\xff", b"line\nend", "\u{e9}".as_bytes()] {
        fs::write(place.path().join(OsStr::from_bytes(name)), "").expect("a file");
    }
    let paths: Vec<String> = found(&place).into_iter().map(|file| file.path).collect();
    assert_eq!(paths, ["\\\\xff", "\\xff", "line\nend", "\u{e9}"]);
}

#[test]
fn a_huge_file_of_holes_is_told_by_what_it_holds() {
    let place = directory();
    let make = |name: &str, size: u64, byte: u8| {
        let file = File::create(place.path().join(name)).expect("a file");
        file.set_len(size).expect("its length");
        file.write_all_at(&[byte], size / 2).expect("a byte");
    };
    for (name, byte) in [("a", 1), ("b", 1), ("c", 2), ("zeros", 0)] {
        make(name, 1 << 40, byte);
    }
    // The same contents, without a hole.
    let size = WHOLE + 5;
    fs::write(place.path().join("full"), vec![0; size as usize]).expect("a file");
    make("hollow", size, 0);
    let files = found(&place);
    let digest = |name: &str| {
        let found = files.iter().find(|file| file.path == name);
        found.expect("it was listed").digest.clone()
    };
    assert_eq!(digest("a"), digest("b"));
    assert_ne!(digest("a"), digest("c"));
    assert_ne!(digest("a"), digest("zeros"));
    assert_eq!(digest("full"), digest("hollow"));
}

#[test]
fn however_many_there_are_none_is_dropped() {
    const MOST: usize = 50;
    let place = directory();
    let make = |index: usize, text: &str| {
        fs::write(place.path().join(format!("{index:05}")), text).expect("a file");
    };
    let found = || list(place.path(), MOST).unwrap_or_else(|problem| panic!("{problem}"));
    (0..MOST + 3).for_each(|index| make(index, ""));
    let before = found();
    assert_eq!(before.len(), MOST + 1);
    assert_eq!(before[MOST].path, "… and 3 more");
    for index in 0..MOST + 3 {
        make(index, "x");
        assert_ne!(found(), before, "{index}");
        make(index, "");
        assert_eq!(found(), before, "{index}");
    }
    let last = format!("{:05}", MOST + 2);
    fs::rename(place.path().join(last), place.path().join("99999")).expect("renamed");
    assert_ne!(found(), before);
}

#[test]
fn a_path_may_be_longer_than_the_kernel_takes_but_not_endless() {
    let place = directory();
    let name = "n".repeat(250);
    let deepen = |folder: OwnedFd, times: usize| {
        (0..times).fold(folder, |folder, _| {
            rustix::fs::mkdirat(&folder, &name, Mode::RWXU).expect("a folder");
            open_folder(folder.as_fd(), &name).expect("it was made")
        })
    };
    let deep = deepen(open_folder(CWD, place.path()).expect("it is there"), 40);
    assert_eq!(found(&place).len(), 40);
    deepen(deep, DEEPEST);
    let problem = left_files(place.path()).expect_err("too deep");
    assert!(problem.report().contains("nested too deep"), "{problem}");
}
