"""Unicode: normal forms, case, properties, encodings and their errors."""

from collections.abc import Iterator
import codecs
import unicodedata

FORMS = ("NFC", "NFD", "NFKC", "NFKD")


class NormalForms:
    """The four normal forms, as code points."""

    def process(self, data: str) -> dict[str, object]:
        forms = {form: unicodedata.normalize(form, data) for form in FORMS}
        return {form: [f"{ord(char):04X}" for char in text] for form, text in forms.items()} | {
            "is_normal": [form for form in FORMS if unicodedata.is_normalized(form, data)],
        }


class CaseMappings:
    """Case mappings that change the length of a string."""

    def process(self, data: str) -> dict[str, object]:
        return {
            "lower": data.lower(), "upper": data.upper(), "title": data.title(), "capitalize": data.capitalize(),
            "casefold": data.casefold(), "lengths": [len(data), len(data.upper()), len(data.casefold())],
            "same": data.casefold() == data.swapcase().casefold(),
        }


class Properties:
    """What the character database says, one item a character."""

    def process(self, data: str) -> Iterator[dict[str, object]]:
        for char in data:
            yield {
                "name": unicodedata.name(char, "unnamed"),
                "category": unicodedata.category(char),
                "width": unicodedata.east_asian_width(char),
                "bidirectional": unicodedata.bidirectional(char),
                "combining": unicodedata.combining(char),
                "decomposition": unicodedata.decomposition(char),
                "numeric": unicodedata.numeric(char, -1.0),
                "predicates": [char.isalpha(), char.isdecimal(), char.isnumeric(), char.isprintable(), char.isidentifier()],
            }


class DatabaseVersion:
    """The version of the character database, and a lookup by name."""

    def process(self, data: str) -> dict[str, str]:
        return {"version": unicodedata.unidata_version, "found": unicodedata.lookup(data), "named": "\N{SNOWMAN}"}


class Encodings:
    """Bytes of a text in several encodings, each read back."""

    def __init__(self, encodings: list[str]) -> None:
        self.encodings = encodings

    def process(self, data: str) -> dict[str, object]:
        return {name: self.encode(data, name) for name in self.encodings}

    @staticmethod
    def encode(text: str, encoding: str) -> object:
        try:
            raw = text.encode(encoding)
        except UnicodeEncodeError as error:
            return {"reason": error.reason, "start": error.start, "end": error.end}
        assert raw.decode(encoding) == text
        return raw


class ErrorHandlers:
    """What each error handler makes of text that ASCII can't hold."""

    HANDLERS = ("ignore", "replace", "backslashreplace", "xmlcharrefreplace", "namereplace")

    def process(self, data: str) -> dict[str, object]:
        return {handler: data.encode("ascii", handler) for handler in self.HANDLERS}


class DecodeErrors:
    """Malformed bytes under each handler, and a registered handler of our own."""

    def initialize(self) -> None:
        codecs.register_error("corpus.mark", self.mark)

    @staticmethod
    def mark(error: UnicodeError) -> tuple[str, int]:
        return f"<{error.object[error.start:error.end].hex()}>", error.end

    def process(self, data: bytes) -> dict[str, object]:
        result = {handler: data.decode("utf-8", handler) for handler in ("ignore", "replace", "backslashreplace", "corpus.mark")}
        escaped = data.decode("utf-8", "surrogateescape")
        try:
            data.decode()
            problem = ""
        except UnicodeDecodeError as error:
            problem = str(error)
        return result | {"round_trip": escaped.encode("utf-8", "surrogateescape") == data, "problem": problem}


class IncrementalDecode:
    """Decodes a stream of chunks that cut characters apart."""

    def __init__(self, encoding: str) -> None:
        self.decoder = codecs.getincrementaldecoder(encoding)()

    def process(self, stream: Iterator[bytes]) -> Iterator[str]:
        for chunk in stream:
            yield self.decoder.decode(chunk)
        yield f"end:{self.decoder.decode(b'', final=True)}"


class DomainNames:
    """International domain names and punycode."""

    def process(self, data: str) -> dict[str, object]:
        encoded = data.encode("idna")
        return {"idna": encoded.decode(), "back": encoded.decode("idna"), "punycode": data.encode("punycode")}


class Escapes:
    """Escaped spellings of a string."""

    def process(self, data: str) -> dict[str, object]:
        return {
            "repr": repr(data),
            "ascii": ascii(data),
            "unicode_escape": data.encode("unicode_escape").decode(),
            "rot13": codecs.encode(data, "rot13"),
            "surrogatepass": data[:1].encode("utf-16-be", "surrogatepass"),
            "points": [ord(char) for char in data],
        }


class StripAccents:
    """Removes combining marks, a poor man's transliteration."""

    def process(self, data: str) -> str:
        decomposed = unicodedata.normalize("NFD", data)
        return unicodedata.normalize("NFC", "".join(char for char in decomposed if not unicodedata.combining(char)))
