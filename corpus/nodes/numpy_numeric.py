"""Linear algebra, transforms, random numbers, and numpy's warnings and errors."""

from collections.abc import Callable, Iterator

import numpy as np

Probe = Iterator[dict[str, object]]


class Linear:
    """Problems whose every intermediate result is exact, so that no order of operations shows."""

    def process(self, data: object) -> Probe:
        table = np.arange(12, dtype="f8").reshape(3, 4)
        yield {"product": table @ table.T}
        yield {"integers": table.astype("i8") @ table.T.astype("i8")}
        yield {"einsum": np.einsum("ij,kj->ik", table, table)}
        triangle = np.array([[2, 1], [0, 4]], "f8")
        yield {"inverse": np.linalg.inv(triangle)}
        yield {"solved": np.linalg.solve(triangle, np.array([4, 8], "f8"))}
        yield {"cholesky": np.linalg.cholesky(np.array([[4, 2], [2, 5]], "f8"))}
        yield {"polynomial": np.polynomial.Polynomial([1, 2, 3])(np.array([0, 1, 2], "f8"))}


class Singular:
    """An exception from inside numpy, with its traceback."""

    def process(self, data: object) -> object:
        return np.linalg.inv(np.zeros((3, 3), "f8"))


class LinearErrors:
    """What every solver says when there is no solution."""

    def process(self, data: object) -> Probe:
        nothing, unknown = np.zeros((2, 2), "f8"), np.array([[np.nan, 1], [1, 2]], "f8")
        yield {"inv": said(lambda: np.linalg.inv(nothing))}
        yield {"solve": said(lambda: np.linalg.solve(nothing, np.ones(2, "f8")))}
        yield {"cholesky": said(lambda: np.linalg.cholesky(np.array([[1, 2], [2, 1]], "f8")))}
        yield {"eig": said(lambda: np.linalg.eig(unknown))}
        yield {"svd": said(lambda: np.linalg.svd(unknown))}
        yield {"shapes": said(lambda: np.ones((2, 3), "f8") @ np.ones((2, 3), "f8"))}
        yield {"axis": said(lambda: np.ones(3, "f8").sum(axis=1))}


def said(action: Callable[[], object]) -> list[str]:
    try:
        action()
    except Exception as error:
        return [type(error).__name__, str(error)]
    return ["nothing"]


class Fourier:
    """Transforms of short signals: a power of two, a prime, and a real one there and back."""

    def process(self, data: object) -> Probe:
        signal = np.array([0, 1, 4, 9, 16, 25, 36, 49], "f8")
        yield {"power_of_two": np.fft.fft(signal)}
        yield {"prime": np.fft.fft(signal[:7])}
        yield {"there_and_back": np.fft.irfft(np.fft.rfft(signal))}
        yield {"single": np.fft.fft(signal.astype("f4"))}
        yield {"frequencies": np.fft.fftshift(np.fft.fftfreq(8, 0.5))}


class FourierTooLarge:
    """A C++ exception inside numpy becomes a MemoryError, and what comes after it works."""

    def process(self, data: object) -> Probe:
        yield {"prime": said(lambda: np.fft.fft(np.zeros(16777213, "f8")))[0]}
        yield {"after": np.fft.fft(np.arange(4, dtype="f8"))}


class Generators:
    """Every bit generator and the common distributions, from a seed."""

    def process(self, data: object) -> Probe:
        for kind in (np.random.MT19937, np.random.PCG64, np.random.PCG64DXSM, np.random.Philox, np.random.SFC64):
            yield {kind.__name__: np.random.Generator(kind(7)).random(4)}
        generator = np.random.default_rng(1234)
        yield {"normal": generator.normal(size=5)}
        yield {"integers": generator.integers(0, 1000, 10, dtype="i8")}
        yield {"permutation": generator.permutation(8).astype("i8")}
        yield {"choice": generator.choice(5, 3, replace=False).astype("i8")}
        yield {"single": generator.random(3, dtype="f4")}


class Legacy:
    """The frozen generator of old, whose numbers must never change."""

    def process(self, data: object) -> Probe:
        state = np.random.RandomState(42)
        yield {"normal": state.normal(size=3)}
        yield {"integers": state.randint(0, 1000, 5).astype("i8")}
        yield {"binomial": state.binomial(100, 0.4, 3).astype("i8")}
        yield {"poisson": state.poisson(30, 3).astype("i8")}
        yield {"hypergeometric": state.hypergeometric(10, 20, 5, 4).astype("i8")}
        yield {"shuffled": state.permutation(6).astype("i8")}


class IntegerWarnings:
    """Warnings that numpy raises by itself, not by the processor's flags."""

    def process(self, data: object) -> Probe:
        yield {"divided": np.array([1, 2], "i4") // np.array([0, 1], "i4")}
        yield {"remainder": np.array([1], "i8") % np.array([0], "i8")}
        yield {"narrowed": np.array([70000], "f8").astype("f2")}
        yield {"scalar": np.int8(100) + np.int8(100)}


class FloatWarnings:
    """Warnings that come from the processor's floating-point status."""

    def process(self, data: object) -> Probe:
        yield {"divided": np.array([1, -1, 0], "f8") / np.array([0, 0, 0], "f8")}
        yield {"root": np.sqrt(np.array([-1], "f8"))}
