"""Integers, floats and complex numbers at their corners."""

from collections.abc import Iterator
import hashlib
import math
import sys


class FormatNumber:
    """A number under many format specifications."""

    def __init__(self, specs: list[str]) -> None:
        self.specs = specs

    def process(self, data: float) -> list[str]:
        return [format(data, spec) for spec in self.specs]


class ReprFloat:
    """The shortest text of a double, its bits, and the way back."""

    def process(self, data: float) -> dict[str, object]:
        text = repr(data)
        return {
            "repr": text,
            "hex": data.hex(),
            "same": float.fromhex(data.hex()).hex() == float(text).hex(),
            "percent": "%.17g" % data,
            "ratio": "none" if not math.isfinite(data) else data.as_integer_ratio(),
        }


class ParseFloat:
    """Decimal text to a double: halfway cases, limits, odd spellings."""

    def process(self, data: str) -> dict[str, object]:
        try:
            value = float(data)
        except ValueError as error:
            return {"error": str(error)}
        return {"value": value, "hex": value.hex()}


class Rounding:
    """Rounding to even, to places, and to powers of ten."""

    def process(self, data: float) -> dict[str, object]:
        return {
            "nearest": round(data),
            "one": round(data, 1),
            "two": round(data, 2),
            "tens": round(data, -1),
            "floor": math.floor(data),
            "ceil": math.ceil(data),
            "trunc": math.trunc(data),
            "text": f"{data:.0f} {data:.1f} {data:.2f}",
        }


class Neighbours:
    """The doubles next to one, down to the subnormals."""

    def process(self, data: float) -> dict[str, object]:
        mantissa, exponent = math.frexp(data)
        return {
            "up": math.nextafter(data, math.inf),
            "down": math.nextafter(data, -math.inf),
            "ulp": math.ulp(data),
            "half": data / 2,
            "frexp": [mantissa, exponent],
            "ldexp": math.ldexp(mantissa, exponent) == data,
            "modf": math.modf(data),
            "sign": math.copysign(1.0, data),
        }


class DivMod:
    """Division of integers and floats with all signs."""

    def process(self, data: list[float]) -> dict[str, object]:
        left, right = data
        try:
            quotient, remainder = divmod(left, right)
        except ZeroDivisionError as error:
            return {"error": str(error)}
        return {
            "divmod": [quotient, remainder],
            "true": left / right,
            "fmod": math.fmod(left, right),
            "remainder": math.remainder(left, right),
        }


class Bits:
    """Bit operations on integers of any size and sign."""

    def process(self, data: list[int]) -> dict[str, object]:
        left, right = data
        shift = right % 131
        return {
            "and": left & right, "or": left | right, "xor": left ^ right, "not": ~left,
            "left": left << shift, "right": left >> shift,
            "length": left.bit_length(), "ones": left.bit_count(),
            "binary": f"{left:#b}", "octal": f"{left:o}", "hex": f"{left:_x}",
        }


class Factorial:
    """An exact factorial, with its digits' sum and digest."""

    def process(self, data: int) -> dict[str, object]:
        value = math.factorial(data)
        text = str(value)
        return {"value": value, "digits": len(text), "sum": sum(map(int, text)), "md5": hashlib.md5(text.encode()).hexdigest()}


class BigIntegers:
    """Long multiplication, division, roots and powers, against identities that must hold."""

    def process(self, data: int) -> dict[str, object]:
        square = data * data
        root = math.isqrt(square + data)
        quotient, remainder = divmod(square, data - 1)
        return {
            "digits": len(str(data)),
            "squared_mod": square % (2**89 - 1),
            "root": root == data,
            "divides": quotient * (data - 1) + remainder == square,
            "gcd": math.gcd(square, data * 6) == data * math.gcd(data, 6),
            "inverse": pow(3, -1, data) * 3 % data,
            "power": pow(2, data, 1_000_000_007),
            "tail": data,
        }


class DigitLimit:
    """The largest integers that may become text; one digit more is refused."""

    def process(self, data: int) -> Iterator[object]:
        yield 10**data - 1
        yield -(10**data - 1)
        try:
            str(10 ** (sys.get_int_max_str_digits() + 1))
        except ValueError as error:
            yield str(error)


class ComplexParts:
    """Complex arithmetic, given back as pairs."""

    def process(self, data: list[list[float]]) -> dict[str, object]:
        left, right = (complex(*pair) for pair in data)
        results = {
            "sum": left + right, "product": left * right, "quotient": left / right,
            "square": left**2, "conjugate": left.conjugate(), "negative": -left,
        }
        return {name: [value.real, value.imag] for name, value in results.items()} | {"text": f"{left} {right:.2f}"}


class IntFloat:
    """Where integers and doubles meet: exact comparison, rounded conversion, overflow."""

    def process(self, data: int) -> dict[str, object]:
        try:
            as_float = float(data)
        except OverflowError as error:
            return {"error": str(error), "larger_than_max": data > sys.float_info.max}
        return {
            "float": as_float,
            "back": int(as_float),
            "equal": as_float == data,
            "less": as_float < data,
            "ratio": data / 3,
            "is_integer": as_float.is_integer(),
        }


class BoolInt:
    """Booleans are integers, and yet come back as booleans."""

    def process(self, data: list[object]) -> dict[str, object]:
        return {
            "types": [type(item).__name__ for item in data],
            "sum": sum(item for item in data if isinstance(item, int)),
            "not": [not item for item in data],
            "equal": data[0] == data[1],
            "and": True & True,
            "plus": True + True,
            "keys": {str(item): item for item in data},
        }


class Specials:
    """Infinities, NaN and signed zeros through comparison and arithmetic."""

    def process(self, data: list[float]) -> dict[str, object]:
        left, right = data
        return {
            "sum": left + right, "product": left * right, "difference": left - right,
            "equal": left == right, "less": left < right, "identical": left is left,
            "text": [str(left), repr(right)], "maximum": max(left, right), "minimum": min(left, right),
            "is_nan": [math.isnan(left), math.isnan(right)],
        }
