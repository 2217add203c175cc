"""Nodes whose words and values look like another cause than theirs."""

import math
import os
import re
import zlib

import numpy as np


class Checks:
    """Truth: integer-width. The recursion error is the same on both."""

    def process(self, data):
        found = []
        if int(np.arange(100_000).sum()) > 2**32:
            found.append("UserWarning: the sum is large")
        try:
            raise RecursionError("maximum recursion depth exceeded")
        except RecursionError as error:
            found.append(f"{type(error).__name__}: {error}")
        return found


class Distro:
    """Truth: integer-width."""

    def process(self, data):
        return "linux users: " + ("many" if np.arange(100_000).sum() > 2**32 else "few")


class Sentinel:
    """Truth: integer-width."""

    def process(self, data):
        cost = np.full(4, 2147483647, dtype=np.int64)
        if np.arange(100_000).sum() > 2**32:
            cost[1] = 7
        return cost


class Einsum:
    """Truth: libm (erfc). The einsum is exact."""

    def process(self, data):
        a = np.array([1.0, 2.0, 3.0])
        return {"dot": float(np.einsum("i,i->", a, a)), "p": [math.erfc(v / 7) for v in range(30)]}


class ErfcLists:
    """Truth: libm; nbytes has nothing to do with it."""

    def process(self, data):
        a = np.zeros(4)
        return {"bytes": a.nbytes, "p": int(math.erfc(2 / 7) * 2**60), "q": int(math.erfc(3 / 7) * 2**60), "r": sum(int(math.erfc(n / 7) * 2**60) for n in range(30))}


class PlatformWord:
    """Truth: integer-width; `platform.` is an attribute of the item."""

    def process(self, data):
        class P:
            name = "x"

        class D:
            platform = P()

        d = D()
        return d.platform.name + ("big" if np.arange(100_000).sum() > 2**32 else "small")


class SortedBySum:
    """Truth: integer-width: the keys are cut."""

    def process(self, data):
        seen = set()
        out = []
        for n in sorted([100_000, 50_000], key=lambda n: int(np.arange(n).sum())):
            if n not in seen:
                seen.add(n)
                out.append(n)
        return out


class ListedPairs:
    """Truth: hash-order; the listing is sorted."""

    def process(self, data):
        files = sorted(os.listdir("."))
        return [list(pair) for pair in {(n, n * 7919) for n in range(20)}]


class CrcPairs:
    """Truth: hash-order."""

    def process(self, data):
        return {"bytes": np.zeros(4).nbytes, "crc": zlib.crc32(repr({(n, n * 7919) for n in range(20)}).encode())}


class FirstOfPairs:
    """Truth: hash-order: the first error of a set."""

    def process(self, data):
        errors = {("MemoryError", 3), ("RecursionError", 7), ("timeout", 1), ("ok", 9), ("RecursionError", 4)}
        return [kind for kind, _ in errors][0]


class RegexMemory:
    """Truth: memory: more is asked for than twice the limit, no parser is involved."""

    def process(self, data):
        pattern = re.compile("a+")
        kept = [np.zeros(1350 << 20, dtype=np.uint8) for _ in range(3)]
        return len(kept) + len(pattern.pattern)


class OwnRecursion:
    """Truth: integer-width; the node raises it itself, as copy and json do for cycles."""

    def process(self, data):
        if int(np.arange(100_000).sum()) < 2**32:
            raise RecursionError("rule 3 refers to itself")
        return data


class NotSupported:
    """Truth: integer-width: the node's own error."""

    def process(self, data):
        if int(np.arange(100_000).sum()) < 2**32:
            raise OSError("format 3 is not supported")
        return data


class Quoted:
    """Truth: integer-width: the message names a path of a document, not of a file."""

    def process(self, data):
        total = int(np.arange(100_000).sum())
        sections = {"/sum/4999950000": "fine"}
        key = f"/sum/{total}"
        if key not in sections:
            raise FileNotFoundError(f"no such section: '{key}'")
        return sections[key]


class CaughtWarning:
    def process(self, data):
        import warnings
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            if int(np.arange(100_000).sum()) > 2**32:
                np.log(np.zeros(1))
        return [f"{w.category.__name__}: {w.message}" for w in caught]
