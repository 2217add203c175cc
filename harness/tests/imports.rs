//! An import that was done ahead looks like one that is done now: modules of the library in any order leave the same interpreter in a copy as in a fresh process.

mod common;

use std::collections::BTreeMap;

use parallax_harness::case::Limits;
use parallax_harness::executor::Executor;
use parallax_harness::generate::random::Random;
use serde_json::Value;

use common::{native, run_source, seen, wasm_cold, wasm_scratch, zygote};

/// What nodes import: those that are imported ahead, those that such ones bring along, and those that nothing does.
const MODULES: [&str; 56] = [
    "abc",
    "argparse",
    "array",
    "ast",
    "asyncio",
    "base64",
    "bisect",
    "calendar",
    "collections.abc",
    "concurrent.futures",
    "configparser",
    "contextlib",
    "copy",
    "csv",
    "dataclasses",
    "datetime",
    "decimal",
    "difflib",
    "email.message",
    "enum",
    "fractions",
    "functools",
    "gzip",
    "hashlib",
    "heapq",
    "html.parser",
    "importlib.metadata",
    "importlib.util",
    "inspect",
    "io",
    "itertools",
    "json",
    "logging.handlers",
    "numbers",
    "numpy",
    "numpy.fft",
    "numpy.lib.recfunctions",
    "numpy.ma.mrecords",
    "numpy.polynomial",
    "numpy.random",
    "numpy.strings",
    "numpy.testing",
    "os.path",
    "pathlib",
    "pickle",
    "random",
    "re",
    "statistics",
    "string",
    "struct",
    "tempfile",
    "textwrap",
    "threading",
    "typing",
    "xml.etree.ElementTree",
    "zipfile",
];

/// All that can be seen of the modules, classes and registries, but for numbers that are the time's, chance's or the process's.
const LOOK: &str = r#"
import sys

# What was found where is asked anew where it is missing.
CACHES = ("path_importer_cache", "_zip_directory_cache")

def look(value):
    if value is None or type(value) in (bool, str, bytes):
        return repr(value)[:80]
    if type(value) in (dict, list, set, tuple, frozenset):
        return f"{type(value).__name__} of {len(value)}"
    if type(value) is type(sys):
        return f"module {value.__name__}"
    return type(value).__name__

def classes(cls, found):
    for sub in type.__subclasses__(cls):
        if sub not in found:
            found[sub] = None
            classes(sub, found)
    return found

ours = lambda name: name.startswith("_parallax") or name == "run"
seen = {"modules": list(sys.modules)}
for name, module in list(sys.modules.items()):
    if not ours(name):
        seen[name] = {key: look(value) for key, value in list(vars(module).items()) if key not in CACHES}
# A class that another one has replaced goes when garbage is collected, which is at another time.
current = lambda cls: getattr(sys.modules.get(cls.__module__), cls.__name__, None) is cls
for cls in filter(current, classes(object, {})):
    name = f"{cls.__module__}.{cls.__qualname__}"
    if not ours(name):
        seen["class " + name] = [[sub.__qualname__ for sub in filter(current, type.__subclasses__(cls))], list(vars(cls))]
seen["path"] = [len(sys.path), len(sys.meta_path), len(sys.path_hooks), len(__import__("warnings").filters)]
"#;

fn imports(random: &mut Random) -> Vec<&'static str> {
    let count = 1 + random.below(6);
    (0..count).map(|_| random.pick(&MODULES)).collect()
}

/// Where two looks differ, in a line each.
fn differences(cold: &Value, warm: &Value) -> Vec<String> {
    let (cold, warm) = (
        cold.as_object().expect("a dict"),
        warm.as_object().expect("a dict"),
    );
    let names = cold
        .keys()
        .chain(warm.keys().filter(|name| !cold.contains_key(*name)));
    names
        .filter(|name| {
            cold.get(*name) != warm.get(*name) || keys(cold.get(*name)) != keys(warm.get(*name))
        })
        .map(|name| {
            let part = |value: Option<&Value>| format!("{value:?}").chars().collect::<Vec<_>>();
            let (a, b) = (part(cold.get(name)), part(warm.get(name)));
            let common = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
            let from = common.saturating_sub(80);
            let shown = |text: &[char]| text[from..].iter().take(240).collect::<String>();
            format!("{name}:\n    cold {}\n    warm {}", shown(&a), shown(&b))
        })
        .collect()
}

/// The names in a namespace, in their order.
fn keys(value: Option<&Value>) -> Vec<&String> {
    let map = value.and_then(Value::as_object);
    map.into_iter().flat_map(serde_json::Map::keys).collect()
}

fn check(warm: &dyn Executor, cold: &dyn Executor, times: usize) {
    let mut random = Random(7);
    let mut wrong = Vec::new();
    for _ in 0..times {
        let names = imports(&mut random);
        let source = format!("import {}\n{LOOK}", names.join("\nimport "));
        let [cold, warm] =
            [cold, warm].map(|executor| seen(&run_source(executor, &source, Limits::default())));
        let found = differences(&cold, &warm);
        if !found.is_empty() {
            wrong.push(format!(
                "import {}\n  {}",
                names.join(", "),
                found[..found.len().min(5)].join("\n  ")
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {times}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn any_imports_leave_a_fork_as_a_fresh_process() {
    let warm = zygote();
    check(&warm, &native(), TIMES);
    are_given_mostly(&warm.fresh_runs().take());
    check_usual(&warm, &native());
    check_changed(&warm, &native(), &CHANGED);
    is_left_to_a_fresh_one(&warm.fresh_runs().take());
    check_changed(&warm, &native(), &CHANGED_NATIVELY);
    check_changed(&warm, &native(), &FOUND);
}

#[test]
fn any_imports_leave_a_copy_as_a_fresh_instance() {
    let warm = wasm_scratch();
    check(warm, &wasm_cold(), TIMES);
    are_given_mostly(&warm.fresh_runs().take());
    check_usual(warm, &wasm_cold());
    check_changed(warm, &wasm_cold(), &CHANGED);
    is_left_to_a_fresh_one(&warm.fresh_runs().take());
    check_changed(warm, &wasm_cold(), &FOUND);
}

const TIMES: usize = 40;

/// A doubt costs a start of Python, so what nodes usually do must raise none.
fn are_given_mostly(fresh: &BTreeMap<String, u64>) {
    let count: u64 = fresh.values().sum();
    assert!(count * 5 <= TIMES as u64, "{fresh:#?}");
}

/// What an import does besides changing modules, as cases see it.
const USUAL: [&str; 12] = [
    "import warnings\ndef old():\n    warnings.warn('old', DeprecationWarning)\nold()\nimport numpy\nold()",
    "import logging\nclass Handler(logging.Handler):\n    def close(self):\n        open('log', 'a').write('closed')\n        super().close()\nlogging.getLogger().addHandler(Handler())",
    "import atexit\nprint(atexit._ncallbacks())\nimport asyncio\nprint(atexit._ncallbacks())",
    "print(sorted(cls.__name__ for cls in object.__subclasses__() if cls.__module__.startswith('_parallax')))",
    "import sys\nsys.audit('object.__setattr__')\nimport json",
    "import abc, collections.abc\nclass Own:\n    __len__ = lambda self: 1\nprint(issubclass(Own, collections.abc.Sequence))\nimport array\nprint(issubclass(array.array, collections.abc.MutableSequence))",
    "names = lambda cls: [sub.__name__ for sub in cls.__subclasses__()]\nprint(names(ValueError), names(int), names(ArithmeticError))",
    "class Own(ValueError):\n    pass\nimport asyncio, decimal, json\nclass Other(ValueError):\n    pass\nimport numpy\nprint([sub.__name__ for sub in ValueError.__subclasses__()])",
    "import decimal\nclass Own(ValueError):\n    pass\nclass Other(ArithmeticError):\n    pass\nimport numpy, json, random\nfor cls in (ValueError, ArithmeticError, int, list):\n    print([sub.__name__ for sub in cls.__subclasses__()])",
    "import gc\nclass Own(ValueError):\n    pass\ndel Own\ngc.collect()\nimport numpy\nclass Other(ValueError):\n    pass\nimport logging, json\nprint([sub.__name__ for sub in ValueError.__subclasses__()])",
    "import enum\nbefore = enum.Enum.__subclasses__()\nimport asyncio\nprint(before, [cls.__name__ for cls in enum.Enum.__subclasses__()], type.__subclasses__(enum.IntEnum))",
    "seen = set()\ndef walk(cls):\n    for sub in type.__subclasses__(cls):\n        if sub not in seen:\n            seen.add(sub)\n            walk(sub)\nwalk(object)\nprint(sorted(f'{cls.__module__}.{cls.__qualname__}' for cls in seen if cls.__module__.partition('.')[0] in ('numpy', 'json', 'asyncio', 'decimal')))",
];

fn check_usual(warm: &dyn Executor, cold: &dyn Executor) {
    for usual in USUAL {
        let source = format!("{usual}\nseen = 'done'");
        let run = |executor| run_source(executor, &source, Limits::default());
        assert_eq!(run(warm), run(cold), "{usual}");
    }
}

/// What a case can do before an import so that a fresh import comes out differently, or is seen.
const CHANGED: [&str; 26] = [
    "import sys\nsys.setprofile(lambda *event: print(event[1]))\nimport json\nsys.setprofile(None)",
    "import sys\nsys.addaudithook(lambda event, _: event == 'import' and print(event))\nimport json",
    "import math\nvars(math).clear()\nimport random",
    "import os\nos.environ['NPY_DISABLE_CPU_FEATURES'] = 'none'\nimport numpy",
    "import warnings\nwarnings.simplefilter('error')\nimport numpy.ma, asyncio",
    "import sys\nsys.modules['numbers'] = None\nimport decimal",
    "import sys, types\nsys.modules['numbers'] = types.ModuleType('numbers')\nimport decimal",
    "import re\nre.compile = lambda *_: print('compile')\nimport string",
    "import collections.abc\ncollections.abc.Sequence = int\nimport random",
    "import builtins\nbuiltins.print('one')\nbuiltins.len = lambda _: 0\nimport json",
    "import re\nre.compile.__defaults__ = (re.I,)\nimport json\nprint(json.decoder.WHITESPACE.flags)",
    "import collections\ncollections.namedtuple.__code__ = (lambda *_, **__: 1 / 0).__code__\nimport tokenize, asyncio",
    "import os\nos.putenv('NPY_DISABLE_CPU_FEATURES', 'NOSUCH')\nimport numpy",
    "import sys\nfor finder in list(sys.path_importer_cache.values()):\n    try:\n        finder.find_spec = lambda *_: None\n    except AttributeError:\n        pass\nimport json",
    "import sys\nsys.set_int_max_str_digits(640)\nimport json",
    "import sys\nevents = []\nsys.settrace(lambda *event: events.append(1))\nimport run as again, importlib\nimportlib.import_module('textwrap')\nsys.settrace(None)\nprint(len(events))",
    "import sys\nsys.pycache_prefix = '.'\nimport json",
    "import sys\nown, names = sys.monitoring, []\nown.use_tool_id(3, 'own')\nown.register_callback(3, own.events.PY_START, lambda code, _: names.append(code.co_qualname))\nown.set_events(3, own.events.PY_START)\nown.free_tool_id(3)\nimport json\nown.use_tool_id(3, 'own')\nown.set_events(3, 0)\nprint('JSONDecoder' in names, len(names))",
    "import tracemalloc\ntracemalloc.start()\nimport decimal, json\nprint(tracemalloc.get_traced_memory()[0] > 50000)",
    "import importlib.util, traceback\nspec = importlib.util.spec_from_file_location('plug', 'no/plug.py')\ntry:\n    spec.loader.exec_module(importlib.util.module_from_spec(spec))\nexcept OSError:\n    print(len(traceback.format_exc().splitlines()))",
    "import traceback\nopen('plug.py', 'w').write('x = (\\n')\nimport sys\nsys.path.insert(0, '.')\ntry:\n    import plug\nexcept SyntaxError:\n    print(len(traceback.format_exc().splitlines()))",
    "import sys, importlib\nimport json\nevents = []\nsys.settrace(lambda *event: events.append(1))\nimportlib.reload(json.scanner)\nsys.settrace(None)\nprint(len(events))",
    "import sys\nown = sys.monitoring\nown.use_tool_id(1, 'own')\nown.register_callback(1, own.events.PY_START, lambda code, _: print(code.co_name))\nown.set_events(1, own.events.PY_START)\nimport json\nown.set_events(1, 0)",
    "import sys\nfor finder in list(sys.path_importer_cache.values()):\n    if hasattr(finder, 'path'):\n        finder.path = '/nowhere'\nimport json",
    "import sys\nfor finder in list(sys.path_importer_cache.values()):\n    getattr(finder, '_loaders', []).clear()\nimport json",
    "import io, sys\nsys.path.insert(0, '.')\nopen('bisect.py', 'w').write('print(1)')\nimport random",
];

/// The same, where there are entries of the path that nothing is looked for in; WebAssembly has none.
const CHANGED_NATIVELY: [&str; 1] = [
    "import sys\nclass Finder:\n    def find_spec(self, name, target=None):\n        print(name)\nfor entry, finder in list(sys.path_importer_cache.items()):\n    if finder is None:\n        sys.path_importer_cache[entry] = Finder()\nimport json",
];

/// What a case can do between finding one of the nodes' modules and loading it.
const FOUND: [&str; 6] = [
    "import importlib.util\nspec = importlib.util.find_spec('other')\nspec.loader.get_data = lambda path: b'VALUE = 2'\nother = importlib.util.module_from_spec(spec)\nspec.loader.exec_module(other)\nprint(other.VALUE)",
    "import importlib.util, sys\nspec = importlib.util.find_spec('other')\nsys.addaudithook(lambda event, _: event == 'open' and print(event))\nother = importlib.util.module_from_spec(spec)\nspec.loader.exec_module(other)",
    "import importlib.util\nspec = importlib.util.find_spec('other')\nclass Loader(type(spec.loader)):\n    def get_data(self, path):\n        print('data')\n        return super().get_data(path)\nspec.loader.__class__ = Loader\nother = importlib.util.module_from_spec(spec)\nspec.loader.exec_module(other)",
    "import sys\nfor finder in list(sys.path_importer_cache.values()):\n    getattr(finder, '_path_cache', set()).discard('other.py')\nimport other",
    "import sys\nfor finder in list(sys.path_importer_cache.values()):\n    getattr(finder, '_path_cache', set()).add('other')\nimport other\nprint(other.__spec__.origin is None)",
    "import importlib.util\nfirst, second = (importlib.util.find_spec('other') for _ in range(2))\nprint(first.loader is second.loader)\nimport other\nprint(other.__spec__ is second, other.VALUE)",
];

/// The whole outcome is the one of a fresh interpreter, with what was printed before the doubt came up.
fn check_changed(warm: &dyn Executor, cold: &dyn Executor, changes: &[&str]) {
    for change in changes {
        let source = format!(
            "print('before')\ntry:\n    {}\nexcept BaseException as error:\n    print(type(error), error)\nseen = 'done'",
            change.replace('\n', "\n    ")
        );
        let run = |executor| run_source(executor, &source, Limits::default());
        let (cold, warm) = (run(cold), run(warm));
        assert!(cold.printed.stdout.starts_with(b"before\n"), "{change}");
        assert_eq!(warm, cold, "{change}");
    }
}

fn is_left_to_a_fresh_one(fresh: &BTreeMap<String, u64>) {
    let count: u64 = fresh.values().sum();
    assert_eq!(count, CHANGED.len() as u64, "{fresh:#?}");
}
