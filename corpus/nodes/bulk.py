"""Large inputs and outputs."""

from collections import Counter
from collections.abc import Iterator
import hashlib
import math
import zlib


class CountWords:
    """Counts of a large text, in a small record."""

    def process(self, data: str) -> dict[str, object]:
        counts = Counter(data.split())
        top = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:5]
        return {"characters": len(data), "lines": data.count("\n"), "words": counts.total(), "distinct": len(counts), "top": top}


class DigestText:
    """Digests of a large text, in UTF-8 and in UTF-16."""

    def process(self, data: str) -> dict[str, object]:
        raw = data.encode()
        return {
            "bytes": len(raw),
            "sha256": hashlib.sha256(raw).hexdigest(),
            "blake2b": hashlib.blake2b(data.encode("utf-16-le"), digest_size=16).hexdigest(),
            "crc32": zlib.crc32(raw),
            "restored": zlib.decompress(zlib.compress(raw, 1)) == raw,
        }


class ReverseText:
    """A large text turned around: the result is as large as the input."""

    def process(self, data: str) -> str:
        return data[::-1]


class SortIntegers:
    """Sorts a long list and samples it."""

    def __init__(self, every: int) -> None:
        self.every = every

    def process(self, data: list[int]) -> dict[str, object]:
        ordered = sorted(data)
        return {"count": len(data), "sum": sum(data), "distinct": len(set(data)), "sample": ordered[:: self.every]}


class SumFloats:
    """A long sum: exact, in order, and compensated."""

    def process(self, data: list[float]) -> dict[str, object]:
        loop = 0.0
        for value in data:
            loop += value
        return {"count": len(data), "fsum": math.fsum(data), "loop": loop, "sum": sum(data), "extremes": [min(data), max(data)]}


class GroupRecords:
    """Totals of many records, one item a group."""

    def process(self, data: list[dict]) -> Iterator[dict[str, object]]:
        groups: dict[str, list[float]] = {}
        for record in data:
            groups.setdefault(record["group"], []).append(record["value"])
        for name in sorted(groups):
            values = groups[name]
            yield {"group": name, "count": len(values), "total": math.fsum(values), "highest": max(values)}


class NestingDepth:
    """How deep a list is nested, and the list again."""

    def process(self, data: list) -> Iterator[object]:
        depth, inner = 0, data
        while isinstance(inner, list):
            depth += 1
            inner = inner[0] if inner else None
        yield depth
        yield data


class ManyItems:
    """A source of many small items."""

    def __init__(self, count: int) -> None:
        self.count = count

    def process(self, data: None) -> Iterator[int]:
        yield from range(self.count)
