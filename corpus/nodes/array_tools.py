"""What arrays are handled with: indices, order, sets, shapes, bits, and numbers of every kind."""

import numpy as np


class Picking:
    """Masks and lists of indices, to read and to write."""

    def process(self, grid: np.ndarray) -> dict[str, np.ndarray]:
        changed = grid.copy()
        changed[changed % 3 == 0] = -1
        changed[[0, 2], [1, 1]] = 100
        np.add.at(changed, ([0, 0], [0, 0]), 5)
        return {
            "masked": grid[grid > grid.mean()],
            "rows": grid[[2, 0, 2]],
            "corners": grid[np.ix_([0, -1], [0, -1])],
            "diagonal": grid[np.arange(4), np.arange(4)],
            "changed": changed,
            "where": np.where(grid % 2 == 0, grid, -grid),
            "along": np.take_along_axis(grid, np.argsort(grid, axis=1, kind="stable")[:, :2], axis=1),
            "chosen": np.choose(grid[0] % 3, [grid[0], grid[1], grid[2]]),
            "compressed": np.compress([True, False, True], grid, axis=1),
        }


class Indices:
    """Functions that give indices, in numpy's own integer: 64 bits wide natively, 32 on wasm32."""

    def process(self, values: np.ndarray) -> dict[str, np.ndarray]:
        return {
            "argsort": np.argsort(values, kind="stable"),
            "nonzero": np.flatnonzero(values > 0),
            "searched": np.searchsorted(np.sort(values), values[:5]),
            "argmax": values.reshape(8, -1).argmax(axis=1),
            "unraveled": np.stack(np.unravel_index(np.array([7, 41]), (8, 8))),
            "counted": np.bincount((np.abs(values) * 3).astype("i4")),
        }


class Ordering:
    """Sorting that keeps ties, and the kind that needn't."""

    def process(self, values: np.ndarray) -> dict[str, np.ndarray]:
        tens = values // 10
        middle = np.partition(values, 100)
        return {
            "sorted": np.sort(values),
            "stable": values[np.argsort(tens, kind="stable")],
            "unstable": values[np.argsort(tens)][:: len(values) - 1] // 10,
            "smallest": middle[:100],
            "largest_ten": values[np.argpartition(values, -10)[-10:]],
            "keys": values[np.lexsort((values, -tens))],
            "searched": np.searchsorted(np.sort(values), [5, 500, 5000], side="right").astype("i8"),
        }


class Sets:
    """Arrays as sets."""

    def process(self, values: np.ndarray) -> dict[str, np.ndarray]:
        left, right = values[::2], values[1::2]
        unique, first, back, counts = np.unique(values, return_index=True, return_inverse=True, return_counts=True)
        return {
            "unique": unique,
            "first": first.astype("i8"),
            "back": unique[back][:10],
            "counts": counts.astype("i8"),
            "common": np.intersect1d(left, right),
            "either": np.union1d(left, right),
            "only_left": np.setdiff1d(left, right),
            "not_both": np.setxor1d(left, right),
            "is_in": np.isin(left[:20], right[:20]),
            "rows": np.unique(values[:60].reshape(-1, 2) % 4, axis=0),
        }


class Broadcasting:
    """Shapes that stretch: a scalar, a row, a column, a plane."""

    def process(self, scalar: np.ndarray) -> dict[str, np.ndarray]:
        row = np.arange(4, dtype="f8")
        column = np.arange(3, dtype="f8")[:, None]
        plane = np.ones((2, 1, 4), "f8")
        return {
            "same": scalar,
            "row": scalar * row,
            "table": row + column * scalar,
            "space": plane * (row - column),
            "empty": scalar + np.zeros((0, 3), "f8"),
            "outer": np.subtract.outer(row, column.ravel()),
            "shapes": np.array(np.broadcast_shapes((3, 1), (2, 1, 4)), "i8"),
            "stretched": np.broadcast_to(column, (3, 4)),
            "tiled": np.tile(row[:2], (2, 2)),
        }


class Cumulative:
    """Running sums and products, differences, gradients, in several precisions."""

    def process(self, values: np.ndarray) -> dict[str, np.ndarray]:
        return {
            "sums": values.cumsum(),
            "single": values.astype("f4").cumsum(),
            "half": values[:50].astype("f2").cumsum(),
            "products": np.cumprod(1 + values[:64] / 100),
            "differences": np.diff(values[:32], n=2),
            "gradient": np.gradient(values[:32], 0.5),
            "area": np.trapezoid(values, dx=0.25),
            "means": values.reshape(-1, 8).mean(axis=1),
        }


class Bits:
    """Flags packed into bytes, masks, shifts, and counted bits."""

    def process(self, words: np.ndarray) -> dict[str, np.ndarray]:
        flags = (words & 1).astype("?")
        packed = np.packbits(flags, bitorder="little")
        return {
            "packed": packed,
            "unpacked": np.unpackbits(packed, count=len(flags), bitorder="little"),
            "counted": np.bitwise_count(words),
            "rotated": (words << np.uint32(7)) | (words >> np.uint32(25)),
            "swapped": words.byteswap(),
            "bytes": words[:4].view("u1"),
            "floats": np.isfinite(words[:8].view("<f4")),
            "parity": np.bitwise_xor.reduce(words),
        }


class Specials:
    """NaN, infinities, zeros with a sign and subnormal numbers through everyday functions."""

    def process(self, values: np.ndarray) -> dict[str, object]:
        half = len(values) // 2
        left, right = values[:half], values[half:]
        return {
            "same": values,
            "finite": np.isfinite(values),
            "signs": np.signbit(values),
            "cleaned": np.nan_to_num(values, posinf=9, neginf=-9),
            "larger": np.maximum(left, right),
            "larger_known": np.fmax(left, right),
            "equal": left == right,
            "ordered": np.sort(np.abs(values)),
            "sum": np.nansum(np.where(np.isinf(values), 0, values)),
            "rounded": np.rint(values),
            "next": np.nextafter(values, np.inf, dtype=values.dtype),
            "copied": np.copysign(left, right),
        }


class HalfPrecision:
    """float16, which both targets compute by way of float32."""

    def process(self, values: np.ndarray) -> dict[str, object]:
        return {
            "doubled": values + values,
            "squares": values * values,
            "roots": np.sqrt(np.abs(values)),
            "quotients": values[1:] / values[:-1],
            "sum": values.sum(),
            "mean": values.mean(),
            "wide": values.astype("f8"),
            "from_wide": (values.astype("f8") * 1.0009765625).astype("f2"),
            "product": values[:16].reshape(4, 4) @ values[:16].reshape(4, 4),
        }


class Phasors:
    """Complex numbers: arithmetic that is exact, and what comes from the C library."""

    def process(self, values: np.ndarray) -> dict[str, np.ndarray]:
        return {
            "products": values[1:] * values[:-1],
            "quotients": values[1:] / values[:-1],
            "conjugates": values.conj(),
            "power": (values * values.conj()).real,
            "sum": values.sum(),
            "magnitudes": np.abs(values),
            "angles": np.angle(values),
            "exponentials": np.exp(values),
            "roots": np.sqrt(values),
        }


class Elementary:
    """Functions of one number or two, which come from the C library or from numpy's own vector code."""

    def __init__(self, functions: list[str], pairs: tuple[str, ...] = ()) -> None:
        self.functions = functions
        self.pairs = pairs

    def process(self, values: np.ndarray) -> dict[str, np.ndarray]:
        made = {name: getattr(np, name)(values) for name in self.functions}
        return made | {name: getattr(np, name)(values, values[::-1]) for name in self.pairs}


class Transforms:
    """Fourier transforms of several lengths and dimensions, there and back."""

    def process(self, values: np.ndarray) -> dict[str, np.ndarray]:
        table = values[:240].reshape(15, 16)
        return {
            "prime": np.fft.fft(values[:241]),
            "power_of_two": np.fft.rfft(values[:256]),
            "single": np.fft.rfft(values[:256].astype("f4")),
            "plane": np.fft.fft2(table),
            "back": np.fft.irfft(np.fft.rfft(values[:255]), 255),
            "padded": np.fft.fft(values[:10], 32),
            "convolved": np.fft.irfft(np.fft.rfft(values[:256]) * np.fft.rfft(values[-256:])),
        }


class Statistics:
    """Sums of many numbers, whose order of addition shows in the last bits."""

    def process(self, values: np.ndarray) -> dict[str, object]:
        table = values.reshape(1024, -1)
        return {
            "sum": values.sum(),
            "columns": table.sum(axis=0)[:8],
            "rows": table.sum(axis=1)[:8],
            "mean": values.mean(),
            "variance": values.var(),
            "range": np.ptp(values),
            "single": values.astype("f4").sum(),
        }


class Scale:
    """A whole array back, as large as it came."""

    def __init__(self, factor: float) -> None:
        self.factor = factor

    def process(self, values: np.ndarray) -> np.ndarray:
        return values * values.dtype.type(self.factor)


class Layout:
    """What becomes of an array in Fortran order."""

    def process(self, matrix: np.ndarray) -> dict[str, object]:
        return {
            "flags": [matrix.flags.c_contiguous, matrix.flags.f_contiguous],
            "same": matrix,
            "sum": matrix + matrix,
            "transposed": matrix.T,
            "flat": matrix.ravel(),
            "memory": matrix.ravel(order="K"),
            "copied": np.ascontiguousarray(matrix),
            "columns": matrix.sum(axis=0, dtype="f8"),
        }


class ZeroSigns:
    """The larger of two zeros of different signs: IEEE 754 left its sign open until 2019."""

    def process(self, zeros: np.ndarray) -> dict[str, np.ndarray]:
        other = -zeros
        return {
            "maximum": np.maximum(zeros, other),
            "minimum": np.minimum(zeros, other),
            "fmax": np.fmax(zeros, other),
            "largest": np.stack([zeros, other]).max(axis=0),
        }


class Zeros:
    """What is left to nobody's choice about zeros, the larger of two of the same sign included."""

    def process(self, zeros: np.ndarray) -> dict[str, np.ndarray]:
        return {
            "maximum": np.maximum(zeros, zeros.copy()),
            "minimum": np.minimum(zeros, zeros.copy()),
            "fmax": np.fmax(zeros, zeros.copy()),
            "largest": np.stack([zeros, zeros]).max(axis=0),
            "absolute": np.abs(-zeros),
            "sum": zeros + -zeros,
            "product": zeros * -zeros,
        }


class Casts:
    """Floats as integers: those that the dtype has an integer for, or else the others, whose result C leaves to the processor."""

    def __init__(self, in_range: bool) -> None:
        self.in_range = in_range

    def process(self, values: np.ndarray) -> dict[str, np.ndarray]:
        casts = {}
        for code in ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"):
            limits = np.iinfo(code)
            whole = np.trunc(values)
            # The largest 64-bit integers are no doubles; one more is.
            fits = (whole >= float(limits.min)) & (whole < float(limits.max) + 1)
            with np.errstate(invalid="ignore"):
                casts[code] = values[fits == self.in_range].astype(code)
        return casts


class DefaultIntegers:
    """Powers, products and casts in the default integer, whose width is a pointer's."""

    def __init__(self, number: float) -> None:
        self.number = number

    def process(self, values: list[int]) -> dict[str, object]:
        small = np.array(values)
        return {"power": small**10, "product": small.prod(), "cast": np.array([self.number]).astype(int)}
