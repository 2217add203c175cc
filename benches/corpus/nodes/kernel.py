"""What all kernels share: the loop around a kernel, the digest of what it returned last, and arrays to work on."""

from typing import Any

import numpy as np


class Kernel:
    """Runs `run` as often as the item says, and returns a digest of the last result."""

    def run(self) -> Any:
        raise NotImplementedError

    def digest(self, result: Any) -> Any:
        return sample(result)

    def process(self, data: int) -> Any:
        result = self.run()
        for _ in range(data - 1):
            result = self.run()
        return self.digest(result)


class Positions(Kernel):
    """A kernel whose results are positions; numpy's own type for these has 32 bits in WebAssembly."""

    def digest(self, result: np.ndarray) -> dict[str, object]:
        digest = sample(result)
        return {**digest, "elements": np.asarray(digest["elements"]).astype("i8")}


def sample(result: np.ndarray, count: int = 16) -> dict[str, object]:
    """The shape of an array and some of its elements, which takes the same short time for every size."""
    array = np.asarray(result)
    step = max(1, array.size // count)
    # an odd step, so that the elements don't all come from one column
    return {"shape": list(array.shape), "elements": array.flat[:: step | 1][: count + 1]}


def floats(size: int, seed: int = 1) -> np.ndarray:
    """Doubles from 0 up to 1."""
    return np.random.default_rng(seed).random(size)


def singles(size: int, seed: int = 1) -> np.ndarray:
    """Floats of single precision from 0 up to 1."""
    return np.random.default_rng(seed).random(size, dtype="f4")


def integers(size: int, low: int = -1000, high: int = 1000, dtype: str = "i8", seed: int = 1) -> np.ndarray:
    """Integers from low up to, but not including, high."""
    return np.random.default_rng(seed).integers(low, high, size, dtype=dtype)


def matrix(size: int, seed: int = 1) -> np.ndarray:
    """A square matrix of doubles between -1 and 1."""
    return floats(size * size, seed).reshape(size, size) * 2 - 1
