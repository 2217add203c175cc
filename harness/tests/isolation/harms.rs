//! What one case may do to the next, and how the next could tell.

use Leg::{Both, Native};

/// Where a harm can be done at all.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Leg {
    Both,
    /// There are no threads, processes or masks in WebAssembly.
    Native,
}

/// Its name, where it applies, the harm and the probe, both Python.
pub struct Row(
    pub &'static str,
    pub Leg,
    pub &'static str,
    pub &'static str,
);

/// Each harm is done by a case that goes on to look, too: a probe that can't see the harm would prove nothing.
pub const ROWS: &[Row] = &[
    Row(
        "builtins",
        Both,
        "import builtins; builtins.len = lambda _: 7; builtins.left = 1",
        "import builtins; seen = [len('four'), hasattr(builtins, 'left')]",
    ),
    Row(
        "a module of the nodes",
        Both,
        "COUNTED.append(1)",
        "seen = len(COUNTED)",
    ),
    Row(
        "numpy's functions",
        Both,
        "import numpy; numpy.sum = lambda _: 42; numpy.left = 1",
        "import numpy; seen = [int(numpy.sum([1, 2])), hasattr(numpy, 'left')]",
    ),
    Row(
        "numpy's error state",
        Both,
        "import numpy; numpy.seterr(all='raise')",
        "import numpy; seen = [numpy.geterr(), float(numpy.float64(1) / numpy.float64(0))]",
    ),
    Row(
        "numpy's error callback",
        Both,
        "import numpy; numpy.seterrcall(print)",
        "import numpy; seen = numpy.geterrcall() is None",
    ),
    Row(
        "numpy's buffer size",
        Both,
        "import numpy; numpy.setbufsize(16000)",
        "import numpy; seen = numpy.getbufsize()",
    ),
    Row(
        "numpy's print options",
        Both,
        "import numpy; numpy.set_printoptions(precision=2, suppress=True)",
        "import numpy; seen = repr(numpy.array([0.123456789, 1e-9]))",
    ),
    Row(
        "numpy's random state",
        Both,
        "import numpy; numpy.random.seed(1)",
        "import numpy; seen = bool((numpy.random.get_state()[1] == numpy.random.RandomState(1).get_state()[1]).all())",
    ),
    Row(
        "the random state",
        Both,
        "import random; random.seed(1)",
        "import random; seen = random.getstate() == random.Random(1).getstate()",
    ),
    Row(
        "random's functions",
        Both,
        "import random; random.random = lambda: 0.5",
        "import random; seen = random.random.__name__",
    ),
    Row(
        "memory",
        Both,
        "import sys\nleft = sys.left = []\ntry:\n    while True: left.append(bytearray(1 << 20))\nexcept MemoryError: pass",
        "seen = len(bytearray(64 << 20))",
    ),
    Row(
        "files in the case's directory",
        Both,
        "import os; open('left', 'w').close(); os.mkdir('folder'); open('folder/left', 'w').close()",
        "import os; seen = sorted(os.listdir('.'))",
    ),
    Row(
        "temporary files",
        Both,
        "import tempfile; open(tempfile.gettempdir() + '/parallax-left', 'w').close(); left = tempfile.mkdtemp(prefix='parallax-left')",
        "import os, tempfile; seen = [name for name in os.listdir(tempfile.gettempdir()) if name.startswith('parallax-left')] != []",
    ),
    Row(
        "the temporary directory",
        Both,
        "import tempfile; tempfile.tempdir = '/left'",
        "import os, tempfile; seen = os.path.samefile(tempfile.gettempdir(), os.environ['PARALLAX_CASE_DIR'])",
    ),
    Row(
        "the working directory",
        Both,
        "import os; os.chdir('/')",
        "import os; seen = os.path.realpath(os.getcwd()) == os.path.realpath(os.environ['PARALLAX_CASE_DIR'])",
    ),
    Row(
        "the environment",
        Both,
        "import os; os.environ['LEFT'] = '1'; os.environ['PYTHONHASHSEED'] = '5'; del os.environ['TZ']",
        "import os; seen = {name: value for name, value in os.environ.items() if not os.path.isdir(value)}",
    ),
    Row(
        "the C library's environment",
        Native,
        "import os; os.putenv('LEFT', '1')",
        "import subprocess; seen = 'LEFT' in subprocess.run('/usr/bin/env', capture_output=True, text=True).stdout",
    ),
    Row(
        "the locale",
        Both,
        "import locale; locale.setlocale(locale.LC_ALL, 'C.UTF-8')",
        "import locale; seen = locale.setlocale(locale.LC_ALL)",
    ),
    Row(
        "sys.path",
        Both,
        "import sys; sys.path.insert(0, '/left'); sys.path_hooks.clear()",
        "import sys; seen = [sys.path[0] == '/left', len(sys.path_hooks)]",
    ),
    Row(
        "sys.modules",
        Both,
        "import sys; sys.modules['json'] = None; sys.modules['left'] = sys",
        "import json, sys; seen = [json.dumps(1), 'left' in sys.modules]",
    ),
    Row(
        "sys.meta_path",
        Both,
        "import sys\nclass Finder:\n    def find_spec(self, name, path=None, target=None): raise ImportError('left')\nsys.meta_path.insert(0, Finder())",
        "import sys, colorsys; seen = len(sys.meta_path)",
    ),
    Row(
        "sys.argv and hooks",
        Both,
        "import sys; sys.argv.append('left'); sys.excepthook = sys.unraisablehook = print",
        "import sys; seen = [sys.argv, sys.excepthook is sys.__excepthook__, sys.unraisablehook is sys.__unraisablehook__]",
    ),
    Row(
        "tracing",
        Both,
        "import sys; sys.setprofile(lambda *_: None)",
        "import sys; seen = sys.getprofile() is None",
    ),
    Row(
        "signal handlers",
        Both,
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.signal(signal.SIGINT, print)",
        "import signal; seen = [str(signal.getsignal(signal.SIGTERM)), signal.getsignal(signal.SIGINT) is print]",
    ),
    Row(
        "the recursion limit",
        Both,
        "import sys; sys.setrecursionlimit(200)",
        "import sys; seen = sys.getrecursionlimit()",
    ),
    Row(
        "the integer limit",
        Both,
        "import sys; sys.set_int_max_str_digits(640)",
        "import sys; seen = [sys.get_int_max_str_digits(), len(str(10 ** 1000))]",
    ),
    Row(
        "descriptors",
        Both,
        "import sys; sys.left = [open(f'left{index}', 'w') for index in range(200)]",
        "file = open('new', 'w'); seen = file.fileno()",
    ),
    Row(
        "Python's streams",
        Both,
        "import sys; sys.stdin.close(); sys.stderr.close(); sys.stdout = None",
        "import sys; print('here'); seen = [sys.stdin.closed, sys.stderr.closed, sys.stdout is None]",
    ),
    Row(
        "the streams' descriptors",
        Both,
        "import os; os.close(0); os.close(2)",
        "import os; seen = [os.fstat(number).st_mode for number in (0, 1, 2)]",
    ),
    Row(
        "warnings",
        Both,
        "import warnings; warnings.simplefilter('error'); warnings.formatwarning = None",
        "import numpy, warnings; warnings.warn('here'); seen = [str(entry) for entry in warnings.filters]",
    ),
    Row(
        "warnings that are lost",
        Both,
        "import warnings; warnings.showwarning = lambda *_, **__: None",
        "import warnings; warnings.warn('here')",
    ),
    Row(
        "the garbage collector",
        Both,
        "import gc; gc.disable(); gc.set_threshold(5)",
        "import gc; seen = [gc.isenabled(), gc.get_threshold()]",
    ),
    Row(
        "the decimal context",
        Both,
        "import decimal; decimal.getcontext().prec = 3; decimal.DefaultContext.prec = 5",
        "import decimal; seen = [str(decimal.Decimal(1) / 3), decimal.DefaultContext.prec]",
    ),
    Row(
        "json",
        Both,
        "import json; json.JSONEncoder.default = lambda *_: 'left'; json.encoder.float.__repr__; json.dumps = None",
        "import json; seen = [json.dumps is None, json.JSONEncoder.default.__name__]",
    ),
    Row(
        "logging",
        Both,
        "import logging; logging.basicConfig(level=1); logging.disable(50); logging.getLogger('left')",
        "import logging; seen = [logging.root.level, len(logging.root.handlers), logging.root.manager.disable, 'left' in logging.root.manager.loggerDict]",
    ),
    Row(
        "abstract classes",
        Both,
        "import numbers; numbers.Number.register(str)",
        "import numbers; seen = isinstance('x', numbers.Number)",
    ),
    Row(
        "codecs",
        Both,
        "import codecs; codecs.register_error('left', codecs.strict_errors)",
        "import codecs\ntry: seen = codecs.lookup_error('left').__name__\nexcept LookupError as error: seen = str(error)",
    ),
    Row(
        "functions of the library",
        Both,
        "import os.path, copy; os.path.join = copy.deepcopy = None",
        "import os.path, copy; seen = [os.path.join is None, copy.deepcopy is None]",
    ),
    Row(
        "the event loop",
        Both,
        "import asyncio; asyncio.set_event_loop(asyncio.AbstractEventLoop()); asyncio.sleep = None",
        "import asyncio; seen = asyncio.sleep is None",
    ),
    Row(
        "the executor's own module",
        Both,
        "import sys; bridge = sys._getframe(2).f_globals; bridge['_class_name'] = None; bridge['_log'].append(('left', 'Left', 'left'))",
        "seen = 1",
    ),
    Row(
        "functions for the end",
        Both,
        "import atexit\nfor _ in range(500): atexit.register(print)",
        "import atexit; seen = atexit._ncallbacks() > 400",
    ),
    Row(
        "threads",
        Native,
        "import threading, time; threading.Thread(target=time.sleep, args=(600,), daemon=True).start()",
        "import os, threading; seen = [threading.active_count(), len(os.listdir('/proc/self/task'))]",
    ),
    Row(
        "the file mode mask",
        Native,
        "import os; os.umask(0o077)",
        "import os; open('new', 'w').close(); seen = os.stat('new').st_mode",
    ),
    Row(
        "the kernel's limits",
        Native,
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20))",
        "import resource; seen = resource.getrlimit(resource.RLIMIT_NOFILE)",
    ),
    Row(
        "the priority",
        Native,
        "import os; os.nice(3)",
        "import os; seen = os.nice(0)",
    ),
    Row(
        "blocked signals",
        Native,
        "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1]); signal.setitimer(signal.ITIMER_REAL, 600)",
        "import signal; seen = [len(signal.pthread_sigmask(signal.SIG_BLOCK, [])), signal.getitimer(signal.ITIMER_REAL)[0] == 0]",
    ),
    Row(
        "what a process begins with",
        Native,
        "import os; left = os.dup(0); os.environ.pop('TZ')",
        "import os, resource; seen = [sorted(os.listdir('/proc/self/fd')), [os.fstat(number).st_mode for number in (0, 1, 2)], list(os.environ), [resource.getrlimit(number) for number in (resource.RLIMIT_CORE, resource.RLIMIT_NOFILE)], os.getpgid(0) == os.getpid()]",
    ),
    Row("an exception", Both, "raise ValueError('left')", "seen = 1"),
    Row("an exit", Both, "import os; os._exit(3)", "seen = 1"),
    Row("an abort", Both, "import os; os.abort()", "seen = 1"),
    Row(
        "a signal to itself",
        Native,
        "import os; os.kill(os.getpid(), 9)",
        "seen = 1",
    ),
    Row("an endless loop", Both, "while True: pass", "seen = 1"),
    Row(
        "an endless recursion",
        Both,
        "import sys; sys.setrecursionlimit(2 ** 31 - 1)\ndef f(): f()\nf()",
        "seen = 1",
    ),
];
