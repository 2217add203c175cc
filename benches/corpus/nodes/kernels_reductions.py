"""Kernels that make few numbers of many. Sums of numpy are pairwise and in a fixed order, so that they are exact."""

import numpy as np

from kernel import Kernel, Positions, floats, integers, singles


class Sum(Kernel):
    """The sum of float64."""

    def __init__(self, size: int) -> None:
        self.values = floats(size)

    def run(self) -> np.float64:
        return self.values.sum()


class SumSingles(Kernel):
    """The sum of float32."""

    def __init__(self, size: int) -> None:
        self.values = singles(size)

    def run(self) -> np.float32:
        return self.values.sum()


class SumIntegers(Kernel):
    """The sum of int32 as int64, and of booleans."""

    def __init__(self, size: int) -> None:
        self.values = integers(size, dtype="i4")

    def run(self) -> np.int64:
        return self.values.sum(dtype="i8") + (self.values > 0).sum(dtype="i8")


class SumRows(Kernel):
    """Sums along the last axis, which is contiguous."""

    def __init__(self, size: int) -> None:
        self.table = floats(size).reshape(-1, 10)

    def run(self) -> np.ndarray:
        return self.table.sum(axis=1)


class SumColumns(Kernel):
    """Sums along the first axis."""

    def __init__(self, size: int) -> None:
        self.table = floats(size).reshape(-1, 10)

    def run(self) -> np.ndarray:
        return self.table.sum(axis=0)


class SumMiddle(Kernel):
    """Sums along the middle one of three axes."""

    def __init__(self, size: int) -> None:
        self.table = floats(size).reshape(-1, 10, 10)

    def run(self) -> np.ndarray:
        return self.table.sum(axis=1)


class Mean(Kernel):
    """The mean of all, and of each column."""

    def __init__(self, size: int) -> None:
        self.table = floats(size).reshape(-1, 10)

    def run(self) -> np.ndarray:
        return self.table.mean() + self.table.mean(axis=0)


class StandardDeviation(Kernel):
    """The deviation of each column: two passes."""

    def __init__(self, size: int) -> None:
        self.table = floats(size).reshape(-1, 10)

    def run(self) -> np.ndarray:
        return self.table.std(axis=0)


class Extremes(Kernel):
    """The minimum and the maximum of all and of each row."""

    def __init__(self, size: int) -> None:
        self.table = floats(size).reshape(-1, 10)

    def run(self) -> np.ndarray:
        return self.table.max(axis=1) - self.table.min(axis=1) + self.table.max() - self.table.min()


class ArgMaximum(Positions):
    """Where the largest of all is, and where the smallest of each row."""

    def __init__(self, size: int) -> None:
        self.table = floats(size).reshape(-1, 10)

    def run(self) -> np.ndarray:
        return self.table.argmin(axis=1) + self.table.argmax()


class Product(Kernel):
    """Products of rows."""

    def __init__(self, size: int) -> None:
        self.table = floats(size).reshape(-1, 10) + 0.5

    def run(self) -> np.ndarray:
        return self.table.prod(axis=1)


class AnyAll(Kernel):
    """Booleans: whether any and whether all, without an early end, and by columns."""

    def __init__(self, size: int) -> None:
        self.table = floats(size).reshape(-1, 10) < 2

    def run(self) -> np.ndarray:
        return np.append(self.table.any(axis=0), [self.table.all(), (~self.table).any()])


class CountNonzero(Positions):
    """How many are not zero, in all and by rows."""

    def __init__(self, size: int) -> None:
        self.table = integers(size, 0, 3).reshape(-1, 10)

    def run(self) -> np.ndarray:
        return np.count_nonzero(self.table, axis=1) + np.count_nonzero(self.table > 1)


class CumulativeSum(Kernel):
    """Running sums of float64 and of int64."""

    def __init__(self, size: int) -> None:
        self.values, self.whole = floats(size), integers(size)

    def run(self) -> np.ndarray:
        return self.values.cumsum() + self.whole.cumsum(dtype="i8")


class CumulativeRows(Kernel):
    """Running products and maxima along rows."""

    def __init__(self, size: int) -> None:
        self.table = floats(size).reshape(-1, 10) + 0.5

    def run(self) -> np.ndarray:
        return self.table.cumprod(axis=1) + np.maximum.accumulate(self.table, axis=0)


class ReduceAt(Kernel):
    """Sums of slices between given places."""

    def __init__(self, size: int) -> None:
        self.values, self.places = floats(size), np.arange(0, size, 13, dtype="i4")

    def run(self) -> np.ndarray:
        return np.add.reduceat(self.values, self.places)


class AddAt(Kernel):
    """Numbers added to places of which some come twice."""

    def __init__(self, size: int) -> None:
        self.values, self.places = floats(size), integers(size, 0, 500, "i4")

    def run(self) -> np.ndarray:
        result = np.zeros(500)
        np.add.at(result, self.places, self.values)
        return result


class Median(Kernel):
    """The median and two quantiles."""

    def __init__(self, size: int) -> None:
        self.values = floats(size)

    def run(self) -> np.ndarray:
        return np.append(np.quantile(self.values, [0.1, 0.9]), np.median(self.values))


class NanMean(Kernel):
    """Mean and maximum of what is a number."""

    def __init__(self, size: int) -> None:
        self.values = floats(size)
        self.values[::5] = np.nan

    def run(self) -> np.ndarray:
        return np.array([np.nanmean(self.values), np.nanmax(self.values), np.nansum(self.values)])


class WeightedAverage(Kernel):
    """An average with weights."""

    def __init__(self, size: int) -> None:
        self.values, self.weights = floats(size), floats(size, seed=2)

    def run(self) -> np.float64:
        return np.average(self.values, weights=self.weights)
