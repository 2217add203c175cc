"""The Python half of a Python node: finds the class, drives what it returns, describes what it raises."""

import importlib
import os
import sys
import types
import warnings

# Frames of this module are the executor's own and are left out of tracebacks.
_OWN = __file__

_log = []
_current = None
_loop = None
_node_path = []


def start(node_path, site):
    """Prepares the interpreter: the node path first, packages last, standard output for the result alone, warnings collected."""
    _node_path[:] = node_path
    sys.path[:0] = node_path
    if site:
        sys.path.append(site)
    sys.argv = [""]
    # A node that prints must not write into the result document.
    sys.stdout = sys.stderr
    warnings.resetwarnings()
    warnings.simplefilter("default")
    warnings.showwarning = _record


def _record(message, category, filename, lineno, file=None, line=None):
    _log.append((_current, _class_name(category), str(message)))


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
    _enter(node)
    return list(_items(instance.process(item)))


def process_stream(node, instance, items):
    _enter(node)
    return list(_items(instance.process(Stream(items))))


def flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
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
    global _current
    _current = node


def _items(result):
    result = _settle(result)
    if result is None:
        return
    if isinstance(result, types.GeneratorType):
        yield from result
    elif hasattr(result, "__aiter__") and hasattr(result, "__anext__"):
        yield from _drain(result)
    else:
        yield result


def _settle(result):
    while hasattr(result, "__await__"):
        result = _event_loop().run_until_complete(_wait(result))
    return result


async def _wait(awaitable):
    return await awaitable


def _drain(stream):
    async def step():
        try:
            return True, await stream.__anext__()
        except StopAsyncIteration:
            return False, None

    while True:
        more, item = _event_loop().run_until_complete(step())
        if not more:
            return
        yield item


def _event_loop():
    global _loop
    if _loop is None:
        # Imported late: asyncio costs more than most nodes.
        import asyncio
        import time

        class Clock:
            """Stands where a selector would: there are no sockets, so waiting is sleeping."""

            def select(self, timeout):
                if timeout is None:
                    raise RuntimeError("the coroutine waits for something that nothing will ever do")
                if timeout > 0:
                    time.sleep(timeout)
                return []

        class Loop(asyncio.BaseEventLoop):
            """An event loop without sockets and threads, the same on every target."""

            def __init__(self):
                super().__init__()
                self._selector = Clock()

            def _process_events(self, events):
                pass

            def _write_to_self(self):
                pass

        _loop = Loop()
        asyncio.set_event_loop(_loop)
    return _loop


def describe(error):
    """The comparable part of an exception: class, message, traceback."""
    try:
        message = str(error)
        message.encode()
    except UnicodeEncodeError:
        message = message.encode(errors="backslashreplace").decode()
    except BaseException:
        message = "<the message can't be read>"
    return _class_name(type(error)), message, _frames(error.__traceback__)


def _class_name(cls):
    module = cls.__module__
    return cls.__qualname__ if module == "builtins" else f"{module}.{cls.__qualname__}"


# A deep recursion is told by its two ends.
_FIRST, _LAST = 5, 15


def _frames(traceback):
    frames = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if not _is_machinery(code.co_filename):
            frames.append(f"{_relative(code.co_filename)}:{traceback.tb_lineno} in {code.co_name}")
        traceback = traceback.tb_next
    hidden = len(frames) - _FIRST - _LAST
    if hidden > 0:
        frames[_FIRST:-_LAST] = [f"... {hidden} frames ..."]
    return frames


def _is_machinery(filename):
    return (
        filename == _OWN
        or filename.startswith(("<frozen importlib", "<frozen zipimport"))
        or filename.replace(os.sep, "/").endswith("/importlib/__init__.py")
    )


def _relative(filename):
    """The path below the node path or the library, which stand at other places on another machine."""
    for root in sys.path:
        prefix = root.rstrip("/") + "/"
        if root and filename.startswith(prefix):
            filename = filename[len(prefix) :]
            break
    else:
        library = f"/python{sys.version_info[0]}.{sys.version_info[1]}/"
        _, found, rest = filename.partition(library)
        filename = rest if found else filename
    return filename
