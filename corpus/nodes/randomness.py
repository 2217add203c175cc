"""Pseudo-random numbers from a fixed seed."""

from collections.abc import Iterator
import hashlib
import random


class Integers:
    """Integers of all widths from one generator."""

    def __init__(self, seed: int | str) -> None:
        self.random = random.Random(seed)

    def process(self, data: int) -> dict[str, object]:
        return {
            "small": [self.random.randrange(10) for _ in range(data)],
            "stepped": [self.random.randrange(-50, 50, 7) for _ in range(data)],
            "wide": self.random.randint(-(10**30), 10**30),
            "bits": [self.random.getrandbits(width) for width in (1, 31, 32, 33, 64, 100)],
            "bytes": self.random.randbytes(11),
        }


class Shuffle:
    """Shuffles, samples and weighted choices."""

    def __init__(self, seed: int | str) -> None:
        self.random = random.Random(seed)

    def process(self, data: list[str]) -> dict[str, object]:
        shuffled = list(data)
        self.random.shuffle(shuffled)
        return {
            "shuffled": shuffled,
            "sample": self.random.sample(data, 3),
            "repeated": self.random.sample(data, 5, counts=[2] * len(data)),
            "choice": self.random.choice(data),
            "weighted": self.random.choices(data, weights=range(len(data)), k=8),
            "from_range": self.random.sample(range(10**9), 3),
        }


class Floats:
    """Uniform doubles, which are exact: 53 bits and a power of two."""

    def __init__(self, seed: int | str) -> None:
        self.seed = seed

    def initialize(self) -> None:
        random.seed(self.seed)

    def process(self, data: int) -> dict[str, object]:
        values = [random.random() for _ in range(data)]
        return {
            "first": values[:5],
            "uniform": [random.uniform(-1.0, 3.0) for _ in range(3)],
            "triangular": random.triangular(0.0, 10.0, 2.5),
            "digest": hashlib.sha256("".join(value.hex() for value in values).encode()).hexdigest(),
        }


class Distributions:
    """Distributions that go through the C library's log, exp, sin and cos."""

    def __init__(self, seed: int, names: dict[str, list[float]]) -> None:
        self.random = random.Random(seed)
        self.names = names

    def process(self, data: int) -> dict[str, list[float]]:
        return {name: [getattr(self.random, name)(*arguments) for _ in range(data)] for name, arguments in self.names.items()}


class SavedState:
    """A generator's state saved and restored: the numbers repeat."""

    def process(self, data: int) -> dict[str, object]:
        generator = random.Random(data)
        generator.random()
        version, state, _ = saved = generator.getstate()
        first = [generator.getrandbits(32) for _ in range(4)]
        generator.setstate(saved)
        return {
            "version": version,
            "words": len(state),
            "position": state[-1],
            "numbers": first,
            "repeated": [generator.getrandbits(32) for _ in range(4)] == first,
        }


class RandomWalk:
    """A source: positions of a walk on a grid."""

    def __init__(self, seed: int, steps: int) -> None:
        self.random = random.Random(seed)
        self.steps = steps

    def process(self, data: None) -> Iterator[list[int]]:
        x = y = 0
        for _ in range(self.steps):
            dx, dy = self.random.choice([(1, 0), (-1, 0), (0, 1), (0, -1)])
            x, y = x + dx, y + dy
            yield [x, y]
