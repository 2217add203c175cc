"""Looks at the platform itself. Each item is a record with one key, so that a difference has one path."""

from collections.abc import Callable, Iterator
import ast
import decimal
import json
import locale
import marshal
import os
import pickle
import random
import re
import struct
import subprocess
import sys
import threading
import time

Probe = Iterator[dict[str, object]]


def attempt(action: Callable[[], object]) -> object:
    """The result of an action, or the class of what it raises."""
    try:
        return action()
    except Exception as error:
        return type(error).__name__


class Widths:
    """Sizes of native types and the limits that follow from them."""

    def process(self, data: object) -> Probe:
        yield {"maxsize": sys.maxsize}
        for code in "bhilqnPfd?":
            yield {f"size_{code}": struct.calcsize(code)}
        yield {"aligned": struct.calcsize("cl")}
        yield {"float_max": sys.float_info.max}
        yield {"float_digits": [sys.float_info.mant_dig, sys.float_info.dig, sys.float_info.max_exp, sys.float_info.rounds]}
        yield {"int_digit_bits": [sys.int_info.bits_per_digit, sys.int_info.sizeof_digit, sys.int_info.default_max_str_digits]}
        yield {"byte_order": sys.byteorder}
        yield {"decimal_max_prec": decimal.MAX_PREC}
        yield {"decimal_max_emax": decimal.MAX_EMAX}


class LongSequences:
    """Lengths beyond 32 bits: objects that cost nothing, and ones that can't be had."""

    def process(self, data: int) -> Probe:
        yield {"range_length": attempt(lambda: len(range(data)))}
        yield {"range_last": attempt(lambda: range(data)[-1])}
        yield {"slice": attempt(lambda: list(slice(None, None, data).indices(7)))}
        yield {"repeat_empty": attempt(lambda: len(b"" * data))}
        yield {"sample_of_range": attempt(lambda: random.Random(7).sample(range(10**12), 3))}
        yield {"text_width": attempt(lambda: len(f"{1:{sys.maxsize + 1}}"))}


class Hashes:
    """The width of hash(), with the seed pinned."""

    def process(self, data: object) -> Probe:
        yield {"hash_width": sys.hash_info.width}
        yield {"hash_algorithm": sys.hash_info.algorithm}
        yield {"modulus": sys.hash_info.modulus}
        for name, value in {"int": 2**70, "float": 0.1, "str": "parallax", "tuple": (1, "a", 2.5), "minus_one": -1}.items():
            yield {f"hash_{name}": hash(value)}


class Identity:
    """Names of the platform."""

    def process(self, data: object) -> Probe:
        yield {"platform": sys.platform}
        yield {"os_name": os.name}
        yield {"separators": [os.sep, os.linesep, os.pathsep, os.devnull]}
        yield {"implementation": [sys.implementation.name, *sys.version_info[:3]]}
        yield {"environment": sorted(name for name in os.environ if name.startswith("PARALLAX_") or name == "PYTHONHASHSEED")}


class MissingFile:
    """The number and text of the error for a missing file; only the class is the same."""

    def process(self, data: str) -> Probe:
        try:
            open(os.path.join(os.environ["PARALLAX_CASE_DIR"], data))
        except OSError as error:
            yield {"class": type(error).__name__}
            yield {"errno": error.errno}
            yield {"strerror": error.strerror}


class TextEncoding:
    """Encodings that Python takes from its surroundings, and what open() makes of them."""

    def process(self, data: str) -> Probe:
        yield {"file_system": sys.getfilesystemencoding()}
        yield {"errors": sys.getfilesystemencodeerrors()}
        yield {"preferred": locale.getpreferredencoding(False)}
        yield {"locale_encoding": locale.getencoding()}
        yield {"utf8_mode": sys.flags.utf8_mode}
        yield {"streams": [sys.stdout.encoding.lower(), sys.stderr.errors]}
        path = os.path.join(os.environ["PARALLAX_CASE_DIR"], "text")
        with open(path, "w") as file:
            file.write(data)
        with open(path) as file:
            yield {"read_back": file.read()}
        yield {"locale": attempt(lambda: list(locale.localeconv()["decimal_point"]))}


class ClockAndZone:
    """The time zone that is pinned to UTC, and clocks that must go forward."""

    def process(self, data: float) -> Probe:
        moment = time.localtime(data)
        yield {"zone_directive": time.strftime("%Z", moment)}
        yield {"offset_directive": time.strftime("%z", moment)}
        yield {"tzname": attempt(lambda: list(time.tzname))}
        yield {"timezone": attempt(lambda: time.timezone)}
        yield {"tm_zone": moment.tm_zone}
        before = time.monotonic_ns()
        time.sleep(0.001)
        yield {"monotonic": time.monotonic_ns() - before >= 1_000_000}


class ObjectSizes:
    """sys.getsizeof of small objects, which counts pointers."""

    def process(self, data: object) -> Probe:
        samples = {"int": 1, "float": 1.0, "empty_list": [], "tuple": (1, 2), "empty_dict": {}, "str": "abc", "bytes": b"abc"}
        for name, value in samples.items():
            yield {f"size_of_{name}": sys.getsizeof(value)}


class Capabilities:
    """What a sandbox refuses: threads and processes."""

    def process(self, data: object) -> Probe:
        yield {"thread": attempt(self.thread)}
        yield {"subprocess": attempt(lambda: subprocess.run(["true"], stdin=subprocess.DEVNULL, check=True).returncode)}
        yield {"process_id": attempt(lambda: os.getpid() > 0)}
        yield {"processors_known": os.cpu_count() is not None}
        yield {"urandom": attempt(lambda: len(os.urandom(8)))}

    @staticmethod
    def thread() -> str:
        ran: list[str] = []
        thread = threading.Thread(target=ran.append, args=("ran",))
        thread.start()
        thread.join()
        return ran[0]


class StackDepth:
    """How deep recursion goes in Python, in C, and in the parser."""

    def process(self, data: int) -> Probe:
        yield {"limit": sys.getrecursionlimit()}
        yield {"python_frames": self.frames(0) > 900}
        for depth in (50, 100, 150, 250):
            source = "(" * depth + "1" + ")" * depth
            yield {f"parentheses_{depth}": self.evaluate(source)}
        nested: list[object] = []
        for _ in range(data):
            nested = [nested]
        yield {"repr_of_nested": attempt(lambda: len(repr(nested)))}
        yield {"json_of_nested": attempt(lambda: len(json.dumps(nested)))}
        yield {"pickle_of_nested": attempt(lambda: len(pickle.dumps(nested)))}

    def frames(self, depth: int) -> int:
        try:
            return self.frames(depth + 1)
        except RecursionError:
            return depth

    @staticmethod
    def evaluate(source: str) -> object:
        try:
            return eval(source)
        except (SyntaxError, MemoryError, RecursionError) as error:
            return type(error).__name__


class DeepValues:
    """How deep values may be nested until C code gives up."""

    def process(self, data: int) -> Probe:
        lists: list[object] = []
        dicts: dict[str, object] = {}
        for _ in range(data):
            lists, dicts = [lists], {"a": dicts}
        yield {"json_loads": attempt(lambda: len(json.loads("[" * data + "]" * data)))}
        yield {"json_dumps": attempt(lambda: len(json.dumps(dicts)))}
        yield {"repr": attempt(lambda: len(repr(lists)))}
        yield {"compared": attempt(lambda: nest(data) == nest(data))}
        yield {"hashed": attempt(lambda: hash(nest(data)) is not None)}
        yield {"pickled": attempt(lambda: len(pickle.dumps(lists)))}
        yield {"marshalled": attempt(lambda: len(marshal.dumps(lists)))}
        yield {"unmarshalled": attempt(lambda: len(marshal.loads(b"[\x01\x00\x00\x00" * data + b"[\x00\x00\x00\x00")))}
        yield {"compiled_signs": attempt(lambda: eval("-" * data + "1"))}
        yield {"compiled_calls": attempt(lambda: compile("a" + "()" * data, "calls", "eval") is not None)}
        yield {"compiled_sums": attempt(lambda: eval("+".join("1" * data)))}
        yield {"read_literal": attempt(lambda: ast.literal_eval("[" * 150 + "]" * 150) is not None)}
        yield {"matched": attempt(lambda: re.compile("(?:" * data + "a" + ")" * data).groups)}


def nest(depth: int) -> tuple[object, ...]:
    """A tuple in a tuple, and so on."""
    nested: tuple[object, ...] = ()
    for _ in range(depth):
        nested = (nested,)
    return nested
