"""Columns of tables as arrays: statistics, gaps, groups, dates, texts, records."""

import numpy as np
from numpy.lib import recfunctions


class RunningStatistics:
    """Mean, spread and extremes of a sliding window."""

    def __init__(self, window: int) -> None:
        self.window = window

    def process(self, values: np.ndarray) -> dict[str, np.ndarray]:
        total = np.concatenate([np.zeros(1, "f8"), values.cumsum(dtype="f8")])
        windows = np.lib.stride_tricks.sliding_window_view(values, self.window)
        return {
            "mean": (total[self.window :] - total[: -self.window]) / self.window,
            "deviation": windows.std(axis=1, dtype="f8"),
            "least": windows.min(axis=1),
            "largest_so_far": np.maximum.accumulate(values),
        }


class Percentiles:
    """Quantiles by every method that interpolates, and without gaps."""

    def process(self, values: np.ndarray) -> dict[str, object]:
        known = values[np.isfinite(values)]
        levels = np.array([0, 2.5, 25, 50, 75, 97.5, 100], "f8")
        methods = ("linear", "hazen", "weibull", "median_unbiased", "nearest", "inverted_cdf")
        made = {method: np.percentile(known, levels, method=method) for method in methods}
        return made | {"median": np.nanmedian(values), "with_gaps": np.percentile(values, 50)}


class Standardize:
    """Columns to mean 0 and deviation 1; a constant column stays at 0."""

    def process(self, table: np.ndarray) -> dict[str, np.ndarray]:
        mean, deviation = table.mean(axis=0), table.std(axis=0, ddof=1)
        scaled = (table - mean) / np.where(deviation > 0, deviation, table.dtype.type(1))
        return {"mean": mean, "deviation": deviation, "scaled": scaled, "correlated": scaled[:, 0] * scaled[:, 1]}


class Histogram:
    """Counts in bins, in one and two dimensions."""

    def process(self, values: np.ndarray) -> dict[str, np.ndarray]:
        counts, edges = np.histogram(values, bins=16, range=(-4, 4))
        both, *_ = np.histogram2d(values[::2], values[1::2], bins=4, range=[(-4, 4), (-4, 4)])
        bins = np.digitize(values[:20], edges)
        return {"counts": counts.astype("i8"), "edges": edges, "both": both, "bins": bins.astype("i8")}


class Groups:
    """Sums, means and extremes a group, three ways."""

    def __init__(self, groups: int) -> None:
        self.groups = groups

    def process(self, values: np.ndarray) -> dict[str, np.ndarray]:
        keys = (np.abs(values) * 7).astype("i4") % self.groups
        counts = np.bincount(keys, minlength=self.groups)
        sums = np.bincount(keys, weights=values, minlength=self.groups)
        largest = np.full(self.groups, -np.inf)
        np.maximum.at(largest, keys, values)
        order = np.argsort(keys, kind="stable")
        starts = np.concatenate([[0], counts.cumsum()[:-1]])
        return {
            "counts": counts.astype("i8"),
            "means": sums / np.maximum(counts, 1),
            "largest": largest,
            "reduced": np.add.reduceat(values[order], starts),
        }


class Gaps:
    """Missing values filled in between their neighbours."""

    def process(self, values: np.ndarray) -> dict[str, object]:
        known = np.isfinite(values)
        at = np.arange(len(values), dtype="f8")
        filled = np.interp(at, at[known], values[known])
        return {"filled": filled, "missing": int(np.count_nonzero(~known)), "first": np.nan_to_num(values[:20])}


class MaskedColumn:
    """numpy.ma: what is masked takes no part."""

    def process(self, values: np.ndarray) -> dict[str, object]:
        masked = np.ma.masked_invalid(values)
        outside = np.ma.masked_outside(masked, -1, 1)
        return {
            "count": int(masked.count()),
            "mean": outside.mean(),
            "deviation": outside.std(),
            "filled": outside.filled(0),
            "mask": np.ma.getmaskarray(outside),
            "compressed": np.ma.sort(outside).compressed(),
            "difference": np.ma.diff(outside[:12]).filled(-9),
        }


class Calendar:
    """Timestamps in seconds to days, months and weekdays, with gaps (NaT) among them."""

    def process(self, seconds: np.ndarray) -> dict[str, np.ndarray]:
        moments = seconds.astype("M8[s]")
        moments[::7] = np.datetime64("NaT")
        days = moments.astype("M8[D]")
        months = moments.astype("M8[M]")
        steps = np.diff(np.sort(moments[1:7]))
        return {
            "days": days,
            "month_starts": months.astype("M8[D]"),
            "day_of_month": (days - months.astype("M8[D]")),
            "missing": np.isnat(moments),
            "steps": steps,
            "hours": steps / np.timedelta64(1, "h"),
            "business": np.busday_offset(days[1:7], 5, roll="forward"),
            "text": np.datetime_as_string(moments[:8], unit="m"),
        }


class TextColumn:
    """Names cleaned, split and compared."""

    def process(self, names: list[str]) -> dict[str, object]:
        column = np.array(names, "U16")
        clean = np.strings.strip(np.strings.title(column))
        first, _, rest = np.strings.partition(clean, " ")
        return {
            "clean": clean,
            "first": first,
            "rest": rest,
            "lengths": np.strings.str_len(column).astype("i4"),
            "digits": np.strings.isdigit(column),
            "joined": np.strings.add(first, np.array("-x")),
            "sorted": np.sort(column),
            "unique": np.unique(clean),
            "bytes": np.strings.encode(column, "utf-8"),
        }


class Ledger:
    """Structured records: fields, filters, sorting by several keys, views."""

    def process(self, amounts: np.ndarray) -> dict[str, np.ndarray]:
        table = np.zeros(len(amounts), [("id", "i4"), ("kind", "S3"), ("amount", "f8"), ("flags", "?", (2,))])
        table["id"] = np.arange(len(amounts))
        table["kind"] = np.array([b"in", b"out"])[(amounts < 0).astype("i4")]
        table["amount"] = np.abs(amounts)
        table["flags"][:, 1] = table["amount"] > 1
        ordered = np.sort(table, order=["kind", "amount"])
        return {
            "table": table[:5],
            "ordered": ordered[-5:],
            "large": table[table["flags"][:, 1]]["id"],
            "pair": recfunctions.repack_fields(table[["amount", "id"]][:3]),
        }
