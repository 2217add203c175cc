"""Nodes that do nothing with an array, so that what a case with it takes is the array's way."""

import numpy as np


class Same:
    """There and back."""

    def process(self, array: np.ndarray) -> np.ndarray:
        return array


class Reversed:
    """There, and back as a view with a negative stride, which has to be made contiguous."""

    def process(self, array: np.ndarray) -> np.ndarray:
        return array[::-1]


class Taken:
    """There alone: what comes back is a number."""

    def process(self, array: np.ndarray) -> int:
        return array.nbytes
