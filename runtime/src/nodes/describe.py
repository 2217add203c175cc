"""Describes exceptions as they are, whatever their classes say of themselves."""

import os
import sys

# Bound here, so that a case that replaces them in `builtins` can't lie about what it raises.
from builtins import (
    BaseException,
    BaseExceptionGroup,
    UnicodeEncodeError,
    any,
    getattr,
    issubclass,
    len,
    list,
    repr,
    str,
    tuple,
    type,
)

# Frames of this file name are the executor's own and are left out of tracebacks.
_OWN = __file__

# A class can hide these attributes behind others of the same names; the base class's tell what the interpreter itself goes by.
_cause = BaseException.__cause__.__get__
_context = BaseException.__context__.__get__
_suppressed = BaseException.__suppress_context__.__get__
_traceback = BaseException.__traceback__.__get__
_members = BaseExceptionGroup.exceptions.__get__
_module = type.__dict__["__module__"].__get__
_qualname = type.__dict__["__qualname__"].__get__

# A tree is described up to so many exceptions, and so deep: a document nests one in the other, and JSON is commonly read to a depth of 128.
_MOST, _DEEPEST = 1000, 50

# A deep recursion is told by its two ends.
_FIRST, _LAST = 5, 15

# Where a description has what hangs on the exception.
_CAUSE, _CONTEXT, _MEMBERS, _TRUNCATED = 4, 5, 6, 7


def digest(lines):
    """The digest of the lines that a traceback leaves out; the executor puts its own in place of this."""
    raise NotImplementedError


def describe(error):
    """The comparable part of an exception: class, message, traceback, notes, cause, context, members, and whether more hangs on it.

    The exceptions that hang on it are described likewise, those nearest to it first. One that hangs on itself ends there.
    """
    root = _describe_one(error)
    count = 1
    waiting = [(error, root, (error,))]
    # It grows while it is read.
    for error, described, above in waiting:
        for place, other in _attached(error):
            if len(above) == _DEEPEST or count == _MOST:
                described[_TRUNCATED] = True
                break
            count += 1
            one = _describe_one(other)
            if place == _MEMBERS:
                described[place].append(one)
            else:
                described[place] = one
            if not any(other is known for known in above):
                waiting.append((other, one, (*above, other)))
    return root


def _describe_one(error):
    message = _safe(str, error, "message")
    return [class_name(type(error)), message, _frames(_traceback(error)), _notes(error), None, None, [], False]


def _attached(error):
    """The exceptions that hang on this one, each with its place."""
    cause, context = _cause(error), _context(error)
    if cause is not None:
        yield _CAUSE, cause
    if context is not None and context is not cause and not _suppressed(error):
        yield _CONTEXT, context
    if issubclass(type(error), BaseExceptionGroup):
        for member in _members(error):
            yield _MEMBERS, member


def _notes(error):
    try:
        notes = getattr(error, "__notes__", None)
    except BaseException as second:
        return [_unreadable("notes", second)]
    # Where it is no list, the interpreter shows what it is.
    if issubclass(type(notes), list):
        notes = list.copy(notes)
    elif issubclass(type(notes), tuple):
        notes = list(tuple.__iter__(notes))
    elif notes is None:
        return []
    else:
        return [_safe(repr, notes, "notes")]
    return [_safe(str, note, "note") for note in notes]


def _safe(convert, value, what):
    try:
        return text(convert(value))
    except BaseException as error:
        return _unreadable(what, error)


def _unreadable(what, error):
    return f"<the {what} can't be read: {class_name(type(error))}>"


def text(value):
    """A string that can be carried: of class `str` itself, and without lone surrogates."""
    value = str.__str__(value)
    try:
        value.encode()
    except UnicodeEncodeError:
        value = value.encode(errors="backslashreplace").decode()
    return value


def class_name(cls):
    try:
        module = text(_module(cls))
    except BaseException:
        # A class may have anything there, or nothing.
        module = "?"
    name = text(_qualname(cls))
    return name if module == "builtins" else f"{module}.{name}"


def _frames(traceback):
    frames = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if not _is_machinery(code.co_filename):
            frames.append(text(f"{relative(code.co_filename)}:{traceback.tb_lineno} in {code.co_name}"))
        traceback = traceback.tb_next
    hidden = frames[_FIRST:-_LAST]
    if hidden:
        # The digest is of what isn't shown, so that nothing can differ there unseen.
        frames[_FIRST:-_LAST] = [f"... {len(hidden)} frames, sha256 {digest(hidden)} ..."]
    return frames


def _is_machinery(filename):
    return (
        filename == _OWN
        or filename.startswith(("<frozen importlib", "<frozen zipimport"))
        or filename.replace(os.sep, "/").endswith("/importlib/__init__.py")
    )


def relative(filename):
    """The path below the node path or the library, which stand at other places on another machine."""
    path = getattr(sys, "path", None)
    for root in path if type(path) is list else ():
        if type(root) is str and root and filename.startswith(prefix := root.rstrip("/") + "/"):
            return filename[len(prefix) :]
    library = f"/python{sys.version_info[0]}.{sys.version_info[1]}/"
    _, found, rest = filename.partition(library)
    return rest if found else filename
