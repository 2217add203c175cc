"""What was done ahead for the nodes' modules: where the import system finds them, and their code."""

import _imp
import os
import sys
from importlib import _bootstrap, _bootstrap_external

import _parallax_bridge as bridge

# Bytes of the nodes' sources that are compiled ahead at most; the rest is compiled where it is imported.
_LARGEST = 16 << 20

def is_listed(finder):
    """Whether what a finder knows of its directory is of now."""
    try:
        return _bootstrap_external._path_stat(finder.path).st_mtime == finder._path_mtime
    except OSError:
        return False


# What stands behind a module's name, in the order in which a finder looks for it; a folder has nothing.
_SUFFIXES = ("", *_imp.extension_suffixes(), *_bootstrap_external.SOURCE_SUFFIXES)


class Sources:
    """The code of the nodes' modules, by the text that it was compiled from: each for one import, as two would not share it."""

    def __init__(self, directories, doubt, check_followed):
        self._compiled, self._doubt, self._check_followed = {}, doubt, check_followed
        # What the import system finds for modules that are directly in the node path, each for one import; and the loader that has just been given.
        self._found, self._given = {}, None
        self._rehearses = False
        left = _LARGEST
        for directory in directories:
            for path in _python_files(directory):
                left -= self._compile(path, left)

    def _compile(self, path, left):
        """Leaves to the case what warns, fails or imports a module while it is compiled."""
        before = set(sys.modules)
        try:
            with open(path, "rb") as file:
                source = file.read(left + 1)
            # The first name of a character has the compiler import a module, which the interpreter remembers.
            if len(source) > left or b"\\N{" in source:
                return 0
            stat = _bootstrap_external._path_stat(path)
            code = compile(source, path, "exec", dont_inherit=True)
        except Exception:
            code = None
        imported = [name for name in sys.modules if name not in before]
        for name in imported:
            del sys.modules[name]
        if bridge.take_warnings() or imported or code is None:
            return 0
        # Where there is compiled code on disk, the import system may prefer it.
        cached = _bootstrap_external.cache_from_source(path).rpartition("/")[0]
        self._compiled[path] = source, code, None if os.path.isdir(cached) else (stat.st_mtime_ns, stat.st_size)
        return len(source)

    def find(self):
        """Has the import system look for the modules, which reads nothing of the case's."""
        for path, (_, _, known) in self._compiled.items():
            directory, _, name = path.rpartition("/")
            name = name.removesuffix(".py")
            if known is None or directory not in bridge._node_path or not name.isidentifier() or name in sys.modules:
                continue
            spec = _bootstrap._find_spec(name, None)
            if spec is not None and spec.origin == path:
                # It works that out when it is first asked.
                spec.cached
                self._found[name] = spec

    def spec(self, name, path, target):
        """What the import system would find for a module of the node path, if that is certain."""
        self._check_followed()
        if path is not None or target is not None or name not in self._found or name in sys.modules:
            return None
        # Whoever only looks for a module may change it before it is loaded; the import system itself loads it next.
        if sys._getframe(2).f_code is not _bootstrap._find_and_load_unlocked.__code__ and not self._rehearses:
            return None
        spec = self._found[name]
        _, _, known = self._compiled.get(spec.origin, (None, None, None))
        finder = sys.path_importer_cache.get(spec.origin.rpartition("/")[0])
        if self._doubt() or type(finder) is not _bootstrap_external.FileFinder or not is_listed(finder):
            return None
        # The finder takes the first of these that it knows of.
        first = next((suffix for suffix in _SUFFIXES if name + suffix in finder._path_cache), None)
        if first != ".py":
            return None
        try:
            stat = _bootstrap_external._path_stat(spec.origin)
        except OSError:
            return None
        if known != (stat.st_mtime_ns, stat.st_size):
            return None
        del self._found[name]
        self._given = spec.loader
        return spec

    def rehearse(self):
        """Finds a node's module and its code, as an import does, but runs nothing of it."""
        name = next(iter(self._found), None)
        if name is None:
            return
        found = self._found[name]
        path = found.origin
        compiled = self._compiled[path]
        self._rehearses = True
        spec = _bootstrap._find_spec(name, None)
        self._rehearses = False
        _bootstrap.module_from_spec(spec)
        spec.loader.get_code(name)
        self._found[name], self._compiled[path] = found, compiled

    def unread(self, loader, name):
        """The code of a file that is as it was, which then needn't be read."""
        self._check_followed()
        if loader is self._given:
            # It was found just before, and nothing of the case's has run since.
            self._given = None
            return self._compiled.pop(loader.path)[1]
        if type(loader) is not _bootstrap_external.SourceFileLoader or vars(loader) != {"name": name, "path": loader.path}:
            return None
        if loader.path not in self._compiled or self._doubt():
            return None
        _, code, known = self._compiled[loader.path]
        stat = _bootstrap_external._path_stat(loader.path)
        if known != (stat.st_mtime_ns, stat.st_size):
            return None
        del self._compiled[loader.path]
        return code

    def code(self, data, path, optimize):
        self._check_followed()
        source, code, _ = self._compiled.pop(path, (None, None, None))
        if code is None or self._doubt():
            return None
        return code if optimize == -1 and type(data) is bytes and data == source else None


def _python_files(directory):
    """The files below a directory that can be imported, as the import system spells their paths."""
    try:
        with os.scandir(directory) as entries:
            entries = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        path = _bootstrap_external._path_join(directory, entry.name)
        try:
            is_file = entry.is_file()
        except OSError:
            # A link that leads out of what the guest sees is the case's matter.
            continue
        if entry.name.endswith(".py") and is_file:
            yield path
        elif entry.name.isidentifier() and entry.name != "__pycache__" and entry.is_dir(follow_symlinks=False):
            yield from _python_files(path)
