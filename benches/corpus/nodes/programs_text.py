"""Programs about text: building it, formatting it, searching it, and the formats that are text."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from string import Template
import csv
import difflib
import io
import json
import re
import textwrap

WORDS = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau".split()


def sentence(k: int, length: int) -> str:
    """Words in an order that depends on k."""
    return " ".join(WORDS[(k * 7 + step * step) % len(WORDS)] for step in range(length))


class StringBuilding:
    """Strings grown, joined, sliced, reversed, replaced and translated."""

    def process(self, data: int) -> list[object]:
        grown = ""
        for k in range(data):
            grown += WORDS[k % len(WORDS)]
        pieces = [grown[k : k + 7].upper() if k % 2 else grown[k + 7 : k : -1] for k in range(0, len(grown) - 8, 5)]
        joined = "-".join(pieces).replace("AL", "ä").translate({ord("p"): "π", ord("t"): None})
        buffer = io.StringIO()
        for piece in joined.split("-"):
            buffer.write(piece.capitalize().center(9, "."))
        text = buffer.getvalue()
        counted = sum(piece.startswith("a") + piece.endswith(("a", "e")) + ("et" in piece) for piece in pieces)
        return [len(grown), len(text), text[1000:1040], counted, text.count("π"), text.find("äp")]


class StringFormatting:
    """f-strings, format, the percent operator and templates, with numbers of all kinds."""

    def process(self, data: int) -> list[object]:
        template = Template("$name has $count of ${name}s")
        length, last = 0, ""
        for k in range(data):
            value = k * 1.37
            last = f"{k:>6}|{k:#06x}|{value:.3f}|{value:12.4e}|{k * 1000:,}|{WORDS[k % 19]!r:<12}|{k % 2 == 0}"
            length += len(last) + len("%05d %-8s %8.2f" % (k, WORDS[k % 19], value))
            length += len("{0}:{name:^10}:{1:+d}".format(k, -k, name=WORDS[k % 17]))
            length += len(template.substitute(name=WORDS[k % 13], count=k)) + len(str(value)) + len(repr(last))
        return [length, last]


class RegexLog:
    """Regular expressions over the lines of a log: named groups, alternatives, lookahead, substitution."""

    LINE = re.compile(
        r"(?P<time>\d\d:\d\d) \[(?P<level>INFO|WARN|ERROR)\] (?P<host>[\w.-]+): (?P<text>.*?)(?: \((?P<ms>\d+) ms\))?$"
    )
    NUMBER = re.compile(r"(?<![\w.])\d+(?=\s|$)")

    def process(self, data: int) -> dict[str, object]:
        lines = list(self.lines(data))
        levels: Counter[str] = Counter()
        slowest, hosts = 0, set()
        for line in lines:
            if match := self.LINE.match(line):
                levels[match["level"]] += 1
                hosts.add(match["host"])
                slowest = max(slowest, int(match["ms"] or 0))
        text = "\n".join(lines)
        masked, count = re.subn(r"\b(\w+)@(\w+)\.example\b", lambda found: f"{found[2]}:{len(found[1])}", text)
        return {
            "levels": dict(sorted(levels.items())),
            "hosts": sorted(hosts),
            "slowest": slowest,
            "numbers": sum(int(found[0]) for found in self.NUMBER.finditer(text)),
            "masked": count,
            "digest": len(masked),
            "words": len(re.split(r"[\s:()\[\]]+", text)),
            "repeated": len(re.findall(r"(\b\w+) \1\b", text)),
        }

    @staticmethod
    def lines(count: int) -> Iterator[str]:
        for k in range(count):
            level = ("INFO", "INFO", "WARN", "ERROR")[k * 7 // 3 % 4]
            tail = f" ({k * 13 % 997} ms)" if k % 3 else ""
            time, text = f"{k // 60 % 24:02}:{k % 60:02}", f"{sentence(k, 5)} {k} a{k}@mail.example{tail}"
            yield f"{time} [{level}] node-{k % 5}.local: {text}"


class JsonRoundTrip:
    """JSON written and read again: nested values, escapes, floats, sorted keys and indents."""

    def process(self, data: int) -> list[object]:
        records = [
            {"id": k, "name": sentence(k, 3), "ratio": k / 7, "tags": WORDS[k % 5 : k % 9], "quote": f'"é{k}\n', "none": None}
            for k in range(data)
        ]
        compact = json.dumps(records, separators=(",", ":"))
        pretty = json.dumps(records[: data // 4], indent=2, sort_keys=True, ensure_ascii=False)
        again = json.loads(compact)
        renamed = json.loads(pretty, object_hook=lambda pairs: {key.upper(): value for key, value in pairs.items()})
        return [len(compact), len(pretty), again == records, sum(record["id"] for record in again), renamed[-1]]


class CsvReport:
    """CSV written with quotes, read as dictionaries, and summed up by groups."""

    def process(self, data: int) -> dict[str, object]:
        buffer = io.StringIO(newline="")
        writer = csv.writer(buffer)
        writer.writerow(["region", "item", "count", "price"])
        for k in range(data):
            writer.writerow([f"region {k % 7}", f'{WORDS[k % 19]}, "{k % 3}"', k % 50, f"{k % 900 / 100:.2f}"])
        text = buffer.getvalue()
        totals: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
        for row in csv.DictReader(io.StringIO(text, newline="")):
            cents = int(row["price"].replace(".", ""))
            totals[row["region"]][0] += int(row["count"]) * cents
            totals[row["region"]][1] += '"1"' in row["item"]
        return {"bytes": len(text), "totals": dict(sorted(totals.items()))}


class ExpressionParser:
    """A tokenizer and a recursive-descent parser that evaluates integer expressions."""

    TOKEN = re.compile(r"\s*(?:(\d+)|(.))")

    def process(self, data: int) -> list[int]:
        total, longest = 0, 0
        for k in range(data):
            text = f"({k} + {k % 7} * (3 - {k % 5})) * 2 - -{k} // (1 + {k % 3}) + ((({k % 11})))"
            self.tokens = [int(number) if number else mark for number, mark in self.TOKEN.findall(text)]
            longest = max(longest, len(self.tokens))
            self.place = 0
            total += self.sum()
        return [total, longest]

    def peek(self) -> int | str | None:
        return self.tokens[self.place] if self.place < len(self.tokens) else None

    def take(self) -> int | str:
        self.place += 1
        return self.tokens[self.place - 1]

    def sum(self) -> int:
        value = self.product()
        while self.peek() in ("+", "-"):
            value = value + self.product() if self.take() == "+" else value - self.product()
        return value

    def product(self) -> int:
        value = self.atom()
        while self.peek() in ("*", "/"):
            if self.take() == "*":
                value *= self.atom()
            else:
                self.take()
                value //= self.atom()
        return value

    def atom(self) -> int:
        token = self.take()
        if token == "-":
            return -self.atom()
        if token == "(":
            value = self.sum()
            self.take()
            return value
        if isinstance(token, int):
            return token
        raise SyntaxError(f"unexpected {token!r}")


class WordFrequency:
    """Words counted in dictionaries: by get, by setdefault, by a Counter, and pairs of neighbours."""

    def process(self, data: int) -> dict[str, object]:
        words = [word for k in range(data) for word in sentence(k, 12).split()]
        plain: dict[str, int] = {}
        by_letter: dict[str, list[int]] = {}
        for place, word in enumerate(words):
            plain[word] = plain.get(word, 0) + 1
            by_letter.setdefault(word[0], []).append(place)
        pairs = Counter(zip(words, words[1:]))
        return {
            "same": plain == Counter(words),
            "top": sorted(plain.items(), key=lambda item: (-item[1], item[0]))[:5],
            "letters": {letter: sum(places) for letter, places in sorted(by_letter.items())},
            "pairs": len(pairs),
            "commonest": max(pairs.values()),
        }


class TextLayout:
    """Paragraphs wrapped, indented and compared line by line."""

    def process(self, data: int) -> list[object]:
        paragraphs = [sentence(k, 30) for k in range(data)]
        wrapped = [line for paragraph in paragraphs for line in textwrap.wrap(paragraph, 44)]
        indented = textwrap.indent("\n".join(wrapped), "  > ", lambda line: "a" in line)
        changed = [line.replace("eta", "ETA") if k % 3 else line for k, line in enumerate(wrapped[:60])]
        difference = list(difflib.unified_diff(wrapped[:60], changed, lineterm=""))
        ratio = difflib.SequenceMatcher(None, paragraphs[0], paragraphs[1]).ratio()
        return [len(wrapped), len(indented), len(difference), difference[5], ratio, len(textwrap.dedent(indented))]
