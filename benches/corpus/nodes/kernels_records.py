"""Kernels on what isn't a number: records, dates, texts, bytes."""

import numpy as np

from kernel import Kernel, Positions, floats, integers


class RecordFields(Kernel):
    """Fields of records read, combined and written."""

    def __init__(self, size: int) -> None:
        self.table = np.zeros(size, [("number", "i8"), ("weight", "f8"), ("flag", "?")])
        self.table["number"], self.table["weight"] = integers(size), floats(size, seed=2)

    def run(self) -> np.ndarray:
        table = self.table
        table["flag"] = table["number"] > 0
        return table["weight"] * table["number"] + table["flag"]


class RecordRows(Kernel):
    """Records picked by a mask and by places."""

    def __init__(self, size: int) -> None:
        self.table = np.zeros(size, [("number", "i8"), ("weight", "f8"), ("code", "S4")])
        self.table["number"], self.table["weight"] = integers(size), floats(size, seed=2)

    def run(self) -> np.ndarray:
        return self.table[self.table["weight"] < 0.5][::-1]["number"]


class RecordSort(Kernel):
    """Records in the order of a field, and then of another."""

    def __init__(self, size: int) -> None:
        self.table = np.zeros(size, [("group", "i4"), ("weight", "f8")])
        self.table["group"], self.table["weight"] = integers(size, 0, 20, "i4"), floats(size, seed=2)

    def run(self) -> np.ndarray:
        return np.sort(self.table, order=["group", "weight"])["weight"]


class DateArithmetic(Kernel):
    """Days added to dates, and the days between them."""

    def __init__(self, size: int) -> None:
        self.dates = np.datetime64("2000-01-01", "D") + integers(size, 0, 9000)
        self.spans = integers(size, 0, 400, seed=2).astype("m8[D]")

    def run(self) -> np.ndarray:
        return self.dates + self.spans - self.dates.min()


class DateTruncate(Kernel):
    """Seconds cut to months and days."""

    def __init__(self, size: int) -> None:
        self.moments = np.datetime64("1990-01-01T00:00:00", "s") + integers(size, 0, 10**9)

    def run(self) -> np.ndarray:
        months, days = self.moments.astype("M8[M]"), self.moments.astype("M8[D]")
        return days - months.astype("M8[D]")


class BusinessDays(Positions):
    """Working days between dates."""

    def __init__(self, size: int) -> None:
        self.starts = np.datetime64("2000-01-01", "D") + integers(size, 0, 9000)
        self.ends = np.datetime64("2010-01-01", "D") + integers(size, 0, 9000, seed=2)

    def run(self) -> np.ndarray:
        return np.busday_count(self.starts, self.ends)


class DateTexts(Kernel):
    """Dates written as text and read again."""

    def __init__(self, size: int) -> None:
        self.dates = np.datetime64("2000-01-01", "D") + integers(size, 0, 9000)

    def run(self) -> np.ndarray:
        return self.dates.astype("U10").astype("M8[D]")


class TextCompare(Kernel):
    """Texts of a fixed width compared with each other and with one."""

    def __init__(self, size: int) -> None:
        self.left, self.right = integers(size, 0, 999).astype("U4"), integers(size, 0, 999, seed=2).astype("U4")

    def run(self) -> np.ndarray:
        return (self.left == self.right) | (self.left < self.right) & (self.left != "500")


class TextMethods(Kernel):
    """Texts searched, replaced and brought to upper case."""

    def __init__(self, size: int) -> None:
        self.texts = np.strings.add("item-", integers(size, 0, 999).astype("U4"))

    def run(self) -> np.ndarray:
        return np.strings.upper(np.strings.replace(self.texts, "em", "xx"))


class TextSearch(Positions):
    """Where a text stands in each, and how long each is."""

    def __init__(self, size: int) -> None:
        self.texts = np.strings.add("item-", integers(size, 0, 999).astype("U4"))

    def run(self) -> np.ndarray:
        return np.strings.find(self.texts, "9") + np.strings.str_len(self.texts)


class TextSort(Kernel):
    """Texts sorted."""

    def __init__(self, size: int) -> None:
        self.texts = integers(size, 0, 10**6).astype("U7")

    def run(self) -> np.ndarray:
        return np.sort(self.texts)


class NumbersToTexts(Kernel):
    """Integers written as text."""

    def __init__(self, size: int) -> None:
        self.values = integers(size, 0, 10**6)

    def run(self) -> np.ndarray:
        return self.values.astype("U7")


class TextsToNumbers(Kernel):
    """Texts read as integers and as floats."""

    def __init__(self, size: int) -> None:
        self.texts = integers(size, 0, 10**6).astype("U7")

    def run(self) -> np.ndarray:
        return self.texts.astype("i8") + self.texts.astype("f8")


class VariableTexts(Kernel):
    """Texts of variable width joined and compared."""

    def __init__(self, size: int) -> None:
        self.texts = integers(size, 0, 10**6).astype("U7").astype(np.dtypes.StringDType())

    def run(self) -> np.ndarray:
        return np.strings.str_len(self.texts + "abc").astype("i8") + (self.texts < "5")


class ObjectArray(Kernel):
    """Python integers in an array, added one by one."""

    def __init__(self, size: int) -> None:
        self.values = integers(size).astype(object)

    def run(self) -> np.ndarray:
        return (self.values * 2 + 1).astype("i8")


class FromBuffer(Kernel):
    """Bytes viewed as numbers, and numbers as bytes."""

    def __init__(self, size: int) -> None:
        self.raw = integers(size, 0, 256, "u1")[: size // 8 * 8].tobytes()

    def run(self) -> np.ndarray:
        return np.frombuffer(self.raw, "<u4") + np.frombuffer(self.raw, "u1").reshape(-1, 4).sum(axis=1, dtype="u4")


class ListRoundTrip(Kernel):
    """An array turned into a list of Python's floats and back."""

    def __init__(self, size: int) -> None:
        self.values = floats(size)

    def run(self) -> np.ndarray:
        return np.array(self.values.tolist())


class FromFunction(Kernel):
    """A Python function called for each element."""

    def __init__(self, size: int) -> None:
        self.values = floats(size)

    def run(self) -> np.ndarray:
        return np.vectorize(lambda value: value * 2 if value < 0.5 else value, otypes=["f8"])(self.values)
