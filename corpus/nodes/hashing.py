"""Digests, checksums, compression and text forms of bytes."""

from collections.abc import Iterator
import base64
import binascii
import hashlib
import hmac
import zlib

ALGORITHMS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_224", "sha3_256", "sha3_384", "sha3_512")


def as_bytes(data: str | bytes) -> bytes:
    return data.encode() if isinstance(data, str) else data


class Digests:
    """Every fixed-length digest of the standard library."""

    def process(self, data: str | bytes) -> dict[str, str]:
        return {name: hashlib.new(name, as_bytes(data)).hexdigest() for name in ALGORITHMS}


class Shake:
    """Digests of chosen length: a short one is the beginning of a long one."""

    def process(self, data: str | bytes) -> dict[str, object]:
        long, short = (hashlib.shake_128(as_bytes(data)).digest(length) for length in (64, 5))
        return {"shake_128": long, "is_prefix": long.startswith(short), "shake_256": hashlib.shake_256(as_bytes(data)).hexdigest(20)}


class Blake2:
    """BLAKE2 with its parameters: size, key, salt, personalisation, tree."""

    def process(self, data: str | bytes) -> dict[str, str]:
        raw = as_bytes(data)
        return {
            "b": hashlib.blake2b(raw).hexdigest(),
            "s": hashlib.blake2s(raw).hexdigest(),
            "short": hashlib.blake2b(raw, digest_size=8).hexdigest(),
            "keyed": hashlib.blake2b(raw, key=b"secret", salt=b"salt", person=b"parallax").hexdigest(),
            "tree": hashlib.blake2s(raw, fanout=2, depth=3, leaf_size=4096, node_offset=2**40, last_node=True).hexdigest(),
        }


class Incremental:
    """A digest fed in pieces, copied on the way, over a stream."""

    def __init__(self, algorithm: str = "sha256") -> None:
        self.algorithm = algorithm

    def process(self, stream: Iterator[str]) -> Iterator[str]:
        digest = hashlib.new(self.algorithm)
        for piece in stream:
            digest.update(as_bytes(piece))
            yield digest.copy().hexdigest()
        yield f"{digest.name}:{digest.digest_size}:{digest.block_size}"


class Sign:
    """Message authentication, compared in constant time."""

    def __init__(self, key: str, algorithm: str = "sha256") -> None:
        self.key = key.encode()
        self.algorithm = algorithm

    def process(self, data: str) -> dict[str, object]:
        code = hmac.new(self.key, as_bytes(data), self.algorithm)
        return {
            "code": code.hexdigest(),
            "valid": hmac.compare_digest(code.digest(), hmac.digest(self.key, as_bytes(data), self.algorithm)),
            "name": code.name,
        }


class MerkleRoot:
    """The root over the leaves; an odd one is paired with itself."""

    def process(self, data: list[str]) -> str:
        level = [hashlib.sha256(leaf.encode()).digest() for leaf in data]
        while len(level) > 1:
            level += level[-1:] * (len(level) % 2)
            level = [hashlib.sha256(left + right).digest() for left, right in zip(level[::2], level[1::2])]
        return level[0].hex()


class Checksums:
    """32-bit checksums, which must come out unsigned, also in pieces."""

    def process(self, data: str | bytes) -> dict[str, object]:
        raw = as_bytes(data)
        middle = len(raw) // 2
        return {
            "crc32": zlib.crc32(raw),
            "binascii": binascii.crc32(raw),
            "in_pieces": zlib.crc32(raw[middle:], zlib.crc32(raw[:middle])),
            "adler32": zlib.adler32(raw),
            "crc_hqx": binascii.crc_hqx(raw, 0xFFFF),
        }


class Compress:
    """Compresses at each level and reads every result back."""

    def process(self, data: str) -> dict[str, object]:
        raw = as_bytes(data)
        packed = {level: zlib.compress(raw, level) for level in (0, 1, 6, 9)}
        return {
            "length": len(raw),
            "restored": all(zlib.decompress(block) == raw for block in packed.values()),
            "smaller": [len(block) < len(raw) for block in packed.values()],
        }


class DeflateBytes:
    """The compressed bytes themselves, from one zlib to the other."""

    def process(self, data: str) -> bytes:
        packer = zlib.compressobj(level=9, wbits=-15, strategy=zlib.Z_DEFAULT_STRATEGY)
        return packer.compress(as_bytes(data)) + packer.flush()


class Inflate:
    """Reads a compressed stream a few bytes at a time, with what follows it."""

    def process(self, data: bytes) -> dict[str, object]:
        reader = zlib.decompressobj()
        pieces = [reader.decompress(data[start : start + 7]) for start in range(0, len(data), 7)]
        try:
            zlib.decompress(data[:-9])
            problem = ""
        except zlib.error as error:
            problem = str(error)
        return {"text": b"".join(pieces).decode(), "end": reader.eof, "rest": reader.unused_data, "problem": problem}


class BaseEncodings:
    """Base 16 to 85, each read back."""

    def process(self, data: bytes) -> dict[str, object]:
        forms = {
            "b16": (base64.b16encode, base64.b16decode),
            "b32": (base64.b32encode, base64.b32decode),
            "b32hex": (base64.b32hexencode, base64.b32hexdecode),
            "b64": (base64.b64encode, base64.b64decode),
            "urlsafe": (base64.urlsafe_b64encode, base64.urlsafe_b64decode),
            "a85": (base64.a85encode, base64.a85decode),
            "b85": (base64.b85encode, base64.b85decode),
            "z85": (base64.z85encode, base64.z85decode),
        }
        encoded = {name: encode(data).decode() for name, (encode, _) in forms.items()}
        restored = all(decode(encoded[name]) == data for name, (_, decode) in forms.items())
        return encoded | {"restored": restored}


class Binascii:
    """Conversions of the lowest layer, with an error in base64."""

    def process(self, data: bytes) -> dict[str, object]:
        try:
            binascii.a2b_base64(b"QUJ", strict_mode=True)
            problem = ""
        except binascii.Error as error:
            problem = str(error)
        return {
            "hex": binascii.hexlify(data, "-", 2),
            "uu": binascii.b2a_uu(data[:45]),
            "quoted": binascii.b2a_qp(data),
            "base64": binascii.b2a_base64(data, newline=False),
            "problem": problem,
        }
