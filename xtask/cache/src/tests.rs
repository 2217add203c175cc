use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::sync::Barrier;

use parallax_failure::Class;

use super::*;

/// Every entry below a folder, with what would change if it were touched.
fn tree(folder: &Path) -> BTreeMap<PathBuf, (i64, i64, Vec<u8>)> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(path) = open.pop() {
        let meta = fs::symlink_metadata(&path).expect("is there");
        let mut content = Vec::new();
        if meta.is_file() {
            content = fs::read(&path).expect("is read");
        } else if meta.is_dir() {
            open.extend(entries(&path).expect("lists"));
        }
        found.insert(path, (meta.mtime(), meta.mtime_nsec(), content));
    }
    found
}

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    /// A folder with these files; a name that ends in a slash is a folder.
    fn with(names: &[&str]) -> Self {
        let place = Self::new();
        for name in names {
            place.add(name, "");
        }
        place
    }

    fn add(&self, name: &str, text: &str) {
        let path = self.0.path().join(name);
        let folder = match name.ends_with('/') {
            true => Some(path.as_path()),
            false => path.parent(),
        };
        fs::create_dir_all(folder.expect("has a parent")).expect("is made");
        if !name.ends_with('/') {
            fs::write(&path, text).expect("is written");
        }
    }

    fn root(&self) -> Root {
        Root::at(self.0.path().to_path_buf())
    }

    fn mark(&self) -> mark::Mark {
        mark::read(self.0.path()).expect("is marked")
    }

    /// It is refused as bad input, with `part` in the message, and left as it is.
    #[track_caller]
    fn is_refused(&self, part: &str) {
        let before = tree(self.0.path());
        for failure in [self.root().check(), self.root().claim()] {
            let failure = failure.expect_err("is refused");
            assert_eq!(failure.class, Class::Usage, "{failure}");
            let folder = self.0.path().display().to_string();
            for part in [part, &folder] {
                assert!(failure.message.contains(part), "{part} in {failure}");
            }
            let hint = failure.hint.expect("has a remedy");
            assert!(hint.contains(VARIABLE), "{hint}");
        }
        assert_eq!(tree(self.0.path()), before);
    }
}

const OLDER: [&str; 6] = [
    "lock",
    "downloads/file",
    "logs/llvm.log",
    "compiled/module",
    "llvm-0123456789abcdef/parallax-step.json",
    "cpython-wasi-0123456789abcdef/parallax-step.json",
];

#[test]
fn a_folder_with_other_things_is_refused_and_left_alone() {
    for names in [
        ["notes.txt"].as_slice(),
        &["tmp/"],
        &["lock", "logs/", "tmp/", "downloads/"],
        &[".hidden"],
        // Looks like a step, and has no record.
        &["lock", "photos-0123456789abcdef/summer"],
        // One foreign entry in an older cache.
        &[&OLDER[..], &["photos/summer"]].concat(),
        // An older cache whose lock is missing.
        &OLDER[1..],
    ] {
        Place::with(names).is_refused("is not a cache of Parallax");
    }
}

#[test]
fn an_older_cache_whose_lock_or_folder_is_something_else_is_refused() {
    let place = Place::with(&OLDER);
    place.add("lock", "pid 7");
    place.is_refused("is not a cache of Parallax");
    let place = Place::with(&OLDER);
    symlink("downloads", place.0.path().join("tmp")).expect("a link");
    place.is_refused("is not a cache of Parallax");
}

#[test]
fn the_cache_of_another_program_is_refused() {
    for text in [
        "Signature: 8a477f597d28d172789f06886806bc55\n# made by a compiler\n",
        "parallax-cache-format: 1\n",
        "",
    ] {
        let place = Place::with(&["tmp/"]);
        place.add(mark::FILE, text);
        place.is_refused("CACHEDIR.TAG");
    }
}

#[test]
fn a_link_to_the_mark_of_a_cache_is_no_mark() {
    let cache = Place::new();
    cache.root().claim().expect("is empty");
    let place = Place::with(&["tmp/keep"]);
    symlink(
        cache.0.path().join(mark::FILE),
        place.0.path().join(mark::FILE),
    )
    .expect("a link");
    place.is_refused("CACHEDIR.TAG");
}

#[test]
fn another_format_is_refused_with_both_numbers() {
    let place = Place::with(&["tmp/"]);
    let text = "Signature: 8a477f597d28d172789f06886806bc55\nparallax-cache-format: 7\n";
    place.add(mark::FILE, text);
    place.is_refused("format 7, and this version of Parallax has format 1");
}

#[test]
fn a_file_in_the_place_is_refused() {
    let place = Place::with(&["file"]);
    let root = Root::at(place.0.path().join("file"));
    assert_eq!(root.check().expect_err("is refused").class, Class::Usage);
    assert_eq!(root.claim().expect_err("is refused").class, Class::Usage);
}

#[test]
fn a_missing_or_empty_folder_becomes_a_cache() {
    let place = Place::new();
    let text = |root: &Root| fs::read_to_string(root.path().join(mark::FILE)).expect("is marked");
    for root in [place.root(), Root::at(place.0.path().join("below/it"))] {
        // The mark of a run that died is no other thing.
        if root.path().is_dir() {
            place.add(mark::NEW, "Signa");
        }
        root.check().expect("is fine");
        root.claim().expect("is fine");
        let text = text(&root);
        assert!(text.starts_with("Signature: 8a477f597d28d172789f06886806bc55\n"));
        assert_eq!(mark::read(root.path()).ok(), Some(mark::Mark::Ours(1)));
        assert!(!root.path().join(mark::NEW).exists());
        let _ = fs::remove_file(root.path().join(mark::FILE));
    }
}

#[test]
fn a_check_writes_nothing() {
    let place = Place::new();
    let below = Root::at(place.0.path().join("below"));
    let before = tree(place.0.path());
    place.root().check().expect("is fine");
    below.check().expect("is fine");
    assert_eq!(tree(place.0.path()), before);
}

#[test]
fn a_marked_cache_is_taken_without_writing_whatever_else_it_holds() {
    let place = Place::new();
    place.root().claim().expect("is empty");
    place.add("tmp/half", "");
    place.add("notes.txt", "");
    let before = tree(place.0.path());
    place.root().claim().expect("is ours");
    assert_eq!(tree(place.0.path()), before);
}

#[test]
fn an_older_cache_is_marked_and_keeps_what_it_has() {
    let place = Place::with(&OLDER);
    let before = tree(place.0.path());
    place.root().check().expect("is an older cache");
    assert_eq!(tree(place.0.path()), before);
    place.root().claim().expect("is an older cache");
    assert_eq!(place.mark(), mark::Mark::Ours(1));
    assert!(OLDER.iter().all(|name| place.0.path().join(name).exists()));
}

#[test]
fn a_link_to_a_folder_is_a_place_and_a_link_to_nothing_is_none() {
    let place = Place::new();
    let (link, target) = (place.0.path().join("link"), place.0.path().join("target"));
    symlink(&target, &link).expect("a link");
    let root = Root::at(link);
    assert_eq!(
        root.claim().expect_err("no folder").class,
        Class::Environment
    );
    fs::create_dir(&target).expect("is made");
    root.claim().expect("is empty");
    assert_eq!(mark::read(&target).ok(), Some(mark::Mark::Ours(1)));
}

#[test]
fn a_place_that_cannot_be_written_is_the_environments() {
    // Not even root can make a folder there.
    let failure = Root::at("/proc/parallax/cache".into()).claim();
    let failure = failure.expect_err("is no place");
    assert_eq!(failure.class, Class::Environment, "{failure}");
    assert!(failure.hint.is_some_and(|hint| hint.contains(VARIABLE)));
}

#[test]
fn first_runs_at_the_same_time_all_get_the_cache() {
    for _ in 0..50 {
        let place = Place::new();
        let path = place.0.path().join("cache");
        let (start, count) = (Barrier::new(8), 8);
        std::thread::scope(|scope| {
            let claims: Vec<_> = (0..count)
                .map(|index| {
                    let (root, start) = (Root::at(path.clone()), &start);
                    scope.spawn(move || {
                        start.wait();
                        root.check()?;
                        root.claim()?;
                        // What a run writes next must not look foreign to the others.
                        let folder = root.folder("tmp")?;
                        fs::write(folder.join(index.to_string()), "").expect("is written");
                        root.check()
                    })
                })
                .collect();
            for claim in claims {
                claim.join().expect("no panic").expect("is the cache");
            }
        });
        assert_eq!(mark::read(&path).ok(), Some(mark::Mark::Ours(1)));
        assert_eq!(entries(&path.join("tmp")).expect("lists").len(), count);
    }
}

#[test]
fn a_folder_of_the_cache_that_is_a_link_is_refused() {
    let (place, photos) = (Place::new(), Place::with(&["summer"]));
    place.root().claim().expect("is empty");
    symlink(photos.0.path(), place.0.path().join(COMPILED)).expect("a link");
    let failure = place.root().folder(COMPILED).expect_err("is a link");
    assert_eq!(failure.class, Class::Usage, "{failure}");
    assert!(place.root().folder("logs").expect("is made").is_dir());
}
