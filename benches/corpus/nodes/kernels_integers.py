"""Kernels on integers, bits and casts. Every dtype is explicit: the default integer has 32 bits on wasm32."""

import numpy as np

from kernel import Kernel, floats, integers


class AddIntegers(Kernel):
    """int64 added."""

    def __init__(self, size: int) -> None:
        self.left, self.right = integers(size), integers(size, seed=2)

    def run(self) -> np.ndarray:
        return self.left + self.right


class MultiplyIntegers(Kernel):
    """int64 multiplied; WebAssembly and older processors have no vector instruction for it."""

    def __init__(self, size: int) -> None:
        self.left, self.right = integers(size), integers(size, seed=2)

    def run(self) -> np.ndarray:
        return self.left * self.right


class MultiplyWords(Kernel):
    """int32 multiplied and added."""

    def __init__(self, size: int) -> None:
        self.left, self.right = integers(size, dtype="i4"), integers(size, dtype="i4", seed=2)

    def run(self) -> np.ndarray:
        return self.left * self.right + self.left


class Shift(Kernel):
    """uint64 shifted both ways and mixed."""

    def __init__(self, size: int) -> None:
        self.values = integers(size, 0, 2**62).astype("u8")

    def run(self) -> np.ndarray:
        return self.values << np.uint64(13) ^ self.values >> np.uint64(7)


class Bitwise(Kernel):
    """int32 with and, or, exclusive or, not."""

    def __init__(self, size: int) -> None:
        self.left = integers(size, 0, 2**31 - 1, "i4")
        self.right = integers(size, 0, 2**31 - 1, "i4", seed=2)

    def run(self) -> np.ndarray:
        return (self.left & self.right) ^ (self.left | ~self.right)


class FloorDivide(Kernel):
    """int64 divided by an array, rounded down."""

    def __init__(self, size: int) -> None:
        self.left, self.right = integers(size, -(10**9), 10**9), integers(size, 1, 1000, seed=2)

    def run(self) -> np.ndarray:
        return self.left // self.right


class DivideByConstant(Kernel):
    """int64 divided by one number, which numpy turns into a multiplication."""

    def __init__(self, size: int) -> None:
        self.values = integers(size, -(10**9), 10**9)

    def run(self) -> np.ndarray:
        return self.values // np.int64(7)


class Remainder(Kernel):
    """int64 modulo an array."""

    def __init__(self, size: int) -> None:
        self.left, self.right = integers(size, -(10**9), 10**9), integers(size, 1, 1000, seed=2)

    def run(self) -> np.ndarray:
        return self.left % self.right


class Saturate(Kernel):
    """Bytes brightened with a wider type, and cut at 255."""

    def __init__(self, size: int) -> None:
        self.values = integers(size, 0, 256, "u1")

    def run(self) -> np.ndarray:
        return np.minimum(self.values.astype("u2") * np.uint16(3) // np.uint16(2), 255).astype("u1")


class PopulationCount(Kernel):
    """The bits of uint64 counted."""

    def __init__(self, size: int) -> None:
        self.values = integers(size, 0, 2**62).astype("u8")

    def run(self) -> np.ndarray:
        return np.bitwise_count(self.values)


class GreatestDivisor(Kernel):
    """Greatest common divisors of int64."""

    def __init__(self, size: int) -> None:
        self.left, self.right = integers(size, 1, 10**6), integers(size, 1, 10**6, seed=2)

    def run(self) -> np.ndarray:
        return np.gcd(self.left, self.right)


class CastToFloats(Kernel):
    """int64 to float64, int32 to float32."""

    def __init__(self, size: int) -> None:
        self.wide, self.narrow = integers(size), integers(size, dtype="i4")

    def run(self) -> np.ndarray:
        return self.wide.astype("f8") + self.narrow.astype("f4")


class CastToIntegers(Kernel):
    """float64 to int32 and int64, towards zero."""

    def __init__(self, size: int) -> None:
        self.values = floats(size) * 2000 - 1000

    def run(self) -> np.ndarray:
        return self.values.astype("i4") + self.values.astype("i8")


class CastNarrow(Kernel):
    """int64 to int16 to uint8, and float64 to float32."""

    def __init__(self, size: int) -> None:
        self.values = integers(size)

    def run(self) -> np.ndarray:
        return self.values.astype("i2").astype("u1") + self.values.astype("f8").astype("f4")


class SwapBytes(Kernel):
    """int32 of the other byte order read, added and written."""

    def __init__(self, size: int) -> None:
        self.values = integers(size, dtype="i4").astype(">i4")

    def run(self) -> np.ndarray:
        return (self.values + np.int32(1)).astype(">i4")


class PackBits(Kernel):
    """Booleans packed into bytes and unpacked."""

    def __init__(self, size: int) -> None:
        self.values = integers(size, 0, 2, "u1").astype(bool)

    def run(self) -> np.ndarray:
        packed = np.packbits(self.values)
        return np.unpackbits(packed, bitorder="little")[: len(packed)] + packed


class LinearCongruence(Kernel):
    """A few rounds of a random generator of uint64 that wraps."""

    def __init__(self, size: int) -> None:
        self.state = np.arange(size, dtype="u8")

    def run(self) -> np.ndarray:
        state = self.state
        for _ in range(3):
            state = state * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
        return state >> np.uint64(33)
