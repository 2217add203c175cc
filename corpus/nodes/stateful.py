"""Nodes that remember: within an instance, and within a module."""

from collections import OrderedDict
import re

# Shared by all nodes of a pipeline on purpose: it shows the order of calls,
# and that a case starts from a fresh module.
JOURNAL: list[str] = []


class SequenceNumber:
    """Numbers the items."""

    def __init__(self, start: int = 0) -> None:
        self.next = start

    def process(self, data: object) -> list[object]:
        number, self.next = self.next, self.next + 1
        return [number, data]


class RunningAverage:
    """The mean of what came so far."""

    def initialize(self) -> None:
        self.total, self.count = 0.0, 0

    def process(self, data: float) -> float:
        self.total += data
        self.count += 1
        return self.total / self.count


class Smooth:
    """Exponential smoothing."""

    def __init__(self, alpha: float) -> None:
        self.alpha = alpha
        self.value: float | None = None

    def process(self, data: float) -> float:
        self.value = data if self.value is None else self.alpha * data + (1 - self.alpha) * self.value
        return self.value


class Distinct:
    """Lets the first of equal items through."""

    def __init__(self) -> None:
        self.seen: set[str] = set()

    def process(self, data: str) -> str | None:
        if data in self.seen:
            return None
        self.seen.add(data)
        return data


class Turnstile:
    """A small state machine; a transition that isn't allowed is reported."""

    TRANSITIONS = {("locked", "coin"): "open", ("open", "push"): "locked", ("open", "coin"): "open"}

    def __init__(self) -> None:
        self.state = "locked"

    def process(self, data: str) -> str:
        before = self.state
        try:
            self.state = self.TRANSITIONS[before, data]
        except KeyError as error:
            return f"refused {error}"
        return f"{before} -> {self.state}"


class RecentlyUsed:
    """A cache by hand: hits, misses and what was evicted."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.entries: OrderedDict[str, int] = OrderedDict()

    def process(self, data: str) -> dict[str, object]:
        if data in self.entries:
            self.entries.move_to_end(data)
            self.entries[data] += 1
            return {"hit": data, "uses": self.entries[data]}
        evicted = self.entries.popitem(last=False)[0] if len(self.entries) == self.size else ""
        self.entries[data] = 1
        return {"miss": data, "evicted": evicted}


class Journaled:
    """Writes each of its calls into the module's journal; asked for it, it gives the journal back."""

    def __init__(self, name: str) -> None:
        self.name = name
        JOURNAL.append(f"{name} made")

    def initialize(self) -> None:
        JOURNAL.append(f"{self.name} initialized")

    def process(self, data: object) -> object:
        JOURNAL.append(f"{self.name} got {data}")
        return list(JOURNAL) if data == "journal" else data

    def cleanup(self) -> None:
        JOURNAL.append(f"{self.name} cleaned up")


class Inventory:
    """Applies commands to a stock that lives as long as the node."""

    COMMAND = re.compile(r"(add|take) (\d+) (\w+)")

    def __init__(self, stock: dict[str, int] | None = None) -> None:
        self.stock = dict(stock or {})

    def process(self, data: str) -> dict[str, int]:
        verb, amount, article = self.COMMAND.fullmatch(data).groups()
        left = self.stock.get(article, 0) + (int(amount) if verb == "add" else -int(amount))
        if left < 0:
            return {}
        self.stock[article] = left
        return dict(self.stock)
