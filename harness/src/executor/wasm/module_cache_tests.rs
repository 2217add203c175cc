use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use wasmtime::{Instance, Store};

use super::*;

/// A module that answers a number.
fn module(answer: i32) -> Vec<u8> {
    let text = format!(r#"(module (func (export "answer") (result i32) i32.const {answer}))"#);
    wat::parse_str(text).expect("a module")
}

struct Place {
    directory: tempfile::TempDir,
    engine: Engine,
}

impl Place {
    fn new() -> Self {
        Place {
            directory: tempfile::tempdir().expect("a directory"),
            engine: Engine::default(),
        }
    }

    /// What the module answers, and whether it had to be made.
    fn ask(&self, wasm: &[u8]) -> (i32, bool) {
        let before = self.kept(wasm);
        let cache = Cache(Some(self.directory.path().to_owned()));
        let module = cache.load(&self.engine, wasm, Path::new("a.wasm"));
        (
            answer(&self.engine, &module.expect("a module")),
            before != self.kept(wasm),
        )
    }

    /// Which file the module is kept in: one that was made anew is another.
    fn kept(&self, wasm: &[u8]) -> Option<u64> {
        let meta = fs::symlink_metadata(self.file(wasm)).ok()?;
        Some(meta.ino())
    }

    fn file(&self, wasm: &[u8]) -> PathBuf {
        let key = key(&self.engine, &[wasm]);
        self.directory.path().join(format!("{key}.cwasm"))
    }
}

fn answer(engine: &Engine, module: &Module) -> i32 {
    let mut store = Store::new(engine, ());
    let instance = Instance::new(&mut store, module, &[]).expect("an instance");
    let answer = instance.get_typed_func::<(), i32>(&mut store, "answer");
    answer
        .expect("the export")
        .call(&mut store, ())
        .expect("no trap")
}

/// Whatever has happened to a kept file, the answer is right, and the file is made anew and then good.
#[track_caller]
fn check(spoil: impl FnOnce(&Place, &Path)) {
    let (place, wasm) = (Place::new(), module(7));
    assert_eq!(place.ask(&wasm), (7, true));
    assert_eq!(place.ask(&wasm), (7, false));
    spoil(&place, &place.file(&wasm));
    assert_eq!(place.ask(&wasm), (7, true));
    assert_eq!(place.ask(&wasm), (7, false));
}

fn rewrite(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).expect("a file");
    change(&mut bytes);
    fs::write(path, bytes).expect("the file");
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("its mode");
}

#[test]
fn a_missing_file_is_made_anew() {
    check(|_, path| fs::remove_file(path).expect("removed"));
}

#[test]
fn a_truncated_file_is_made_anew() {
    for length in [0, 1, SEAL - 1, SEAL, SEAL + 1, 1000] {
        check(|_, path| rewrite(path, |bytes| bytes.truncate(length)));
    }
    check(|_, path| rewrite(path, |bytes| bytes.truncate(bytes.len() - 1)));
}

#[test]
fn one_flipped_bit_makes_a_file_anew() {
    for place in [0, SEAL - 1, SEAL, SEAL + 100] {
        check(|_, path| rewrite(path, |bytes| bytes[place] ^= 1));
    }
    let last = |bytes: &mut Vec<u8>| *bytes.last_mut().expect("a byte") ^= 0x80;
    check(|_, path| rewrite(path, last));
}

#[test]
fn a_file_that_others_can_write_is_made_anew() {
    check(|_, path| set_mode(path, 0o620));
    check(|_, path| set_mode(path, 0o602));
}

#[test]
fn a_file_of_somebody_else_is_made_anew() {
    // Only root can give a file away.
    if rustix::process::geteuid().is_root() {
        check(|_, path| std::os::unix::fs::chown(path, Some(12345), None).expect("given away"));
    }
}

#[test]
fn a_link_is_made_anew() {
    check(|_, path| {
        let elsewhere = path.with_extension("elsewhere");
        fs::rename(path, &elsewhere).expect("moved");
        std::os::unix::fs::symlink(elsewhere, path).expect("a link");
    });
}

#[test]
fn the_whole_file_of_another_module_is_made_anew() {
    check(|place, path| {
        let other = module(8);
        assert_eq!(place.ask(&other), (8, true));
        fs::copy(place.file(&other), path).expect("replaced");
    });
}

#[test]
fn another_configuration_has_a_file_of_its_own() {
    let (place, wasm) = (Place::new(), module(7));
    place.ask(&wasm);
    let mut config = wasmtime::Config::new();
    config.consume_fuel(true);
    let metered = Engine::new(&config).expect("an engine");
    assert_ne!(key(&place.engine, &[&wasm]), key(&metered, &[&wasm]));
}

#[test]
fn without_a_directory_nothing_is_kept() {
    let engine = Engine::default();
    let made = Cache(None).load(&engine, &module(1), Path::new("a.wasm"));
    assert_eq!(answer(&engine, &made.expect("a module")), 1);
}

#[test]
fn what_was_used_last_stays_when_there_is_too_much() {
    let place = Place::new();
    let modules = [module(1), module(2), module(3)];
    let age = |wasm: &[u8], seconds| {
        let file = fs::File::open(place.file(wasm)).expect("a file");
        let date = SystemTime::now() - Duration::from_secs(seconds);
        file.set_modified(date).expect("its date");
    };
    for (wasm, seconds) in modules.iter().zip([300, 200, 100]) {
        place.ask(wasm);
        age(wasm, seconds);
    }
    // Used again, the first is the newest.
    assert_eq!(place.ask(&modules[0]), (1, false));
    let size = |wasm: &[u8]| fs::metadata(place.file(wasm)).map_or(0, |meta| meta.len());
    let most = size(&modules[0]) + size(&modules[2]);
    make_room(place.directory.path(), most).expect("room");
    assert_eq!(
        modules.each_ref().map(|wasm| size(wasm) > 0),
        [true, false, true]
    );
    make_room(place.directory.path(), 0).expect("room");
    assert_eq!(modules.each_ref().map(|wasm| size(wasm)), [0; 3]);
}

#[test]
fn files_of_other_names_are_not_removed_to_make_room() {
    let place = Place::new();
    let wasm = module(1);
    place.ask(&wasm);
    let path = |name: &str| place.directory.path().join(name);
    // The second is what a run leaves that dies while it writes.
    let (photo, unfinished) = (path("summer.png"), path(&format!(".{}.x", "0a".repeat(32))));
    for file in [&photo, &unfinished] {
        fs::write(file, "x").expect("is written");
    }
    make_room(place.directory.path(), 0).expect("room");
    assert!(photo.exists());
    assert!(!unfinished.exists() && place.kept(&wasm).is_none());
}

#[test]
fn in_a_folder_of_something_else_nothing_is_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = Root::at(folder.path().to_owned());
    fs::create_dir(folder.path().join(COMPILED)).expect("is made");
    let failure = within(&root).expect_err("is refused");
    assert!(failure.to_string().contains("is not a cache of Parallax"));
    let left: Vec<_> = fs::read_dir(folder.path()).expect("lists").collect();
    assert_eq!(left.len(), 1);
    fs::remove_dir(folder.path().join(COMPILED)).expect("is removed");
    let compiled = within(&root).expect("is empty");
    assert!(compiled.is_dir());
}
