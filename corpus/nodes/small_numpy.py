"""The smallest of nodes that use numpy: what a case costs besides its computation shows on them."""

import numpy as np


class Peak:
    """The largest magnitude among some samples."""

    def process(self, samples: list[float]) -> float:
        return float(np.abs(np.array(samples, "f8")).max())


class Same:
    """An array there and back."""

    def process(self, array: np.ndarray) -> np.ndarray:
        return array
