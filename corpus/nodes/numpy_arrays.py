"""Arrays whose every bit both targets must agree on. Dtypes are explicit: the default integer has 32 bits on wasm32."""

from collections.abc import Iterator

import numpy as np

Probe = Iterator[dict[str, object]]


class Arithmetic:
    """Elementwise operations: integers wrap, floats round as IEEE 754 says."""

    def process(self, data: object) -> Probe:
        small = np.array([100, -100, 127, -128], "i1")
        yield {"wrapped": small + small}
        yield {"unsigned": np.array([0, 1, 200], "u1") - np.array([1, 2, 3], "u1")}
        wide = np.array([7, -7, 2**62, -(2**63)], "i8")
        yield {"floor_divided": wide // np.array([2, 2, 3, 10], "i8")}
        yield {"remainder": wide % np.array([3, 3, 7, 9], "i8")}
        yield {"shifted": np.array([1, 3, 255], "u4") << np.array([31, 4, 24], "u4")}
        yield {"thirds": np.arange(1, 8, dtype="f4") / np.float32(3)}
        yield {"roots": np.sqrt(np.arange(9, dtype="f8"))}
        yield {"halves": np.linspace(-2, 2, 9, dtype="f2") * np.float16(0.1)}
        yield {"complex": np.array([1 + 2j, -3j], "c16") * np.array([2 - 1j, 4], "c16")}
        yield {"compared": np.array([1.0, np.nan, -0.0], "f8") == np.array([1.0, np.nan, 0.0], "f8")}
        yield {"scalar": np.float32(1) / np.float32(3)}


class Reductions:
    """Sums are pairwise and in a fixed order, so that they are exact on both targets."""

    def process(self, data: object) -> Probe:
        values = np.arange(1000, dtype="i8")
        yield {"sum": values.sum(dtype="i8")}
        yield {"running": values[::-3].cumsum(dtype="i8")[:10]}
        tenths = np.arange(10007, dtype="f8") / 10
        yield {"float_sum": tenths.sum()}
        yield {"mean": tenths.mean()}
        yield {"deviation": tenths.std()}
        table = tenths[:12].reshape(3, 4)
        yield {"rows": table.sum(axis=1)}
        yield {"columns": table.max(axis=0)}
        yield {"product": np.prod(np.array([3, 5, 7], "u2"), dtype="u2")}
        yield {"any": np.any(table > 1)}
        yield {"where": np.argmax(table, axis=1).astype("i8")}


class Layouts:
    """Shapes and strides of all kinds, sent back as they are."""

    def process(self, data: object) -> Probe:
        grid = np.arange(24, dtype="i4").reshape(2, 3, 4)
        yield {"fortran": np.asfortranarray(grid[0])}
        yield {"transposed": grid.T}
        yield {"strided": grid[:, ::2, 1:]}
        yield {"reversed": grid[::-1, :, ::-1]}
        yield {"broadcast": np.broadcast_to(np.array([1, 2], "u1"), (3, 2))}
        yield {"empty": np.zeros((0, 4), "f4")}
        yield {"without_axes": np.array(1.5, "f8")}
        yield {"big_endian": np.arange(3, dtype=">u2")}
        yield {"masked": grid[grid % 5 == 0]}
        yield {"picked": grid[[1, 0], [2, 0]]}
        yield {"stacked": np.concatenate([grid[0], grid[1]], axis=1)}


class Types:
    """One array of every kind that can be carried."""

    def process(self, data: object) -> Probe:
        for code in ("?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8", "c8", "c16"):
            yield {code: np.array([0, 1, 2]).astype(code)}
        yield {"bytes": np.array([b"ab", b"c\0\0"], "S3")}
        yield {"text": np.array(["ä", "xyz"], "U3")}
        yield {"days": np.array(["2024-02-29", "NaT"], "M8[D]")}
        yield {"seconds": np.array([-1, 86400], "m8[s]")}
        record = np.dtype([("id", "i4"), ("name", "U2"), ("point", "f8", (2,))])
        yield {"records": np.array([(1, "a", (0.5, -0.0)), (2, "bc", (1e300, np.inf))], record)}


class Echo:
    """What arrives is an array, and what is made of it keeps its dtype."""

    def process(self, data: np.ndarray) -> Probe:
        yield {"same": data}
        yield {"doubled": data + data}
        yield {"flat": data.ravel()}


class Sorting:
    """Order, ties and searches of ten thousand integers."""

    def process(self, data: object) -> Probe:
        values = (np.arange(10000, dtype="i8") * 7919 + 13) % 1009
        yield {"sorted": np.sort(values)[::997]}
        yield {"stable": np.argsort(values, kind="stable")[:8].astype("i8")}
        yield {"found": np.searchsorted(np.sort(values), np.array([10, 500], "i8")).astype("i8")}
        yield {"percentiles": np.percentile(values, [5, 50, 99])}
        unique, counts = np.unique(values % 7, return_counts=True)
        yield {"unique": unique}
        yield {"counts": counts.astype("i8")}
        yield {"floats": np.sort(np.array([3.0, np.nan, -0.0, 0.0, -np.inf], "f8"))}
        yield {"common": np.intersect1d(values[:50], np.arange(0, 1009, 3, dtype="i8"))}


class Dates:
    """Days, nanoseconds, and business days."""

    def process(self, data: object) -> Probe:
        days = np.array(["2024-02-28", "2024-03-01"], "M8[D]")
        yield {"difference": days[1] - days[0]}
        yield {"nanoseconds": days.astype("M8[ns]")}
        yield {"after": days + np.timedelta64(2, "D")}
        yield {"months": days.astype("M8[M]")}
        yield {"business_days": int(np.busday_count("2024-01-01", "2024-12-31"))}
        yield {"text": np.datetime_as_string(days)}


class Strings:
    """Fixed and variable text."""

    def process(self, data: object) -> Probe:
        words = np.array(["ab", "straße", ""], "U6")
        yield {"upper": np.strings.upper(words)}
        yield {"found": np.strings.find(words, "b").astype("i8")}
        yield {"lengths": np.strings.str_len(words).astype("i8")}
        variable = np.array(["x", "long text indeed"], dtype=np.dtypes.StringDType())
        yield {"variable": (variable + "!").tolist()}
        yield {"repr": repr(np.array([1.5, np.nan, -0.0, 1e300], "f8"))}
        yield {"record": repr(np.array([(1, 2.5)], dtype=[("a", "i4"), ("b", "f8")]))}


class Files:
    """numpy's own files, written to and read from the case's folder."""

    def process(self, data: object) -> Probe:
        table = np.arange(10, dtype="f8").reshape(2, 5)
        np.save("table.npy", table)
        yield {"saved": np.load("table.npy")}
        with open("raw", "wb") as file:
            file.write(b"head")
            table.tofile(file)
            file.write(b"tail")
        with open("raw", "rb") as file:
            file.read(4)
            yield {"raw": np.fromfile(file, dtype="f8", count=10)}
            yield {"rest": file.read()}
        np.savez_compressed("all.npz", table=table, first=table[0])
        with np.load("all.npz") as archive:
            yield {"zipped": archive["first"]}
        np.savetxt("table.txt", table)
        yield {"text": np.loadtxt("table.txt")}


class DefaultInteger:
    """numpy's default integer is as wide as a pointer; what fits into 32 bits is the same number all the same."""

    def process(self, data: object) -> Probe:
        yield {"sum": np.arange(1000).sum()}
        yield {"small": np.array([1, 2, 3])}


class DefaultIntegerOverflow:
    """The silent one: a sum that fits into 64 bits and not into 32."""

    def process(self, data: object) -> Probe:
        yield {"sum": np.arange(100000).sum()}


class TooLarge:
    """An array beyond the case's memory."""

    def process(self, data: object) -> int:
        return len(np.ones(1 << 27, "f8"))
