"""Bytes: struct, memoryview, array and integers as bytes. Only sizes that are the same everywhere."""

from array import array
from collections.abc import Iterator
import io
import struct


class Pack:
    """Packs values by a format and reads them back."""

    def __init__(self, format: str) -> None:
        self.struct = struct.Struct(format)

    def process(self, data: list) -> dict[str, object]:
        try:
            packed = self.struct.pack(*data)
        except struct.error as error:
            return {"error": str(error)}
        return {"packed": packed, "size": self.struct.size, "values": self.struct.unpack(packed)}


class NarrowFloats:
    """Doubles squeezed into 32 and 16 bits: rounding, overflow, sign of zero."""

    def process(self, data: float) -> dict[str, object]:
        return {name: self.narrow(code, data) for name, code in (("single", "<f"), ("half", "<e"))}

    @staticmethod
    def narrow(code: str, value: float) -> object:
        try:
            return struct.unpack(code, struct.pack(code, value))[0]
        except OverflowError as error:
            return str(error)


class BitmapHeader:
    """Writes a tiny BMP picture and parses its header again."""

    HEADER = struct.Struct("<2sIHHIIiiHH")

    def process(self, data: list[list[list[int]]]) -> dict[str, object]:
        height, width = len(data), len(data[0])
        padding = b"\0" * (-3 * width % 4)
        pixels = b"".join(b"".join(bytes(reversed(pixel)) for pixel in row) + padding for row in reversed(data))
        header = self.HEADER.pack(b"BM", self.HEADER.size + 24 + len(pixels), 0, 0, 54, 40, width, height, 1, 24)
        picture = header + bytes(24) + pixels
        magic, size, _, _, offset, *_, bits = self.HEADER.unpack_from(picture)
        return {"magic": magic, "size": size, "offset": offset, "bits": bits, "picture": picture}


class Views:
    """Slices, casts and writes through a memoryview without a copy."""

    def process(self, data: bytes) -> dict[str, object]:
        buffer = bytearray(data)
        view = memoryview(buffer)
        view[2:4] = b"\xff\xfe"
        halves = view[: len(buffer) // 2 * 2].cast("H")
        grid = view[:12].cast("B", shape=[3, 4])
        try:
            buffer.append(0)
            locked = ""
        except BufferError as error:
            locked = str(error)
        result = {
            "changed": bytes(buffer), "every_third": view[::3].tobytes(), "backwards": bytes(view[::-1][:3]),
            "halves": halves.tolist(), "grid": grid.tolist(), "strides": view[::3].strides,
            "contiguous": view[::3].contiguous, "locked": locked,
        }
        grid.release()
        halves.release()
        view.release()
        return result


class IntegerBytes:
    """Integers to bytes and back in both orders, signed and not."""

    def process(self, data: int) -> dict[str, object]:
        length = (data.bit_length() + 8) // 8
        little = data.to_bytes(length, "little", signed=True)
        try:
            data.to_bytes(1, "big")
            problem = ""
        except OverflowError as error:
            problem = str(error)
        return {
            "little": little,
            "big": data.to_bytes(length + 2, "big", signed=True),
            "back": int.from_bytes(little, "little", signed=True) == data,
            "unsigned": int.from_bytes(little, "big"),
            "problem": problem,
        }


class Varints:
    """LEB128: seven bits a byte, the last one without the high bit."""

    def process(self, data: list[int]) -> dict[str, object]:
        encoded = b"".join(map(self.encode, data))
        return {"encoded": encoded, "decoded": list(self.decode(encoded))}

    @staticmethod
    def encode(value: int) -> bytes:
        out = bytearray()
        while value > 0x7F:
            out.append(value & 0x7F | 0x80)
            value >>= 7
        out.append(value)
        return bytes(out)

    @staticmethod
    def decode(raw: bytes) -> Iterator[int]:
        value = shift = 0
        for byte in raw:
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                yield value
                value = shift = 0


class ByteMethods:
    """The methods of bytes, which know ASCII only."""

    def process(self, data: bytes) -> dict[str, object]:
        return {
            "upper": data.upper(), "title": data.title(), "split": data.split(b"\n"), "hex": data.hex(":", 4),
            "count": data.count(b"\0"), "find": data.find(b"\n"), "translated": data.translate(None, b"aeiou"),
            "replaced": data.replace(b"\0", b"\\0"), "repr": repr(data), "predicates": [data.isascii(), data.isalnum()],
            "percent": b"%s|%04d|%.2f|%x" % (data[:3], 42, 2.5, 255),
        }


class Arrays:
    """Typed arrays: fixed-size types, overflow, byte order."""

    def __init__(self, typecode: str) -> None:
        self.typecode = typecode

    def process(self, data: list) -> dict[str, object]:
        try:
            items = array(self.typecode, data)
        except (OverflowError, TypeError) as error:
            return {"error": f"{type(error).__name__}: {error}"}
        swapped = array(self.typecode, items)
        swapped.byteswap()
        return {
            "itemsize": items.itemsize, "bytes": items.tobytes(), "swapped": swapped.tobytes(),
            "slice": items[::-2].tolist(), "repr": repr(items), "index": items.index(items[-1]),
        }


class Records:
    """Length-prefixed records written to and read from a buffer."""

    def process(self, data: list[str]) -> dict[str, object]:
        buffer = io.BytesIO()
        for text in data:
            raw = text.encode()
            buffer.write(struct.pack(">H", len(raw)) + raw)
        buffer.seek(0)
        found = []
        while head := buffer.read(2):
            found.append(buffer.read(*struct.unpack(">H", head)).decode())
        return {"raw": buffer.getvalue(), "found": found, "position": buffer.tell()}
