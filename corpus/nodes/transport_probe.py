"""Says which array has arrived, byte by byte, and sends it back seen through a view."""

import json

import numpy as np

VIEWS = {
    "same": lambda array: array,
    "strided": lambda array: array[(slice(None, None, 2),) * array.ndim],
    "negative": lambda array: array[(slice(None, None, -1),) * array.ndim],
    "offset": lambda array: array[(slice(1, None),) * array.ndim],
    "broadcast": lambda array: np.broadcast_to(array, (2, *array.shape)),
    "transposed": lambda array: array.T,
    "fortran": np.asfortranarray,
    "read_only": lambda array: _frozen(array.copy()),
}


def _frozen(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False
    return array


def describe(array: np.ndarray | np.generic) -> dict[str, object]:
    return {
        "dtype": json.dumps(np.lib.format.dtype_to_descr(array.dtype)),
        "shape": list(array.shape),
        "bytes": array.tobytes(),
        "layout": "scalar" if isinstance(array, np.generic) else "F" if array.flags.fnc else "C",
    }


class Witness:
    """What it describes in words of its own must be what is seen from outside."""

    def process(self, data: dict[str, object]) -> dict[str, object]:
        array = data["array"]
        arrived = describe(array)
        if isinstance(array, np.ndarray):
            arrived["writable"] = array.flags.writeable
            array = VIEWS[data["view"]](array)
        return {"arrived": arrived, "returned": describe(array), "array": array}


class Keeper:
    """Keeps what it has returned, and overwrites it when the next item comes."""

    def __init__(self) -> None:
        self.kept: list[np.ndarray] = []

    def process(self, data: np.ndarray) -> object:
        for array in self.kept:
            array.fill(0)
        view = data[1:]
        inner = [data.copy()]
        self.kept = [data, view, inner[0]]
        return {"whole": data, "part": view, "view_of_kept": data[:1], "list": inner}


class Eraser:
    """Overwrites what it receives, which must be its own."""

    def process(self, data: np.ndarray) -> np.ndarray:
        data.fill(0)
        return data


class Same:
    def process(self, data: np.ndarray) -> np.ndarray:
        return data


class Uncarriable:
    """Arrays that have no bytes to carry, or not the same on every machine."""

    def process(self, data: str) -> object:
        return np.array([1, 2], {"longdouble": np.longdouble, "clongdouble": np.clongdouble, "object": object}[data])
