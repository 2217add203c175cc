"""Regular expressions."""

from collections.abc import Iterator
import re

LOG_LINE = re.compile(
    r"""
    ^(?P<host>\S+)\s                              # client
    \[(?P<day>\d{1,2})/(?P<month>[A-Z][a-z]{2})/(?P<year>\d{4})\]\s
    "(?P<method>GET|POST|PUT)\s(?P<path>[^\s?"]+)(?:\?(?P<query>[^"\s]*))?"\s
    (?P<status>\d{3})\s(?P<size>\d+|-)$
    """,
    re.VERBOSE,
)


class FindAll:
    """Every match with its span; `flags` are names such as `IGNORECASE`."""

    def __init__(self, pattern: str, flags: list[str] | None = None) -> None:
        options = re.NOFLAG
        for flag in flags or []:
            options |= re.RegexFlag[flag]
        self.pattern = re.compile(pattern, options)

    def process(self, data: str) -> list[dict[str, object]]:
        return [
            {"text": match.group(), "span": match.span(), "groups": match.groups()}
            for match in self.pattern.finditer(data)
        ]


class LogLine:
    """Parses an access log line; lines of another shape are dropped."""

    def process(self, data: str) -> dict[str, object] | None:
        if not (match := LOG_LINE.match(data)):
            return None
        fields: dict[str, object] = match.groupdict()
        fields["size"] = 0 if match["size"] == "-" else int(match["size"])
        fields["last_group"] = match.lastgroup
        return fields


class Substitute:
    """Replaces matches by a template with group references."""

    def __init__(self, pattern: str, replacement: str, count: int = 0) -> None:
        self.pattern = re.compile(pattern)
        self.replacement = replacement
        self.count = count

    def process(self, data: str) -> dict[str, object]:
        text, replaced = self.pattern.subn(self.replacement, data, count=self.count)
        return {"text": text, "replaced": replaced}


class DecodePercent:
    """Replaces `%XX` sequences by calling a function for each run of them."""

    def process(self, data: str) -> str:
        return re.sub(r"(?:%[0-9A-Fa-f]{2})+", self.decode, data)

    @staticmethod
    def decode(match: re.Match[str]) -> str:
        return bytes.fromhex(match.group().replace("%", "")).decode("utf-8", "replace")


class SplitBy:
    """Splits at matches; captured separators stay in the list."""

    def __init__(self, pattern: str, maxsplit: int = 0) -> None:
        self.pattern = re.compile(pattern)
        self.maxsplit = maxsplit

    def process(self, data: str) -> list[str | None]:
        return self.pattern.split(data, maxsplit=self.maxsplit)


class Lexer:
    """A tokenizer made of one alternation of named groups."""

    TOKENS = {
        "number": r"\d+(?:\.\d*)?(?:[eE][+-]?\d+)?",
        "name": r"[^\W\d]\w*",
        "string": r"'(?:[^'\\]|\\.)*'",
        "operator": r"<=|>=|==|!=|[-+*/<>=()]",
        "newline": r"\n",
        "skip": r"[ \t]+",
        "mismatch": r".",
    }

    def initialize(self) -> None:
        self.pattern = re.compile("|".join(f"(?P<{name}>{rule})" for name, rule in self.TOKENS.items()))

    def process(self, data: str) -> Iterator[list[object]]:
        line, start = 1, 0
        for match in self.pattern.finditer(data):
            if match.lastgroup == "newline":
                line, start = line + 1, match.end()
            elif match.lastgroup != "skip":
                yield [match.lastgroup, match.group(), line, match.start() - start]


class BytePatterns:
    """Patterns over bytes: ASCII classes only, groups are bytes too."""

    def process(self, data: bytes) -> dict[str, object]:
        return {
            "words": re.findall(rb"\w+", data),
            "escaped": re.escape(data),
            "replaced": re.sub(rb"[\x80-\xff]+", lambda match: b"<%d>" % len(match.group()), data),
        }


class CheckPattern:
    """Compiles a pattern; of a wrong one it gives the message and the position."""

    def process(self, data: str) -> dict[str, object]:
        try:
            compiled = re.compile(data)
        except re.PatternError as error:
            return {"pattern": data, "error": error.msg, "position": error.pos, "column": error.colno}
        return {"pattern": data, "groups": compiled.groups, "names": dict(compiled.groupindex)}
