//! Cases that are skipped or lost, executors that disappear, and records that aren't whole.

use super::scene::{Plant, Scene, said};

/// A module of the standard library that WebAssembly lacks.
const NATIVE_ONLY: &str = "termios";

const fn plant(
    group: &'static str,
    name: &'static str,
    find: fn(&Scene) -> Result<(), String>,
) -> Plant {
    Plant { group, name, find }
}

pub(super) const PLANTS: [Plant; 13] = [
    plant("skips", "a module that one leg lacks", |scene| {
        two_cases(scene, &format!("requires = [\"{NATIVE_ONLY}\"]\n"))?;
        scene.verify(&[], 1, &["skip", NATIVE_ONLY, "second"])
    }),
    plant("skips", "a skip that is allowed", |scene| {
        two_cases(scene, &format!("requires = [\"{NATIVE_ONLY}\"]\n"))?;
        scene.verify(&["--allow-skip", "second"], 0, &["second"])
    }),
    plant("skips", "another case that is allowed", |scene| {
        two_cases(scene, &format!("requires = [\"{NATIVE_ONLY}\"]\n"))?;
        scene.verify(&["--allow-skip", "first"], 1, &["skip"])
    }),
    plant("skips", "a module whose name is misspelt", |scene| {
        two_cases(scene, "requires = [\"nunpy\"]\n")?;
        scene.verify(&[], 2, &["second.toml", "nunpy"])
    }),
    plant("skips", "a module that itself lacks one", |scene| {
        two_cases(scene, "requires = [\"broken\"]\n")?;
        scene.put("corpus/nodes/broken.py", "import nunpy\n")?;
        scene.case("second", "broken:Node", "requires = [\"broken\"]\n")?;
        scene.verify(&[], 1, &["nunpy"])
    }),
    plant("dropped cases", "an executor that disappears", |scene| {
        two_cases(scene, "")?;
        use std::os::unix::fs::PermissionsExt as _;
        let script = format!("#!/bin/sh\nrm -f \"$0\"\nexec '{}'\n", native(scene)?);
        scene.put("vanishing.sh", &script)?;
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(scene.path("vanishing.sh"), mode)
            .map_err(|error| error.to_string())?;
        let program = scene.path("vanishing.sh").to_string_lossy().into_owned();
        let legs = [
            "--leg", "wasm", "--leg", "native", "--jobs", "1", "--native", &program,
        ];
        scene.verify(&legs, 3, &["broken", "second"])
    }),
    plant(
        "dropped cases",
        "a run that ends with its first failure",
        |scene| {
            two_cases(scene, "")?;
            scene.case("a_fails", "nodes:Missing", "")?;
            scene.verify(&["--fail-fast", "--jobs", "1"], 1, &["first", "second"])
        },
    ),
    plant("dropped cases", "a filter that chooses nothing", |scene| {
        two_cases(scene, "")?;
        scene.verify(&["--filter", "third"], 2, &["third"])
    }),
    plant("records", "the truth", |scene| render(scene, Some, 0)),
    plant("records", "the last line lost", |scene| {
        render(scene, |text| without(text, "finished"), 2)
    }),
    plant("records", "the line of a case lost", |scene| {
        render(scene, |text| without(text, "second"), 2)
    }),
    plant("records", "a word changed", |scene| {
        render(
            scene,
            |text| Some(text.replacen("\"pass\"", "\"expected\"", 1)),
            2,
        )
    }),
    plant("records", "half a line", |scene| {
        render(scene, |text| Some(text[..text.len() - 40].to_owned()), 2)
    }),
];

fn two_cases(scene: &Scene, settings: &str) -> Result<(), String> {
    let node = "class Node:\n    def process(self, data):\n        return 1\n";
    scene.put("corpus/nodes/nodes.py", node)?;
    scene.case("first", "nodes:Node", "")?;
    scene.case("second", "nodes:Node", settings)
}

/// The built native executor.
fn native(scene: &Scene) -> Result<String, String> {
    let text = std::fs::read_to_string(scene.build()).map_err(|error| error.to_string())?;
    let build: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let program = build["native"]["program"].as_str();
    program
        .map(str::to_owned)
        .ok_or_else(|| "no program".to_owned())
}

/// The record of a green run, changed, and shown again.
fn render(scene: &Scene, change: fn(String) -> Option<String>, code: i32) -> Result<(), String> {
    two_cases(scene, "")?;
    scene.verify(&["--json", "record.jsonl"], 0, &[])?;
    let text = scene.read("record.jsonl")?;
    let changed = change(text.clone()).ok_or("there is nothing to change")?;
    if code != 0 && changed == text {
        return Err("nothing was changed".to_owned());
    }
    scene.put("record.jsonl", &changed)?;
    let mut command = scene.command("render")?;
    command.arg("record.jsonl");
    said(command)?.check(code, &[])
}

/// Without the line of a case, or the last one.
fn without(text: String, what: &str) -> Option<String> {
    let is_it = |line: &&str| {
        line.contains(&format!("\"event\":\"{what}\""))
            || line.contains(&format!("\"id\":\"{what}\",\"desc"))
    };
    let kept: Vec<&str> = text.lines().filter(|line| !is_it(line)).collect();
    (kept.len() + 1 == text.lines().count()).then(|| kept.join("\n") + "\n")
}
