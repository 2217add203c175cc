"""Programs that spend their time on objects: attributes, methods, operators, and the data model behind them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from enum import Enum
from functools import total_ordering
from typing import NamedTuple


class Sprite:
    """A moving point in a box, with attributes in a dictionary."""

    def __init__(self, x: int, y: int, dx: int, dy: int) -> None:
        self.x, self.y, self.dx, self.dy = x, y, dx, dy
        self.bounces = 0

    def step(self, edge: int) -> None:
        self.x += self.dx
        self.y += self.dy
        if not 0 <= self.x < edge:
            self.dx = -self.dx
            self.bounces += 1
        if not 0 <= self.y < edge:
            self.dy = -self.dy
            self.bounces += 1


class SlottedSprite(Sprite):
    """The same with slots, beside the dictionary that its base has."""

    __slots__ = ("age",)

    def __init__(self, x: int, y: int, dx: int, dy: int) -> None:
        super().__init__(x, y, dx, dy)
        self.age = 0

    def step(self, edge: int) -> None:
        self.age += 1
        super().step(edge)


class AttributeAccess:
    """Reads and writes of attributes in methods that are called often, with super() in half of them."""

    def process(self, data: int) -> list[int]:
        kinds = (Sprite, SlottedSprite)
        sprites = [kinds[k % 2](k * 7 % 50, k * 11 % 50, 1 + k % 3, 2 - k % 5) for k in range(40)]
        for _ in range(data):
            for sprite in sprites:
                sprite.step(50)
        return [sum(sprite.x for sprite in sprites), sum(sprite.y * k for k, sprite in enumerate(sprites))] + [
            sum(sprite.bounces for sprite in sprites)
        ]


class Shape:
    """What every shape can say; subclasses know the rest."""

    def area(self) -> int:
        raise NotImplementedError

    @property
    def doubled(self) -> int:
        return 2 * self.area()

    def describe(self, depth: int) -> int:
        return self.doubled + depth


class Rectangle(Shape):
    """Width by height."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height

    def area(self) -> int:
        return self.width * self.height


class Square(Rectangle):
    """A rectangle with one side."""

    def __init__(self, side: int) -> None:
        super().__init__(side, side)

    @classmethod
    def unit(cls) -> Square:
        return cls(1)


class Framed(Shape):
    """A shape inside another one, to which it delegates."""

    def __init__(self, inner: Shape, border: int) -> None:
        self.inner, self.border = inner, border

    def area(self) -> int:
        return self.inner.area() + self.border

    def describe(self, depth: int) -> int:
        return self.inner.describe(depth + 1) + super().describe(depth)


class MethodDispatch:
    """Virtual methods, properties, class methods and delegation over a list of mixed classes."""

    def process(self, data: int) -> list[int]:
        total, seen = 0, {"Square": 0, "Rectangle": 0, "Framed": 0}
        for k in range(data):
            shape: Shape = Square(k % 9) if k % 3 == 0 else Rectangle(k % 5, k % 7)
            if k % 4 == 0:
                shape = Framed(Framed(shape, 2), Square.unit().area())
            total += shape.describe(0)
            seen[type(shape).__name__] += isinstance(shape, Rectangle) + hasattr(shape, "border")
        return [total, *seen.values()]


@dataclass(order=True)
class Order:
    """A plain dataclass that compares by its fields."""

    priority: int
    number: int
    tags: list[str] = field(default_factory=list, compare=False)


@dataclass(frozen=True, slots=True)
class Line:
    """A frozen one with slots, whose post-init checks."""

    article: str
    count: int
    cents: int

    def __post_init__(self) -> None:
        if self.count < 0:
            raise ValueError("a count below zero")

    @property
    def total(self) -> int:
        return self.count * self.cents


class Stock(NamedTuple):
    """What is left of an article."""

    article: str
    left: int


class DataclassRecords:
    """Dataclasses and named tuples made, replaced, compared, hashed, and turned into dictionaries."""

    def process(self, data: int) -> dict[str, object]:
        orders = [Order(k * 7 % 13, k, ["new"] if k % 2 else []) for k in range(data)]
        lines = {Line(f"a{k % 40}", k % 5, 100 + k % 90) for k in range(data)}
        changed = [replace(line, count=line.count + 1) for line in lines]
        stock = [Stock(line.article, 50 - line.count)._replace(left=line.total) for line in changed]
        return {
            "first": asdict(min(orders)),
            "last": asdict(max(orders)),
            "sorted": [order.number for order in sorted(orders)[::100]],
            "distinct": len(lines),
            "total": sum(line.total for line in changed),
            "left": sum(entry.left for entry in stock),
        }


@total_ordering
class Vector:
    """A vector of three integers with the operators that one would like."""

    __slots__ = ("x", "y", "z")

    def __init__(self, x: int, y: int, z: int) -> None:
        self.x, self.y, self.z = x, y, z

    def __add__(self, other: Vector) -> Vector:
        return Vector(self.x + other.x, self.y + other.y, self.z + other.z)

    def __mul__(self, factor: int) -> Vector:
        return Vector(self.x * factor, self.y * factor, self.z * factor)

    def __mod__(self, modulus: int) -> Vector:
        return Vector(self.x % modulus, self.y % modulus, self.z % modulus)

    def __matmul__(self, other: Vector) -> int:
        return self.x * other.x + self.y * other.y + self.z * other.z

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vector) and (self.x, self.y, self.z) == (other.x, other.y, other.z)

    def __lt__(self, other: Vector) -> bool:
        return self @ self < other @ other

    def __hash__(self) -> int:
        return hash((self.x, self.y, self.z))

    def __getitem__(self, axis: int) -> int:
        return (self.x, self.y, self.z)[axis]


class OperatorOverloads:
    """Arithmetic, comparison, hashing and indexing of a class that defines its operators in Python."""

    def process(self, data: int) -> list[int]:
        place, step = Vector(1, 2, 3), Vector(5, 7, 11)
        seen: set[Vector] = set()
        longest, products = place, 0
        for k in range(data):
            place = (place + step * (k % 4)) % 101
            products += place @ step
            if place >= longest:
                longest = place
            seen.add(place % 17)
        return [products, len(seen), longest[0], longest[1], longest[2]]


class Light(Enum):
    """The states of a traffic light."""

    RED = "red"
    GREEN = "green"
    AMBER = "amber"


class MatchStatement:
    """Structural pattern matching on tuples, dictionaries, classes and enumerations."""

    def process(self, data: int) -> dict[str, int]:
        counts = {"turned": 0, "walked": 0, "waited": 0, "moved": 0, "unknown": 0}
        light = Light.RED
        for k in range(data):
            match self.event(k):
                case ("tick", int(number)) if number % 2 == 0:
                    light = self.next(light)
                    counts["turned"] += light is Light.GREEN
                case {"walk": True, "who": str(who)}:
                    counts["walked"] += len(who)
                case ["wait", first, *rest]:
                    counts["waited"] += first + len(rest)
                case Stock(article="car", left=left) | Stock(article="bus", left=left):
                    counts["moved"] += left
                case _:
                    counts["unknown"] += 1
        return counts

    @staticmethod
    def event(k: int) -> object:
        events = (("tick", k), {"walk": k % 3 == 0, "who": "x" * (k % 7)}, ["wait", k % 4, k, k], Stock("bus", k % 9))
        return events[k % len(events)] if k % 11 else Stock("tram", k)

    @staticmethod
    def next(light: Light) -> Light:
        match light:
            case Light.RED:
                return Light.GREEN
            case Light.GREEN:
                return Light.AMBER
            case Light.AMBER:
                return Light.RED
