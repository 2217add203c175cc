"""Dataclasses, enumerations and type hints."""

from collections.abc import Callable, Iterable
from dataclasses import KW_ONLY, asdict, astuple, dataclass, field, fields, replace
from enum import Enum, Flag, IntEnum, StrEnum, auto, unique
from typing import Annotated, Generic, Literal, NamedTuple, Protocol, TypedDict, TypeVar, get_type_hints, runtime_checkable

T = TypeVar("T")


@unique
class Color(Enum):
    RED = auto()
    GREEN = auto()
    BLUE = auto()


class Permission(Flag):
    READ = auto()
    WRITE = auto()
    EXECUTE = auto()
    ALL = READ | WRITE | EXECUTE


class Level(IntEnum):
    LOW = 10
    HIGH = 20


class Unit(StrEnum):
    METER = auto()
    SECOND = auto()


@dataclass
class Line:
    article: str
    price: float
    quantity: int = 1

    def __post_init__(self) -> None:
        if self.quantity < 0:
            raise ValueError(f"quantity of {self.article} is negative")

    @property
    def total(self) -> float:
        return self.price * self.quantity


@dataclass(order=True)
class Order:
    sort_key: tuple[float, str] = field(init=False, repr=False)
    customer: str
    lines: list[Line] = field(default_factory=list, compare=False)
    _: KW_ONLY
    note: str = field(default="", metadata={"optional": True})

    def __post_init__(self) -> None:
        self.sort_key = (-sum(line.total for line in self.lines), self.customer)


@dataclass(frozen=True, slots=True)
class Point:
    x: float
    y: float

    def moved(self, dx: float, dy: float) -> "Point":
        return replace(self, x=self.x + dx, y=self.y + dy)


class Reading(NamedTuple):
    sensor: str
    value: float
    unit: Unit = Unit.METER


class Config(TypedDict, total=False):
    name: str
    mode: Literal["fast", "safe"]
    size: Annotated[int, "bytes"]


@runtime_checkable
class Shape(Protocol):
    def area(self) -> float: ...


@dataclass
class Rectangle:
    width: float
    height: float

    def area(self) -> float:
        return self.width * self.height


class Stack(Generic[T]):
    """A typed container; its parameter exists at run time only as an annotation."""

    def __init__(self, items: Iterable[T] = ()) -> None:
        self.items = list(items)

    def map(self, function: Callable[[T], T]) -> "Stack[T]":
        return Stack(map(function, self.items))


class RankOrders:
    """Orders sorted by total, as plain records; a broken one becomes a message."""

    def process(self, data: list[dict]) -> dict[str, object]:
        orders, problems = [], []
        for raw in data:
            try:
                orders.append(Order(raw["customer"], [Line(**line) for line in raw["lines"]], note=raw.get("note", "")))
            except (TypeError, ValueError) as error:
                problems.append(f"{type(error).__name__}: {error}")
        return {
            "ranked": [asdict(order) for order in sorted(orders)],
            "repr": repr(min(orders)),
            "problems": problems,
            "optional": [item.name for item in fields(Order) if item.metadata.get("optional")],
        }


class Permissions:
    """Set operations on flags, their names, and values out of range."""

    def process(self, data: list[str]) -> dict[str, object]:
        granted = Permission(0)
        for name in data:
            granted |= Permission[name]
        try:
            Permission(8)
            problem = ""
        except ValueError as error:
            problem = str(error)
        return {
            "value": granted.value,
            "names": [flag.name for flag in granted],
            "missing": str(~granted),
            "is_all": granted is Permission.ALL,
            "problem": problem,
        }


class EnumLookup:
    """Members by name and value, and how they print."""

    def process(self, data: object) -> dict[str, object]:
        color = Color[data] if isinstance(data, str) else Color(data)
        return {
            "name": color.name,
            "text": str(color),
            "repr": repr(color),
            "position": list(Color).index(color),
            "level": f"{Level.LOW + color.value} {Level.HIGH!r} {Level.LOW:03d}",
            "unit": [f"{unit}:{unit.upper()}" for unit in Unit],
        }


class MovePoints:
    """Frozen values: replaced, compared, hashed into a dictionary, never changed."""

    def process(self, data: list[list[float]]) -> dict[str, object]:
        points = [Point(*pair) for pair in data]
        try:
            points[0].x = 1.0
            frozen = "changed"
        except AttributeError as error:
            frozen = str(error)
        distinct = list(dict.fromkeys(points))
        return {
            "moved": [astuple(point.moved(0.5, -0.5)) for point in points],
            "distinct": len(distinct),
            "repr": repr(distinct[-1]),
            "has_dict": hasattr(points[0], "__dict__"),
            "frozen": frozen,
        }


class Readings:
    """Named tuples: defaults, replacement, order."""

    def process(self, data: list[list]) -> dict[str, object]:
        readings = [Reading(*row) for row in data]
        top = max(readings, key=lambda reading: reading.value)
        return {
            "sorted": [reading[:2] for reading in sorted(readings)],
            "top": top._asdict() | {"unit": top.unit.value},
            "repr": repr(top._replace(unit=Unit.SECOND)),
            "fields": Reading._fields,
        }


class TypeHints:
    """What annotations say at run time."""

    def process(self, data: str) -> dict[str, object]:
        subject = {"line": Line, "reading": Reading, "config": Config, "area": Rectangle.area}[data]
        hints = get_type_hints(subject, include_extras=True)
        return {name: str(hint) for name, hint in hints.items()}


class Areas:
    """Structural typing at run time, and a generic container."""

    def process(self, data: list[list[float]]) -> dict[str, object]:
        shapes: list[object] = [Rectangle(*pair) for pair in data] + [Point(1.0, 2.0)]
        areas = [shape.area() for shape in shapes if isinstance(shape, Shape)]
        doubled = Stack[float](areas).map(lambda area: area * 2)
        return {"areas": areas, "skipped": len(shapes) - len(areas), "doubled": doubled.items, "alias": str(Stack[float])}
