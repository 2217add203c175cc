"""Sound as arrays of float32 samples: resampling, spectra, levels, and what is computed of them."""

import numpy as np


class ResampleLinear:
    """Another sample rate by linear interpolation."""

    def __init__(self, source: int, target: int) -> None:
        self.source = source
        self.target = target

    def process(self, samples: np.ndarray) -> np.ndarray:
        count = len(samples) * self.target // self.source
        at = np.arange(count, dtype="f8") * (self.source / self.target)
        return np.interp(at, np.arange(len(samples), dtype="f8"), samples).astype("f4")


class ResamplePolyphase:
    """Another sample rate by a low-pass filter that is split into one phase an output sample."""

    def __init__(self, up: int, down: int, taps: int = 8) -> None:
        self.up = up
        self.down = down
        self.taps = taps

    def process(self, samples: np.ndarray) -> np.ndarray:
        widest = max(self.up, self.down)
        half = self.taps * widest
        at = np.arange(-half, half + 1, dtype="f8")
        low_pass = np.sinc(at / widest) * np.hamming(len(at))
        low_pass *= self.up / low_pass.sum()
        stuffed = np.zeros(len(samples) * self.up, "f8")
        stuffed[:: self.up] = samples
        return np.convolve(stuffed, low_pass, mode="same")[:: self.down].astype("f4")


class Windows:
    """The windows that frames of sound are multiplied with."""

    def __init__(self, length: int) -> None:
        self.length = length

    def process(self, data: object) -> dict[str, np.ndarray]:
        made = {name: getattr(np, name)(self.length) for name in ("bartlett", "blackman", "hamming", "hanning")}
        return made | {"kaiser": np.kaiser(self.length, 8.6)}


def frames(samples: np.ndarray, size: int, hop: int) -> np.ndarray:
    """Overlapping pieces, one a row."""
    return np.lib.stride_tricks.sliding_window_view(samples, size)[::hop]


class Spectrogram:
    """Magnitudes of the short-time Fourier transform."""

    def __init__(self, size: int = 256, hop: int = 128) -> None:
        self.size = size
        self.hop = hop

    def process(self, samples: np.ndarray) -> dict[str, np.ndarray]:
        windowed = frames(samples, self.size, self.hop) * np.hanning(self.size).astype("f4")
        spectrum = np.fft.rfft(windowed, axis=1)
        return {"complex": spectrum, "magnitude": np.abs(spectrum)}


class MelFilters:
    """The energy in bands as wide as the ear's, in decibels."""

    def __init__(self, rate: int = 16000, size: int = 512, bands: int = 20) -> None:
        self.rate = rate
        self.size = size
        self.bands = bands

    def filters(self) -> np.ndarray:
        top = 2595 * np.log10(1 + self.rate / 2 / 700)
        edges = 700 * (10 ** (np.linspace(0, top, self.bands + 2) / 2595) - 1)
        bins = np.arange(self.size // 2 + 1, dtype="f8") * self.rate / self.size
        low, centre, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
        return np.maximum(0, np.minimum((bins - low) / (centre - low), (high - bins) / (high - centre)))

    def process(self, samples: np.ndarray) -> dict[str, np.ndarray]:
        power = np.abs(np.fft.rfft(frames(samples, self.size, self.size // 2), axis=1)) ** 2
        filters = self.filters()
        energy = power @ filters.T
        return {"filters": filters, "energy": energy, "decibels": 10 * np.log10(energy + 1e-10)}


class VoiceActivity:
    """Which frames are louder than the quietest tenth by some decibels."""

    def __init__(self, size: int = 160, decibels: float = 3.0) -> None:
        self.size = size
        self.factor = 10 ** (decibels / 10)

    def process(self, samples: np.ndarray) -> dict[str, np.ndarray]:
        whole = samples[: len(samples) // self.size * self.size].reshape(-1, self.size)
        energy = np.mean(np.square(whole, dtype="f8"), axis=1)
        active = energy > np.percentile(energy, 10) * self.factor
        edges = np.flatnonzero(np.diff(active.astype("i1"))).astype("i8")
        return {"energy": energy, "active": active, "edges": edges}


class Mix:
    """Two channels into one with a gain each, limited and quantised to 16 bits."""

    def __init__(self, gains: list[float]) -> None:
        self.gains = np.array(gains, "f4")

    def process(self, stereo: np.ndarray) -> dict[str, np.ndarray]:
        left, right = stereo[:, 0], stereo[:, 1]
        mixed = left * self.gains[0] + right * self.gains[1]
        limited = np.clip(mixed, -1, 1)
        return {"mixed": limited, "pcm": np.rint(limited * np.float32(32767)).astype("i2")}


class Levels:
    """RMS, peak, and the crest factor in decibels, a channel."""

    def process(self, samples: np.ndarray) -> dict[str, np.ndarray]:
        rms = np.sqrt(np.mean(np.square(samples, dtype="f8"), axis=0))
        peak = np.abs(samples).max(axis=0)
        return {"rms": rms, "peak": peak, "crest": 20 * np.log10(peak / rms)}


class Reverb:
    """The sound convolved with a decaying echo."""

    def __init__(self, delay: int, decay: float) -> None:
        self.response = np.zeros(delay * 4 + 1, "f4")
        self.response[::delay] = decay ** np.arange(5)

    def process(self, samples: np.ndarray) -> np.ndarray:
        return np.convolve(samples, self.response)


class Delay:
    """How far a copy lags behind, by the peak of the cross-correlation."""

    def __init__(self, lag: int) -> None:
        self.lag = lag

    def process(self, samples: np.ndarray) -> dict[str, object]:
        later = samples[: -self.lag]
        correlation = np.correlate(samples[self.lag :], later, mode="full")
        shifted = np.correlate(samples, later, mode="valid")
        return {"full": correlation, "valid": shifted, "at": int(np.argmax(correlation)) - (len(later) - 1)}


class Pcm:
    """Bytes of 16-bit samples to floats and back."""

    def process(self, data: bytes) -> dict[str, object]:
        samples = np.frombuffer(data, "<i2").astype("f4") / np.float32(32768)
        back = (samples * np.float32(32768)).astype("<i2")
        return {"samples": samples, "bytes": back.tobytes(), "swapped": back.byteswap().tobytes()}
