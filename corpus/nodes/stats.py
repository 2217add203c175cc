"""Statistics from the standard library and by hand."""

from collections.abc import Iterator
import statistics


class Summary:
    """The usual figures; sums are exact fractions inside, so that order can't matter."""

    def process(self, data: list[float]) -> dict[str, object]:
        return {
            "mean": statistics.mean(data),
            "fmean": statistics.fmean(data),
            "median": [statistics.median(data), statistics.median_low(data), statistics.median_high(data)],
            "modes": statistics.multimode(data),
            "stdev": statistics.stdev(data),
            "pstdev": statistics.pstdev(data),
            "variance": statistics.variance(data),
            "harmonic": statistics.harmonic_mean(data),
        }


class Quantiles:
    """Cut points by both methods."""

    def __init__(self, n: int = 4) -> None:
        self.n = n

    def process(self, data: list[float]) -> dict[str, list[float]]:
        return {method: statistics.quantiles(data, n=self.n, method=method) for method in ("inclusive", "exclusive")}


class Regression:
    """A least-squares line, covariance and correlation of two columns."""

    def process(self, data: list[list[float]]) -> dict[str, object]:
        x, y = zip(*data)
        slope, intercept = statistics.linear_regression(x, y)
        return {
            "slope": slope,
            "intercept": intercept,
            "covariance": statistics.covariance(x, y),
            "correlation": statistics.correlation(x, y),
            "ranked": statistics.correlation(x, y, method="ranked"),
        }


class Welford:
    """Running mean and variance, whose last bits depend on the order of operations."""

    def process(self, stream: Iterator[float]) -> Iterator[list[float]]:
        count, mean, squares = 0, 0.0, 0.0
        for value in stream:
            count += 1
            delta = value - mean
            mean += delta / count
            squares += delta * (value - mean)
            yield [mean, squares / (count - 1) if count > 1 else 0.0]


class NormalModel:
    """A fitted normal distribution, which takes exp, log and erf from the C library."""

    def process(self, data: list[float]) -> dict[str, object]:
        model = statistics.NormalDist.from_samples(data)
        return {
            "geometric": statistics.geometric_mean(data),
            "density": [model.pdf(value) for value in data[:4]],
            "below": [model.cdf(value) for value in data[:4]],
            "overlap": model.overlap(model + 1.5),
            "z_scores": [model.zscore(value) for value in data[:4]],
        }


class Histogram:
    """Counts in bins of equal width, edges included on the left."""

    def __init__(self, bins: int) -> None:
        self.bins = bins

    def process(self, data: list[float]) -> dict[str, object]:
        low, high = min(data), max(data)
        width = (high - low) / self.bins
        counts = [0] * self.bins
        for value in data:
            counts[min(int((value - low) / width), self.bins - 1)] += 1
        return {"counts": counts, "edges": [low + index * width for index in range(self.bins + 1)]}
