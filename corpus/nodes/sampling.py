"""Random numbers from a seed: the same on both targets, or the sample is another one."""

from collections.abc import Iterator

import numpy as np

BIT_GENERATORS = (np.random.PCG64, np.random.Philox, np.random.SFC64, np.random.MT19937)


class Streams:
    """Raw bits and integers of each bit generator, also after a jump and from spawned seeds."""

    def process(self, seed: int) -> Iterator[dict[str, np.ndarray]]:
        for kind in BIT_GENERATORS:
            generator = np.random.Generator(kind(seed))
            yield {
                "name": kind.__name__,
                "raw": kind(seed).random_raw(4),
                "bounded": generator.integers(-1000, 1000, 8, dtype="i8", endpoint=True),
                "bytes": generator.integers(0, 256, 8, dtype="u1"),
                "flags": generator.integers(0, 2, 8, dtype="?"),
                "doubles": generator.random(4),
            }
        children = np.random.SeedSequence(seed).spawn(2)
        yield {"spawned": np.stack([child.generate_state(4) for child in children])}
        yield {"jumped": np.random.PCG64(seed).jumped().random_raw(3)}


class Distributions:
    """Numbers that are drawn by rejection or from tables: a bit more or less would change all that follow."""

    def process(self, seed: int) -> dict[str, np.ndarray]:
        generator = np.random.default_rng(seed)
        return {
            "normal": generator.normal(2, 3, 64),
            "normal_single": generator.standard_normal(64, dtype="f4"),
            "exponential": generator.exponential(2, 64),
            "gamma": generator.gamma(2.5, 1.5, 64),
            "gamma_small": generator.gamma(0.4, 1, 64),
            "beta": generator.beta(0.5, 3, 64),
            "poisson": generator.poisson(40, 64).astype("i8"),
            "binomial": generator.binomial(200, 0.3, 64).astype("i8"),
            "log_normal": generator.lognormal(0, 1, 64),
            "dirichlet": generator.dirichlet([1, 2, 3], 8),
            "multinomial": generator.multinomial(100, [0.2, 0.3, 0.5], 4).astype("i8"),
            "last": generator.random(2),
        }


class Split:
    """Rows shuffled and split into a part to train with and a part to test with."""

    def __init__(self, seed: int, part: float) -> None:
        self.seed = seed
        self.part = part

    def process(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        generator = np.random.default_rng(self.seed)
        shuffled = rows.copy()
        generator.shuffle(shuffled)
        cut = int(len(rows) * self.part)
        weights = np.arange(1, len(rows) + 1, dtype="f8")
        return {
            "train": shuffled[:cut],
            "test": shuffled[cut:],
            "weighted": generator.choice(len(rows), 5, replace=False, p=weights / weights.sum()).astype("i8"),
            "with_repeats": generator.choice(rows[:, 0], 6),
            "permuted": generator.permuted(rows[:4], axis=1),
        }


class Bootstrap:
    """An interval for the mean from resampled samples."""

    def __init__(self, seed: int, rounds: int) -> None:
        self.seed = seed
        self.rounds = rounds

    def process(self, values: np.ndarray) -> dict[str, object]:
        generator = np.random.default_rng(self.seed)
        picks = generator.integers(0, len(values), (self.rounds, len(values)), dtype="i4")
        means = values[picks].mean(axis=1)
        return {"interval": np.percentile(means, [2.5, 97.5]), "spread": means.std(ddof=1)}
