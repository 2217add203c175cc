"""Nodes that warn: the channel of warnings is compared on its own."""

from collections.abc import Iterator
from datetime import datetime
import asyncio
import warnings


class CorpusWarning(UserWarning):
    """A category of the corpus itself."""


CATEGORIES: dict[str, type[Warning]] = {
    "user": UserWarning, "deprecation": DeprecationWarning, "runtime": RuntimeWarning,
    "resource": ResourceWarning, "future": FutureWarning, "corpus": CorpusWarning,
}


class Warn:
    """Warns about each item and passes it on."""

    def __init__(self, category: str = "user") -> None:
        self.category = CATEGORIES[category]

    def process(self, data: object) -> object:
        warnings.warn(f"got {data!r}", self.category)
        return data


class WarnOften:
    """The same warning from the same line, several times an item."""

    def __init__(self, times: int) -> None:
        self.times = times

    def process(self, data: int) -> int:
        for _ in range(self.times):
            warnings.warn("again", UserWarning)
        return data


class WarnEverywhere:
    """Warns in every method, so that each warning must name its node."""

    def __init__(self) -> None:
        warnings.warn("made", UserWarning)

    def initialize(self) -> None:
        warnings.warn("initialized", UserWarning)

    def process(self, data: object) -> Iterator[object]:
        warnings.warn("first half", UserWarning)
        yield data
        warnings.warn("second half", UserWarning)

    def cleanup(self) -> None:
        warnings.warn("cleaned up", UserWarning)


class WarnAsync:
    """Warns before and after it gave way."""

    async def process(self, data: object) -> object:
        warnings.warn("before", RuntimeWarning)
        await asyncio.sleep(0)
        warnings.warn("after", RuntimeWarning)
        return data


class Caught:
    """Catches its own warnings: they belong to the output and not to the channel."""

    def process(self, data: str) -> list[list[str]]:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            warnings.warn(data, CorpusWarning)
            warnings.warn(data, DeprecationWarning)
        return [[warning.category.__name__, str(warning.message)] for warning in caught]


class AsError:
    """Turns a warning into an exception and handles it."""

    def process(self, data: str) -> str:
        with warnings.catch_warnings():
            warnings.simplefilter("error", CorpusWarning)
            try:
                warnings.warn(data, CorpusWarning)
            except CorpusWarning as warning:
                return f"raised {warning}"
        return "not raised"


class LibraryWarnings:
    """Warnings that the standard library and the compiler give."""

    def process(self, data: str) -> dict[str, object]:
        compiled = compile(f"value = '{data}'", "<case>", "exec")
        namespace: dict[str, str] = {}
        exec(compiled, namespace)
        inverted = eval("~flag", {"flag": True})
        return {"value": namespace["value"], "inverted": inverted, "utc": datetime.utcfromtimestamp(0).isoformat()}


class WarnThenFail:
    """Warns, then raises: only the error is reported."""

    def process(self, data: object) -> object:
        warnings.warn("about to fail", UserWarning)
        raise RuntimeError("failed after a warning")
