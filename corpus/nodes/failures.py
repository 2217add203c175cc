"""Nodes that fail, each in one way."""

from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
import asyncio
import sys


class PipelineError(Exception):
    """An exception class of the corpus, with more than a message."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code

    def __str__(self) -> str:
        return f"[{self.code}] {self.args[1]}"


class FailingInit:
    def __init__(self) -> None:
        raise ValueError("cannot be made")

    def process(self, data: object) -> object:
        return data


class FailingInitialize:
    def initialize(self) -> None:
        raise RuntimeError("cannot be initialized")

    def process(self, data: object) -> object:
        return data


class FailingProcess:
    """Fails at one item; the items before it are lost as well."""

    def __init__(self, at: object) -> None:
        self.at = at

    def process(self, data: object) -> object:
        if data == self.at:
            raise ValueError(f"bad item: {data!r}")
        return data


class FailingCleanup:
    def process(self, data: object) -> object:
        return data

    def cleanup(self) -> None:
        raise OSError("cannot be cleaned up")


class FailingGenerator:
    """Yields two items, then fails."""

    def process(self, data: int) -> Iterator[int]:
        yield data
        yield data + 1
        raise LookupError("no third item")


class FailingAsync:
    async def process(self, data: object) -> object:
        await asyncio.sleep(0)
        return await self.inner(data)

    async def inner(self, data: object) -> object:
        raise ConnectionError("nobody there")


class FailingAsyncGenerator:
    async def process(self, data: object) -> AsyncIterator[object]:
        yield data
        await asyncio.sleep(0)
        raise EOFError("stream broke")


class FailingStream:
    """Fails in the middle of a stream."""

    def process(self, stream: Iterator[int]) -> Iterator[float]:
        for item in stream:
            yield 100 / item


class RaiseCustom:
    def process(self, data: object) -> object:
        raise PipelineError(42, "custom reason")


class RaiseWithCause:
    """The cause is part of the story, and yet the last exception is the one reported."""

    def process(self, data: str) -> int:
        try:
            return int(data)
        except ValueError as error:
            raise KeyError("no number") from error


class RaiseGroup:
    def process(self, data: object) -> object:
        raise ExceptionGroup("several", [ValueError("one"), TypeError("two")])


class ExitProcess:
    def process(self, data: int) -> object:
        sys.exit(data)


class Interrupt:
    def process(self, data: object) -> object:
        raise KeyboardInterrupt("stopped by hand")


class StopEarly:
    """StopIteration inside a generator becomes a RuntimeError."""

    def process(self, data: object) -> Iterator[object]:
        yield next(iter([]))


class Recursion:
    def process(self, data: int) -> int:
        return self.process(data + 1)


class FailTwice:
    """process fails and cleanup fails too: the first error is the one to report."""

    def process(self, data: object) -> object:
        raise ValueError("first error")

    def cleanup(self) -> None:
        raise ValueError("second error")


class WithoutProcess:
    """Has everything but the one method that counts."""

    def initialize(self) -> None:
        pass


class WrongArity:
    def process(self) -> object:
        return "never called"


class Unserializable:
    """Returns what JSON can't hold."""

    def __init__(self, what: str) -> None:
        self.what = what

    def process(self, data: object) -> object:
        return getattr(self, self.what)()

    def a_set(self) -> object:
        return {"values": [1, {2}]}

    def a_decimal(self) -> object:
        return Decimal("1.10")

    def an_object(self) -> object:
        return [self]

    def a_complex(self) -> object:
        return 1 + 2j

    def a_range(self) -> object:
        return range(3)

    def a_function(self) -> object:
        return {"call": len}

    def an_integer_key(self) -> object:
        return {"outer": {1: "one"}}

    def a_lone_surrogate(self) -> object:
        return "half \ud83d pair"

    def a_surrogate_key(self) -> object:
        return {"\udc00": 1}

    def too_deep(self) -> object:
        value: list[object] = []
        for _ in range(150):
            value = [value]
        return value

    def a_cycle(self) -> object:
        value: list[object] = [1]
        value.append(value)
        return value

    def too_many_digits(self) -> object:
        return 10**5000
