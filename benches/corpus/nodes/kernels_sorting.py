"""Kernels that sort, search and count."""

import numpy as np

from kernel import Kernel, Positions, floats, integers, singles


class Sort(Kernel):
    """float64 sorted."""

    def __init__(self, size: int) -> None:
        self.values = floats(size)

    def run(self) -> np.ndarray:
        return np.sort(self.values)


class SortSingles(Kernel):
    """float32 sorted."""

    def __init__(self, size: int) -> None:
        self.values = singles(size)

    def run(self) -> np.ndarray:
        return np.sort(self.values)


class SortIntegers(Kernel):
    """int64 sorted, most of them several times there."""

    def __init__(self, size: int) -> None:
        self.values = integers(size)

    def run(self) -> np.ndarray:
        return np.sort(self.values)


class SortShorts(Kernel):
    """int16 sorted, which numpy may do by counting."""

    def __init__(self, size: int) -> None:
        self.values = integers(size, dtype="i2")

    def run(self) -> np.ndarray:
        return np.sort(self.values, kind="stable")


class SortRows(Kernel):
    """Rows of ten sorted one by one."""

    def __init__(self, size: int) -> None:
        self.table = floats(size).reshape(-1, 10)

    def run(self) -> np.ndarray:
        return np.sort(self.table, axis=1)


class SortedAlready(Kernel):
    """Sorting what is in order but for a few."""

    def __init__(self, size: int) -> None:
        self.values = np.arange(size, dtype="i8")
        self.values[::100] = 7

    def run(self) -> np.ndarray:
        return np.sort(self.values, kind="stable")


class ArgSort(Positions):
    """The order of float64, no two of which are equal."""

    def __init__(self, size: int) -> None:
        self.values = floats(size)

    def run(self) -> np.ndarray:
        return np.argsort(self.values)


class ArgSortStable(Positions):
    """The order of int64 with many ties, which stay in place."""

    def __init__(self, size: int) -> None:
        self.values = integers(size)

    def run(self) -> np.ndarray:
        return np.argsort(self.values, kind="stable")


class Partition(Kernel):
    """The elements at three places of the order."""

    def __init__(self, size: int) -> None:
        self.values = floats(size)

    def run(self) -> np.ndarray:
        size = len(self.values)
        places = [size // 10, size // 2, size - 5]
        return np.partition(self.values, places)[places]


class LexSort(Positions):
    """The order by two keys."""

    def __init__(self, size: int) -> None:
        self.first, self.second = integers(size, 0, 50), integers(size, seed=2)

    def run(self) -> np.ndarray:
        return np.lexsort((self.second, self.first))


class SearchSorted(Positions):
    """Places found by bisection."""

    def __init__(self, size: int) -> None:
        self.values, self.sought = np.sort(floats(size)), floats(size, seed=2)

    def run(self) -> np.ndarray:
        return np.searchsorted(self.values, self.sought)


class Unique(Kernel):
    """What is left without duplicates."""

    def __init__(self, size: int) -> None:
        self.values = integers(size, 0, 5000)

    def run(self) -> np.ndarray:
        return np.unique(self.values)


class UniqueCounts(Positions):
    """How often each comes, and which one each was."""

    def __init__(self, size: int) -> None:
        self.values = integers(size, 0, 500)

    def run(self) -> np.ndarray:
        _, inverse, counts = np.unique(self.values, return_inverse=True, return_counts=True)
        return np.append(inverse, counts)


class IsIn(Kernel):
    """Which elements another array has."""

    def __init__(self, size: int) -> None:
        self.values, self.sought = integers(size, 0, 10**6), integers(500, 0, 10**6, seed=2)

    def run(self) -> np.ndarray:
        return np.isin(self.values, self.sought)


class Intersection(Kernel):
    """What two arrays have in common, and what only one of them has."""

    def __init__(self, size: int) -> None:
        self.left, self.right = integers(size, 0, 10**5), integers(size, 0, 10**5, seed=2)

    def run(self) -> np.ndarray:
        return np.append(np.intersect1d(self.left, self.right), np.setxor1d(self.left, self.right))


class BinCount(Positions):
    """How often each small integer comes."""

    def __init__(self, size: int) -> None:
        self.values = integers(size, 0, 300, "i4")

    def run(self) -> np.ndarray:
        return np.bincount(self.values, minlength=300)


class BinWeights(Kernel):
    """Weights summed by small integers."""

    def __init__(self, size: int) -> None:
        self.values, self.weights = integers(size, 0, 300, "i4"), floats(size)

    def run(self) -> np.ndarray:
        return np.bincount(self.values, weights=self.weights)


class Histogram(Positions):
    """A histogram of equal bins."""

    def __init__(self, size: int) -> None:
        self.values = floats(size)

    def run(self) -> np.ndarray:
        return np.histogram(self.values, bins=64, range=(0.0, 1.0))[0]


class Digitize(Positions):
    """The bin of each, among bins of unequal width."""

    def __init__(self, size: int) -> None:
        self.values, self.edges = floats(size), np.arange(40, dtype="f8") ** 2 / 1600

    def run(self) -> np.ndarray:
        return np.digitize(self.values, self.edges)


class Nonzero(Positions):
    """The places of what is above a limit."""

    def __init__(self, size: int) -> None:
        self.values = floats(size)

    def run(self) -> np.ndarray:
        return np.nonzero(self.values > 0.7)[0]
