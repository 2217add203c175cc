"""Sorting, grouping, heaps and combinatorics."""

from bisect import bisect, bisect_left, insort
from collections import ChainMap, Counter, OrderedDict, defaultdict, deque
from collections.abc import Iterator
from functools import cmp_to_key
from graphlib import CycleError, TopologicalSorter
import heapq
import itertools
import operator

Record = dict[str, object]


class SortBy:
    """Sorts by several keys; a leading minus turns one around."""

    def __init__(self, keys: list[str]) -> None:
        self.keys = keys

    def process(self, data: list[Record]) -> list[Record]:
        for key in reversed(self.keys):
            data = sorted(data, key=operator.itemgetter(key.lstrip("-")), reverse=key.startswith("-"))
        return data


class GroupByInitial:
    """Runs of words with one initial, as groupby sees them with and without sorting."""

    def process(self, data: list[str]) -> dict[str, object]:
        def initial(word: str) -> str:
            return word[0].lower()

        return {
            "runs": [[key, list(words)] for key, words in itertools.groupby(data, initial)],
            "groups": {key: list(words) for key, words in itertools.groupby(sorted(data, key=initial), initial)},
        }


class HeapTop:
    """The largest and smallest values, and the heap's own layout."""

    def __init__(self, count: int) -> None:
        self.count = count

    def process(self, data: list[int]) -> dict[str, object]:
        heap = list(data)
        heapq.heapify(heap)
        layout = list(heap)
        replaced = heapq.heapreplace(heap, 50)
        return {
            "largest": heapq.nlargest(self.count, data),
            "smallest": heapq.nsmallest(self.count, data, key=lambda value: value % 10),
            "layout": layout,
            "replaced": replaced,
            "drained": [heapq.heappop(heap) for _ in range(len(heap))],
        }


class MergeSorted:
    """Merges sorted lists; equal elements keep the order of their lists."""

    def process(self, data: list[list[list]]) -> list[list]:
        return list(heapq.merge(*data, key=operator.itemgetter(0)))


class Grades:
    """Looks scores up in a table of breakpoints."""

    def __init__(self, breakpoints: list[int], grades: str) -> None:
        self.breakpoints, self.grades = breakpoints, grades

    def process(self, data: list[int]) -> dict[str, object]:
        ranking: list[int] = []
        for score in data:
            insort(ranking, score)
        return {
            "grades": "".join(self.grades[bisect(self.breakpoints, score)] for score in data),
            "ranking": ranking,
            "positions": [bisect_left(ranking, score) for score in data],
        }


class CounterArithmetic:
    """Multisets: sum, difference, intersection, union."""

    def process(self, data: list[str]) -> dict[str, object]:
        left, right = map(Counter, data)
        operations = {
            "sum": left + right, "difference": left - right, "intersection": left & right, "union": left | right,
        }
        result: dict[str, object] = {name: dict(sorted(counter.items())) for name, counter in operations.items()}
        left.subtract(right)
        return result | {"subtracted": dict(left), "total": left.total(), "positive": "".join(sorted((+left).elements()))}


class Arrangements:
    """Permutations, combinations and products in their defined order."""

    def process(self, data: str) -> dict[str, object]:
        def words(arrangement: Iterator) -> list[str]:
            return ["".join(letters) for letters in arrangement]

        return {
            "permutations": words(itertools.permutations(data, 2)),
            "combinations": words(itertools.combinations(data, 3)),
            "with_replacement": words(itertools.combinations_with_replacement(data, 2)),
            "product": words(itertools.product(data[:2], repeat=3)),
        }


class Itertools:
    """The rest of itertools over one list of numbers."""

    def process(self, data: list[int]) -> dict[str, object]:
        return {
            "accumulated": list(itertools.accumulate(data)),
            "maxima": list(itertools.accumulate(data, max, initial=0)),
            "batched": list(itertools.batched(data, 4)),
            "pairwise": list(itertools.pairwise(data[:4])),
            "kept": list(itertools.takewhile(lambda value: value < 9, data)),
            "dropped": list(itertools.dropwhile(lambda value: value < 9, data)),
            "compressed": list(itertools.compress(data, itertools.cycle([1, 0, 0]))),
            "longest": list(itertools.zip_longest(data[:3], data[3:5], fillvalue=-1)),
            "products": list(itertools.starmap(operator.mul, zip(data, itertools.count(10, -2)))),
            "chained": list(itertools.islice(itertools.chain(data, itertools.repeat(0)), 2, 14, 3)),
        }


class NaturalSort:
    """File names in the order in which people count, by a comparison function."""

    def process(self, data: list[str]) -> list[str]:
        return sorted(data, key=cmp_to_key(self.compare))

    def compare(self, left: str, right: str) -> int:
        a, b = self.parts(left), self.parts(right)
        return (a > b) - (a < b)

    @staticmethod
    def parts(name: str) -> list[tuple[int, object]]:
        runs = itertools.groupby(name.casefold(), str.isdigit)
        return [(0, int("".join(run))) if digits else (1, "".join(run)) for digits, run in runs]


class BuildOrder:
    """Batches of a dependency graph; a cycle is named."""

    def process(self, data: dict[str, list[str]]) -> dict[str, object]:
        sorter = TopologicalSorter(data)
        try:
            sorter.prepare()
        except CycleError as error:
            return {"cycle": error.args[1]}
        batches = []
        while sorter.is_active():
            ready = sorted(sorter.get_ready())
            batches.append(ready)
            sorter.done(*ready)
        return {"batches": batches}


class Containers:
    """deque, OrderedDict, defaultdict and ChainMap at their corners."""

    def process(self, data: list[int]) -> dict[str, object]:
        recent = deque(data, maxlen=4)
        recent.rotate(1)
        recent.appendleft(-1)
        ordered = OrderedDict.fromkeys(map(str, data))
        ordered.move_to_end(str(data[0]))
        ordered.popitem(last=False)
        parity: defaultdict[str, list[int]] = defaultdict(list)
        for value in data:
            parity["odd" if value % 2 else "even"].append(value)
        layered = ChainMap({"a": 1}, {"a": 2, "b": 3})
        layered["b"] = 4
        return {
            "recent": list(recent), "ordered": list(ordered), "parity": dict(parity),
            "layered": sorted(layered.items()), "parents": dict(layered.parents),
        }
