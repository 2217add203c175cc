"""functools, contextlib, pattern matching and exception groups."""

from collections.abc import Callable, Iterator
from contextlib import ContextDecorator, ExitStack, closing, contextmanager, redirect_stdout, suppress
from functools import cache, cached_property, lru_cache, partial, partialmethod, reduce, singledispatch, singledispatchmethod, wraps
import io
import operator
import traceback


class MemoizedPaths:
    """Counts lattice paths with a cache, and says how the cache was used."""

    def process(self, data: list[int]) -> dict[str, object]:
        @lru_cache(maxsize=32)
        def paths(rows: int, columns: int) -> int:
            return 1 if 0 in (rows, columns) else paths(rows - 1, columns) + paths(rows, columns - 1)

        @cache
        def ackermann(m: int, n: int) -> int:
            if m == 0:
                return n + 1
            return ackermann(m - 1, ackermann(m, n - 1) if n else 1)

        return {"paths": paths(*data), "info": paths.cache_info()._asdict(), "ackermann": ackermann(2, 3), "kept": ackermann.cache_info().currsize}


@singledispatch
def describe(value: object) -> str:
    return f"something else: {type(value).__name__}"


@describe.register
def _(value: int | float) -> str:
    return f"number {value}"


@describe.register(list)
def _(value: list) -> str:
    return f"list of {', '.join(map(describe, value)) or 'nothing'}"


@describe.register
def _(value: bool) -> str:
    return f"truth {value}"


class Describe:
    """Dispatches on the type of an item; the closest class wins."""

    @singledispatchmethod
    def size(self, value: object) -> int:
        return 1

    @size.register
    def _(self, value: str | list | dict) -> int:
        return len(value)

    def process(self, data: object) -> list[object]:
        return [describe(data), self.size(data)]


class ResourceStack:
    """Resources close in reverse order, also when one of them fails."""

    def process(self, data: list[str]) -> dict[str, object]:
        log: list[str] = []

        @contextmanager
        def resource(name: str) -> Iterator[str]:
            log.append(f"open {name}")
            try:
                yield name
            except ValueError as error:
                log.append(f"{name} saw {error}")
                raise KeyError(name) from error
            finally:
                log.append(f"close {name}")

        class Quiet(ContextDecorator):
            def __enter__(self) -> None:
                log.append("quiet")

            def __exit__(self, *details: object) -> bool:
                return True

        @Quiet()
        def careless() -> None:
            raise OSError("never seen")

        careless()
        try:
            with ExitStack() as stack:
                stack.callback(log.append, "callback")
                for name in data:
                    stack.enter_context(resource(name))
                raise ValueError("trouble")
        except KeyError as error:
            chain = [repr(error), repr(error.__cause__), repr(error.__context__)]
        with suppress(ZeroDivisionError), closing(io.StringIO()) as text, redirect_stdout(text):
            print("captured")
            log.append(text.getvalue())
            1 / 0
        return {"log": log, "chain": chain, "closed": text.closed}


class Compose:
    """partial, reduce, wraps and cached properties."""

    def __init__(self, steps: list[list]) -> None:
        self.steps = [partial(getattr(operator, name), value) for name, value in steps]

    @cached_property
    def pipeline(self) -> Callable[[float], float]:
        return reduce(lambda first, second: lambda value: second(first(value)), self.steps)

    def scaled(self, factor: float, value: float) -> float:
        return factor * value

    doubled = partialmethod(scaled, 2)

    def process(self, data: float) -> dict[str, object]:
        @wraps(self.scaled)
        def wrapper(*arguments: float) -> float:
            return self.scaled(*arguments)

        return {
            "result": self.pipeline(data), "cached": "pipeline" in vars(self), "doubled": self.doubled(data),
            "name": wrapper.__name__, "partial": self.steps[0].args,
        }


class MatchShapes:
    """Structural pattern matching over records, sequences and guards."""

    def process(self, data: object) -> str:
        match data:
            case None | []:
                return "nothing"
            case bool(flag):
                return f"flag {flag}"
            case int(n) | float(n) if n < 0:
                return f"negative {n}"
            case {"shape": "circle", "radius": radius, **rest}:
                return f"circle {radius} {sorted(rest)}"
            case {"shape": ("square" | "cube") as shape, "side": int(side)}:
                return f"{shape} of {side ** (2 if shape == 'square' else 3)}"
            case [x, y]:
                return f"pair {x!r} {y!r}"
            case [first, *middle, last]:
                return f"from {first} over {len(middle)} to {last}"
            case str(text) if (size := len(text)) > 5:
                return f"long text {size}"
            case _:
                return f"other {type(data).__name__}"


class Walrus:
    """Assignment expressions in conditions, comprehensions and loops."""

    def process(self, data: list[int]) -> dict[str, object]:
        squares = [square for value in data if (square := value * value) > 10]
        rest, chunks = iter(data), []
        while chunk := [value for _, value in zip(range(2), rest)]:
            chunks.append(chunk)
        any_even = any((witness := value) % 2 == 0 for value in data)
        return {"squares": squares, "last": square, "chunks": chunks, "witness": witness if any_even else "none"}


class SortErrors:
    """Groups of exceptions split by type, with notes and causes."""

    def process(self, data: list[str]) -> dict[str, object]:
        errors = [self.error_of(text) for text in data]
        group = ExceptionGroup("conversions", [error for error in errors if error])
        group.add_note(f"{len(data)} tried")
        matched, rest = group.split(ValueError)
        handled: list[str] = []
        try:
            raise group
        except* ZeroDivisionError as some:
            handled.append(f"division: {len(some.exceptions)}")
        except* ValueError as some:
            handled.append(f"value: {len(some.exceptions)}")
        return {
            "text": str(group), "matched": [str(error) for error in matched.exceptions],
            "rest": [repr(error) for error in rest.exceptions], "handled": handled,
            "formatted": "".join(traceback.format_exception_only(group)).splitlines(),
        }

    @staticmethod
    def error_of(text: str) -> Exception | None:
        try:
            1 / int(text)
        except (ValueError, ZeroDivisionError) as error:
            return error
        return None


class Closures:
    """Late binding, default arguments, nonlocal, and arguments of every kind."""

    def process(self, data: int) -> dict[str, object]:
        late = [lambda: index for index in range(data)]
        early = [lambda index=index: index for index in range(data)]
        count = 0

        def step() -> int:
            nonlocal count
            count += data
            return count

        def every(first: int, /, second: int, *rest: int, key: int, **others: int) -> list[object]:
            return [first, second, rest, key, others]

        steps = [step(), step()]
        try:
            every(first=1, second=2, key=3)
            problem = ""
        except TypeError as error:
            problem = str(error)
        return {
            "late": [function() for function in late], "early": [function() for function in early], "steps": steps,
            "count": count, "every": every(1, *[2, 3], 4, key=5, **{"z": 6, "a": 7}), "problem": problem,
        }
