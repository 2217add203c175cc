"""JSON and CSV: parsing, reshaping, writing."""

from collections import defaultdict
from collections.abc import Iterator
import csv
import io
import json

Record = dict[str, object]


class ParseJson:
    """Parses JSON text; a syntax error becomes a record that says where."""

    def process(self, data: str) -> object:
        try:
            return json.loads(data)
        except json.JSONDecodeError as error:
            return {"error": error.msg, "line": error.lineno, "column": error.colno, "position": error.pos}


class DumpJson:
    """Writes JSON text with the given layout."""

    def __init__(self, indent: int | None = None, sort_keys: bool = False, ensure_ascii: bool = True) -> None:
        self.options = {"indent": indent, "sort_keys": sort_keys, "ensure_ascii": ensure_ascii}

    def process(self, data: object) -> str:
        return json.dumps(data, **self.options)


class Flatten:
    """A nested document as one level of dotted paths."""

    def __init__(self, separator: str = ".") -> None:
        self.separator = separator

    def process(self, data: object) -> Record:
        return dict(self.walk(data, []))

    def walk(self, value: object, path: list[str]) -> Iterator[tuple[str, object]]:
        match value:
            case dict() if value:
                for key, inner in value.items():
                    yield from self.walk(inner, [*path, key])
            case list() if value:
                for index, inner in enumerate(value):
                    yield from self.walk(inner, [*path, str(index)])
            case _:
                yield self.separator.join(path), value


class Pointer:
    """Follows an RFC 6901 pointer; a path that leads nowhere filters the item."""

    def __init__(self, pointer: str) -> None:
        steps = pointer.split("/")[1:]
        self.steps = [step.replace("~1", "/").replace("~0", "~") for step in steps]

    def process(self, data: object) -> object:
        for step in self.steps:
            try:
                data = data[int(step)] if isinstance(data, list) else data[step]
            except (KeyError, IndexError, TypeError, ValueError):
                return None
        return data


class ReadCsv:
    """CSV text to one record a row."""

    def __init__(self, delimiter: str = ",", quotechar: str = '"', numeric: list[str] | None = None) -> None:
        self.format = {"delimiter": delimiter, "quotechar": quotechar}
        self.numeric = numeric or []

    def process(self, data: str) -> Iterator[Record]:
        for row in csv.DictReader(io.StringIO(data, newline=""), **self.format):
            yield row | {name: float(row[name]) for name in self.numeric}


class WriteCsv:
    """Rows to CSV text, quoted as asked (`minimal`, `all`, `nonnumeric`, `none`)."""

    def __init__(self, quoting: str = "minimal", delimiter: str = ",") -> None:
        self.options = {
            "quoting": getattr(csv, f"QUOTE_{quoting.upper()}"),
            "delimiter": delimiter,
            "escapechar": "\\" if quoting == "none" else None,
        }

    def process(self, data: list[list[object]]) -> str:
        buffer = io.StringIO(newline="")
        csv.writer(buffer, **self.options).writerows(data)
        return buffer.getvalue()


class SniffCsv:
    """Guesses a dialect from a sample and reads the sample with it."""

    def process(self, data: str) -> dict[str, object]:
        dialect = csv.Sniffer().sniff(data, delimiters=",;\t|")
        rows = list(csv.reader(io.StringIO(data, newline=""), dialect))
        return {"delimiter": dialect.delimiter, "header": csv.Sniffer().has_header(data), "rows": rows}


class GroupTotals:
    """Collects the records of a stream and sums one field for each value of another."""

    def __init__(self, by: str, field: str) -> None:
        self.by, self.field = by, field

    def process(self, stream: Iterator[Record]) -> list[Record]:
        totals: defaultdict[str, float] = defaultdict(float)
        counts: defaultdict[str, int] = defaultdict(int)
        for record in stream:
            totals[record[self.by]] += record[self.field]
            counts[record[self.by]] += 1
        return [{self.by: key, "total": totals[key], "count": counts[key]} for key in sorted(totals)]


class Pivot:
    """A list of records to a table with one row and one column a value."""

    def __init__(self, row: str, column: str, value: str) -> None:
        self.row, self.column, self.value = row, column, value

    def process(self, data: list[Record]) -> list[list[object]]:
        columns = sorted({record[self.column] for record in data})
        cells = {(record[self.row], record[self.column]): record[self.value] for record in data}
        rows = list(dict.fromkeys(record[self.row] for record in data))
        return [["", *columns], *([row, *(cells.get((row, column)) for column in columns)] for row in rows)]


class Join:
    """An inner join of two lists of records on a key both have."""

    def __init__(self, key: str) -> None:
        self.key = key

    def process(self, data: dict[str, list[Record]]) -> list[Record]:
        right = defaultdict(list)
        for record in data["right"]:
            right[record[self.key]].append(record)
        return [left | match for left in data["left"] for match in right[left[self.key]]]
