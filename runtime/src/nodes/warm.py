"""Imports done ahead of the cases, so that many can begin where they end; and what is then fresh for each case."""

import builtins
import gc
import importlib
import os
import sys
import time
import traceback
import warnings

import _parallax_bridge as bridge

# What the bridge, numpy and most nodes import late. Without numpy its names are skipped.
_LIBRARY = ("asyncio", "decimal", "json", "random", "numpy", "numpy.fft", "numpy.ma", "numpy.random")


def preload(modules):
    """Imports what can be shared; returns (module, place, reason) for each module that a case must import itself."""
    failures = []
    for name in _LIBRARY:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError:
            pass
        except Exception as error:
            failures.append((name, *_blame(error)))
    for name in modules:
        trouble = _import(name)
        if trouble is not None:
            failures.append((name, *trouble))
    settle()
    return failures


def _import(name):
    """Imports a module; if a case could tell that it was imported ahead, takes it out again and says where and why."""
    before = set(sys.modules)
    state = _shared_state()
    seen = []
    with _Watch(seen):
        try:
            importlib.import_module(name)
        except BaseException as error:
            seen.insert(0, _blame(error))
    changed = [what for what, value in _shared_state().items() if value != state[what]]
    if changed:
        seen.append((_file(name), f"changes {', '.join(changed)} while it is imported"))
    if not seen:
        return None
    # What it pulled in of the node path goes, too: that may be what has warned or printed.
    for other in [other for other in sys.modules if other not in before and _in_node_path(other)]:
        del sys.modules[other]
        package, _, child = other.rpartition(".")
        if package in sys.modules:
            vars(sys.modules[package]).pop(child, None)
    sys.modules.pop(name, None)
    return seen[0]


class _Watch:
    """Notes what is said during an import and what is drawn at random: the one belongs to a case, the other must differ between two."""

    def __init__(self, seen):
        self._seen = seen

    def __enter__(self):
        self._showwarning, self._hook = warnings.showwarning, self._warned
        warnings.showwarning = self._hook
        self._streams = [stream for stream in {sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__} if stream is not None]
        for stream in self._streams:
            # On the stream itself, so that a module that keeps a stream keeps the true one.
            stream.write = self._written
        import random

        self._random, self._seed, self._urandom = random, random.Random.seed, random._urandom
        random.Random.seed = self._drawn(self._seed, lambda seed: seed is None)
        random._urandom = self._drawn(self._urandom, lambda count: True)

    def __exit__(self, *_):
        if warnings.showwarning is not self._hook:
            self._seen.append(("?", "replaces warnings.showwarning while it is imported"))
        warnings.showwarning = self._showwarning
        for stream in self._streams:
            del stream.write
        self._random.Random.seed = self._seed
        self._random._urandom = self._urandom

    def _warned(self, message, category, filename, lineno, file=None, line=None):
        place = f"{bridge._relative(filename)}:{lineno}"
        self._seen.append((place, f"warns while it is imported: {category.__name__}: {message}"))

    def _written(self, text):
        if text.strip():
            self._seen.append((_caller(), "prints while it is imported"))
        return len(text)

    def _drawn(self, function, at_random):
        def watched(*arguments):
            # The last argument decides; an instance without one is seeded by the system.
            seed = arguments[-1] if arguments and not isinstance(arguments[-1], self._random.Random) else None
            if at_random(seed):
                self._seen.append((_caller(), "takes random numbers while it is imported"))
            return function(*arguments)

        return watched


def _caller():
    """The innermost line of the node path that is running."""
    frame = sys._getframe(1)
    while frame is not None:
        if _below_node_path(frame.f_code.co_filename):
            return f"{bridge._relative(frame.f_code.co_filename)}:{frame.f_lineno}"
        frame = frame.f_back
    return "?"


def _blame(error):
    reason = traceback.format_exception_only(error)[-1].strip()
    if isinstance(error, SyntaxError) and error.filename:
        return f"{bridge._relative(error.filename)}:{error.lineno}", reason
    place = "?"
    for frame, line in traceback.walk_tb(error.__traceback__):
        if _below_node_path(frame.f_code.co_filename):
            place = f"{bridge._relative(frame.f_code.co_filename)}:{line}"
    return place, reason


def _file(name):
    return bridge._relative(getattr(sys.modules.get(name), "__file__", None) or name)


def _in_node_path(name):
    return _below_node_path(getattr(sys.modules[name], "__file__", None) or "")


def _below_node_path(filename):
    return any(filename.startswith(root.rstrip("/") + "/") for root in bridge._node_path)


# What every module shares: one that changes it while being imported would change it for cases that never import it.
_SHARED = {
    "builtins": lambda: {name: id(value) for name, value in vars(builtins).items()},
    "sys.path": lambda: (list(sys.path), list(map(id, sys.meta_path)), list(map(id, sys.path_hooks))),
    "the hooks of sys": lambda: [id(hook) for hook in (sys.excepthook, sys.displayhook, sys.unraisablehook, sys.gettrace(), sys.getprofile())],
    "the standard streams": lambda: [id(stream) for stream in (sys.stdin, sys.stdout, sys.stderr)],
    "the recursion limit": sys.getrecursionlimit,
    "the integer limit": sys.get_int_max_str_digits,
    "the environment": lambda: dict(os.environ),
    "the working directory": os.getcwd,
    "the garbage collector": lambda: (gc.isenabled(), gc.get_threshold(), gc.get_debug()),
    "the warnings filters": lambda: (list(warnings.filters), id(warnings.warn)),
    "logging's root": lambda: _of("logging", lambda m: (m.root.level, list(m.root.handlers), m.root.manager.disable)),
    "the decimal context": lambda: _of("decimal", lambda m: repr(m.getcontext())),
    "the signal handlers": lambda: _of("_signal", lambda m: [m.getsignal(number) for number in sorted(m.valid_signals())]),
    "the locale": lambda: _of("_locale", lambda m: m.setlocale(m.LC_ALL)),
    "the threads": lambda: _of("_thread", lambda m: m._count()),
    "random's state": lambda: _of("random", lambda m: m.getstate()),
    "numpy's error handling": lambda: _of("numpy", lambda m: (m.geterr(), repr(m.geterrcall()))),
    "numpy's print options": lambda: _of("numpy", lambda m: repr(m.get_printoptions())),
    "numpy.random's state": lambda: _of("numpy.random", lambda m: (m.get_state()[1].tobytes(), m.get_state()[2:])),
}


def _shared_state():
    state = {}
    for what, read in _SHARED.items():
        try:
            state[what] = read()
        except Exception as error:
            # Not to be had on this target, or spoilt by the module: the text tells the two apart.
            state[what] = f"{type(error).__name__}: {error}"
    return state


def _of(name, read):
    module = sys.modules.get(name)
    return None if module is None else read(module)


def settle():
    """Leaves the interpreter as if no module had said anything yet, and its objects where a copy needn't touch them."""
    bridge.take_warnings()
    bridge._enter(None)
    _settle_modules()
    for module in list(sys.modules.values()):
        vars(module).pop("__warningregistry__", None)
    warnings.onceregistry.clear()
    gc.collect()
    # A collection writes to every object it visits, and so would copy all of them in each case.
    gc.freeze()


def variables():
    """The very dictionary of `os.environ`: bytes to bytes."""
    return os.environ._data


def resume():
    """Begins a case in a copy: nothing random or timed that it shares with another. Every page that this touches is copied in every case, so it does no more than it must."""
    for renew in _renewed:
        renew()


class Rehearsal:
    """A node that does what many do: takes values of each kind, computes with arrays, and returns what it got."""

    def __init__(self, factor=None):
        self._numpy = None if factor is None else importlib.import_module("numpy")
        self._factor = factor

    def process(self, item):
        if self._numpy is None:
            return item
        array = self._numpy.array(item.tolist(), "f8") * self._factor
        largest = float(self._numpy.abs(array).max())
        return {"array": array + item, "mean": array.mean(), "largest": largest, "sum": self._numpy.sum(array[::2])}


def _settle_modules():
    """What a case would make when it first needs it is not made yet."""
    modules = sys.modules
    if uuid := modules.get("uuid"):
        uuid._node = uuid._last_timestamp = None
    if tempfile := modules.get("tempfile"):
        tempfile._name_sequence = tempfile.tempdir = None
    _renewed.clear()
    if random := modules.get("random"):
        _renewed.append(random.seed)
    if logging := modules.get("logging"):
        now = time.time_ns if isinstance(logging._startTime, int) else time.time
        _renewed.append(lambda: setattr(logging, "_startTime", now()))
    if threading := modules.get("threading"):
        # The system's number of the thread; WASI has none.
        renew = getattr(threading.main_thread(), "_set_native_id", None)
        if renew is not None:
            _renewed.append(renew)


_renewed = []


def legacy_generator():
    """The capsule of the generator behind numpy's global functions, and its state: 624 words and the position among them."""
    mtrand = sys.modules.get("numpy.random.mtrand")
    if mtrand is None:
        return None
    _, key, position, *_ = mtrand.get_state()
    return mtrand._rand._bit_generator.capsule, key.tobytes(), position
