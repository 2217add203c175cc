"""The object model: copies, descriptors, metaclasses, protocols."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, MutableMapping
from functools import total_ordering
import copy
import gc
import hashlib
import inspect
import pickle
import types
import weakref


class Node:
    """A tree node that knows its parent: a cycle."""

    def __init__(self, name: str, parent: "Node | None" = None) -> None:
        self.name, self.parent = name, parent
        self.children: list[Node] = []
        if parent:
            parent.children.append(self)

    def path(self) -> str:
        return f"{self.parent.path()}/{self.name}" if self.parent else self.name


class Money:
    """A value with its own way of being pickled."""

    def __init__(self, amount: int, currency: str) -> None:
        self.amount, self.currency = amount, currency
        self.cache = "computed"

    def __getstate__(self) -> dict[str, object]:
        return {"amount": self.amount, "currency": self.currency}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state, cache="rebuilt")


class Pickle:
    """Values through every protocol of pickle, with the size and digest of each."""

    def process(self, data: object) -> dict[str, object]:
        dumps = [pickle.dumps(data, protocol) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)]
        return {
            "equal": all(pickle.loads(dump) == data for dump in dumps),
            "sizes": [len(dump) for dump in dumps],
            "digests": [hashlib.md5(dump).hexdigest() for dump in dumps],
        }


class PickleObjects:
    """Objects with cycles, shared parts and hooks through pickle."""

    def process(self, data: list[str]) -> dict[str, object]:
        root = Node(data[0])
        leaf = Node(data[2], Node(data[1], root))
        loaded_root, loaded_leaf, money, shared = pickle.loads(pickle.dumps((root, leaf, Money(5, "EUR"), [[root], [root]])))
        try:
            pickle.dumps(lambda: None)
            problem = ""
        except (pickle.PicklingError, AttributeError) as error:
            problem = type(error).__name__
        return {
            "path": loaded_leaf.path(),
            "same_root": loaded_leaf.parent.parent is loaded_root,
            "shared": shared[0][0] is shared[1][0],
            "money": vars(money),
            "problem": problem,
        }


class Copies:
    """Shallow and deep copies of nested and cyclic values."""

    def process(self, data: list[list[int]]) -> dict[str, object]:
        shallow, deep = copy.copy(data), copy.deepcopy(data)
        data[0].append(99)
        cyclic: list[object] = [1]
        cyclic.append(cyclic)
        copied = copy.deepcopy(cyclic)
        return {
            "shallow": shallow, "deep": deep, "cycle": copied[1] is copied and copied is not cyclic,
            "repr": repr(cyclic), "replaced": copy.replace(Excerpt(data), stop=7).stop,
        }


class Excerpt:
    """A value that takes part in copy.replace."""

    def __init__(self, items: list, stop: int = 0) -> None:
        self.items, self.stop = items, stop

    def __replace__(self, **changes: object) -> "Excerpt":
        return Excerpt(**vars(self) | changes)


class Bounded:
    """A descriptor that checks what is assigned."""

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: object, owner: type) -> object:
        return self if instance is None else instance.__dict__[self.name]

    def __set__(self, instance: object, value: float) -> None:
        if not self.low <= value <= self.high:
            raise ValueError(f"{self.name} must be in [{self.low}, {self.high}], not {value}")
        instance.__dict__[self.name] = value


class Thermostat:
    """Uses descriptors; assignments out of bounds are reported."""

    celsius = Bounded(-30, 60)
    humidity = Bounded(0, 100)

    def process(self, data: dict[str, float]) -> dict[str, object]:
        problems = []
        for name, value in data.items():
            try:
                setattr(self, name, value)
            except ValueError as error:
                problems.append(str(error))
        return {"state": dict(vars(self)), "bounds": type(self).celsius.high, "problems": problems}


class Registry(type):
    """A metaclass that collects its classes and adds to their namespace."""

    classes: dict[str, type] = {}

    @classmethod
    def __prepare__(cls, name: str, bases: tuple, **options: object) -> dict[str, object]:
        return {"registered_as": options.get("key", name.lower())}

    def __new__(cls, name: str, bases: tuple, namespace: dict, **options: object) -> type:
        made = super().__new__(cls, name, bases, namespace)
        cls.classes[made.registered_as] = made
        return made

    def __init__(cls, name: str, bases: tuple, namespace: dict, **options: object) -> None:
        super().__init__(name, bases, namespace)

    def __len__(cls) -> int:
        return len(cls.classes)


class MetaclassRegistry:
    """Classes made at run time land in the registry of their metaclass."""

    def process(self, data: list[str]) -> dict[str, object]:
        class Base(metaclass=Registry):
            def greet(self) -> str:
                return f"I am {self.registered_as}"

        for name in data:
            types.new_class(name, (Base,), {"key": name.upper()})
        return {
            "keys": list(Registry.classes), "count": len(Base), "greetings": [made().greet() for made in Registry.classes.values()],
            "order": [made.__name__ for made in Registry.classes[data[0].upper()].__mro__],
        }


class Exporter(ABC):
    """An abstract base with a template method and a hook for subclasses."""

    formats: list[str] = []

    def __init_subclass__(cls, /, suffix: str, **options: object) -> None:
        super().__init_subclass__(**options)
        cls.formats.append(suffix)

    @abstractmethod
    def render(self, rows: list[list]) -> str: ...

    def export(self, rows: list[list]) -> str:
        return f"{type(self).__name__}: {self.render(rows)}"


class TabExporter(Exporter, suffix="tsv"):
    def render(self, rows: list[list]) -> str:
        return "\n".join("\t".join(map(str, row)) for row in rows)


class WikiExporter(Exporter, suffix="wiki"):
    def render(self, rows: list[list]) -> str:
        return " |- ".join(" || ".join(map(str, row)) for row in rows)


class AbstractExport:
    """Concrete classes of an abstract one; the abstract one can't be made."""

    def process(self, data: list[list]) -> dict[str, object]:
        try:
            Exporter()
            problem = ""
        except TypeError as error:
            problem = str(error)
        return {"texts": [kind().export(data) for kind in (TabExporter, WikiExporter)], "formats": Exporter.formats, "problem": problem}


class Slotted:
    """No dictionary: an unknown attribute is an error."""

    __slots__ = ("x", "__weakref__")

    def process(self, data: int) -> dict[str, object]:
        self.x = data
        try:
            self.y = data
            problem = ""
        except AttributeError as error:
            problem = str(error)
        return {"x": self.x, "dict": hasattr(self, "__dict__"), "slots": self.__slots__, "problem": problem}


class WeakReferences:
    """References that don't keep alive: callbacks, dictionaries, cycles and the collector."""

    def process(self, data: list[str]) -> dict[str, object]:
        gone: list[str] = []
        nodes = {name: Node(name) for name in data}
        registry = weakref.WeakValueDictionary(nodes)
        for name, node in nodes.items():
            weakref.finalize(node, gone.append, name)
        node = None
        del nodes[data[0]]
        after_delete = list(registry)
        cyclic = nodes.pop(data[1])
        cyclic.children.append(cyclic)
        del cyclic
        before_collect = data[1] in registry
        gc.collect()
        return {"after_delete": after_delete, "before_collect": before_collect, "after_collect": list(registry), "gone": gone}


@total_ordering
class Version(MutableMapping):
    """Comparison, arithmetic and mapping methods on one class."""

    def __init__(self, text: str) -> None:
        self.parts = dict(zip(("major", "minor", "patch"), map(int, text.split("."))))

    def __getitem__(self, key: str) -> int:
        return self.parts[key]

    def __setitem__(self, key: str, value: int) -> None:
        self.parts[key] = value

    def __delitem__(self, key: str) -> None:
        self.parts[key] = 0

    def __iter__(self) -> Iterator[str]:
        return iter(self.parts)

    def __len__(self) -> int:
        return len(self.parts)

    def __lt__(self, other: "Version") -> bool:
        return tuple(self.values()) < tuple(other.values())

    def __rshift__(self, name: str) -> "Version":
        return Version(".".join(str(value + (key == name)) for key, value in self.items()))

    def __str__(self) -> str:
        return ".".join(map(str, self.values()))


class SortVersions:
    """Orders versions by their own operators."""

    def process(self, data: list[str]) -> dict[str, object]:
        versions = sorted(map(Version, data), reverse=True)
        versions[0].update(minor=7)
        del versions[1]["patch"]
        return {
            "sorted": list(map(str, versions)), "bumped": str(versions[-1] >> "patch"), "least": versions[-1] <= versions[0],
            "popped": versions[-1].get("absent", -1), "signature": str(inspect.signature(Version.__rshift__)),
        }
