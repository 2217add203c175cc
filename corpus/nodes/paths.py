"""Paths that a C library can take for others. Each item is a record with one key."""

from collections.abc import Callable, Iterator
import os
import shutil

Probe = Iterator[dict[str, object]]

# Every call of `os` that takes a path, and open().
CALLS: dict[str, Callable[[str], object]] = {
    "access": lambda path: os.access(path, os.F_OK),
    "exists": os.path.exists,
    "isdir": os.path.isdir,
    "islink": os.path.islink,
    "stat": os.stat,
    "lstat": os.lstat,
    "listdir": os.listdir,
    "scandir": os.scandir,
    "mkdir": os.mkdir,
    "rmdir": os.rmdir,
    "remove": os.remove,
    "chdir": os.chdir,
    "readlink": os.readlink,
    "utime": os.utime,
    "truncate": lambda path: os.truncate(path, 0),
    "rename_from": lambda path: os.rename(path, "other"),
    "rename_to": lambda path: os.rename("kept", path),
    "replace_to": lambda path: os.replace("kept", path),
    "link_from": lambda path: os.link(path, "other"),
    "link_to": lambda path: os.link("kept", path),
    "symlink_from": lambda path: os.symlink(path, "other"),
    "symlink_to": lambda path: os.symlink("kept", path),
    "os_open": lambda path: os.open(path, os.O_RDONLY),
    "open": open,
    "open_to_write": lambda path: open(path, "w"),
    "rmtree": shutil.rmtree,
}


def attempt(action: Callable[[], object]) -> object:
    """The result of an action, or the class and text of what it raises."""
    try:
        return action()
    except (OSError, ValueError) as error:
        return [type(error).__name__, str(error)]


class Empty:
    """An empty path, which is no file's."""

    def process(self, data: str) -> Probe:
        with open("kept", "w") as file:
            file.write(data)
        for name, call in CALLS.items():
            yield {name: attempt(lambda: call(""))}
        folder = os.open(".", os.O_RDONLY)
        yield {"beside": attempt(lambda: os.stat("", dir_fd=folder))}
        os.close(folder)
        yield {"left": sorted(os.listdir("."))}


class Working:
    """The name of the current directory after changes by parents, links and detours."""

    def process(self, data: list[str]) -> Probe:
        os.makedirs("a/b/c")
        os.symlink("b/c", "a/link")
        os.symlink("link", "a/second")
        os.symlink("around", "around")
        with open("file", "w"):
            pass
        for path in data:
            yield {path: attempt(lambda: os.chdir(path)) or os.getcwd()}


class Bytes:
    """Names that are no text."""

    def process(self, data: object) -> Probe:
        yield {"missing": attempt(lambda: os.stat(b"\xff"))}
        yield {"made": attempt(lambda: open(b"\xfe.txt", "w").close())}
        yield {"listed": os.listdir(b".").__len__()}


class Errors:
    """Errors of the C library in the forms in which a pipeline may report them."""

    def process(self, data: object) -> Probe:
        os.mkdir("folder")
        with open("folder/file", "w"):
            pass
        os.symlink("around", "around")
        failing: dict[str, Callable[[], object]] = {
            "missing": lambda: open("missing"),
            "not_empty": lambda: os.rmdir("folder"),
            "no_folder": lambda: os.listdir("folder/file"),
            "folder": lambda: open("folder"),
            "links": lambda: open("around"),
            "long": lambda: open("x" * 300),
            "there": lambda: os.mkdir("folder"),
        }
        for name, call in failing.items():
            try:
                call()
            except OSError as error:
                yield {name: [str(error), repr(error), error.strerror]}


class Details:
    """Slashes behind a name, and what a file's mode says, of a link and of a program, too."""

    def process(self, data: object) -> Probe:
        os.mkdir("folder")
        os.makedirs("tree/of/folders")
        os.symlink("file", "link")
        with open("file", "w"):
            pass
        yield {"rmdir": attempt(lambda: os.rmdir("folder//"))}
        yield {"rmtree": attempt(lambda: shutil.rmtree("tree/"))}
        yield {"slash_behind_a_file": attempt(lambda: os.rmdir("file/"))}
        yield {"modes": [oct(os.lstat("link").st_mode), oct(os.stat("link").st_mode)]}
        yield {"access": [os.access("file", mode) for mode in (os.F_OK, os.R_OK, os.W_OK, os.X_OK)]}
        yield {"which": shutil.which("./file")}
