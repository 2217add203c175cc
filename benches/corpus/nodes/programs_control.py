"""Programs about calls and control flow: closures, generators, comprehensions, recursion, exceptions."""

from collections.abc import Callable, Generator, Iterator
from functools import lru_cache, partial, reduce
from itertools import accumulate, chain, combinations, groupby, islice, pairwise, permutations, product, takewhile
import operator


class Closures:
    """Functions that make functions: free variables read, rebound with nonlocal, and composed."""

    def process(self, data: int) -> list[int]:
        pipeline = reduce(self.compose, [self.adder(k) for k in range(8)] + [partial(operator.mul, 3)])
        count, total = self.counter(), 0
        for k in range(data):
            total += pipeline(k) % 1000
            count()
        thresholds = [lambda value, limit=limit: value > limit for limit in range(10)]
        return [total, count(), sum(above(k % 12) for k in range(data // 4) for above in thresholds)]

    @staticmethod
    def adder(offset: int) -> Callable[[int], int]:
        return lambda value: value + offset

    @staticmethod
    def compose(first: Callable[[int], int], then: Callable[[int], int]) -> Callable[[int], int]:
        return lambda value: then(first(value))

    @staticmethod
    def counter() -> Callable[[], int]:
        calls = 0

        def count() -> int:
            nonlocal calls
            calls += 1
            return calls

        return count


class GeneratorChain:
    """Items drawn through six generators, one of which delegates and one of which is sent values."""

    def process(self, data: int) -> list[int]:
        odd = (value for value in self.numbers(data) if value & 1)
        pairs = self.paired(self.squared(odd))
        averages = self.averages()
        next(averages)
        last = 0
        for left, right in pairs:
            last = averages.send(right - left)
        return [last, sum(self.in_order(self.tree(0, data // 4))), sum(1 for _ in self.flattened(data))]

    @staticmethod
    def numbers(limit: int) -> Iterator[int]:
        value = 1
        for _ in range(limit):
            yield value
            value = value * 1103 % 65537

    @staticmethod
    def squared(values: Iterator[int]) -> Iterator[int]:
        for value in values:
            yield value * value

    @staticmethod
    def paired(values: Iterator[int]) -> Iterator[tuple[int, int]]:
        for value in values:
            yield value, next(values, 0)

    @staticmethod
    def averages() -> Generator[int, int, None]:
        total, count = 0, 0
        sent = yield 0
        while True:
            total, count = total + sent, count + 1
            sent = yield total // count

    def flattened(self, limit: int) -> Iterator[int]:
        for start in range(0, limit, 10):
            yield from range(start, start + 10)

    def tree(self, low: int, high: int) -> tuple | None:
        if low >= high:
            return None
        middle = (low + high) // 2
        return self.tree(low, middle), middle, self.tree(middle + 1, high)

    def in_order(self, node: tuple | None) -> Iterator[int]:
        if node is not None:
            left, value, right = node
            yield from self.in_order(left)
            yield value
            yield from self.in_order(right)


class Comprehensions:
    """List, set and dictionary comprehensions, nested and with conditions."""

    def process(self, data: int) -> list[int]:
        grid = [[row * column % 23 for column in range(data)] for row in range(data)]
        transposed = [[row[column] for row in grid] for column in range(data)]
        places = {(row, column) for row, cells in enumerate(grid) for column, cell in enumerate(cells) if cell == 7}
        by_value = {value: [row for row, cells in enumerate(grid) if value in cells] for value in range(23)}
        flat = [cell for cells in transposed for cell in cells if cell % 3 == 0]
        inverted = {cell: index for index, cell in enumerate(flat)}
        return [len(places), sum(map(len, by_value.values())), sum(flat), sum(inverted.values())]


class Recursion:
    """Functions that call themselves: numbers, a binary tree, towers, and permutations by swapping."""

    def process(self, data: int) -> list[int]:
        moves: list[int] = []
        self.hanoi(data - 6, 0, 2, 1, moves)
        return [self.fibonacci(data), self.depth(self.grow(data - 6)), len(moves), sum(moves), self.permute([*range(5)])]

    def fibonacci(self, n: int) -> int:
        return n if n < 2 else self.fibonacci(n - 1) + self.fibonacci(n - 2)

    def grow(self, depth: int) -> list:
        return [self.grow(depth - 1), self.grow(depth - 1)] if depth else []

    def depth(self, node: list) -> int:
        return 1 + max((self.depth(child) for child in node), default=0)

    def hanoi(self, disks: int, source: int, target: int, spare: int, moves: list[int]) -> None:
        if disks:
            self.hanoi(disks - 1, source, spare, target, moves)
            moves.append(source * 3 + target)
            self.hanoi(disks - 1, spare, target, source, moves)

    def permute(self, items: list[int], start: int = 0) -> int:
        if start == len(items):
            return items[0] * items[-1]
        total = 0
        for k in range(start, len(items)):
            items[start], items[k] = items[k], items[start]
            total += self.permute(items, start + 1)
            items[start], items[k] = items[k], items[start]
        return total


class Rejected(ValueError):
    """Carries the value that was rejected."""

    def __init__(self, value: int) -> None:
        super().__init__(f"rejected {value}")
        self.value = value


class Exceptions:
    """Exceptions raised through several frames, caught by type, chained, and cleaned up after."""

    def process(self, data: int) -> dict[str, int]:
        counts = {"fine": 0, "rejected": 0, "parsed": 0, "chained": 0, "cleaned": 0, "grouped": 0}
        for k in range(data):
            try:
                self.outer(k, counts)
            except Rejected as error:
                counts["rejected"] += error.value
            except RuntimeError as error:
                counts["chained"] += isinstance(error.__cause__, KeyError)
            else:
                counts["fine"] += 1
            try:
                counts["parsed"] += int(f"{k}x" if k % 3 else f"{k}")
            except ValueError:
                pass
        try:
            raise ExceptionGroup("all", [Rejected(1), KeyError(2), Rejected(3)])
        except* Rejected as group:
            counts["grouped"] += sum(error.value for error in group.exceptions)
        except* KeyError:
            counts["grouped"] += 10
        return counts

    def outer(self, k: int, counts: dict[str, int]) -> None:
        try:
            self.inner(k)
        except KeyError as error:
            raise RuntimeError("no such key") from error
        finally:
            counts["cleaned"] += 1

    @staticmethod
    def inner(k: int) -> int:
        if k % 4 == 0:
            raise Rejected(k % 10)
        return {1: 1, 2: 2}[k % 4]


class CachedRecursion:
    """Recursion under lru_cache: ways to pay, paths in a grid, and a cache that is too small."""

    def process(self, data: int) -> list[int]:
        coins = (1, 2, 5, 10, 20, 50)

        @lru_cache(maxsize=None)
        def ways(amount: int, kinds: int) -> int:
            if amount == 0:
                return 1
            if amount < 0 or kinds == 0:
                return 0
            return ways(amount, kinds - 1) + ways(amount - coins[kinds - 1], kinds)

        @lru_cache(maxsize=64)
        def digits(value: int) -> int:
            return sum(map(int, str(value)))

        # in steps, so that no call is deeper than a few hundred frames
        totals = [ways(amount, len(coins)) for amount in range(0, data, 50)]
        rounds = sum(digits(k * k % 97) + digits(k % 60) for k in range(data * 2))
        return [totals[-1], rounds, *ways.cache_info()[:2], *digits.cache_info()[:2]]


class ItertoolsPipelines:
    """itertools and operator in place of loops: groups, products, combinations, windows, running sums."""

    def process(self, data: int) -> list[int]:
        values = [k * k % 97 for k in range(data)]
        runs = [(key, sum(1 for _ in run)) for key, run in groupby(values, key=lambda value: value // 20)]
        triples = sum(1 for a, b, c in combinations(range(20), 3) if (a + b) % (c + 1) == 0)
        orders = sum(first < last for first, *_, last in permutations(range(5)))
        grid = sum(map(operator.mul, *zip(*product(range(30), repeat=2))))
        steps = sum(right > left for left, right in pairwise(chain(values, reversed(values))))
        running = list(takewhile(lambda total: total < data * 20, accumulate(values)))
        every = sum(islice(chain.from_iterable(zip(values, values[1:])), 0, None, 7))
        return [len(runs), max(length for _, length in runs), triples, orders, grid, steps, len(running), every]
