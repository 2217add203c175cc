"""Mistakes with arrays that end a pipeline: class, message and traceback are the same on both targets."""

from typing import Never

import numpy as np


class ShapeMismatch:
    """Two tables that don't fit together."""

    def process(self, table: np.ndarray) -> np.ndarray:
        return table + table[:, :-1]


class InnerMismatch:
    """A product whose inner axes differ."""

    def process(self, table: np.ndarray) -> np.ndarray:
        return table @ table


class BadAxis:
    """An axis that the table doesn't have."""

    def process(self, table: np.ndarray) -> np.ndarray:
        return np.concatenate([table, table], axis=2)


class BadReshape:
    """More elements asked for than there are."""

    def process(self, table: np.ndarray) -> np.ndarray:
        return table.reshape(7, -1)


class UnsafeCast:
    """Floats added into integers, which would lose what is behind the point."""

    def process(self, table: np.ndarray) -> np.ndarray:
        whole = table.astype("i4")
        whole += table
        return whole


class OutOfRange:
    """A number that the dtype can't hold."""

    def process(self, table: np.ndarray) -> np.ndarray:
        return table.astype("u1") + np.uint8(300)


class IndexBeyondEnd:
    """An index that is one too large."""

    def process(self, table: np.ndarray) -> object:
        return table[len(table), 0]


class FancyBeyondEnd:
    """The same in a list of indices."""

    def process(self, table: np.ndarray) -> np.ndarray:
        return table[:, [0, 99]]


class WrongMask:
    """A mask of another length."""

    def process(self, table: np.ndarray) -> np.ndarray:
        return table[np.array([True, False])]


class UnknownField:
    """A field that the records don't have."""

    def process(self, table: np.ndarray) -> np.ndarray:
        return np.zeros(len(table), [("id", "i4"), ("amount", "f8")])["price"]


class SingularSystem:
    """Equations that have no single answer."""

    def process(self, table: np.ndarray) -> np.ndarray:
        return np.linalg.solve(np.ones((3, 3)), table[:3])


class NotPositive:
    """A matrix that has no Cholesky factor."""

    def process(self, table: np.ndarray) -> np.ndarray:
        return np.linalg.cholesky(-np.eye(3))


class TooMuch:
    """A table of all pairs, which doesn't fit into memory."""

    def process(self, values: np.ndarray) -> object:
        return np.subtract.outer(values, values).sum()


class LongDouble:
    """A format that is another one on every platform can't be carried."""

    def process(self, table: np.ndarray) -> np.ndarray:
        return table.astype(np.longdouble)


class ObjectArray:
    """An array of Python objects has no bytes of its own."""

    def process(self, table: np.ndarray) -> np.ndarray:
        return np.array([None, "x"], dtype=object)


class ReadOnly:
    """A broadcast array can't be written to."""

    def process(self, table: np.ndarray) -> Never:
        np.broadcast_to(table[0], table.shape)[0] = 1
