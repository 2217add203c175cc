"""Kernels that move elements without changing them."""

import numpy as np

from kernel import Kernel, floats, integers


class Take(Kernel):
    """Elements picked by random places."""

    def __init__(self, size: int) -> None:
        self.values, self.places = floats(size), integers(size, 0, size, "i4", seed=2)

    def run(self) -> np.ndarray:
        return np.take(self.values, self.places)


class TakeRows(Kernel):
    """Rows of ten picked by an array of places."""

    def __init__(self, size: int) -> None:
        self.table, self.places = floats(size).reshape(-1, 10), integers(size // 10, 0, size // 10, "i4", seed=2)

    def run(self) -> np.ndarray:
        return self.table[self.places]


class BooleanMask(Kernel):
    """Elements picked by a mask."""

    def __init__(self, size: int) -> None:
        self.values, self.mask = floats(size), floats(size, seed=2) < 0.4

    def run(self) -> np.ndarray:
        return self.values[self.mask]


class MaskAssign(Kernel):
    """A copy whose masked elements are replaced."""

    def __init__(self, size: int) -> None:
        self.values, self.mask = floats(size), floats(size, seed=2) < 0.4

    def run(self) -> np.ndarray:
        result = self.values.copy()
        result[self.mask] = -1.0
        return result


class FancyAssign(Kernel):
    """Elements put at the places of a permutation."""

    def __init__(self, size: int) -> None:
        self.values, self.places = floats(size), np.argsort(floats(size, seed=2)).astype("i4")

    def run(self) -> np.ndarray:
        result = np.empty_like(self.values)
        result[self.places] = self.values
        return result


class Concatenate(Kernel):
    """Three arrays one after the other."""

    def __init__(self, size: int) -> None:
        self.parts = [floats(size // 3, seed) for seed in (1, 2, 3)]

    def run(self) -> np.ndarray:
        return np.concatenate(self.parts)


class StackColumns(Kernel):
    """Three arrays side by side."""

    def __init__(self, size: int) -> None:
        self.parts = [floats(size // 3, seed) for seed in (1, 2, 3)]

    def run(self) -> np.ndarray:
        return np.stack(self.parts, axis=1)


class TransposeCopy(Kernel):
    """A square table turned over and copied."""

    def __init__(self, size: int) -> None:
        side = int(size**0.5)
        self.table = floats(side * side).reshape(side, side)

    def run(self) -> np.ndarray:
        return np.ascontiguousarray(self.table.T)


class SwapAxes(Kernel):
    """An image with its channels brought to the front."""

    def __init__(self, size: int) -> None:
        self.image = integers(size, 0, 256, "u1")[: size // 30 * 30].reshape(-1, 10, 3)

    def run(self) -> np.ndarray:
        return np.ascontiguousarray(np.moveaxis(self.image, 2, 0))


class StridedCopy(Kernel):
    """Every third element, backwards, made contiguous."""

    def __init__(self, size: int) -> None:
        self.values = floats(size)

    def run(self) -> np.ndarray:
        return self.values[::-3].copy()


class StridedAdd(Kernel):
    """Arithmetic on views that are not contiguous."""

    def __init__(self, size: int) -> None:
        self.table = floats(size).reshape(-1, 10)

    def run(self) -> np.ndarray:
        return self.table[:, ::2] + self.table[::-1, 1::2]


class Broadcast(Kernel):
    """A column and a row added to a table."""

    def __init__(self, size: int) -> None:
        side = int(size**0.5)
        self.column, self.row = floats(side).reshape(-1, 1), floats(side, seed=2)

    def run(self) -> np.ndarray:
        return self.column + self.row


class Roll(Kernel):
    """A table shifted along both axes."""

    def __init__(self, size: int) -> None:
        self.table = floats(size).reshape(-1, 10)

    def run(self) -> np.ndarray:
        return np.roll(self.table, (3, 2), axis=(0, 1))


class Pad(Kernel):
    """A table with a border that mirrors it."""

    def __init__(self, size: int) -> None:
        side = int(size**0.5)
        self.table = floats(side * side).reshape(side, side)

    def run(self) -> np.ndarray:
        return np.pad(self.table, 2, mode="reflect")


class TileRepeat(Kernel):
    """An array repeated as a whole, and element by element."""

    def __init__(self, size: int) -> None:
        self.values = floats(size // 6)

    def run(self) -> np.ndarray:
        return np.tile(self.values, 6) + np.repeat(self.values, 6)


class SlidingWindows(Kernel):
    """The maximum of each window of eight."""

    def __init__(self, size: int) -> None:
        self.values = floats(size)

    def run(self) -> np.ndarray:
        return np.lib.stride_tricks.sliding_window_view(self.values, 8).max(axis=1)


class Stencil(Kernel):
    """The mean of the four neighbours in a table, by slices."""

    def __init__(self, size: int) -> None:
        side = int(size**0.5)
        self.table = floats(side * side).reshape(side, side)

    def run(self) -> np.ndarray:
        table = self.table
        return (table[:-2, 1:-1] + table[2:, 1:-1] + table[1:-1, :-2] + table[1:-1, 2:]) * 0.25


class Indices(Kernel):
    """Tables of coordinates, and a function of both."""

    def __init__(self, size: int) -> None:
        self.side = int(size**0.5)

    def run(self) -> np.ndarray:
        row, column = np.meshgrid(np.arange(self.side, dtype="i8"), np.arange(self.side, dtype="i8"), indexing="ij")
        return row * 3 + column


class FillArrays(Kernel):
    """Arrays made: zeros, a number, a range, equal steps."""

    def __init__(self, size: int) -> None:
        self.size = size

    def run(self) -> np.ndarray:
        whole = np.zeros(self.size) + np.full(self.size, 1.5) + np.arange(self.size, dtype="f8")
        return whole + np.linspace(0.0, 1.0, self.size)


class Choose(Kernel):
    """One of several conditions per element."""

    def __init__(self, size: int) -> None:
        self.values = floats(size)

    def run(self) -> np.ndarray:
        return np.select([self.values < 0.2, self.values < 0.5], [self.values, -self.values], 9.0)


class UpperTriangle(Kernel):
    """The triangle above the diagonal, and the diagonal itself."""

    def __init__(self, size: int) -> None:
        side = int(size**0.5)
        self.table = floats(side * side).reshape(side, side)

    def run(self) -> np.ndarray:
        return np.triu(self.table) + np.diag(np.diagonal(self.table))
