"""Paths that end with slashes, `.` or `..`. Each item is the name of a call, which gets every path in a folder of its own."""

from collections.abc import Callable, Iterator
import contextlib
import errno
import os
import shutil
import stat

PATHS = (
    "./d/ d/. d/.. d/e d/e/ d/e// d/e/.. ./ . f f/ f/. f/.. f// lf lf/ lf/. ld ld/ ld/. ld/.. "
    "dead dead/ dead/. missing missing/ missing/.. f/x d//e .//f"
).split()


@contextlib.contextmanager
def here() -> Iterator[int]:
    """A descriptor of the current directory."""
    folder = os.open(".", os.O_RDONLY)
    try:
        yield folder
    finally:
        os.close(folder)


def kind(status: os.stat_result) -> str:
    return stat.filemode(status.st_mode)[0]


def from_here(call: Callable[..., object], *names: str, **arguments: object) -> Callable[[str], object]:
    """The call with descriptors of the current directory, by the names of its arguments."""

    def called(path: str) -> object:
        with here() as folder:
            return call(path, **dict.fromkeys(names, folder), **arguments)

    return called


CALLS = {
    "stat": lambda path: kind(os.stat(path)),
    "lstat": lambda path: kind(os.lstat(path)),
    "lstat from here": from_here(lambda path, **more: kind(os.stat(path, **more)), "dir_fd", follow_symlinks=False),
    "list": lambda path: sorted(os.listdir(path)),
    "open": lambda path: os.close(os.open(path, os.O_RDONLY)),
    "make": lambda path: os.close(os.open(path, os.O_RDWR | os.O_CREAT)),
    "mkdir": os.mkdir,
    "mkdir from here": from_here(os.mkdir, "dir_fd"),
    "rmdir": os.rmdir,
    "rmdir from here": from_here(os.rmdir, "dir_fd"),
    "unlink": os.unlink,
    "unlink from here": from_here(os.unlink, "dir_fd"),
    "readlink": os.readlink,
    "rename": lambda path: os.rename(path, "new"),
    "rename to": lambda path: os.rename("other", path),
    "rename from here": from_here(lambda path, **more: os.rename(path, "new", **more), "src_dir_fd", "dst_dir_fd"),
    "link to": lambda path: os.link("other", path),
    "link to from here": from_here(lambda path, **more: os.link("other", path, **more), "src_dir_fd", "dst_dir_fd"),
    "symlink at": lambda path: os.symlink("other", path),
    "symlink at from here": from_here(lambda path, **more: os.symlink("other", path, **more), "dir_fd"),
    "removedirs": os.removedirs,
}


def attempt(call: Callable[[str], object], path: str) -> object:
    try:
        return call(path)
    except OSError as error:
        return errno.errorcode[error.errno]


class Ends:
    def process(self, name: str) -> dict[str, object]:
        return {path: self.tried(CALLS[name], path) for path in PATHS}

    def tried(self, call: Callable[[str], object], path: str) -> object:
        """What the call says, and what is left then."""
        before = os.getcwd()
        os.mkdir("place")
        os.chdir("place")
        os.makedirs("d/e")
        for file in ("f", "other", "d/g"):
            open(file, "w").close()
        for link, target in (("lf", "f"), ("ld", "d"), ("dead", "nowhere")):
            os.symlink(target, link)
        said = attempt(call, path)
        os.chdir(before)
        left = sorted(os.path.join(folder, name) for folder, *names in os.walk("place") for name in sum(names, []))
        shutil.rmtree("place", ignore_errors=True)
        return [said, " ".join(path.removeprefix("place/") for path in left)]


class Link:
    """A link to a folder, looked at by itself and as the folder, where no other folder is around it."""

    def process(self, name: str) -> list[object]:
        os.mkdir("folder")
        os.symlink("folder", name)
        paths = (name, name + "/", name + "/.", "./" + name + "/")
        return [[path, os.path.islink(path), kind(os.lstat(path))] for path in paths]
