"""Everything that one case could leave to the next, and what must differ between two."""

import builtins
import decimal
import gc
import locale
import os
import random
import resource
import signal
import sys
import uuid
import warnings

try:
    import numpy
except ImportError:
    numpy = None

SEEN = []


def look():
    state = {
        "module": len(SEEN),
        "builtin": hasattr(builtins, "left_behind"),
        "len": len("four"),
        "environment": sorted(os.environ.items() - {("PARALLAX_CASE_DIR", os.environ.get("PARALLAX_CASE_DIR"))}),
        "order": list(os.environ),
        "in_case": os.path.realpath(os.getcwd()) == os.path.realpath(os.environ["PARALLAX_CASE_DIR"]),
        "files": sorted(os.listdir(".")),
        "locale": locale.setlocale(locale.LC_ALL),
        "path": sys.path,
        "stdout": sys.stdout.closed,
        "terminate": str(signal.getsignal(signal.SIGTERM)),
        "recursion": sys.getrecursionlimit(),
        "descriptors": sorted(int(name) for name in os.listdir("/proc/self/fd")),
        "first_free": os.dup(0),
        "pipes": [os.fstat(number).st_mode for number in (0, 1, 2)],
        "filters": [str(entry) for entry in warnings.filters],
        "precision": decimal.getcontext().prec,
        "limits": [resource.getrlimit(number)[0] for number in (resource.RLIMIT_CORE, resource.RLIMIT_NOFILE)],
        "group": os.getpgid(0) == os.getpid(),
        "umask": os.umask(0o022),
        "gc": gc.get_threshold(),
        "threads": len(os.listdir("/proc/self/task")),
    }
    if numpy is not None:
        state["seterr"] = sorted(numpy.geterr().items())
        state["print"] = repr(numpy.array([0.123456789]))
        state["patched"] = hasattr(numpy, "left_behind")
    return state


class Look:
    def process(self, item):
        return look()


class Make:
    def process(self, item):
        SEEN.append(1)
        builtins.left_behind = 1
        os.environ["LEFT_BEHIND"] = "1"
        open("left_behind", "w").close()
        sys.path.insert(0, "/left/behind")
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        sys.setrecursionlimit(500)
        os.dup(0)
        warnings.simplefilter("error")
        decimal.getcontext().prec = 3
        os.umask(0o077)
        gc.set_threshold(5)
        if numpy is not None:
            numpy.seterr(all="raise")
            numpy.set_printoptions(precision=2)
            numpy.left_behind = 1
        state = look()
        locale.setlocale(locale.LC_ALL, "C.UTF-8")
        os.chdir("/")
        builtins.len = lambda _: 7
        sys.stdout.close()
        return state


class Draw:
    def process(self, item):
        drawn = {
            "random": random.random(),
            "urandom": os.urandom(8).hex(),
            "uuid4": str(uuid.uuid4()),
            "uuid1": str(uuid.uuid1()),
            "process": os.getpid(),
        }
        if numpy is not None:
            drawn["numpy"] = float(numpy.random.rand())
            drawn["default_rng"] = float(numpy.random.default_rng().random())
        return drawn
