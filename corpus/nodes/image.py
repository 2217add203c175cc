"""Pictures as arrays of bytes: filters, colours, sizes."""

import numpy as np


class Blur:
    """A 3×3 binomial filter, its borders repeated."""

    def process(self, image: np.ndarray) -> np.ndarray:
        padded = np.pad(image.astype("f4"), 1, mode="edge")
        rows = padded[:-2] + 2 * padded[1:-1] + padded[2:]
        return (rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]) / np.float32(16)


class Sobel:
    """Gradients as integers, and their magnitude."""

    def process(self, image: np.ndarray) -> dict[str, np.ndarray]:
        wide = np.pad(image.astype("i2"), 1, mode="reflect")
        smooth_down = wide[:-2] + 2 * wide[1:-1] + wide[2:]
        smooth_right = wide[:, :-2] + 2 * wide[:, 1:-1] + wide[:, 2:]
        across = smooth_down[:, 2:] - smooth_down[:, :-2]
        down = smooth_right[2:] - smooth_right[:-2]
        squares = across.astype("i4") ** 2 + down.astype("i4") ** 2
        return {"across": across, "down": down, "magnitude": np.sqrt(squares.astype("f4"))}


class Kernel:
    """Any kernel, by windows over the picture and one contraction."""

    def __init__(self, kernel: list[list[float]]) -> None:
        self.kernel = np.array(kernel, "f4")

    def process(self, image: np.ndarray) -> np.ndarray:
        windows = np.lib.stride_tricks.sliding_window_view(image.astype("f4"), self.kernel.shape)
        return np.einsum("yxij,ij->yx", windows, self.kernel)


class EqualizeHistogram:
    """Grey levels spread so that each is about as frequent."""

    def process(self, image: np.ndarray) -> dict[str, np.ndarray]:
        counts = np.bincount(image.ravel(), minlength=256).astype("i8")
        total = counts.cumsum(dtype="i8")
        first = total[np.flatnonzero(counts)[0]]
        table = np.rint((total - first) * 255 / max(int(total[-1] - first), 1)).astype("u1")
        return {"counts": counts, "image": table[image]}


class Gray:
    """Luma of RGB, as Rec. 601 weighs it."""

    def process(self, image: np.ndarray) -> np.ndarray:
        return image.astype("f4") @ np.array([0.299, 0.587, 0.114], "f4")


class YCbCr:
    """RGB to luma and chroma in integers, as JPEG encoders do it."""

    def process(self, image: np.ndarray) -> np.ndarray:
        red, green, blue = (image[..., channel].astype("i4") for channel in range(3))
        luma = (19595 * red + 38470 * green + 7471 * blue + 32768) >> 16
        chroma_blue = ((-11059 * red - 21709 * green + 32768 * blue + 32768) >> 16) + 128
        chroma_red = ((32768 * red - 27439 * green - 5329 * blue + 32768) >> 16) + 128
        return np.stack([luma, chroma_blue, chroma_red], axis=-1).clip(0, 255).astype("u1")


class Hsv:
    """Hue, saturation, value."""

    def process(self, image: np.ndarray) -> np.ndarray:
        scaled = image.astype("f4") / np.float32(255)
        value, least = scaled.max(axis=-1), scaled.min(axis=-1)
        chroma = value - least
        safe = np.where(chroma == 0, np.float32(1), chroma)
        red, green, blue = np.moveaxis(scaled, -1, 0)
        sector = np.select(
            [value == red, value == green],
            [(green - blue) / safe % np.float32(6), (blue - red) / safe + 2],
            (red - green) / safe + 4,
        )
        saturation = np.divide(chroma, value, out=np.zeros_like(value), where=value > 0)
        return np.stack([np.where(chroma == 0, np.float32(0), sector / 6), saturation, value], axis=-1)


class ResizeNearest:
    """Another size by picking the pixel that lies there."""

    def __init__(self, height: int, width: int) -> None:
        self.size = (height, width)

    def process(self, image: np.ndarray) -> np.ndarray:
        rows, columns = (np.arange(new) * old // new for new, old in zip(self.size, image.shape))
        return image[rows[:, None], columns]


class ResizeBilinear:
    """Another size by weighing the four pixels around."""

    def __init__(self, height: int, width: int) -> None:
        self.size = (height, width)

    def process(self, image: np.ndarray) -> np.ndarray:
        pixels = image.astype("f4")
        for axis, new in enumerate(self.size):
            old = pixels.shape[axis]
            half = np.float32(0.5)
            at = (np.arange(new, dtype="f4") + half) * np.float32(old / new) - half
            at = np.clip(at, 0, old - 1)
            low = at.astype("i4")
            high = np.minimum(low + 1, old - 1)
            weight = (at - low.astype("f4")).reshape((-1, 1) if axis == 0 else (1, -1))
            pixels = pixels.take(low, axis) * (1 - weight) + pixels.take(high, axis) * weight
        return np.rint(pixels).astype("u1")


class Dilate:
    """The largest neighbour, and where that leaves more than a threshold."""

    def __init__(self, size: int, threshold: int) -> None:
        self.size = size
        self.threshold = threshold

    def process(self, image: np.ndarray) -> dict[str, np.ndarray]:
        padded = np.pad(image, self.size // 2)
        largest = np.lib.stride_tricks.sliding_window_view(padded, (self.size, self.size)).max(axis=(2, 3))
        found = np.argwhere(largest > self.threshold)
        box = np.concatenate([found.min(axis=0), found.max(axis=0)]).astype("i8")
        return {"largest": largest, "box": box}
