"""Values on their way through JSON: order, emptiness, types, tags."""

from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterator
from typing import NamedTuple


class TypeTree:
    """The Python type of a value and of everything in it."""

    def process(self, data: object) -> object:
        match data:
            case dict():
                return {key: self.process(inner) for key, inner in data.items()}
            case list() | tuple():
                return [type(data).__name__, *map(self.process, data)]
            case _:
                return f"{type(data).__name__} {data!r}"


class KeyOrder:
    """Keys keep the order of insertion, also after one is replaced or taken out."""

    def process(self, data: dict[str, object]) -> dict[str, object]:
        result = dict(data)
        first = next(iter(result))
        result[first] = result.pop(first)
        result["added"] = list(data)
        return result | {"": "empty key", "a b": "space", "é": "accent", "10": "ten", "9": "nine"}


class Empties:
    """Empty containers and strings are values; only None is nothing."""

    def process(self, data: object) -> Iterator[object]:
        yield []
        yield {}
        yield ""
        yield b""
        yield 0
        yield False
        yield None
        yield [None]
        yield {"none": None}
        yield ()


class Sequences:
    """Tuples and their relatives become arrays."""

    def process(self, data: list) -> dict[str, object]:
        return {"tuple": tuple(data), "nested": ((1, (2,)), ()), "keys": list({"k": 1}), "zip": list(zip(data, data))}


class Pair(NamedTuple):
    left: int
    right: str


class Text(str):
    """A string with a class of its own."""


class Subclasses:
    """Subclasses of the plain types travel as what they inherit from."""

    def process(self, data: int) -> dict[str, object]:
        return {
            "ordered": OrderedDict(b=1, a=2), "default": defaultdict(list, x=[data]), "counter": Counter("abca"),
            "pair": Pair(data, "r"), "text": Text("plain"),
        }


class Binary:
    """bytes and bytearray in every place where a value may stand."""

    def process(self, data: bytes) -> dict[str, object]:
        return {
            "type": type(data).__name__, "same": data, "array": bytearray(reversed(data)), "listed": [data[:1], b""],
            "all": bytes(range(256)),
        }


class Tagged:
    """Dictionaries that look like the tags of the format."""

    def process(self, data: dict[str, object]) -> list[object]:
        return [data, sorted(data), {"__parallax__": "float", "value": "nan"}, {"__parallax__": {"__parallax__": None}}]


class Strings:
    """Strings that are hard to write down."""

    def process(self, data: str) -> dict[str, object]:
        return {
            "same": data, "points": [ord(char) for char in data], "reversed": data[::-1],
            "control": "".join(map(chr, range(32))) + "\x7f\x80\u2028\u2029\ufeff\uffff", "astral": "\U0001f600\U0010ffff",
            "quotes": "\"'\\/\b", "html": "</script>",
        }


class Numbers:
    """Integers and doubles that JSON readers like to mix up."""

    def process(self, data: object) -> list[object]:
        return [
            data, 1, 1.0, True, -0.0, 0, 1e16, 1e22, 123456789012345680.0, 5e-324, 1.7976931348623157e308, 0.1 + 0.2,
            2**53, 2**53 + 1, 2**63 - 1, 2**63, -(2**63) - 1, 2**64, 10**40, float("nan"), float("inf"), float("-inf"),
        ]
