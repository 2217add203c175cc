//! Files of a corpus that say too much, too little, or what isn't so.

use super::scene::{Plant, Scene};

/// A node that is not the same on both legs, and one that is.
const NODES: &str = "\
import math
import sys


class Where:
    def process(self, data):
        return sys.platform


class Near:
    def process(self, data):
        return 1.0 if sys.platform == 'linux' else math.nextafter(1.0, 2.0)


class Same:
    def process(self, data):
        return {'x': [1.5, 2.5], 'y': 'text'}


class One:
    def process(self, data):
        return 1
";

const ENTRY: &str = "\
[[divergence]]
case = \"where\"
cause = \"capability\"
reason = \"the platform has a name of its own\"
path = \"outputs[0]\"
reference = '\"linux\"'
candidate = '\"wasi\"'
";

const POLICY: &str = "\
[[policy]]
name = \"near\"
ulp.f64 = { bound = 2, worst = 1 }
why = \"it is planted\"
";

const fn plant(
    group: &'static str,
    name: &'static str,
    find: fn(&Scene) -> Result<(), String>,
) -> Plant {
    Plant { group, name, find }
}

const fn ledger(name: &'static str, find: fn(&Scene) -> Result<(), String>) -> Plant {
    plant("ledger", name, find)
}

const fn policy(name: &'static str, find: fn(&Scene) -> Result<(), String>) -> Plant {
    plant("policies", name, find)
}

const fn snapshot(name: &'static str, find: fn(&Scene) -> Result<(), String>) -> Plant {
    plant("snapshots", name, find)
}

pub(super) const PLANTS: [Plant; 27] = [
    ledger("the truth", |scene| {
        with_entry(scene, ENTRY)?.verify(&[], 0, &["expected"])
    }),
    ledger("nothing", |scene| {
        with_entry(scene, "")?.verify(&[], 1, &["outputs[0]: \"linux\" != \"wasi\""])
    }),
    ledger("an entry without a pin", |scene| {
        let entry = ENTRY.replace("candidate = '\"wasi\"'\n", "");
        with_entry(scene, &entry)?.verify(&[], 2, &["ledger.toml", "candidate"])
    }),
    ledger("an entry with another value of the candidate", |scene| {
        let entry = ENTRY.replace("\"wasi\"", "\"wasix\"");
        with_entry(scene, &entry)?.verify(&[], 1, &["wasix"])
    }),
    ledger("an entry with another value of the reference", |scene| {
        let entry = ENTRY.replace("\"linux\"", "\"darwin\"");
        with_entry(scene, &entry)?.verify(&[], 1, &["darwin"])
    }),
    ledger("an entry for a larger place", |scene| {
        let entry = ENTRY.replace("outputs[0]", "outputs");
        with_entry(scene, &entry)?.verify(&[], 1, &["outputs[0]"])
    }),
    ledger("an entry for another pair of targets", |scene| {
        let entry = format!("{ENTRY}targets = [\"*-linux\", \"wasm64-*\"]\n");
        with_entry(scene, &entry)?.verify(&[], 1, &["outputs[0]"])
    }),
    ledger("an entry for another version", |scene| {
        let entry = format!("{ENTRY}versions = {{ numpy = \"1.0\" }}\n");
        with_entry(scene, &entry)?.verify(&[], 1, &["outputs[0]"])
    }),
    ledger("an entry of which the difference is gone", |scene| {
        let stale = ENTRY.replace("outputs[0]", "outputs[1]");
        let entries = format!("{ENTRY}\n{stale}");
        with_entry(scene, &entries)?.verify(&[], 1, &["stale", "outputs[1]"])
    }),
    ledger("an entry for no case", |scene| {
        let entry = ENTRY.replace("\"where\"", "\"nowhere\"");
        with_entry(scene, &entry)?.verify(&[], 2, &["ledger.toml", "nowhere"])
    }),
    ledger("an entry for a family without a difference", |scene| {
        let entry = ENTRY.replace("\"where\"", "\"*\"");
        scene.case("same", "nodes:Same", "")?;
        with_entry(scene, &entry)?.verify(&[], 1, &["stale"])
    }),
    ledger("an unknown cause", |scene| {
        let entry = ENTRY.replace("\"capability\"", "\"fate\"");
        with_entry(scene, &entry)?.verify(&[], 2, &["ledger.toml", "fate"])
    }),
    ledger("a difference that nobody has explained", |scene| {
        let entry = ENTRY.replace("\"capability\"", "\"unexplained\"");
        with_entry(scene, &entry)?.verify(&[], 1, &["unexplained"])
    }),
    ledger("an entry without a reason", |scene| {
        let entry = ENTRY.replace("the platform has a name of its own", " ");
        with_entry(scene, &entry)?.verify(&[], 2, &["ledger.toml", "reason"])
    }),
    policy("the truth", |scene| {
        with_policy(scene, POLICY, "policy = \"near\"\n")?.verify(&["--locked"], 0, &[])
    }),
    policy("no policy", |scene| {
        with_policy(scene, POLICY, "")?.verify(&[], 1, &["1.0 != 1.0000000000000002"])
    }),
    policy("a place that nothing is at", |scene| {
        let place = "[[compare]]\npath = \"outputs[0].x\"\npolicy = \"near\"\n";
        let settings = format!("policy = \"near\"\n{place}");
        with_policy(scene, POLICY, &settings)?.verify(&[], 1, &["nothing there"])
    }),
    policy("a property of nothing", |scene| {
        let rows = format!(
            "{POLICY}\n[[policy]]\nname = \"any\"\nproperty = \"any-order\"\nwhy = \"it is planted\"\n"
        );
        scene.case("one", "nodes:One", "policy = \"any\"\n")?;
        with_policy(scene, &rows, "policy = \"near\"\n")?.verify(
            &["--filter", "one"],
            1,
            &["nothing there for the property"],
        )
    }),
    policy("a bound below what is seen", |scene| {
        let row = POLICY.replace("bound = 2, worst = 1", "bound = 0, worst = 0");
        with_policy(scene, &row, "policy = \"near\"\n")?.verify(&[], 1, &["1.0000000000000002"])
    }),
    policy("a worst that has been exceeded", |scene| {
        let row = POLICY.replace("worst = 1", "worst = 0");
        with_policy(scene, &row, "policy = \"near\"\n")?.verify(&["--locked"], 1, &["worst"])
    }),
    policy("a norm without its terms", |scene| {
        let row = POLICY.replace(
            "ulp.f64 = { bound = 2, worst = 1 }",
            "norm = { bound = 2.0, worst = 1.0 }",
        );
        with_policy(scene, &row, "policy = \"near\"\n")?.verify(&[], 2, &["terms"])
    }),
    policy("a policy that there isn't", |scene| {
        with_policy(scene, POLICY, "policy = \"far\"\n")?.verify(&[], 2, &["far"])
    }),
    snapshot("another value in a snapshot", |scene| {
        let text = pinned(scene)?.read("corpus/snapshots/same.snap")?;
        scene.put("corpus/snapshots/same.snap", &text.replace("2.5", "3.5"))?;
        scene.verify(&[], 1, &["same", "3.5"])
    }),
    snapshot("a change on both legs alike", |scene| {
        pinned(scene)?;
        scene.put("corpus/nodes/nodes.py", &NODES.replace("'text'", "'texts'"))?;
        scene.verify(&[], 1, &["same", "texts"])
    }),
    snapshot("a snapshot less", |scene| {
        pinned(scene)?.remove("corpus/snapshots/same.snap")?;
        scene.put("corpus/snapshots/README.md", "")?;
        scene.remove("corpus/snapshots/README.md")?;
        scene.verify(&["--locked"], 1, &["same.snap is missing"])
    }),
    snapshot("a snapshot without a case", |scene| {
        let text = pinned(scene)?.read("corpus/snapshots/same.snap")?;
        scene.put("corpus/snapshots/other.snap", &text)?;
        scene.verify(&[], 2, &["other.snap"])
    }),
    snapshot("half a snapshot", |scene| {
        let text = pinned(scene)?.read("corpus/snapshots/same.snap")?;
        scene.put("corpus/snapshots/same.snap", &text[..text.len() / 2])?;
        scene.verify(&[], 2, &["same.snap"])
    }),
];

fn with_entry<'s>(scene: &'s Scene, entry: &str) -> Result<&'s Scene, String> {
    scene.put("corpus/nodes/nodes.py", NODES)?;
    scene.case("where", "nodes:Where", "")?;
    scene.put("corpus/ledger.toml", entry)?;
    Ok(scene)
}

fn with_policy<'s>(scene: &'s Scene, rows: &str, settings: &str) -> Result<&'s Scene, String> {
    scene.put("corpus/nodes/nodes.py", NODES)?;
    scene.case("near", "nodes:Near", settings)?;
    scene.put("corpus/policy.toml", rows)?;
    Ok(scene)
}

/// A corpus of one case whose outcome is pinned, and which is green.
fn pinned(scene: &Scene) -> Result<&Scene, String> {
    scene.put("corpus/nodes/nodes.py", NODES)?;
    scene.case("same", "nodes:Same", "")?;
    scene.run("accept", &[])?.check(0, &[])?;
    scene.verify(&["--locked"], 0, &[])?;
    Ok(scene)
}
