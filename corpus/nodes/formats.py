"""Text formats: templates, markup, URLs, configuration, mail."""

from email import message_from_string, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from string import Formatter, Template
from urllib.parse import parse_qsl, quote, unquote_plus, urlencode, urljoin, urlsplit
from xml.etree import ElementTree
import configparser
import difflib
import html
import io
import ipaddress
import pprint
import shlex
import textwrap
import tomllib
import uuid


class Wrap:
    """Paragraphs wrapped, indented and shortened."""

    def __init__(self, width: int = 40) -> None:
        self.width = width

    def process(self, data: str) -> dict[str, object]:
        plain = textwrap.dedent(data).strip()
        return {
            "lines": textwrap.wrap(plain, self.width),
            "indented": textwrap.indent(plain, "> ", lambda line: not line.isspace()),
            "hanging": textwrap.fill(plain, self.width, initial_indent="* ", subsequent_indent="  "),
            "short": textwrap.shorten(plain, self.width, placeholder=" ..."),
            "unbroken": textwrap.wrap("a" * 15 + " semi-detached", 10, break_long_words=False),
        }


class FillTemplate:
    """Dollar templates and format strings with the same values."""

    def __init__(self, values: dict[str, object]) -> None:
        self.values = values

    def process(self, data: list[str]) -> dict[str, object]:
        dollar, braces = data
        try:
            Template("$absent").substitute(self.values)
            problem = ""
        except KeyError as error:
            problem = str(error)
        return {
            "dollar": Template(dollar).safe_substitute(self.values),
            "braces": braces.format_map(self.values),
            "fields": [field for _, field, _, _ in Formatter().parse(braces) if field is not None],
            "problem": problem,
        }


class UnifiedDiff:
    """The difference of two texts, its similarity, and close matches."""

    def process(self, data: list[str]) -> dict[str, object]:
        before, after = (text.splitlines() for text in data)
        matcher = difflib.SequenceMatcher(None, *data)
        return {
            "diff": list(difflib.unified_diff(before, after, "before", "after", lineterm="", n=1)),
            "marks": list(difflib.ndiff(before, after)),
            "ratio": matcher.ratio(),
            "blocks": [list(block) for block in matcher.get_matching_blocks()],
            "close": difflib.get_close_matches("appel", [*before, *after, "apple", "ape"]),
        }


class HtmlEscape:
    """Escapes and resolves character references."""

    def process(self, data: str) -> dict[str, str]:
        return {"escaped": html.escape(data), "unescaped": html.unescape(data), "bare": html.escape(data, quote=False)}


class HtmlOutline(HTMLParser):
    """Events of an HTML text: tags, attributes, data, comments."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.events: list[list[object]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.events.append(["start", tag, dict(attrs), list(self.getpos())])

    def handle_endtag(self, tag: str) -> None:
        self.events.append(["end", tag])

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.events.append(["data", data.strip()])

    def handle_comment(self, data: str) -> None:
        self.events.append(["comment", data])

    def process(self, data: str) -> list[list[object]]:
        self.events = []
        self.reset()
        self.feed(data)
        self.close()
        return self.events


class UrlParts:
    """A URL taken apart, completed and quoted."""

    def __init__(self, base: str) -> None:
        self.base = base

    def process(self, data: str) -> dict[str, object]:
        url = urljoin(self.base, data)
        parts = urlsplit(url)
        try:
            port = parts.port
        except ValueError as error:
            port = str(error)
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        return {
            "url": url, "scheme": parts.scheme, "host": parts.hostname, "port": port, "path": parts.path,
            "pairs": pairs, "query": urlencode(pairs), "fragment": parts.fragment,
            "quoted": quote(data, safe=""), "plain": unquote_plus(parts.path),
        }


class ShellWords:
    """A command line split and quoted again."""

    def process(self, data: str) -> dict[str, object]:
        try:
            words = shlex.split(data, comments=True)
        except ValueError as error:
            return {"error": str(error)}
        operators = shlex.shlex(data, posix=True, punctuation_chars=True)
        return {"words": words, "joined": shlex.join(words), "operators": list(operators)}


class IniFile:
    """Reads an INI text with interpolation, changes it, writes it."""

    def process(self, data: str) -> dict[str, object]:
        config = configparser.ConfigParser()
        config.read_string(data)
        config["added"] = {"answer": "42"}
        buffer = io.StringIO()
        config.write(buffer)
        try:
            config.getint("server", "host")
            problem = ""
        except ValueError as error:
            problem = str(error)
        return {
            "sections": {name: dict(config[name]) for name in config.sections()},
            "port": config.getint("server", "port"),
            "debug": config.getboolean("server", "debug", fallback=False),
            "text": buffer.getvalue(),
            "problem": problem,
        }


class TomlFile:
    """Reads TOML; dates become text, errors say where."""

    def process(self, data: str) -> object:
        try:
            return self.plain(tomllib.loads(data))
        except tomllib.TOMLDecodeError as error:
            return {"error": str(error)}

    def plain(self, value: object) -> object:
        match value:
            case dict():
                return {key: self.plain(inner) for key, inner in value.items()}
            case list():
                return [self.plain(inner) for inner in value]
            case str() | int() | float():
                return value
            case _:
                return value.isoformat()


class XmlTree:
    """Parses XML with expat and walks the tree; an error gives its position."""

    def process(self, data: str) -> object:
        try:
            root = ElementTree.fromstring(data)
        except ElementTree.ParseError as error:
            return {"error": str(error), "code": error.code, "position": error.position}
        return {
            "tree": self.walk(root),
            "prices": [price.text for price in root.findall("./book[@lang='en']/price")],
            "tags": [element.tag for element in root.iter()],
            "text": "|".join(text.strip() for text in root.itertext() if text.strip()),
        }

    def walk(self, element: ElementTree.Element) -> list[object]:
        return [element.tag, element.attrib, [self.walk(child) for child in element]]


class XmlBuild:
    """Builds XML, indents it, writes it in two encodings."""

    def process(self, data: dict[str, str]) -> dict[str, object]:
        root = ElementTree.Element("items", {"count": str(len(data))})
        for name, text in data.items():
            ElementTree.SubElement(root, "item", name=name).text = text
        ElementTree.indent(root)
        return {
            "unicode": ElementTree.tostring(root, "unicode"),
            "ascii": ElementTree.tostring(root, "us-ascii"),
            "canonical": ElementTree.canonicalize(ElementTree.tostring(root, "unicode"), strip_text=True),
        }


class Mail:
    """Composes a message with a part in another script, and parses it."""

    def process(self, data: dict[str, str]) -> dict[str, object]:
        message = EmailMessage()
        message["Subject"] = data["subject"]
        message["From"] = data["from"]
        message.set_content(data["body"])
        text = message.as_string()
        parsed = message_from_string(text, policy=policy.default)
        return {"text": text, "subject": str(parsed["subject"]), "body": parsed.get_content(), "domain": parsed["from"].addresses[0].domain}


class PrettyPrint:
    """The layout of nested values, cut at a width."""

    def __init__(self, width: int) -> None:
        self.width = width

    def process(self, data: object) -> list[str]:
        return pprint.pformat(data, width=self.width, compact=True, sort_dicts=False).splitlines()


class Networks:
    """IPv4 and IPv6 networks as numbers."""

    def process(self, data: str) -> dict[str, object]:
        network = ipaddress.ip_network(data, strict=False)
        first = network.network_address
        return {
            "network": str(network), "size": network.num_addresses, "number": int(first), "exploded": first.exploded,
            "last": str(network.broadcast_address), "private": network.is_private, "reverse": first.reverse_pointer,
            "halves": [str(half) for half in network.subnets()] if network.num_addresses > 1 else [],
        }


class NameUuid:
    """UUIDs made from names, and their fields."""

    def process(self, data: str) -> dict[str, object]:
        made = uuid.uuid5(uuid.NAMESPACE_DNS, data)
        return {"v3": str(uuid.uuid3(uuid.NAMESPACE_URL, data)), "v5": str(made), "int": made.int, "fields": made.fields, "urn": made.urn}
