"""Imports the library ahead of the cases, notes what the import of each module does, and takes all of it back.

This runs before the interpreter is copied; `warm.py` does what is noted here again in the case that imports a module.
"""

import abc
import atexit
import builtins
import gc
import importlib
import sys
from _abc import _reset_caches
from _imp import extension_suffixes
from _weakref import ReferenceType
from importlib import _bootstrap, _bootstrap_external

import _parallax_bridge as bridge
import _parallax_native as native
from _parallax_changes import CHANGES, AtExit, Attributes, Registration, same_object
from _parallax_warm import splice


# Modules that an interpreter which isn't copied doesn't have.
_OWN = ("_parallax_changes", "_parallax_doings", "_parallax_pack", "_parallax_record", "_parallax_sources", "_parallax_warm")


class Container:
    """A dictionary, list or set, the module that made it (None: the start of Python), and what it held when it was last looked at; the class whose subclasses it lists, if it does."""

    __slots__ = ("base", "held", "owner", "value")

    def __init__(self, value, owner):
        self.value, self.owner, self.held, self.base = value, owner, value.copy(), None


class Recorder:
    """Sees what imports do to `sys.modules`, and to every dictionary, list and set that was there before the module was."""

    def __init__(self):
        self.base = dict(sys.modules)
        # What the body of each module imports, in order; what it looks for and doesn't find; what it imports that isn't done yet.
        self.imports, self.in_vain, self.unfinished = {}, {}, {}
        # Modules whose import can't be done again as it was.
        self.unfit = set()
        # [module, container, change] in the order of events.
        self.log = []
        self._stack = []
        # Modules that others have imported, until the one that is being imported does so, too.
        self._aside = {}
        self._names = set(self.base)
        self._known, self._loose = {}, []
        # What keeps the registrations and the answers of an abstract class.
        self._abstract = []
        self._first_classes = _classes()
        own = [self.base, self.imports, self.in_vain, self.unfinished, self.unfit, self.log, self._stack, self._aside, self._names, self._known, self._loose, self._abstract]
        own += [self._first_classes, globals(), bridge._log, sys.modules, sys.path, _bootstrap._module_locks, _bootstrap._blocking_on]
        self._ignored = {id(value) for value in own}
        self._ignored.add(id(self._ignored))
        for module in self.base.values():
            self._ignore_children(module)

    def run(self, roots):
        """Imports the roots, as far as they are there."""
        collects = gc.isenabled()
        # Where an object goes away, another one would get its number.
        gc.disable()
        self._look()
        load, plain = _bootstrap._find_and_load_unlocked, builtins.__import__
        code = load.__code__

        def template(name, import_):
            hook = "hook"
            original = "original"
            return hook(original, name, import_)

        def register_template(cls, subclass):
            hook = "hook"
            original = "original"
            return hook(original, cls, subclass)

        register = abc.ABCMeta.register
        register_code = register.__code__
        splice(load, template, self._load)
        splice(register, register_template, self._register)
        builtins.__import__ = self._importer(plain)
        register_at_exit = atexit.register
        atexit.register = self._at_exit(register_at_exit)
        try:
            for root in roots:
                self._import(root)
        finally:
            load.__code__, register.__code__ = code, register_code
            builtins.__import__ = plain
            atexit.register = register_at_exit
            sys.modules.update(self._aside)
            self._aside.clear()
            self._look()
        if collects:
            gc.enable()

    def _import(self, root):
        before = set(self.imports)
        try:
            importlib.import_module(root)
        except ModuleNotFoundError as error:
            # Whoever has built the library may have left it out.
            if error.name != root.partition(".")[0]:
                raise
        if bridge.take_warnings():
            self.unfit |= set(self.imports) - before

    def _load(self, original, name, import_):
        """Stands in for the import system's function that loads what isn't loaded."""
        if name in self._aside:
            self._note(name)
            return self._bring_back(name)
        parent = name.rpartition(".")[0]
        if parent and parent not in sys.modules:
            # As the function would, but before the module counts as begun.
            import_(parent)
            if name in sys.modules:
                return sys.modules[name]
        self._look()
        self._note(name)
        self._stack.append(name)
        self.imports[name], self.in_vain[name] = [], []
        visible = self._put_aside()
        try:
            module = original(name, import_)
        except BaseException:
            self._look()
            self._stack.pop()
            self._give_up(name)
            raise
        finally:
            for other in visible:
                if other in self._aside:
                    sys.modules[other] = self._aside.pop(other)
        for value in list(vars(module).values()):
            # One without entries isn't among the objects, and who puts the first one in may be another module.
            self._add(value, name)
        self._look()
        self._stack.pop()
        return module

    def _put_aside(self):
        """Has an import find what it would find in a fresh interpreter; otherwise what a module in C imports could not be seen, if it is there already. Gives the names of what was there."""
        visible = [name for name, module in sys.modules.items() if name not in self.base and name not in self._stack and _is_imported(module)]
        for name in visible:
            self._aside[name] = sys.modules.pop(name)
        return visible

    def _bring_back(self, name):
        """Does what a fresh import of a module that is known would do to `sys.modules`."""
        parent = name.rpartition(".")[0]
        if parent in self._aside:
            self._bring_back(parent)
        if name in self._aside:
            sys.modules[name] = self._aside.pop(name)
            for other in self.imports.get(name, ()):
                self._bring_back(other)
        return sys.modules.get(name)

    def _give_up(self, name):
        """What an import does that fails, counts as done by the module that goes on without it."""
        imports, in_vain = self.imports.pop(name), self.in_vain.pop(name)
        importer = self._stack[-1] if self._stack else None
        for entry in self.log:
            if entry[0] == name:
                entry[0] = importer
        for container in self._known.values():
            if container.owner == name:
                container.owner = importer
        if importer is not None:
            listed = self.imports[importer]
            if name in listed:
                listed.remove(name)
            listed += [other for other in imports if other not in listed]
            self.in_vain[importer] += [name, *in_vain]

    def _register(self, original, base, cls):
        """Stands in for the method by which a class comes to count as another one's subclass."""
        is_new = self._stack and not issubclass(cls, base)
        result = original(base, cls)
        if is_new:
            self.log.append([self._stack[-1], None, Registration(base, cls)])
        return result

    def _at_exit(self, original):
        """Stands in for the function that registers others for the interpreter's end."""

        def register(function, /, *positional, **named):
            if self._stack:
                self.log.append([self._stack[-1], None, AtExit(function, positional, named)])
            return original(function, *positional, **named)

        return register

    def _importer(self, plain):
        """Stands in for `__import__`, which alone is asked for modules that are there already."""

        def __import__(name, globals=None, locals=None, fromlist=(), level=0):
            module = plain(name, globals, locals, fromlist, level)
            if level:
                name = _bootstrap._resolve_name(name, _bootstrap._calc___package__(globals), level)
            parts = name.split(".")
            for count in range(len(parts)):
                self._note(".".join(parts[: count + 1]))
            target = sys.modules[name]
            children = fromlist or ()
            if "*" in children:
                if self._stack and hasattr(target, "__path__") and not hasattr(target, "__all__"):
                    # It takes over whatever the package has by then.
                    self.unfit.add(self._stack[-1])
                children = getattr(target, "__all__", ())
            for child in children:
                full = f"{name}.{child}"
                found = sys.modules.get(full, self._aside.get(full))
                if found is not None and getattr(target, child, None) is found:
                    self._bring_back(full)
                    self._note(full)
            return module

        return __import__

    def _note(self, name):
        """The module that is being imported imports another one."""
        if not self._stack or name in self.base:
            return
        importer = self._stack[-1]
        if name in self._stack:
            if name != importer and not importer.startswith(name + "."):
                self.unfinished.setdefault(importer, []).append(name)
        elif name not in self.imports[importer]:
            self.imports[importer].append(name)

    def _look(self):
        """Takes what has changed since the last call for the doing of the module that is being imported."""
        # Before anything is made here.
        fresh = gc.get_objects()
        module = self._stack[-1] if self._stack else None
        for name in [name for name in sys.modules if name not in self._names]:
            self._names.add(name)
            self._ignore_children(sys.modules[name])
            if name not in self.imports:
                # A body has put it there without importing it.
                self._note(name)
                self.imports[name], self.in_vain[name] = [], []
        changed = {id(value) for value, _ in self._changes()}
        for container in [self._known[number] for number in changed if number in self._known] + self._loose:
            self._compare(container, module)
        self._abstract += [value for value in fresh if type(value).__name__ == "_abc_data"]
        for value in self._abstract:
            self._ignored |= {id(part) for part in gc.get_referents(value)}
        for value in fresh:
            if type(value).__name__ == "_lru_cache_wrapper":
                # Its dictionary goes with a list that can't be seen from here.
                self._ignored |= {id(part) for part in gc.get_referents(value)}
            self._add(value, module)
            for part in gc.get_referents(value):
                # One that holds nothing but texts and numbers isn't among the objects.
                if type(part) is dict and not gc.is_tracked(part):
                    self._add(part, module)
        # From here on, these aren't among the objects any more, and neither is what was made for this.
        gc.freeze()

    def _ignore_children(self, module):
        """A package lists those of its modules that are being imported, for as long as they are."""
        children = getattr(getattr(module, "__spec__", None), "_uninitialized_submodules", None)
        self._ignored.add(id(children))

    def _add(self, value, module):
        number = id(value)
        if type(value) not in CHANGES or number in self._known or number in self._ignored:
            return
        container = self._known[number] = Container(value, module)
        if type(value) is dict:
            native.watch(value)
            base = container.base = _base_of(value)
            if base is not None:
                # The list of subclasses is made for the first one.
                container.owner = self._maker(base, module)
                container.held = {}
                self._compare(container, module)
        else:
            self._loose.append(container)

    def _maker(self, cls, module):
        if cls in self._first_classes:
            return None
        return cls.__module__ if cls.__module__ in self.imports else module

    def _changes(self):
        changes = native.touched()
        if changes is None:
            raise RuntimeError("an import changes more than can be noted")
        return changes

    def _compare(self, container, module):
        value, held = container.value, container.held
        if _same(value, held):
            return
        cls = _class_of(value)
        change = CHANGES[type(value)](held, value.copy()) if cls is None else Attributes(cls, held, value.copy())
        container.held = value.copy()
        owner = container.owner
        if module is not None and change and (owner is None or owner != module and owner not in self._stack):
            self.log.append([module, container, change])

    def take_back(self):
        """Undoes every import but what a module can only have together with its own."""
        self._classes = _classes()
        self.closures = {name: self._closure(name) for name in self.imports}
        self.log = [entry for entry in self.log if not self._comes_along(*entry[:2])]
        self.unfit |= {module for module, _, change in self.log if not change.can_be_redone}
        self.closures = {name: self._closure(name) for name in self.imports}
        self._keep_subclasses()
        for _, container, change in reversed(self.log):
            change.undo(container and container.value)
            if container is not None:
                container.held = container.value.copy()
        for cls in self._classes:
            if hasattr(cls, "_abc_impl"):
                # What it has answered so far may be another answer now.
                _reset_caches(cls)
        self.modules = {name: module for name, module in sys.modules.items() if name not in self.base}
        for name in self.modules:
            del sys.modules[name]
        native.touched()

    def _keep_subclasses(self):
        """Leaves the lists of subclasses as they are: they can hide what a case hasn't imported."""
        log, self.log, self.subclasses = self.log, [], {}
        for entry in log:
            module, container, change = entry
            if container is not None and container.base is not None and change.only_adds:
                self.subclasses.setdefault(module, []).append((container.value, container.base is not object, change.after))
            else:
                self.log.append(entry)
        # Most cases that import much import numpy first, and then nothing has to be moved.
        for module in {name: None for name in (*(self.closures.get("numpy") or ()), *self.subclasses)}:
            for subclasses, _, entered in self.subclasses.get(module, ()):
                for number in entered:
                    if number in subclasses:
                        subclasses[number] = subclasses.pop(number)
        for container in self._known.values():
            if container.base is not None:
                container.held = container.value.copy()

    def _comes_along(self, module, container):
        return container is not None and container.owner is not None and module in (self.closures.get(container.owner) or ())

    def restore(self):
        """Undoes what was done since everything was taken back."""
        for name in [name for name in sys.modules if name not in self.base]:
            del sys.modules[name]
        for container in list(self._known.values()):
            if not _same(container.value, container.held):
                CHANGES[type(container.value)](container.held, container.value.copy()).undo(container.value)
        native.touched()

    def finish(self):
        """Leaves the objects where a collection doesn't visit them: it would write to each, and so would every case."""
        self.__dict__.clear()
        gc.unfreeze()
        _hide_own_classes()
        # What was registered and taken back still counts, and Python itself starts with none.
        atexit._clear()
        gc.collect()
        gc.freeze()

    def _closure(self, name):
        """The modules that an import of this one brings along, in the order in which they are done, itself the last; None if that depends on more."""
        done, order = set(self.base), []

        def visit(name):
            parent = name.rpartition(".")[0]
            if parent and parent not in done:
                visit(parent)
            if name in done:
                return
            if name in self.unfit or not done.issuperset(self.unfinished.get(name, ())):
                raise LookupError(name)
            done.add(name)
            for other in self.imports[name]:
                visit(other)
            order.append(name)

        try:
            visit(name)
        except LookupError:
            return None
        return order

    def class_namespaces(self):
        """What `vars` shows of the classes that can be changed."""
        changeable = 1 << 9
        return [_namespace(cls) for cls in self._classes if cls.__flags__ & changeable]

    def looked_for(self, name):
        """The entries of a directory of the path by which an import of this module would find another file than it has."""
        suffixes = ["", *extension_suffixes(), *_bootstrap_external.SOURCE_SUFFIXES, *_bootstrap_external.BYTECODE_SUFFIXES]
        names = set()
        for other in self.closures[name]:
            spec = getattr(self.modules[other], "__spec__", None)
            if "." not in other and getattr(spec, "origin", None) not in ("built-in", "frozen"):
                names.add(other)
            names.update(missing for missing in self.in_vain[other] if "." not in missing)
        return frozenset(other + suffix for other in names for suffix in suffixes)


def _is_imported(module):
    """Whether the import system has made a module; what else is in `sys.modules` is shared by those who look there, and would be made again."""
    return getattr(module, "__spec__", None) is not None


def _same(value, held):
    if len(value) != len(held):
        return False
    if type(value) is dict:
        return all(map(same_object, value.values(), held.values())) and all(map(same_object, value, held))
    if type(value) is list:
        return all(map(same_object, value, held))
    return value == held


def _classes():
    classes, fresh = {object}, [object]
    while fresh:
        for cls in type.__subclasses__(fresh.pop()):
            if cls not in classes:
                classes.add(cls)
                fresh.append(cls)
    return classes


def _class_of(value):
    """The class whose namespace this is, if it is one."""
    if type(value) is not dict or "__spec__" in value or not all(type(key) is str for key in value):
        return None
    for cls in _classes():
        if _namespace(cls) is value:
            return cls
    return None


def _namespace(cls):
    return gc.get_referents(type.__dict__["__dict__"].__get__(cls))[0]


def _base_of(dictionary):
    """The class whose subclasses this dictionary lists, if it is such a list."""
    for key, reference in dictionary.items():
        if type(key) is not int or type(reference) is not ReferenceType or id(reference()) != key:
            return None
    if not dictionary:
        return None
    classes = [reference() for reference in dictionary.values()]
    for base in getattr(classes[0], "__bases__", ()):
        if type.__subclasses__(base) == classes:
            return base
    return None


def _hide_own_classes():
    """Takes the classes of the executor out of the list of all classes, which a case can go through."""
    own = {id(cls) for cls in _classes() if cls.__module__ in _OWN}
    for value in gc.get_objects():
        if type(value) is dict and not own.isdisjoint(value) and all(type(reference) is ReferenceType for reference in value.values()):
            for number in own & value.keys():
                del value[number]


def begin(roots):
    """Imports the roots as if there were no nodes, and takes that back."""
    recorder = Recorder()
    path = sys.path[:]
    sys.path[:] = [entry for entry in path if entry not in bridge._node_path]
    recorder.run(roots)
    sys.path[:] = path
    recorder.take_back()
    return recorder
