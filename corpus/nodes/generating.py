"""Nodes whose `process` is a generator, and sources."""

from collections.abc import Generator, Iterator
import itertools


class Repeat:
    """Yields each item several times, numbered."""

    def __init__(self, times: int) -> None:
        self.times = times

    def process(self, data: object) -> Iterator[list[object]]:
        for number in range(self.times):
            yield [number, data]


class Silent:
    """A generator that never yields: the item disappears."""

    def process(self, data: object) -> Iterator[object]:
        return
        yield


class KeepOdd:
    """Filters by returning `None`."""

    def process(self, data: int) -> int | None:
        return data if data % 2 else None


class SkipNone:
    """Yields `None` between values; only the values arrive."""

    def process(self, data: list[object]) -> Iterator[object]:
        for item in data:
            yield item
            yield None


class FlattenLists:
    """Yields the leaves of nested lists, by delegation to itself."""

    def process(self, data: object) -> Iterator[object]:
        if isinstance(data, list):
            for inner in data:
                yield from self.process(inner)
        else:
            yield data


class FibonacciSource:
    """A source: the first Fibonacci numbers, which outgrow 64 bits."""

    def __init__(self, count: int) -> None:
        self.count = count

    def process(self, data: None) -> Iterator[int]:
        a, b = 0, 1
        for _ in range(self.count):
            yield a
            a, b = b, a + b


class PrimeSource:
    """A source: primes from an endless sieve, cut off by islice."""

    def __init__(self, count: int) -> None:
        self.count = count

    def process(self, data: None) -> Iterator[int]:
        return self.take(self.sieve())

    def take(self, numbers: Iterator[int]) -> Iterator[int]:
        yield from itertools.islice(numbers, self.count)

    @staticmethod
    def sieve() -> Iterator[int]:
        composites: dict[int, int] = {}
        for number in itertools.count(2):
            if step := composites.pop(number, 0):
                multiple = number + step
                while multiple in composites:
                    multiple += step
                composites[multiple] = step
            else:
                composites[number * number] = number
                yield number


class Collatz:
    """The sequence of a number down to one; the generator's return value is no item."""

    def process(self, data: int) -> Generator[int, None, str]:
        while data != 1:
            yield data
            data = 3 * data + 1 if data % 2 else data // 2
        yield 1
        return "done"


class Averager:
    """Drives an inner coroutine with send, throw and close."""

    def process(self, data: list[float]) -> Iterator[object]:
        inner = self.average()
        next(inner)
        for value in data:
            yield inner.send(value)
        yield inner.throw(KeyError("reset"))
        yield inner.send(10.0)
        inner.close()

    @staticmethod
    def average() -> Generator[float, float, None]:
        total, count = 0.0, 0
        average = 0.0
        while True:
            try:
                total += yield average
                count += 1
                average = total / count
            except KeyError:
                total, count, average = 0.0, 0, -1.0


class Finally:
    """Yields from a generator that is abandoned half-way; its finally block runs at once."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def numbers(self) -> Iterator[int]:
        try:
            self.events.append("open")
            yield from range(100)
        finally:
            self.events.append("closed")

    def process(self, data: int) -> Iterator[object]:
        for number in self.numbers():
            if number == data:
                break
            yield number
        yield list(self.events)
