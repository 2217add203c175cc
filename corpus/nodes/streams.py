"""Streaming nodes: `process` is called once with all the items."""

from collections import deque
from collections.abc import AsyncIterator, Iterator
import itertools


class SumStream:
    """Consumes everything and returns one value."""

    def process(self, stream: Iterator[float]) -> float:
        return sum(stream)


class SlidingWindow:
    """Overlapping windows of a fixed size."""

    def __init__(self, size: int) -> None:
        self.size = size

    def process(self, stream: Iterator[float]) -> Iterator[list[float]]:
        window: deque[float] = deque(maxlen=self.size)
        for item in stream:
            window.append(item)
            if len(window) == self.size:
                yield list(window)


class TumblingWindow:
    """Windows one after the other; the last one may be short."""

    def __init__(self, size: int) -> None:
        self.size = size

    def process(self, stream: Iterator[object]) -> Iterator[dict[str, object]]:
        for number, window in enumerate(itertools.batched(stream, self.size)):
            yield {"window": number, "items": list(window)}


class SessionWindow:
    """Groups events that lie close to each other in time."""

    def __init__(self, gap: int) -> None:
        self.gap = gap

    def process(self, stream: Iterator[dict]) -> Iterator[dict[str, object]]:
        session: list[dict] = []
        for event in stream:
            if session and event["at"] - session[-1]["at"] > self.gap:
                yield self.close(session)
                session = []
            session.append(event)
        if session:
            yield self.close(session)

    @staticmethod
    def close(session: list[dict]) -> dict[str, object]:
        return {"from": session[0]["at"], "to": session[-1]["at"], "names": [event["name"] for event in session]}


class AsyncRunningTotal:
    """Reads the stream with `async for` and yields as it goes."""

    async def process(self, stream: AsyncIterator[float]) -> AsyncIterator[float]:
        total = 0
        async for item in stream:
            total += item
            yield total


class AsyncLongest:
    """Reads the stream with `async for` and returns one value."""

    async def process(self, stream: AsyncIterator[str]) -> str:
        longest = ""
        async for item in stream:
            longest = max(longest, item, key=len)
        return longest


class TakeFirst:
    """Stops reading early; the rest of the stream is never asked for."""

    def __init__(self, count: int) -> None:
        self.count = count

    def process(self, stream: Iterator[object]) -> Iterator[object]:
        yield from itertools.islice(stream, self.count)


class PairUp:
    """Takes two items at a time by hand, with `next` and a default."""

    def process(self, stream: Iterator[object]) -> Iterator[list[object]]:
        for first in stream:
            yield [first, next(stream, "nothing")]


class MixedReading:
    """Begins with `for` and goes on with `async for`: it is one stream."""

    def __init__(self, head: int) -> None:
        self.head = head

    async def process(self, stream: AsyncIterator[object]) -> dict[str, list[object]]:
        head = [next(stream) for _ in range(self.head)]
        rest = [item async for item in stream]
        return {"head": head, "rest": rest, "exhausted": list(stream)}


class SortStream:
    """Must see everything before it can yield anything."""

    def process(self, stream: Iterator[object]) -> Iterator[object]:
        yield from sorted(stream)


class CountStream:
    """How many items came, also when there are none."""

    def process(self, stream: Iterator[object]) -> int:
        return sum(1 for _ in stream)
