"""Gives each case what was done ahead: the library's modules when the case imports them, and the code of the nodes' modules.

A case must not be able to tell. Where that isn't certain, the case is left to a fresh interpreter.
"""

import _tracemalloc
import os
import sys
import time
import types
import warnings
from importlib import _bootstrap, _bootstrap_external

import _parallax_bridge as bridge
import _parallax_native as native
from _parallax_changes import MISSING
from _parallax_doings import Doings, make_room
from _parallax_sources import Sources, is_listed

# What numpy and the bridge bring along, and what they and most nodes import late. Without numpy its names are skipped.
ROOTS = ("asyncio", "decimal", "json", "random", "numpy", "numpy.fft", "numpy.ma", "numpy.random")

# An import far below others could fail for want of depth.
_DEEPEST = 200

# What warnings leave behind in the modules that they were given for; no module's body reads it.
_HARMLESS = "__warningregistry__"


def splice(function, template, hook):
    """Has `function` run the template, whose texts "hook", "original" and "fail" become the hook, the function as it was, and what is called when that fails; it stays the same object."""
    original = types.FunctionType(function.__code__, function.__globals__, function.__name__, function.__defaults__)
    original.__kwdefaults__ = function.__kwdefaults__
    code, new = function.__code__, template.__code__
    stand_in = {"hook": hook, "original": original, "fail": _fail}
    function.__code__ = new.replace(
        co_consts=tuple(stand_in.get(constant, constant) if type(constant) is str else constant for constant in new.co_consts),
        co_filename=code.co_filename,
        co_firstlineno=code.co_firstlineno,
        co_name=code.co_name,
        co_qualname=code.co_qualname,
    )


def _fail():
    """An exception has come through a template: its traceback has one frame more than in a fresh interpreter."""
    native.leave_case("what looks for a module, or compiles it, has raised an exception")


class Library:
    """The modules that were imported ahead, each until a case imports it.

    A case pays for each page that it writes to, and counting a reference is writing; so nothing here goes through all modules, names or namespaces where a few of them can tell.
    """

    def __init__(self, recorder):
        self._nodes = tuple(bridge._node_path)
        self._base = recorder.base.copy()
        self._modules, self._closures = recorder.modules, recorder.closures
        namespaces = [vars(module) for name, module in (*self._base.items(), *self._modules.items()) if module is not bridge]
        namespaces += recorder.class_namespaces()
        self._namespaces = {id(namespace): namespace.copy() for namespace in namespaces}
        for namespace in (*namespaces, os.environ._data, sys.modules):
            native.guard(namespace)
        strict = {*self._namespaces, *map(id, _registries(self._modules))}
        changes = {}
        for module, container, change in recorder.log:
            changes.setdefault(module, []).append((container and container.value, change))
        subclasses = recorder.subclasses
        self._doings = {name: Doings(changes.get(name, ()), subclasses.get(name, ()), self._namespaces, strict) for name in changes.keys() | subclasses.keys()}
        self._looked_for = {name: recorder.looked_for(name) for name, closure in self._closures.items() if closure}
        self._whole = {}
        for name in ROOTS:
            closure = self._closures.get(name) or ()
            modules = {other: self._modules[other] for other in closure}
            noted, entered = [[part for other in closure for part in parts.get(other, ())] for parts in (changes, subclasses)]
            doings = Doings(noted, entered, self._namespaces, strict)
            if closure:
                self._whole[name] = modules, doings
        self.begin()

    def finish(self):
        """What was imported ahead is there for all cases from now on."""
        for doings in (*self._doings.values(), *(doings for _, doings in self._whole.values())):
            doings.make_room()
        make_room(sys.modules, max((modules for modules, _ in self._whole.values()), key=len))
        for finder in self.finders():
            # It lists the directory when it is first asked, and again when that has changed.
            finder.find_spec("")

    def begin(self):
        """What was imported ahead is there for the next case."""
        # Dictionaries of the modules that the case has been given, and what that has done.
        self._given, self._done = [], []
        # Modules of ours whose names the case has put something else under, or taken away.
        self._taken = set()
        # Why no import can be what it was, once there is a reason.
        self._found = None
        native.note_settings()
        native.begin()
        native.touched()

    def put_back(self, name):
        """Called before the import system looks for a module: does what a fresh import of it would do."""
        try:
            reason = self._put_back(name)
        except BaseException as error:
            reason = f"{type(error).__name__}: {error}"
        if reason is not None:
            native.leave_case(f"{name} can't be given as if it were imported now: {reason}")

    def _is_given(self, name):
        return any(name in given for given in self._given)

    def _put_back(self, name):
        """None, or why a case could tell."""
        # It would see what is done here, too.
        followed = self._followed()
        if followed is not None:
            return followed
        if name in sys.modules:
            return None
        if name not in self._modules or self._is_given(name):
            return None
        names = self._looked_for.get(name)
        shadow = names is None or self._shadow(names)
        if shadow and self._is_of_the_nodes(name.partition(".")[0]):
            return None
        if names is None:
            return "it warns, or needs to be imported by another module"
        reason = self.difference() or shadow
        if reason is not None:
            return reason
        # What is done here is no change of the case's.
        native.quiet(True)
        if name in self._whole and not self._given:
            modules, doings = self._whole[name]
            if not self._taken.isdisjoint(modules):
                return f"there is another {min(self._taken & modules.keys())}"
            reason = doings.do()
            sys.modules.update(modules)
            self._done.append(doings)
        else:
            modules = {}
            reason = self._one_by_one(self._closures[name], modules)
        if reason is not None:
            return reason
        self._given.append(modules)
        for other, renew in _RENEWED.items():
            if other in modules:
                renew(modules[other])
        native.note_lists()
        native.quiet(False)
        return None

    def _one_by_one(self, closure, modules):
        for name in closure:
            if name in self._taken:
                return f"there is another {name}"
            if self._is_given(name):
                continue
            if name in self._doings:
                reason = self._doings[name].do()
                if reason is not None:
                    return reason
                self._done.append(self._doings[name])
            modules[name] = sys.modules[name] = self._modules[name]
        return None

    def difference(self):
        """What the bodies of modules may read and isn't as in a fresh interpreter, if there is something."""
        if self._found is None:
            self._found = self._look()
        return self._found or ("the stack is deep" if _is_deep() else None)

    def doubt(self):
        """Why a module of the nodes can't be given as if it were found and compiled now, if there is a reason."""
        return self._followed() or self.difference()

    def _followed(self):
        is_followed = native.listened() or _tracemalloc.is_tracing() or native.stirred() and _is_traced()
        return "the case follows what the interpreter does" if is_followed else None

    def check_followed(self):
        """Leaves the case if somebody would see what is done here in its place."""
        followed = self._followed()
        if followed is not None:
            native.leave_case(followed)

    def _look(self):
        changes = native.touched()
        if changes is None:
            return "too much has changed"
        if native.tampered():
            return "the environment, or a function of the library, has changed"
        for namespace, key in changes:
            if namespace is sys.modules:
                reason = self._note_module(key)
                if reason is not None:
                    return reason
            elif key != _HARMLESS and self._has_changed(namespace, key) and not self._is_new_submodule(namespace, key):
                return f"{namespace.get('__name__', namespace.get('__qualname__', 'the environment'))}.{key} has changed"
        return native.changed_setting()

    def _note_module(self, name):
        """An entry of `sys.modules` has changed: None, or why that matters to every import."""
        if type(name) is not str:
            return "sys.modules was replaced"
        there = sys.modules.get(name, MISSING)
        if name in self._base:
            return None if there is self._base[name] else f"there is another {name}"
        if name in self._modules:
            if there is (self._modules[name] if self._is_given(name) else MISSING):
                self._taken.discard(name)
            else:
                self._taken.add(name)
        return None

    def _held(self, namespace, key):
        """What a namespace has under a name if only imports have changed it."""
        number = id(namespace)
        for doings in reversed(self._done):
            after = doings.after.get(number)
            if after is not None and key in after:
                return after[key]
        return self._namespaces[number].get(key, MISSING)

    def _has_changed(self, namespace, key):
        if id(namespace) not in self._namespaces:
            return True
        if key is None or type(key) is dict:
            # All of it was replaced.
            names = {*namespace, *self._namespaces[id(namespace)], *(name for doings in self._done for name in doings.after.get(id(namespace), ()))}
            return any(self._held(namespace, name) is not namespace.get(name, MISSING) for name in names)
        return self._held(namespace, key) is not namespace.get(key, MISSING)

    def _is_new_submodule(self, namespace, key):
        """Whether the case has imported a module of a package that had none of that name; a body that uses it imports it, and is given it only if it is the one that was imported ahead."""
        if id(namespace) not in self._namespaces or type(key) is not str or "__path__" not in namespace or self._held(namespace, key) is not MISSING:
            return False
        package = namespace.get("__name__")
        module = sys.modules.get(f"{package}.{key}")
        return type(module) is types.ModuleType and module is namespace.get(key) and vars(sys.modules.get(package, module)) is namespace

    def finders(self):
        for directory in self._nodes:
            finder = _bootstrap_external.PathFinder._path_importer_cache(directory)
            if finder is not None:
                yield finder

    def _is_of_the_nodes(self, name):
        """Whether a fresh import would find this module in the node path, which comes before the library."""
        module = self._modules.get(name)
        if module is None or module.__spec__ is None:
            return False
        comes_first = module.__spec__.origin in ("built-in", "frozen")
        if comes_first and not self._looked_for.get(name):
            return False
        specs = [finder.find_spec(name) for finder in self.finders()]
        return not comes_first and any(spec is not None and spec.loader is not None for spec in specs)

    def _shadow(self, names):
        """What the node path has that the bodies of the modules would find there instead of the library's, if there is something."""
        for finder in self.finders() if names else ():
            if type(finder) is not _bootstrap_external.FileFinder:
                return "the node path is no directory"
            if not is_listed(finder):
                # It lists the directory anew, as it would for any module.
                finder.find_spec("")
            if not names.isdisjoint(finder._path_cache):
                return f"the node path has {min(names & finder._path_cache)}"
        return None


def _registries(modules):
    """Where an entry says what is to be done, and isn't only kept for being found again."""
    if logging := modules.get("logging"):
        yield logging.root.manager.loggerDict
    if copyreg := modules.get("copyreg"):
        yield copyreg.dispatch_table


def _is_traced():
    """Whether somebody follows what is run; nobody can without an event that `stirred` tells of."""
    return sys.gettrace() is not None or sys.getprofile() is not None


def _is_deep():
    try:
        sys._getframe(_DEEPEST)
    except ValueError:
        return False
    return True


# What a module makes of the time, the process or chance when it is imported.
_RENEWED = {
    "logging": lambda logging: setattr(logging, "_startTime", time.time_ns()),
    "numpy.random.mtrand": lambda mtrand: mtrand._rand.__init__(),
    "random": lambda random: random.seed(),
    # WASI has no numbers of threads.
    "threading": lambda threading: getattr(threading.main_thread(), "_set_native_id", lambda: None)(),
}


class Rehearsal:
    """A node that does what many do: takes values of each kind, computes with arrays, and returns what it got."""

    sources = None

    def __init__(self, factor=None):
        self.sources.rehearse()
        self._factor = factor
        if factor is not None:
            import numpy

            self._numpy = numpy

    def process(self, item):
        if self._factor is None:
            return item
        array = self._numpy.array(item.tolist(), "f8") * self._factor
        largest = float(self._numpy.abs(array).max())
        return {"array": array + item, "mean": array.mean(), "largest": largest, "sum": self._numpy.sum(array[::2])}


def _lock_template(name):
    hook = "hook"
    original = "original"
    hook(name)
    return original(name)


def _spec_template(name, path, target=None):
    hook = "hook"
    original = "original"
    fail = "fail"
    spec = hook(name, path, target)
    if spec is None:
        try:
            spec = original(name, path, target)
        except BaseException:
            fail()
    return spec


def _code_template(self, data, path, *, _optimize=-1):
    hook = "hook"
    original = "original"
    fail = "fail"
    code = hook(data, path, _optimize)
    if code is None:
        try:
            code = original(self, data, path, _optimize=_optimize)
        except BaseException:
            fail()
    return code


def _unread_template(self, fullname):
    hook = "hook"
    original = "original"
    fail = "fail"
    code = hook(self, fullname)
    if code is None:
        try:
            code = original(self, fullname)
        except BaseException:
            fail()
    return code


def variables():
    """The very dictionary of `os.environ`: bytes to bytes."""
    return os.environ._data


def start(recorder):
    """Has the import system ask for what was done ahead; returns what a new case begins with."""
    library = Library(recorder)
    splice(_bootstrap._get_module_lock, _lock_template, library.put_back)
    sources = Rehearsal.sources = Sources(bridge._node_path, library.doubt, library.check_followed)
    sources.find()
    splice(_bootstrap._find_spec, _spec_template, sources.spec)
    splice(_bootstrap_external.SourceLoader.source_to_code, _code_template, sources.code)
    splice(_bootstrap_external.SourceLoader.get_code, _unread_template, sources.unread)
    return library
