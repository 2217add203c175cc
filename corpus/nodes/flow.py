"""Small nodes to see the shape of a graph in its outputs."""

from collections.abc import Iterator


class AppendTag:
    """Adds a label to the trail that an item has left."""

    def __init__(self, label: str) -> None:
        self.label = label

    def process(self, data: object) -> list[object]:
        trail = data if isinstance(data, list) else [data]
        return [*trail, self.label]


class Plus:
    """Adds a number."""

    def __init__(self, amount: int = 1) -> None:
        self.amount = amount

    def process(self, data: int) -> int:
        return data + self.amount


class Split:
    """One item becomes two: what is left of the middle, and the rest."""

    def process(self, data: list) -> Iterator[list]:
        middle = len(data) // 2
        yield data[:middle]
        yield data[middle:]


class OnlyMultiples:
    """Keeps the multiples of a number: branches of a fan-out see different items."""

    def __init__(self, of: int) -> None:
        self.of = of

    def process(self, data: int) -> int | None:
        return data if data % self.of == 0 else None


class Collect:
    """A streaming sink that shows the order in which items arrive."""

    def process(self, stream: Iterator[object]) -> list[object]:
        return list(stream)


class Letters:
    """A source of letters."""

    def __init__(self, letters: str) -> None:
        self.letters = letters

    def process(self, data: None) -> Iterator[str]:
        yield from self.letters
