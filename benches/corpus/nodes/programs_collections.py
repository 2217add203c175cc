"""Programs about containers and algorithms on them: sets, sorting, heaps, tables, searches."""

from collections import ChainMap, OrderedDict, deque
from operator import attrgetter, itemgetter
import bisect
import heapq


def stream(count: int, modulus: int, seed: int = 1) -> list[int]:
    """Numbers below the modulus, from a generator of Lehmer's."""
    values, state = [], seed
    for _ in range(count):
        state = state * 48271 % 2147483647
        values.append(state % modulus)
    return values


class SetOperations:
    """Sets united, intersected, subtracted, and asked for members; frozen ones as keys."""

    def process(self, data: int) -> list[int]:
        values = stream(data, data)
        left, right = set(values[: data // 2]), set(values[data // 2 :])
        found = sum(value in left or value in right for value in range(0, data, 2))
        groups = {frozenset((value % 10, value % 7, value % 3)) for value in values}
        subsets = sum(small <= large for small in groups for large in groups if len(small) < 3)
        grown: set[int] = set()
        for start in range(0, data, 100):
            grown |= set(values[start : start + 100])
            grown -= set(range(start, start + 30))
        counts = [len(left | right), len(left & right), len(left ^ right), sum(left - right)]
        return [*counts, found, len(groups), subsets, len(grown)]


class Row:
    """An object to be sorted by its attributes."""

    def __init__(self, number: int, group: int, name: str) -> None:
        self.number, self.group, self.name = number, group, name


class SortingByKeys:
    """Sorting by keys: attributes, tuples, lambdas, in reverse, in two stable passes, and kept sorted by bisection."""

    def process(self, data: int) -> list[int]:
        numbers = stream(data, 1000)
        rows = [Row(number, number % 17, f"n{number * 7 % 100:02}") for number in numbers]
        by_attributes = sorted(rows, key=attrgetter("group", "name"))
        by_length = sorted(rows, key=lambda row: (-len(str(row.number)), row.name))
        two_passes = sorted(sorted(rows, key=lambda row: row.number, reverse=True), key=attrgetter("group"))
        pairs = sorted(enumerate(numbers), key=itemgetter(1))
        kept: list[int] = []
        for number in numbers:
            bisect.insort(kept, number)
        checks = [by_attributes, by_length, two_passes]
        sums = [sum(place * row.number for place, row in enumerate(ordered)) for ordered in checks]
        return [*sums, pairs[data // 2][0], kept[data // 3], bisect.bisect_left(kept, 500)]


class ShortestPaths:
    """Dijkstra's algorithm with a heap, on a graph of adjacency lists."""

    def process(self, data: int) -> list[int]:
        weights = iter(stream(4 * data, 90))
        graph: list[list[tuple[int, int]]] = [[] for _ in range(data)]
        for node in range(data):
            for step in (1, 7, 31, node + 3):
                graph[node].append(((node + step) % data, 1 + next(weights)))
        distances = [1 << 40] * data
        distances[0] = 0
        queue, visited = [(0, 0)], 0
        while queue:
            distance, node = heapq.heappop(queue)
            if distance > distances[node]:
                continue
            visited += 1
            for neighbour, weight in graph[node]:
                if (longer := distance + weight) < distances[neighbour]:
                    distances[neighbour] = longer
                    heapq.heappush(queue, (longer, neighbour))
        merged = list(heapq.merge(sorted(distances[::2]), sorted(distances[1::2])))
        return [visited, max(distances), sum(distances), merged[data // 2], sum(heapq.nlargest(5, distances))]


class DynamicTables:
    """Dynamic programming in nested lists: a common subsequence, a knapsack, a longest rising run."""

    def process(self, data: int) -> list[int]:
        left, right = stream(data, 20), stream(data, 20, seed=5)
        table = [[0] * (data + 1) for _ in range(data + 1)]
        for row, a in enumerate(left, 1):
            for column, b in enumerate(right, 1):
                if a == b:
                    table[row][column] = table[row - 1][column - 1] + 1
                else:
                    table[row][column] = max(table[row - 1][column], table[row][column - 1])
        best = [0] * (4 * data)
        for weight, value in zip(left[:40], right):
            for room in range(len(best) - 1, weight, -1):
                best[room] = max(best[room], best[room - weight - 1] + value)
        rising = [1] * data
        for end in range(data):
            for start in range(max(0, end - 20), end):
                if left[start] < left[end] and rising[start] >= rising[end]:
                    rising[end] = rising[start] + 1
        return [table[-1][-1], best[-1], max(rising)]


class Queens:
    """Backtracking: queens on a board, counted with bits and found with lists."""

    def process(self, data: int) -> list[object]:
        return [self.count(data, 0, 0, 0, 0), self.first(data, [])]

    def count(self, size: int, row: int, columns: int, rising: int, falling: int) -> int:
        if row == size:
            return 1
        total, free = 0, ~(columns | rising | falling) & ((1 << size) - 1)
        while free:
            bit = free & -free
            free ^= bit
            total += self.count(size, row + 1, columns | bit, (rising | bit) << 1, (falling | bit) >> 1)
        return total

    def first(self, size: int, placed: list[int]) -> list[int] | None:
        if len(placed) == size:
            return placed
        for column in range(size):
            if all(column != other and abs(column - other) != len(placed) - row for row, other in enumerate(placed)):
                if found := self.first(size, [*placed, column]):
                    return found
        return None


class RecordJoins:
    """Lists of dictionaries indexed, joined, grouped and merged, as a pipeline does with its rows."""

    def process(self, data: int) -> dict[str, object]:
        customers = [{"id": k, "name": f"c{k}", "region": f"r{k % 6}"} for k in range(data // 5)]
        amounts = enumerate(stream(data, 500))
        orders = [{"customer": k * 31 % (data // 4), "amount": amount, "open": k % 9 == 0} for k, amount in amounts]
        by_id = {customer["id"]: customer for customer in customers}
        joined = [{**order, **by_id[order["customer"]]} for order in orders if order["customer"] in by_id]
        groups: dict[str, dict[str, int]] = {}
        for row in joined:
            group = groups.setdefault(row["region"], {"count": 0, "amount": 0, "open": 0})
            group["count"] += 1
            group["amount"] += row["amount"]
            group["open"] += row["open"]
        settings = ChainMap({"limit": 100}, {"limit": 5, "step": 2}, {"floor": 1})
        picked = sum(row["amount"] > settings["limit"] * settings["step"] + settings["floor"] for row in joined)
        keys = {key for row in joined for key in row.keys()}
        return {"groups": dict(sorted(groups.items())), "picked": picked, "keys": sorted(keys)}


class Queues:
    """Double-ended queues and ordered dictionaries: a sliding maximum, a breadth-first search, recently used pages."""

    def process(self, data: int) -> list[int]:
        values, window = stream(data, 10000), deque[int]()
        maxima = 0
        for place, value in enumerate(values):
            while window and values[window[-1]] <= value:
                window.pop()
            window.append(place)
            if window[0] <= place - 50:
                window.popleft()
            maxima += values[window[0]]
        side = 40
        walls = {(value % side, value // side % side) for value in values[:300]} - {(0, 0)}
        steps, border = {(0, 0): 0}, deque([(0, 0)])
        while border:
            x, y = border.popleft()
            for near in ((x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)):
                if 0 <= near[0] < side and 0 <= near[1] < side and near not in walls and near not in steps:
                    steps[near] = steps[x, y] + 1
                    border.append(near)
        pages: OrderedDict[int, int] = OrderedDict()
        missed = 0
        for value in values:
            page = value * value // 1000000
            if page in pages:
                pages.move_to_end(page)
            else:
                missed += 1
                pages[page] = value
                if len(pages) > 32:
                    pages.popitem(last=False)
        return [maxima, len(steps), max(steps.values()), missed]


class SpanningTree:
    """Kruskal's algorithm: edges sorted, and a union-find structure with path halving."""

    def process(self, data: int) -> list[int]:
        numbers = stream(9 * data, 1 << 30)
        edges = [(numbers[k] % 1000, numbers[k + 1] % data, numbers[k + 2] % data) for k in range(0, len(numbers), 3)]
        parents, sizes = list(range(data)), [1] * data

        def root(node: int) -> int:
            while parents[node] != node:
                parents[node] = node = parents[parents[node]]
            return node

        total = used = 0
        for weight, left, right in sorted(edges):
            left, right = root(left), root(right)
            if left != right:
                if sizes[left] < sizes[right]:
                    left, right = right, left
                parents[right] = left
                sizes[left] += sizes[right]
                total, used = total + weight, used + 1
        return [total, used, max(sizes), sum(root(node) == node for node in range(data))]


class GameOfLife:
    """Conway's game on a set of tuples, with neighbours counted in a dictionary."""

    def process(self, data: int) -> list[int]:
        cells = {(value % 32, value // 32) for value in stream(350, 1024)}
        for _ in range(data):
            counts: dict[tuple[int, int], int] = {}
            for x, y in cells:
                for place in ((x + dx, y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1) if dx or dy):
                    counts[place] = counts.get(place, 0) + 1
            cells = {place for place, count in counts.items() if count == 3 or count == 2 and place in cells}
        return [len(cells), sum(x for x, _ in cells), min(y for _, y in cells)]
