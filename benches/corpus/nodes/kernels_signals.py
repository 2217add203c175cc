"""Kernels on series: transforms, filters, interpolation, and random numbers."""

import numpy as np

from kernel import Kernel, floats, integers


class Fourier(Kernel):
    """A complex transform whose length is a power of two."""

    def __init__(self, size: int) -> None:
        self.values = floats(size) - 0.5 + 1j * (floats(size, seed=2) - 0.5)

    def run(self) -> np.ndarray:
        return np.fft.fft(self.values)


class FourierReal(Kernel):
    """The transform of real numbers and back."""

    def __init__(self, size: int) -> None:
        self.values = floats(size) - 0.5

    def run(self) -> np.ndarray:
        return np.fft.irfft(np.fft.rfft(self.values) * 0.5)


class FourierTable(Kernel):
    """A transform of two axes; the size is the side."""

    def __init__(self, size: int) -> None:
        self.table = floats(size * size).reshape(size, size) - 0.5

    def run(self) -> np.ndarray:
        return np.fft.fft2(self.table)


class FourierMixed(Kernel):
    """A transform whose length has several prime factors."""

    def __init__(self, size: int) -> None:
        self.values = floats(size) - 0.5

    def run(self) -> np.ndarray:
        return np.fft.rfft(self.values)


class FourierRows(Kernel):
    """Transforms of many rows of 64."""

    def __init__(self, size: int) -> None:
        self.table = floats(size).reshape(-1, 64) - 0.5

    def run(self) -> np.ndarray:
        return np.fft.rfft(self.table, axis=1)


class Convolve(Kernel):
    """A series convolved with a short one."""

    def __init__(self, size: int) -> None:
        self.values, self.weights = floats(size), floats(15, seed=2)

    def run(self) -> np.ndarray:
        return np.convolve(self.values, self.weights, mode="same")


class ConvolveIntegers(Kernel):
    """A series of int64 correlated with a short one."""

    def __init__(self, size: int) -> None:
        self.values, self.weights = integers(size), integers(9, seed=2)

    def run(self) -> np.ndarray:
        return np.correlate(self.values, self.weights, mode="valid")


class Interpolate(Kernel):
    """Values between given points."""

    def __init__(self, size: int) -> None:
        self.sought = floats(size)
        self.places, self.heights = np.arange(101, dtype="f8") / 100, floats(101, seed=2)

    def run(self) -> np.ndarray:
        return np.interp(self.sought, self.places, self.heights)


class PolynomialFit(Kernel):
    """A cubic fitted to points."""

    def __init__(self, size: int) -> None:
        # around zero, where powers are far from alike
        self.places, self.heights = np.arange(size, dtype="f8") * 2 / size - 1, floats(size)

    def run(self) -> np.ndarray:
        return np.polyfit(self.places, self.heights, 3)


class PolynomialValues(Kernel):
    """A polynomial and a Chebyshev series at many places."""

    def __init__(self, size: int) -> None:
        self.places, self.weights = floats(size), floats(6, seed=2)

    def run(self) -> np.ndarray:
        polynomial = np.polynomial.polynomial.polyval(self.places, self.weights)
        return polynomial + np.polynomial.chebyshev.chebval(self.places, self.weights)


class Differences(Kernel):
    """Differences of first and second order."""

    def __init__(self, size: int) -> None:
        self.values = floats(size)

    def run(self) -> np.ndarray:
        return np.diff(self.values, n=2)


class Gradient(Kernel):
    """Central differences, and the area below."""

    def __init__(self, size: int) -> None:
        self.values = floats(size)

    def run(self) -> np.ndarray:
        return np.gradient(self.values) + np.trapezoid(self.values, dx=0.5)


class MovingAverage(Kernel):
    """A moving average by running sums."""

    def __init__(self, size: int) -> None:
        self.values = floats(size)

    def run(self) -> np.ndarray:
        total = np.cumsum(self.values)
        return (total[25:] - total[:-25]) / 25


class RandomUniform(Kernel):
    """Uniform doubles of PCG64."""

    def __init__(self, size: int) -> None:
        self.size = size

    def run(self) -> np.ndarray:
        return np.random.default_rng(3).random(self.size)


class RandomIntegers(Kernel):
    """Integers below a limit, without bias."""

    def __init__(self, size: int) -> None:
        self.size = size

    def run(self) -> np.ndarray:
        return np.random.default_rng(3).integers(0, 1000, self.size, dtype="i8")


class RandomNormal(Kernel):
    """Normal doubles by the ziggurat, which hardly ever asks the C library."""

    def __init__(self, size: int) -> None:
        self.size = size

    def run(self) -> np.ndarray:
        return np.random.default_rng(3).standard_normal(self.size)


class RandomTwister(Kernel):
    """The Mersenne twister, as old programs have it."""

    def __init__(self, size: int) -> None:
        self.size = size

    def run(self) -> np.ndarray:
        return np.random.RandomState(3).random_sample(self.size)


class Shuffle(Kernel):
    """A permutation."""

    def __init__(self, size: int) -> None:
        self.values = np.arange(size, dtype="i8")

    def run(self) -> np.ndarray:
        return np.random.default_rng(3).permutation(self.values)
