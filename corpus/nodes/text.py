"""Text processing with the methods of `str` and nothing else."""

from collections import Counter
from collections.abc import Iterator
import string

PUNCTUATION = str.maketrans("", "", string.punctuation)


class Tokenize:
    """Yields the words of a text, without punctuation."""

    def __init__(self, lower: bool = True) -> None:
        self.lower = lower

    def process(self, data: str) -> Iterator[str]:
        text = data.lower() if self.lower else data
        for word in text.translate(PUNCTUATION).split():
            yield word


class WordCount:
    """The most frequent words; ties keep the order of first appearance."""

    def __init__(self, top: int = 5) -> None:
        self.top = top

    def process(self, data: str) -> list[tuple[str, int]]:
        words = data.lower().translate(PUNCTUATION).split()
        return Counter(words).most_common(self.top)


class Caesar:
    """Shifts ASCII letters; everything else stays."""

    def __init__(self, shift: int) -> None:
        k = shift % 26
        lower, upper = string.ascii_lowercase, string.ascii_uppercase
        self.table = str.maketrans(lower + upper, lower[k:] + lower[:k] + upper[k:] + upper[:k])

    def process(self, data: str) -> str:
        return data.translate(self.table)


class CaseStyles:
    """One identifier in the usual spellings."""

    def process(self, data: str) -> dict[str, str]:
        words = data.replace("-", " ").replace("_", " ").split()
        return {
            "snake": "_".join(words).lower(),
            "kebab": "-".join(words).lower(),
            "camel": words[0].lower() + "".join(word.capitalize() for word in words[1:]),
            "title": " ".join(words).title(),
            "swapped": data.swapcase(),
            "constant": "_".join(words).upper(),
        }


class TextStatistics:
    """Counts and averages of a text."""

    def process(self, data: str) -> dict[str, object]:
        words = data.split()
        lengths = [len(word) for word in words]
        return {
            "characters": len(data),
            "letters": sum(map(str.isalpha, data)),
            "digits": sum(map(str.isdigit, data)),
            "lines": len(data.splitlines()),
            "words": len(words),
            "longest": max(words, key=len, default=""),
            "average": sum(lengths) / len(lengths) if lengths else 0.0,
        }


class EditDistance:
    """Levenshtein distance of a pair of words, with the alignment's operations."""

    def process(self, data: list[str]) -> dict[str, object]:
        source, target = data
        table = [[i + j if i * j == 0 else 0 for j in range(len(target) + 1)] for i in range(len(source) + 1)]
        for i, a in enumerate(source, 1):
            for j, b in enumerate(target, 1):
                table[i][j] = min(table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (a != b))
        return {"pair": data, "distance": table[-1][-1], "operations": self.trace(source, target, table)}

    @staticmethod
    def trace(source: str, target: str, table: list[list[int]]) -> str:
        i, j, operations = len(source), len(target), []
        while i or j:
            if i and j and table[i][j] == table[i - 1][j - 1] + (source[i - 1] != target[j - 1]):
                operations.append("=" if source[i - 1] == target[j - 1] else "~")
                i, j = i - 1, j - 1
            elif i and table[i][j] == table[i - 1][j] + 1:
                operations.append("-")
                i -= 1
            else:
                operations.append("+")
                j -= 1
        return "".join(reversed(operations))


class AlignColumns:
    """Lines up rows of cells: text to the left, numbers to the right."""

    def __init__(self, fill: str = " ") -> None:
        self.fill = fill

    def process(self, data: list[list[object]]) -> list[str]:
        widths = [max(len(str(cell)) for cell in column) for column in zip(*data)]
        return ["|".join(map(self.cell, row, widths)) for row in data]

    def cell(self, value: object, width: int) -> str:
        if isinstance(value, str):
            return value.ljust(width, self.fill)
        return str(value).rjust(width, self.fill)


class Partitions:
    """The ways of cutting a string, with the separators that are easily forgotten."""

    def process(self, data: str) -> dict[str, object]:
        return {
            "lines": data.splitlines(),
            "kept": data.splitlines(keepends=True),
            "words": data.split(),
            "limited": data.split(" ", 2),
            "from_right": data.rsplit(" ", 1),
            "partition": data.partition("="),
            "last_partition": data.rpartition("="),
            "stripped": data.strip(" \n=\x0b"),
            "tabs": data.expandtabs(4),
        }
