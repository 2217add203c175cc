"""The math and cmath modules, and floating-point recurrences."""

from collections.abc import Iterator
import cmath
import math


class Apply:
    """Functions of math by name, for one number or for a list of arguments.

    A domain or range error becomes its text.
    """

    def __init__(self, functions: list[str]) -> None:
        self.functions = functions

    def process(self, data: float | list[float]) -> dict[str, object]:
        arguments = data if isinstance(data, list) else [data]
        return {name: self.call(name, arguments) for name in self.functions}

    @staticmethod
    def call(name: str, arguments: list[float]) -> object:
        try:
            return getattr(math, name)(*arguments)
        except (ValueError, OverflowError) as error:
            return f"{type(error).__name__}: {error}"


class ApplyComplex:
    """Functions of cmath on a pair of parts."""

    def __init__(self, functions: list[str]) -> None:
        self.functions = functions

    def process(self, data: list[float]) -> dict[str, list[float]]:
        number = complex(*data)
        results = ((name, complex(getattr(cmath, name)(number))) for name in self.functions)
        return {name: [value.real, value.imag] for name, value in results}


class ExactSums:
    """fsum, sumprod and prod against a loop that rounds at each step."""

    def process(self, data: list[float]) -> dict[str, object]:
        loop = 0.0
        for value in data:
            loop = loop + value
        return {
            "fsum": math.fsum(data),
            "sum": sum(data),
            "loop": loop,
            "prod": math.prod(data),
            "sumprod": math.sumprod(data, reversed(data)),
            "fma": math.fma(data[0], data[1], -data[0] * data[1]),
            "distance": math.dist(data, data[::-1]),
        }


class Combinatorics:
    """Exact integer functions."""

    def process(self, data: list[int]) -> dict[str, int]:
        n, k = data
        return {
            "comb": math.comb(n, k), "perm": math.perm(n, k), "gcd": math.gcd(n, k), "lcm": math.lcm(n, k),
            "isqrt": math.isqrt(n**9), "factorial": math.factorial(k),
        }


class LogisticMap:
    """A chaotic recurrence: one fused or reordered operation changes every later digit."""

    def __init__(self, rate: float, steps: int) -> None:
        self.rate, self.steps = rate, steps

    def process(self, data: float) -> list[float]:
        orbit = [data]
        for _ in range(self.steps):
            data = self.rate * data * (1.0 - data)
            orbit.append(data)
        return orbit[-5:]


class Lorenz:
    """The Lorenz system by the classical Runge-Kutta method, every bit of it."""

    def __init__(self, steps: int, dt: float = 0.01) -> None:
        self.steps, self.dt = steps, dt

    def process(self, data: list[float]) -> list[float]:
        state = data
        for _ in range(self.steps):
            k1 = self.slope(state)
            k2 = self.slope(self.moved(state, k1, self.dt / 2))
            k3 = self.slope(self.moved(state, k2, self.dt / 2))
            k4 = self.slope(self.moved(state, k3, self.dt))
            total = [a + 2 * b + 2 * c + d for a, b, c, d in zip(k1, k2, k3, k4)]
            state = self.moved(state, total, self.dt / 6)
        return state

    @staticmethod
    def slope(state: list[float]) -> list[float]:
        x, y, z = state
        return [10.0 * (y - x), x * (28.0 - z) - y, x * y - 8.0 / 3.0 * z]

    @staticmethod
    def moved(state: list[float], slope: list[float], by: float) -> list[float]:
        return [value + rate * by for value, rate in zip(state, slope)]


class Mandelbrot:
    """Escape times of a small picture, one text row at a time."""

    def __init__(self, width: int, height: int, limit: int = 40) -> None:
        self.width, self.height, self.limit = width, height, limit

    def process(self, data: None) -> Iterator[str]:
        for row in range(self.height):
            y = 2.4 * row / (self.height - 1) - 1.2
            yield "".join(self.mark(3.0 * column / (self.width - 1) - 2.1, y) for column in range(self.width))

    def mark(self, x: float, y: float) -> str:
        z, c = 0j, complex(x, y)
        for count in range(self.limit):
            z = z * z + c
            if z.real * z.real + z.imag * z.imag > 4.0:
                return " .:-=+*%@#"[count % 10]
        return "M"


class Matrix:
    """Product, determinant and inverse by elimination with pivots, in plain Python."""

    def process(self, data: list[list[float]]) -> dict[str, object]:
        size = len(data)
        rows = [[*map(float, row), *(float(i == j) for j in range(size))] for i, row in enumerate(data)]
        determinant = 1.0
        for column in range(size):
            pivot = max(range(column, size), key=lambda row: abs(rows[row][column]))
            if pivot != column:
                rows[column], rows[pivot] = rows[pivot], rows[column]
                determinant = -determinant
            determinant *= rows[column][column]
            rows[column] = [value / rows[column][column] for value in rows[column]]
            for row in range(size):
                if row != column:
                    factor = rows[row][column]
                    rows[row] = [value - factor * base for value, base in zip(rows[row], rows[column])]
        square = [[sum(a * b for a, b in zip(row, column)) for column in zip(*data)] for row in data]
        return {"square": square, "determinant": determinant, "inverse": [row[size:] for row in rows]}
