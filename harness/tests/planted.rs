//! Differences that lean on how Parallax itself works: each must make a run red, and say where.

mod common;

use common::{build_file, directory, parallax, said};

/// A node that knows which leg it runs on, as only a planted difference does.
const LEG: &str = "import sys\nwasm = sys.platform == 'wasi'\n";

/// A corpus, and what a run over it says.
struct Planted {
    files: Vec<(String, String)>,
}

impl Planted {
    /// One case, `x/a`, with one node of the class `N`; `body` is what it does with `x`, indented by 8.
    fn node(body: &str) -> Self {
        let source = format!(
            "{LEG}import numpy as np\nclass N:\n    def process(self, x):\n        {body}\n"
        );
        Planted { files: Vec::new() }
            .module("n", &source)
            .case("x/a", "n:N")
    }

    fn module(self, name: &str, source: &str) -> Self {
        self.file(&format!("nodes/{name}.py"), source)
    }

    fn case(self, id: &str, node_type: &str) -> Self {
        let node = format!(r#"{{"id":"a","node_type":"{node_type}"}}"#);
        let manifest = format!(
            r#"{{"manifest":{{"version":"v1","metadata":{{"name":"t"}},"nodes":[{node}],"connections":[]}},"input_data":[1,2]}}"#
        );
        self.file(&format!("manifests/{id}.json"), &manifest)
    }

    fn settings(self, text: &str) -> Self {
        self.file("manifests/x/a.toml", text)
    }

    fn policy(self, text: &str) -> Self {
        let text = format!("[[policy]]\nwhy = \"planted\"\n{text}\n");
        self.file("policy.toml", &text)
    }

    fn ledger(self, text: &str) -> Self {
        self.file("ledger.toml", text)
    }

    fn file(mut self, name: &str, text: &str) -> Self {
        self.files.push((name.to_owned(), text.to_owned()));
        self
    }

    fn verify(&self) -> (i32, String) {
        let files: Vec<(&str, &str)> = self
            .files
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .collect();
        let corpus = directory(&files);
        let corpus = corpus.path().to_string_lossy().into_owned();
        let build = build_file().to_string_lossy().into_owned();
        let arguments = ["verify", "--corpus", &corpus, "--build", &build];
        let (code, stdout, stderr) = said(&parallax(&arguments));
        (code, format!("{stdout}{stderr}"))
    }

    #[track_caller]
    fn is_red(&self, expected: &str) {
        self.ends_with(1, expected);
    }

    #[track_caller]
    fn is_green(&self) {
        self.ends_with(0, " passed, 0 failed");
    }

    #[track_caller]
    fn ends_with(&self, code: i32, expected: &str) {
        let (found, said) = self.verify();
        assert_eq!(found, code, "{said}");
        assert!(said.contains(expected), "expected {expected:?} in\n{said}");
    }
}

const RAISED: &str = "expect = \"raised\"\n";

#[test]
fn what_a_module_does_at_import_harms_no_case_that_does_not_import_it() {
    let looks = |body: &str| {
        format!("import json, math\nclass N:\n    def process(self, x):\n        return {body}\n")
    };
    Planted { files: Vec::new() }
        .module("bad", "import math\nmath.erfc = lambda x: 0.0\n")
        .module("dies", "import os\nos._exit(3)\n")
        .module("loops", "while True: pass\n")
        .module("shadows", "import sys\nsys.modules['json'] = None\n")
        .module("registry", "REG = {}\n")
        .module("plugin", "from registry import REG\nREG['plugin'] = 1\n")
        .module("n", &looks("[math.erfc(1.0) > 0.1, json.dumps([1])]"))
        .module("m", "from registry import REG\nclass N:\n    def process(self, x):\n        assert REG == {}\n        return 1\n")
        .case("x/a", "n:N")
        .case("x/b", "m:N")
        .is_green();
}

#[test]
fn what_a_module_makes_at_import_is_each_cases_own() {
    Planted { files: Vec::new() }
        .module("n", "import time, uuid, os\nBORN = time.time()\nF = open(__file__)\nclass N:\n    def process(self, x):\n        assert time.time() - BORN < 5\n        assert F.tell() == 0 or x == 2\n        return len(F.read(5))\n")
        .case("x/a", "n:N")
        .case("x/b", "n:N")
        .is_green();
}

#[test]
fn a_submodule_is_there_only_for_who_has_imported_it() {
    let body = "import concurrent\n        return concurrent.futures.__name__";
    Planted::node(body).settings(RAISED).is_green();
}

#[test]
fn every_exception_of_a_tree_is_compared() {
    for (body, path) in [
        (
            "raise ExceptionGroup('g', [ValueError(wasm)])",
            "error.exception.members[0].message",
        ),
        (
            "raise ValueError('v') from KeyError(wasm)",
            "error.exception.cause.message",
        ),
        (
            "try: int(f'x{wasm}')\n        except ValueError: raise TypeError('t')",
            "error.exception.context.message",
        ),
        (
            "e = ValueError('v'); e.add_note(f'{wasm}'); raise e",
            "error.exception.notes[0]",
        ),
        (
            "raise ExceptionGroup('g', [ExceptionGroup('h', [OSError() if wasm else ValueError()])])",
            "error.exception.members[0].members[0].type",
        ),
    ] {
        Planted::node(body).settings(RAISED).is_red(path);
    }
}

#[test]
fn what_came_before_a_failure_is_compared() {
    Planted::node(
        "import warnings\n        if wasm: warnings.warn('w')\n        raise ValueError('v')",
    )
    .settings(RAISED)
    .is_red("warnings[0]");
    Planted::node("if x == 2: raise ValueError('v')\n        return wasm")
        .settings(RAISED)
        .is_red("outputs[0]: false != true");
}

#[test]
fn what_a_case_prints_and_leaves_is_compared_unless_it_says_otherwise() {
    let prints = "print(wasm)\n        return 1";
    Planted::node(prints).is_red("printed.stdout");
    Planted::node(prints)
        .settings("ignore = [\"printed\"]\n")
        .is_green();
    Planted::node("print(wasm, file=sys.stderr)\n        return 1").is_red("printed.stderr");
    Planted::node("import os; os.write(1, b'wasm' if wasm else b'native')\n        return 1")
        .is_red("printed.stdout");
    let leaves = "open('out.txt', 'w').write(str(wasm))\n        return 1";
    Planted::node(leaves).is_red("files[\"out.txt\"]");
    Planted::node(leaves)
        .settings("ignore = [\"files\"]\n")
        .is_green();
    Planted::node("open('empty', 'w').close() if wasm else None\n        return 1")
        .is_red("files.empty: nothing != file of 0 bytes");
}

#[test]
fn only_addresses_are_no_numbers() {
    Planted::node("raise ValueError('checksum ' + ('0x2a052eb0' if wasm else '0x12a052eb0'))")
        .settings(RAISED)
        .is_red("error.exception.message");
    Planted::node("raise ValueError(object())")
        .settings(RAISED)
        .is_green();
}

const TWO_ULP: &str = "name = \"near\"\nulp.f64 = { bound = 2, worst = 2 }";

#[test]
fn no_number_is_near_infinity_or_across_zero() {
    for body in [
        "return float('inf') if wasm else sys.float_info.max",
        "return 5e-324 if wasm else -5e-324",
        "return {'a': np.array([np.inf if wasm else np.finfo('f8').max])}",
    ] {
        Planted::node(body)
            .settings("policy = \"near\"\n")
            .policy(TWO_ULP)
            .is_red("FAIL x/a: outputs[0]");
    }
}

#[test]
fn a_ledgered_dtype_hides_no_value() {
    let dtype = "[[divergence]]\ncase = \"x/a\"\ncause = \"integer-width\"\nreason = \"planted\"\nat = [\n  { path = \"outputs[0].a@dtype\", candidate = \"<f4\" },\n  { path = \"outputs[1].a@dtype\", candidate = \"<f4\" },\n]\n";
    let node = |value: &str| {
        Planted::node(&format!(
            "return {{'a': np.array([{value}], 'f4' if wasm else 'f8')}}"
        ))
        .ledger(dtype)
    };
    node("0.5").is_green();
    node("7 if wasm else 1").is_red("outputs[0].a: 1 of 1 elements differ, first [0]: 1.0 != 7.0");
}

#[test]
fn an_expected_array_hides_no_other_difference() {
    let body = "return {'big': np.arange(2000.0) + wasm, 'text': str(wasm)}";
    Planted::node(body).is_red("outputs[0].big: 2000 of 2000 elements differ");
    Planted::node("return {'many': [float(i + wasm) for i in range(3000)], 'text': str(wasm)}")
        .is_red("and 6001 more");
}

#[test]
fn signs_and_orders_belong_to_a_whole_answer() {
    let policies = "name = \"c\"\nproperty = \"sign-of-columns\"\n[[policy]]\nwhy = \"planted\"\nname = \"r\"\nproperty = \"sign-of-rows\"\n";
    let settings = "[[compare]]\npath = \"outputs[*].u\"\npolicy = \"c\"\n[[compare]]\npath = \"outputs[*].vt\"\npolicy = \"r\"\n";
    let node = |vt: &str| {
        let body = format!(
            "u = np.array([[0.6, 0.8], [0.8, -0.6]]); s = np.array([-1.0 if wasm else 1.0, 1.0])\n        return {{'u': u * s, 'vt': {vt}}}"
        );
        Planted::node(&body).settings(settings).policy(policies)
    };
    node("(u * s).T").is_green();
    node("u.T").is_red("FAIL x/a: outputs[0]");
    let any = "name = \"o\"\nproperty = \"any-order\"\n";
    let order = |body: &str| Planted::node(body).settings("policy = \"o\"\n").policy(any);
    order("return [2, 1] if wasm else [1, 2]").is_green();
    order("return [2, 2] if wasm else [1, 2]").is_red("FAIL x/a: ");
    order("v = [2.0, 1.0] if wasm else [1.0, 2.0]; return {'values': np.array(v), 'names': [str(i) for i in v]}").is_green();
    order("v = [2.0, 1.0] if wasm else [1.0, 2.0]; return {'values': np.array(v), 'names': ['1.0', '2.0']}").is_red("FAIL x/a: outputs[0]");
}

#[test]
fn a_policy_that_matches_nothing_is_red() {
    Planted::node("return 1.0")
        .settings("[[compare]]\npath = \"outputs[0].nothere\"\npolicy = \"near\"\n")
        .policy(TWO_ULP)
        .is_red("outputs[0].nothere: nothing there for the policy near");
    Planted::node("return 1.0")
        .settings("policy = \"o\"\n")
        .policy("name = \"o\"\nproperty = \"any-order\"\n")
        .is_red("nothing there for the property of the policy o");
}

#[test]
fn a_path_may_lead_into_an_array_or_a_field() {
    let near = |path: &str, body: &str| {
        Planted::node(body)
            .settings(&format!(
                "[[compare]]\npath = \"{path}\"\npolicy = \"near\"\n"
            ))
            .policy(TWO_ULP)
    };
    let array = "return {'a': np.array([1.0, 1.0 + wasm * 2.3e-16])}";
    near("outputs[*].a[1]", array).is_green();
    near("outputs[*].a[0]", array).is_red("outputs[0].a: 1 of 2 elements differ, first [1]");
    let record = "return {'a': np.array([(1, 1.0 + wasm * 2.3e-16)], [('n', 'i4'), ('x', 'f8')])}";
    near("outputs[*].a[0].x", record).is_green();
    near("outputs[*].a[*].x", record).is_green();
    near("outputs[*].a[0].n", record).is_red("outputs[0].a: 1 of 2 elements differ, first [0].x");
    let same = "return {'a': np.array([(1, 1.0)], [('n', 'i4'), ('x', 'f8')])}";
    near("outputs[*].a[0].y", same).is_red("nothing there for the policy near");
}

#[test]
fn an_entry_that_pins_nothing_is_refused_with_its_line() {
    Planted::node("return wasm")
        .ledger("\n[[divergence]]\ncase = \"x/a\"\npath = \"outputs[0]\"\ncause = \"capability\"\nreason = \"planted\"\n")
        .ends_with(2, "ledger.toml:2:1: nothing pins the candidate's value at outputs[0]");
    Planted::node("return wasm")
        .ledger("[[divergence]]\ncase = \"x/a\"\npath = \"outputs[0]\"\ncandidate = \"true\"\ncause = \"wasm32\"\nreason = \"planted\"\n")
        .ends_with(2, "cause: \"wasm32\" is none that is known");
}

#[test]
fn a_pin_admits_its_value_and_no_other() {
    let entry = |candidate: &str| {
        let at = |index: u8| {
            format!(
                "  {{ path = \"outputs[{index}]\", reference = \"1\", candidate = \"{candidate}\" }},\n"
            )
        };
        format!(
            "[[divergence]]\ncase = \"x/*\"\ncause = \"capability\"\nreason = \"planted\"\nat = [\n{}{}]\n",
            at(0),
            at(1)
        )
    };
    Planted::node("return 2 if wasm else 1")
        .ledger(&entry("2"))
        .is_green();
    Planted::node("return 3 if wasm else 1")
        .ledger(&entry("2"))
        .is_red("FAIL x/a");
    Planted::node("return 1")
        .ledger(&entry("2"))
        .is_red("STALE x/a");
}

#[test]
fn a_module_that_is_missing_for_another_reason_than_its_absence_is_no_skip() {
    let needs =
        |module: &str| Planted::node("return 1").settings(&format!("requires = [\"{module}\"]\n"));
    needs("nunpy").ends_with(
        2,
        "manifests/x/a.toml:1:13: no leg has the module \"nunpy\"",
    );
    let broken = format!("{LEG}if wasm: raise ImportError('broken build')\n");
    needs("dep").module("dep", &broken).is_green();
    let lacking = format!("{LEG}if wasm: import absent_elsewhere\n");
    needs("dep").module("dep", &lacking).is_green();
}

#[test]
fn a_skip_is_red_with_the_default_build_unless_it_is_allowed() {
    let absent = format!("{LEG}if wasm: raise ModuleNotFoundError(\"No module named 'dep'\")\n");
    Planted::node("return 1")
        .settings("requires = [\"dep\"]\n")
        .module("dep", &absent)
        .module("m", "class N:\n    def process(self, x): return 1\n")
        .case("x/b", "m:N")
        .is_red("SKIP x/a: needs dep, which wasm lacks");
}
