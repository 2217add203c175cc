"""Nodes that would never stop, or that take the executor down."""

from collections.abc import Iterator
import itertools
import os
import time


class LoopForever:
    def process(self, data: int) -> int:
        while True:
            data = (data * 1103515245 + 12345) % 2**31


class AllocateForever:
    """Keeps one mebibyte after the other, every page of it touched."""

    def process(self, data: object) -> int:
        kept: list[bytearray] = []
        while True:
            block = bytearray(1 << 20)
            block[::4096] = b"\x01" * len(block[::4096])
            kept.append(block)


class EndlessSource:
    """A source without an end, slow enough for time to run out before memory does."""

    def process(self, data: None) -> Iterator[int]:
        number = 0
        while True:
            time.sleep(0.005)
            yield number
            number = (number + 1) % 100


class ExitNow:
    """Leaves without unwinding: no result document."""

    def __init__(self, code: int) -> None:
        self.code = code

    def process(self, data: object) -> object:
        os._exit(self.code)


class Abort:
    def process(self, data: object) -> object:
        os.abort()


class Flood:
    """Returns more text than the case allows."""

    def __init__(self, length: int) -> None:
        self.length = length

    def process(self, data: str) -> str:
        return data * self.length


class DeepChain:
    """Iterators in iterators, more than any stack has room for; C code goes down all of them at once."""

    def __init__(self, depth: int) -> None:
        self.depth = depth

    def process(self, data: int) -> int:
        chained: Iterator[int] = iter([data])
        for _ in range(self.depth):
            chained = itertools.chain(chained, ())
        return next(chained)
