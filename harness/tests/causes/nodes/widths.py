"""Integers that are as wide as a pointer."""

import math
import struct
import sys

import numpy as np


class Summed:
    def process(self, data):
        return np.arange(data).sum()


class Powers:
    def process(self, data):
        return np.array([data]) ** data


class Product:
    def process(self, data):
        return int(np.prod(np.arange(1, data)))


class Largest:
    def process(self, data):
        return {"largest": sys.maxsize}


class Hashed:
    def process(self, data):
        return hash(tuple(range(data)))


class Sized:
    def process(self, data):
        return sys.getsizeof([None] * data)


class Longs:
    def process(self, data):
        return struct.calcsize("l") * data


class Sorted:
    def process(self, data):
        return np.argsort(np.array([3.0, 1.0, 2.0]))


class Named:
    def process(self, data):
        return f"the dtype is {np.arange(data).dtype}"


class Long:
    def process(self, data):
        return len(range(2**31 + data))


class SumBesideFloats:
    def process(self, data):
        return {"x": [math.erfc(value / 7) for value in range(30)], "y": int(np.arange(100_000).sum())}


class Sum:
    def process(self, data):
        return int(np.arange(100_000).sum())


class WrappedFloats:
    def process(self, data):
        return np.arange(data) ** 2 * 1.0


class Shorter:
    def process(self, data):
        return list(range(sys.maxsize.bit_length() // data))


class Narrow:
    def process(self, data):
        if sys.maxsize < 2**40:
            raise ValueError(f"{data} can't be handled here")
        return data
