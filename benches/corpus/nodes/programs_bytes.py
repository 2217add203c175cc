"""Programs about bytes and what is stored as bytes, and about dates."""

from __future__ import annotations

from calendar import Calendar
from datetime import UTC, date, datetime, timedelta, timezone
import base64
import hashlib
import hmac
import pickle
import struct
import uuid
import zlib


def noise(length: int, seed: int = 1) -> bytes:
    """Bytes of SHA-256 in counter mode."""
    blocks = (hashlib.sha256(struct.pack("<QQ", seed, block)).digest() for block in range(length // 32 + 1))
    return b"".join(blocks)[:length]


class StructRecords:
    """Records packed into a buffer and unpacked from it, by fields, by slices and through a memoryview."""

    RECORD = struct.Struct("<IhBx8sd")

    def process(self, data: int) -> list[object]:
        size = self.RECORD.size
        buffer = bytearray(size * data)
        for k in range(data):
            self.RECORD.pack_into(buffer, k * size, k, k % 300 - 150, k % 256, b"item%04d" % (k % 10000), k * 0.125)
        total, weights, names = 0, 0.0, set()
        for number, signed, flag, name, weight in self.RECORD.iter_unpack(buffer):
            total += number ^ signed * flag
            weights += weight
            names.add(name)
        view = memoryview(buffer)
        numbers = sum(int.from_bytes(view[k * size : k * size + 4], "little") for k in range(data))
        words = view.cast("H")[:: size // 2].tolist()
        return [total, weights, len(names), numbers, sum(words), buffer[-size:].hex()]


class HashChain:
    """SHA-256, BLAKE2 and HMAC over short and long inputs."""

    def process(self, data: int) -> list[str]:
        digest = b"start"
        for k in range(data):
            digest = hashlib.sha256(digest + k.to_bytes(4, "big")).digest()
        long = hashlib.sha256(digest * (data * 2))
        keyed = hashlib.blake2b(digest, key=b"key", digest_size=16)
        for _ in range(data):
            keyed.update(b"more of it")
        signature = hmac.new(b"secret", digest * data, "sha256")
        return [digest.hex(), long.hexdigest(), keyed.hexdigest(), signature.hexdigest()]


class CompressBlocks:
    """zlib: text deflated at several levels, in pieces, and inflated again, with checksums."""

    def process(self, data: int) -> list[int]:
        text = b"".join(b"line %d of %d: %s\n" % (k, data, noise(6, k % 50).hex().encode()) for k in range(data))
        sizes = [len(zlib.compress(text, level)) for level in (1, 6)]
        packer = zlib.compressobj(level=3, wbits=-15)
        raw = b"".join(packer.compress(text[k : k + 1000]) for k in range(0, len(text), 1000)) + packer.flush()
        again = zlib.decompress(raw, wbits=-15)
        return [len(text), *sizes, len(raw), again == text, zlib.crc32(again), zlib.adler32(raw)]


class EncodedLines:
    """Bytes as base64, base85 and hexadecimal digits, and texts as UTF-8 and back."""

    def process(self, data: int) -> list[object]:
        raw = noise(data)
        chunks = [raw[k : k + 57] for k in range(0, len(raw), 57)]
        lines = [base64.b64encode(chunk) for chunk in chunks]
        back = b"".join(map(base64.b64decode, lines))
        other = [base64.b85encode(raw[:2000]), base64.b32encode(raw[:2000]), base64.urlsafe_b64encode(raw)]
        text = raw.decode("latin-1")
        encoded = text.encode("utf-8")
        checks = [back == raw, len(b"\n".join(lines)), zlib.crc32(b"".join(other)), len(encoded)]
        return [*checks, encoded.decode()[-1], raw.hex(":")[-8:]]


class Node:
    """A node of a tree that is pickled with its parent."""

    def __init__(self, name: str, parent: Node | None = None) -> None:
        self.name, self.parent = name, parent
        self.children: list[Node] = []

    def __getstate__(self) -> tuple[str, Node | None, list[Node]]:
        return self.name, self.parent, self.children

    def __setstate__(self, state: tuple[str, Node | None, list[Node]]) -> None:
        self.name, self.parent, self.children = state


class PickledTree:
    """Objects that refer to each other, plain containers, and dates, pickled and unpickled."""

    def process(self, data: int) -> list[object]:
        root = Node("root")
        nodes = [root]
        for k in range(1, data):
            parent = nodes[k // 3]
            node = Node(f"node {k}", parent)
            parent.children.append(node)
            nodes.append(node)
        packed = pickle.dumps(root, protocol=5)
        again = pickle.loads(packed)
        deepest, depth = again, 0
        while deepest.children:
            deepest, depth = deepest.children[-1], depth + 1
        plain = {k: (float(k), str(k), [k] * 3, {k}, date(2024, 1, 1) + timedelta(k)) for k in range(data // 2)}
        stored = pickle.dumps(plain, protocol=4)
        same = deepest.parent is not None and deepest.parent.children[-1] is deepest
        return [deepest.name, depth, same, pickle.loads(stored) == plain, len(packed), len(stored)]


class CalendarDates:
    """Dates and times added, subtracted, compared, parsed, formatted and moved between zones."""

    def process(self, data: int) -> list[object]:
        start, east = datetime(2023, 12, 30, 22, 15, tzinfo=UTC), timezone(timedelta(hours=5, minutes=30))
        workdays, seconds, texts = 0, 0, 0
        moment = start
        for k in range(data):
            moment += timedelta(hours=7, minutes=k % 60, microseconds=k)
            local = moment.astimezone(east)
            workdays += local.weekday() < 5
            text = local.isoformat()
            seconds += (datetime.fromisoformat(text) - start).seconds
            texts += len(local.strftime("%d.%m.%Y %H:%M")) + int(moment.replace(day=1) < moment)
        parsed = [datetime.strptime(f"{1 + k % 28}/{1 + k % 12}/2024", "%d/%m/%Y") for k in range(data // 8)]
        weeks = [date.fromordinal(738000 + k * 11).isocalendar() for k in range(data)]
        days = sum(day.toordinal() for day in Calendar().itermonthdates(2024, 2))
        return [moment.isoformat(), workdays, seconds, texts, max(parsed).isoformat(), sum(week.week for week in weeks), days]


class ByteLoops:
    """Bytes one by one in Python: a checksum by table, run lengths, and a substitution."""

    def process(self, data: int) -> list[object]:
        table = []
        for value in range(256):
            for _ in range(8):
                value = value >> 1 ^ (0xEDB88320 if value & 1 else 0)
            table.append(value)
        raw = bytes(k * k // 5000 % 8 for k in range(data))
        check = 0xFFFFFFFF
        for byte in raw:
            check = check >> 8 ^ table[(check ^ byte) & 0xFF]
        runs, start = bytearray(), 0
        for place in range(1, len(raw) + 1):
            if place == len(raw) or raw[place] != raw[start] or place - start == 255:
                runs += bytes((place - start, raw[start]))
                start = place
        again = b"".join(bytes([runs[k + 1]]) * runs[k] for k in range(0, len(runs), 2))
        shifted = bytearray(raw)
        for place, byte in enumerate(shifted):
            shifted[place] = byte + 3 & 0xFF
        turned = raw.translate(bytes(range(255, -1, -1)))
        return [check ^ 0xFFFFFFFF == zlib.crc32(raw), again == raw, len(runs), zlib.crc32(shifted), turned[:8]]


class Identifiers:
    """UUIDs made from names, parsed, sorted and compared."""

    def process(self, data: int) -> list[object]:
        made = [uuid.uuid5(uuid.NAMESPACE_URL, f"https://host.example/{k}") for k in range(data)]
        parsed = [uuid.UUID(str(identifier)) for identifier in made]
        ordered = sorted(parsed)
        return [made == parsed, str(ordered[0]), ordered[-1].int % 10**9, len({identifier.hex[:2] for identifier in made})]
