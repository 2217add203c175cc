"""The Python half of a Python node: finds the class, and drives what it returns."""

import atexit
import gc
import importlib
import importlib._bootstrap_external
import io
import site
import sys
import types
import warnings

# Bound here, so that a case that replaces them in `builtins` doesn't change how it is run.
from builtins import BaseException, StopAsyncIteration, StopIteration, getattr, hasattr, isinstance, iter, next, str, type

from _parallax_describe import class_name, relative as _relative, text

_log = []
_current = None
_loop = None
_node_path = []


# Bytes that a standard stream holds back: by itself, each target's C library has another number.
_HELD_BACK = 8192


def start(node_path, packages, streams_are_the_cases):
    """Prepares the interpreter: the node path first, packages last, standard output for the result unless that leaves another way, warnings collected."""
    _node_path[:] = node_path
    _name_sources()
    sys.path[:0] = node_path
    if packages:
        sys.path.append(packages)
    sys.argv = [""]
    # Python looks for its own program in `PATH`, which the native one doesn't have and WASI neither.
    sys.executable = sys._base_executable = f"{sys.prefix}/bin/python{sys.version_info.major}.{sys.version_info.minor}"
    # WASI has no folders of a user's. Natively they would lie in the directory of the case for which the interpreter was started.
    site.ENABLE_USER_SITE, site.USER_BASE, site.USER_SITE = False, None, None
    if streams_are_the_cases:
        sys.stdout = sys.__stdout__ = _standard_stream(sys.stdout)
        sys.stderr = sys.__stderr__ = _standard_stream(sys.stderr)
    else:
        # A node that prints must not write into the result document.
        sys.stdout = sys.stderr
    warnings.resetwarnings()
    warnings.simplefilter("default")
    warnings.showwarning = _record


def _name_sources():
    """Has modules from an archive say that their file is the source, as modules from a folder do: there are both in the archive."""
    zipimport = sys.modules.get("zipimport")
    if zipimport is None:
        return
    importer = zipimport.zipimporter
    filename = importer.get_filename

    def get_filename(self, fullname):
        return filename(self, fullname).removesuffix("c")

    get_filename.__doc__ = filename.__doc__
    importer.get_filename = get_filename
    for module in list(sys.modules.values()):
        spec = getattr(module, "__spec__", None)
        if spec is not None and isinstance(spec.loader, importer):
            module.__file__ = spec.origin = get_filename(spec.loader, spec.name)
            spec.cached = module.__cached__ = importlib._bootstrap_external.cache_from_source(spec.origin)


def _standard_stream(stream):
    """The same stream, which holds back the same on every target."""
    if stream is None:
        return None
    file = io.open(stream.fileno(), "wb", _HELD_BACK, closefd=False)
    file.raw.name = stream.name
    same = io.TextIOWrapper(file, stream.encoding, stream.errors, "\n", stream.line_buffering)
    same.mode = stream.mode
    return same


def _record(message, category, filename, lineno, file=None, line=None):
    _log.append((_current, class_name(category), text(str(message))))


def take_warnings():
    taken = _log[:]
    _log.clear()
    return taken


def construct(node, node_type, params):
    _enter(node)
    module, _, path = node_type.partition(":")
    target = importlib.import_module(module)
    for name in path.split("."):
        target = getattr(target, name)
    return target(**params)


def call(node, instance, method):
    """Calls `initialize` or `cleanup`, where the class has it."""
    _enter(node)
    function = getattr(instance, method, None)
    if function is not None:
        _settle(function())


def process(node, instance, item):
    """What `process` gives for an item: whether it is a stream of results, and the stream or the one result."""
    _enter(node)
    return _results(instance.process(item))


def process_stream(node, instance, items):
    """The same, for all items at once."""
    _enter(node)
    return _results(instance.process(Stream(items)))


def finish():
    """Does what others can see of an interpreter's end: waits for threads, calls what was registered for it, writes what is held back.

    What fails in it is lost, as the result must not be.
    """
    threading = sys.modules.get("threading")
    for step in (getattr(threading, "_shutdown", None), _call_registered, _write_held_back):
        try:
            if step is not None:
                step()
        except BaseException:
            pass


# Bound here, as a case may replace it.
_call_registered = atexit._run_exitfuncs

# What holds back what was written to it.
_FILES = {io.TextIOWrapper, io.BufferedWriter, io.BufferedRandom}


def _write_held_back():
    for name in ("stdout", "stderr", "__stdout__", "__stderr__"):
        _flush(getattr(sys, name, None))
    for thing in gc.get_objects():
        if type(thing) in _FILES:
            _flush(thing)


def _flush(stream):
    try:
        stream.flush()
    except BaseException:
        # The node closed or replaced the stream, which is its own business.
        pass


def load_array(dtype, shape, scalar, data):
    """An array or scalar over `data`, which it keeps."""
    numpy = importlib.import_module("numpy")
    array = numpy.ndarray(shape, _dtype(numpy, dtype), data)
    return array[()] if scalar else array


def load_dtype(dtype):
    return _dtype(importlib.import_module("numpy"), dtype)


def dump_array(value):
    """Description, shape and layout of an array or scalar of numpy's, and the array itself, or a contiguous copy; None for anything else."""
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return None
    if isinstance(value, numpy.generic):
        layout, array = "scalar", numpy.asarray(value)
    elif isinstance(value, numpy.ndarray) and not isinstance(value, numpy.ma.MaskedArray):
        layout, array = "F" if value.flags.fnc else "C", value
    else:
        return None
    import json

    description = numpy.lib.format.dtype_to_descr(array.dtype)
    # An array of a subclass may have more than its bytes, and may be referred to from anywhere.
    if type(array) is not numpy.ndarray or not (layout == "F" or array.flags.c_contiguous):
        array = numpy.array(array, order=layout if layout == "F" else "C")
    return json.dumps(description), value.shape, layout, array


def _dtype(numpy, text):
    import json

    def fields(description):
        if isinstance(description, str):
            return description
        return [(name, fields(dtype), *map(tuple, shape)) for name, dtype, *shape in description]

    return numpy.lib.format.descr_to_dtype(fields(json.loads(text)))


class Stream:
    """The items of a streaming node: an iterator and an async iterator in one."""

    def __init__(self, items):
        self._items = iter(items)

    def __iter__(self):
        return self

    def __next__(self):
        return next(self._items)

    def __aiter__(self):
        return self

    async def __anext__(self):
        try:
            return next(self._items)
        except StopIteration:
            raise StopAsyncIteration from None


def _enter(node):
    """Begins a call into a node, for the warnings that it causes."""
    global _current
    _current = node
    # The caller's frame becomes an object now. CPython would make one when the node raises, and loses what it raises where there is no memory for that.
    sys._getframe(1)


def _results(result):
    result = _settle(result)
    if isinstance(result, types.GeneratorType):
        return True, result
    if hasattr(result, "__aiter__") and hasattr(result, "__anext__"):
        return True, _drain(result)
    return False, result


def _settle(result):
    while hasattr(result, "__await__"):
        result = _event_loop().run_until_complete(_wait(result))
    return result


async def _wait(awaitable):
    return await awaitable


def _drain(stream):
    async def step():
        try:
            return [await stream.__anext__()]
        except StopAsyncIteration:
            return []

    # Nothing here may refer to an item when it is handed on: an array that somebody else has is copied.
    while box := _event_loop().run_until_complete(step()):
        yield box.pop()


# Seconds between two looks whether there is still a thread that could wake the event loop.
_PATIENCE = 0.05


def _event_loop():
    global _loop
    if _loop is None:
        # Imported late: asyncio costs more than most nodes.
        import _thread
        import asyncio
        import time

        class Clock:
            """Stands where a selector would: there are no sockets, so waiting is sleeping, until a thread calls."""

            def __init__(self):
                # Free while a thread has called, and nobody has looked since.
                self._called = _thread.allocate_lock()
                self._called.acquire()

            def call(self):
                try:
                    self._called.release()
                except RuntimeError:
                    # Another one has called just before.
                    pass

            def select(self, timeout):
                if _thread._count() == 0:
                    # Nobody is there who could call.
                    if self._called.acquire(False):
                        return []
                    if timeout is None:
                        raise RuntimeError("the coroutine waits for something that nothing will ever do")
                    if timeout > 0:
                        time.sleep(timeout)
                elif timeout is None:
                    # The threads may all end without a call.
                    while not self._called.acquire(timeout=_PATIENCE):
                        if _thread._count() == 0:
                            break
                elif timeout > 0:
                    self._called.acquire(timeout=min(timeout, _thread.TIMEOUT_MAX))
                else:
                    self._called.acquire(False)
                return []

        class Loop(asyncio.BaseEventLoop):
            """An event loop without sockets, the same on every target; threads that there are can wake it."""

            def __init__(self):
                super().__init__()
                self._selector = Clock()

            def _process_events(self, events):
                pass

            def _write_to_self(self):
                self._selector.call()

        _loop = Loop()
        asyncio.set_event_loop(_loop)
    return _loop
