"""Floats: status, rounding, vector code, BLAS, and what C leaves open."""

import math

import numpy as np


def numbers(count):
    # Exact on every target.
    return (np.arange(count, dtype=np.int64) * 7919 % 1009 - 504).astype(np.float64) / 64


class Divided:
    def process(self, data):
        return (np.array([1.0, data]) / np.array([0.0, 2.0])).tolist()


class Strict:
    def process(self, data):
        with np.errstate(all="raise"):
            return np.exp(np.array([1e4])).tolist()


class Overflown:
    def process(self, data):
        return (np.array([1e200]) * 1e200).tolist()


class ErrorFunction:
    def process(self, data):
        return [math.erfc(step / 7) for step in range(data)]


class ErrorTexts:
    def process(self, data):
        return " ".join(repr(math.erfc(step / 9)) for step in range(data))


class Exponential:
    def process(self, data):
        return np.exp(numbers(data))


class SineSingle:
    def process(self, data):
        return np.sin(numbers(data).astype(np.float32))


class Ties:
    def process(self, data):
        keys = (np.arange(data, dtype=np.int64) * 7919 % 5).astype(np.float64)
        return np.argsort(keys).astype(np.int64)


class Multiplied:
    def process(self, data):
        matrix = numbers(data * data).reshape(data, data)
        return np.exp2(matrix / 9) @ np.exp2(matrix.T / 9)


class Solved:
    def process(self, data):
        matrix = numbers(data * data).reshape(data, data) + 40 * np.eye(data)
        return np.linalg.inv(matrix)


class Zeros:
    def process(self, data):
        return np.maximum(np.zeros(data), -np.zeros(data))


class NoInteger:
    def process(self, data):
        with np.errstate(all="ignore"):
            return np.array([float("nan"), 1e30, data]).astype(np.int32)


class SmallIntegers:
    def process(self, data):
        return np.array([1.0, -1.0, 300.0, data * 1e10]).astype(np.uint8)


class Caught:
    def process(self, data):
        with np.errstate(all="raise"):
            try:
                return (np.array([data]) / 0.0).tolist()
            except FloatingPointError as error:
                return f"{type(error).__name__}: {error}"
