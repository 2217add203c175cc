//! Harm that a module does while it is imported, and what cases leave behind: no other case may see any of it.

use super::scene::{Plant, Scene};

const HARM: &str = "harm at import";

const fn harm(name: &'static str, find: fn(&Scene) -> Result<(), String>) -> Plant {
    Plant {
        group: HARM,
        name,
        find,
    }
}

/// Each in a node path of its own, so that none hides another.
pub(super) const PLANTS: [Plant; 22] = [
    harm("a function of the library replaced", |scene| {
        harmless(
            scene,
            "import math\nmath.erfc = lambda x: 0.0",
            "import math\n        assert math.erfc(0.0) == 1.0",
        )
    }),
    harm("a built-in function replaced", |scene| {
        harmless(
            scene,
            "import builtins\nbuiltins.len = lambda x: 7",
            "assert len([]) == 0",
        )
    }),
    harm("a module taken away", |scene| {
        harmless(
            scene,
            "import sys\nsys.modules['json'] = None",
            "import json\n        json.loads('1')",
        )
    }),
    harm("a plugin registered in another module", |scene| {
        scene.put("corpus/nodes/registry.py", "REGISTRY = {}\n")?;
        harmless(
            scene,
            "import registry\nregistry.REGISTRY['x'] = 1",
            "import registry\n        assert registry.REGISTRY == {}",
        )
    }),
    harm("a variable of the environment", |scene| {
        harmless(
            scene,
            "import os\nos.environ['HARM'] = '1'",
            "import os\n        assert 'HARM' not in os.environ",
        )
    }),
    harm("another working directory", |scene| {
        harmless(
            scene,
            "import os\nos.mkdir('below')\nos.chdir('below')",
            "import os\n        assert os.listdir('.') == []",
        )
    }),
    harm("another limit of recursion", |scene| {
        harmless(
            scene,
            "import sys\nsys.setrecursionlimit(77)",
            "import sys\n        assert sys.getrecursionlimit() != 77",
        )
    }),
    harm("another decimal context", |scene| {
        harmless(
            scene,
            "import decimal\ndecimal.getcontext().prec = 3",
            "import decimal\n        assert decimal.getcontext().prec == 28",
        )
    }),
    harm("a filter of warnings", |scene| {
        harmless(
            scene,
            "import warnings\nwarnings.simplefilter('ignore')",
            "import warnings\n        warnings.warn('seen')",
        )
    }),
    harm("numpy told to be silent", |scene| {
        harmless(
            scene,
            "import numpy\nnumpy.seterr(all='ignore')\nnumpy.set_printoptions(precision=1)",
            "import numpy\n        assert numpy.geterr()['divide'] == 'warn'\n        assert numpy.get_printoptions()['precision'] == 8",
        )
    }),
    harm("numbers drawn", |scene| {
        harmless(
            scene,
            "import random\nrandom.seed(7)",
            "import random\n        assert random.random() != random.Random(7).random()",
        )
    }),
    harm("a codec registered", |scene| {
        harmless(
            scene,
            "import codecs\ncodecs.register(lambda name: codecs.lookup('utf-8') if name == 'harm' else None)",
            "import codecs\n        try:\n            codecs.lookup('harm')\n        except LookupError:\n            return 'as it should be'\n        raise AssertionError",
        )
    }),
    harm("garbage left to collect", |scene| {
        harmless(
            scene,
            "import gc\ngc.disable()",
            "import gc\n        assert gc.isenabled()",
        )
    }),
    harm("text printed", |scene| {
        harmless(scene, "print('harm')", "pass")
    }),
    harm("something to do at exit", |scene| {
        harmless(
            scene,
            "import atexit\natexit.register(print, 'harm')",
            "pass",
        )
    }),
    harm("an open file shared", |scene| {
        scene.put("corpus/nodes/opened.py", "F = open(__file__)\n")?;
        scene.put(
            "corpus/nodes/reads.py",
            &node("import opened\n        assert opened.F.read(4) == 'F = '"),
        )?;
        scene.case("one", "reads:Node", "")?;
        scene.case("two", "reads:Node", "")?;
        green(scene)
    }),
    harm("a time that stands still", |scene| {
        scene.put("corpus/nodes/clock.py", "import time\nT = time.time()\n")?;
        scene.put("corpus/nodes/reads.py", &node("import time\n        before = time.time()\n        import clock\n        assert before <= clock.T <= time.time()"))?;
        scene.case("one", "reads:Node", "")?;
        green(scene)
    }),
    harm("a submodule that somebody else has imported", |scene| {
        harmless(
            scene,
            "import concurrent.futures",
            "import concurrent\n        assert not hasattr(concurrent, 'futures')",
        )
    }),
    harm("the process ended", |scene| {
        scene.put(
            "corpus/nodes/ends.py",
            &format!("import os\nos._exit(3)\n{}", node("pass")),
        )?;
        scene.put("corpus/nodes/fine.py", &node("pass"))?;
        scene.case("a_ends", "ends:Node", "expect = \"exited\"\n")?;
        scene.case("b_fine", "fine:Node", "")?;
        green(scene)
    }),
    harm("a loop without end", |scene| {
        scene.put(
            "corpus/nodes/loops.py",
            &format!("while True:\n    pass\n{}", node("pass")),
        )?;
        scene.put("corpus/nodes/fine.py", &node("pass"))?;
        scene.case(
            "a_loops",
            "loops:Node",
            "expect = \"timed-out\"\nlimits.wall_ms = 1500\n",
        )?;
        scene.case("b_fine", "fine:Node", "")?;
        green(scene)
    }),
    Plant {
        group: "leaks between cases",
        name: "a list of a module's that grows",
        find: |scene| {
            scene.put(
                "corpus/nodes/grows.py",
                &format!(
                    "SEEN = []\n{}",
                    node("SEEN.append(1)\n        assert len(SEEN) == 1")
                ),
            )?;
            for id in ["one", "two", "three"] {
                scene.case(id, "grows:Node", "")?;
            }
            green(scene)
        },
    },
    Plant {
        group: "leaks between cases",
        name: "a file where only a native case can write",
        find: |scene| {
            let shared = scene.path("shared");
            let code = format!(
                "import os\n        with open({shared:?}, 'a') as file:\n            file.write('x')\n        return os.path.getsize({shared:?})"
            );
            scene.put("corpus/nodes/leaks.py", &node(&code))?;
            scene.case("leaks", "leaks:Node", "")?;
            // The second case finds what the first has left.
            scene.verify(
                &["--leg", "native", "--leg", "native-cold"],
                1,
                &["leaks", "1 != 2"],
            )?;
            scene.verify(
                &["--leg", "native", "--leg", "native-cold", "--repeat", "2"],
                1,
                &["flaky"],
            )
        },
    },
];

/// A module with one node, whose `process` does this.
fn node(code: &str) -> String {
    format!("class Node:\n    def process(self, data):\n        {code}\n        return 'fine'\n")
}

/// One case imports a module that does harm, others don't: before it and after it, on both legs, and with a fresh process for each.
fn harmless(scene: &Scene, harm: &str, check: &str) -> Result<(), String> {
    scene.put(
        "corpus/nodes/harms.py",
        &format!("{harm}\n{}", node("pass")),
    )?;
    scene.put("corpus/nodes/victim.py", &node(check))?;
    scene.case("a_victim", "victim:Node", "")?;
    scene.case("b_harms", "harms:Node", "")?;
    scene.case("c_victim", "victim:Node", "")?;
    green(scene)
}

fn green(scene: &Scene) -> Result<(), String> {
    let legs = [
        "--leg",
        "native",
        "--leg",
        "native-cold",
        "--leg",
        "wasm",
        "--jobs",
        "1",
    ];
    scene.verify(&legs, 0, &[" 0 failed"])
}
