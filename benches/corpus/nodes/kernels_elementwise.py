"""Kernels that treat each float by itself."""

import numpy as np

from kernel import Kernel, floats, singles


class Add(Kernel):
    """Two float64 arrays added."""

    def __init__(self, size: int) -> None:
        self.left, self.right = floats(size), floats(size, seed=2)

    def run(self) -> np.ndarray:
        return self.left + self.right


class Multiply(Kernel):
    """Two float64 arrays multiplied."""

    def __init__(self, size: int) -> None:
        self.left, self.right = floats(size), floats(size, seed=2)

    def run(self) -> np.ndarray:
        return self.left * self.right


class Divide(Kernel):
    """Two float64 arrays divided."""

    def __init__(self, size: int) -> None:
        self.left, self.right = floats(size), floats(size, seed=2)
        self.right += 0.5

    def run(self) -> np.ndarray:
        return self.left / self.right


class SquareRoot(Kernel):
    """Square roots of float64."""

    def __init__(self, size: int) -> None:
        self.values = floats(size)

    def run(self) -> np.ndarray:
        return np.sqrt(self.values)


class Exponential(Kernel):
    """exp of float64."""

    def __init__(self, size: int) -> None:
        self.values = floats(size)

    def run(self) -> np.ndarray:
        return np.exp(self.values)


class Logarithm(Kernel):
    """log of float64."""

    def __init__(self, size: int) -> None:
        self.values = floats(size) + 0.001

    def run(self) -> np.ndarray:
        return np.log(self.values)


class Sine(Kernel):
    """sin of float64."""

    def __init__(self, size: int) -> None:
        self.values = floats(size) * 20 - 10

    def run(self) -> np.ndarray:
        return np.sin(self.values)


class Power(Kernel):
    """float64 to the power of float64."""

    def __init__(self, size: int) -> None:
        self.bases, self.exponents = floats(size) + 0.5, floats(size, seed=2) * 4

    def run(self) -> np.ndarray:
        return self.bases**self.exponents


class Where(Kernel):
    """One of two float64 arrays, chosen by a comparison that no branch predictor guesses."""

    def __init__(self, size: int) -> None:
        self.left, self.right = floats(size), floats(size, seed=2)

    def run(self) -> np.ndarray:
        return np.where(self.left < self.right, self.left, self.right)


class Clip(Kernel):
    """float64 limited from both sides."""

    def __init__(self, size: int) -> None:
        self.values = floats(size)

    def run(self) -> np.ndarray:
        return np.clip(self.values, 0.25, 0.75)


class Compare(Kernel):
    """Comparisons of float64, combined as booleans."""

    def __init__(self, size: int) -> None:
        self.left, self.right = floats(size), floats(size, seed=2)

    def run(self) -> np.ndarray:
        return (self.left < self.right) & (self.left > 0.25) | (self.right == 0.5)


class Rounding(Kernel):
    """Rounding to integers and to two digits, and remainders of float64."""

    def __init__(self, size: int) -> None:
        self.values = floats(size) * 100

    def run(self) -> np.ndarray:
        return np.round(self.values, 2) - np.floor(self.values) + np.rint(self.values) - np.trunc(self.values)


class Horner(Kernel):
    """A polynomial of degree five: ten operations, each with an array of its own."""

    def __init__(self, size: int) -> None:
        self.values = floats(size)

    def run(self) -> np.ndarray:
        x = self.values
        return ((((x * 0.5 - 1.5) * x + 2.5) * x - 0.25) * x + 3.0) * x - 1.0


class InPlace(Kernel):
    """The same arithmetic into arrays that are there already."""

    def __init__(self, size: int) -> None:
        self.values, self.result = floats(size), np.zeros(size)

    def run(self) -> np.ndarray:
        result = np.multiply(self.values, 0.5, out=self.result)
        result -= 1.5
        result *= self.values
        result += 2.5
        return result


class Maximum(Kernel):
    """The larger of two float64 arrays, absolute values and signs."""

    def __init__(self, size: int) -> None:
        self.left, self.right = floats(size), floats(size, seed=2)

    def run(self) -> np.ndarray:
        return np.maximum(self.left, self.right) + np.abs(self.left - 0.5) * np.sign(self.right - 0.5)


class FiniteOnly(Kernel):
    """NaN and infinities found and replaced."""

    def __init__(self, size: int) -> None:
        self.values = floats(size)
        self.values[::7] = np.nan
        self.values[::11] = np.inf

    def run(self) -> np.ndarray:
        return np.nan_to_num(self.values, nan=-1.0, posinf=2.0) + np.isfinite(self.values)


class AddSingles(Kernel):
    """Two float32 arrays added."""

    def __init__(self, size: int) -> None:
        self.left, self.right = singles(size), singles(size, seed=2)

    def run(self) -> np.ndarray:
        return self.left + self.right


class ScaleSingles(Kernel):
    """float32 multiplied, added and rooted."""

    def __init__(self, size: int) -> None:
        self.left, self.right = singles(size), singles(size, seed=2)

    def run(self) -> np.ndarray:
        return np.sqrt(self.left * np.float32(3) + self.right)


class ExponentialSingles(Kernel):
    """exp of float32."""

    def __init__(self, size: int) -> None:
        self.values = singles(size)

    def run(self) -> np.ndarray:
        return np.exp(self.values)


class ComplexProduct(Kernel):
    """complex128 multiplied and conjugated."""

    def __init__(self, size: int) -> None:
        self.values = floats(size) + 1j * floats(size, seed=2)

    def run(self) -> np.ndarray:
        return self.values * self.values.conj() + self.values


class HalfPrecision(Kernel):
    """float16 made, added and widened again."""

    def __init__(self, size: int) -> None:
        self.values = singles(size)

    def run(self) -> np.ndarray:
        half = self.values.astype("f2")
        return (half + half).astype("f4")
