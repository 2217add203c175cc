"""Arithmetic that is exact or rounded on purpose: decimal and fractions."""

from decimal import (
    ROUND_05UP, ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP,
    Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Rounded, localcontext,
)
from fractions import Fraction
import hashlib

ROUNDINGS = (
    ROUND_05UP, ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP,
)


class Invoice:
    """Totals in cents, tax rounded half up for each line."""

    def __init__(self, tax: str = "0.19") -> None:
        self.tax = Decimal(tax)

    def process(self, data: list[dict[str, object]]) -> dict[str, str]:
        cent = Decimal("0.01")
        net = tax = Decimal(0)
        for line in data:
            amount = Decimal(line["price"]) * line["quantity"]
            net += amount
            tax += (amount * self.tax).quantize(cent, rounding=ROUND_HALF_UP)
        return {"net": f"{net:.2f}", "tax": str(tax), "gross": f"{net + tax:,.2f}"}


class Roundings:
    """One number under each rounding mode."""

    def __init__(self, exponent: str = "0.1") -> None:
        self.exponent = Decimal(exponent)

    def process(self, data: str) -> dict[str, str]:
        number = Decimal(data)
        return {mode: str(number.quantize(self.exponent, rounding=mode)) for mode in ROUNDINGS}


class HighPrecision:
    """Roots, exponentials and logarithms, correctly rounded to many digits."""

    def __init__(self, digits: int = 50) -> None:
        self.digits = digits

    def process(self, data: str) -> dict[str, str]:
        with localcontext() as context:
            context.prec = self.digits
            number = Decimal(data)
            return {
                "sqrt": str(number.sqrt()),
                "exp": str(number.exp()),
                "ln": str(number.ln()),
                "log10": str(number.log10()),
                "power": str(number ** Decimal("0.1")),
            }


class ContextFlags:
    """Which signals an operation raises while they are not trapped."""

    def process(self, data: list[str]) -> dict[str, object]:
        left, operator, right = data
        context = Context(prec=6, traps=[])
        operations = {"+": context.add, "*": context.multiply, "/": context.divide, "%": context.remainder}
        result = operations[operator](Decimal(left), Decimal(right))
        flags = sorted(signal.__name__ for signal, is_set in context.flags.items() if is_set)
        return {"result": str(result), "flags": flags, "tuple": [str(part) for part in result.as_tuple()]}


class TrapSignals:
    """The exceptions that a trapping context raises."""

    def process(self, data: list[str]) -> str:
        with localcontext(Context(prec=3, traps=[DivisionByZero, InvalidOperation, Inexact, Rounded])):
            try:
                return str(Decimal(data[0]) / Decimal(data[1]))
            except ArithmeticError as error:
                return type(error).__name__


class LongProduct:
    """A product of many digits: libmpdec picks its algorithm by length, its limbs by platform."""

    def __init__(self, digits: int) -> None:
        self.digits = digits

    def process(self, data: int) -> dict[str, object]:
        with localcontext(prec=2 * self.digits + 10):
            left = Decimal(1) / data
            right = Decimal(data).sqrt()
            product = (left * 10**self.digits).to_integral_value() * right
        text = str(product)
        return {"length": len(text), "head": text[:40], "sha256": hashlib.sha256(text.encode()).hexdigest()}


class DecimalFormat:
    """Format specifications and canonical forms."""

    SPECS = ("", "f", "e", "g", ".3f", ".3e", "+.1f", "015.4f", ",.2f", ">12", "%", ".0%")

    def process(self, data: str) -> dict[str, object]:
        number = Decimal(data)
        return {
            "formats": [format(number, spec) for spec in self.SPECS],
            "normalized": str(number.normalize()),
            "engineering": number.to_eng_string(),
            "float": float(number),
            "ratio": number.as_integer_ratio(),
        }


class FractionSeries:
    """The sum of 1/k as an exact fraction."""

    def process(self, data: int) -> dict[str, object]:
        total = sum((Fraction(1, k) for k in range(1, data + 1)), Fraction())
        return {"numerator": total.numerator, "denominator": total.denominator, "float": float(total), "text": str(total)}


class FractionFromFloat:
    """Doubles as the fractions they are, and the simplest fraction nearby."""

    def process(self, data: float) -> dict[str, object]:
        exact = Fraction(data)
        near = exact.limit_denominator(1000)
        return {
            "exact": f"{exact.numerator}/{exact.denominator}",
            "near": str(near),
            "floor": exact.__floor__(),
            "rounded": str(round(exact, 2)),
            "format": f"{exact:.12f}",
            "back": float(exact) == data,
        }


class ContinuedFraction:
    """The terms of a continued fraction, and its convergents."""

    def __init__(self, terms: int = 8) -> None:
        self.terms = terms

    def process(self, data: str) -> dict[str, object]:
        rest, terms = Fraction(data), []
        while len(terms) < self.terms:
            whole = rest.numerator // rest.denominator
            terms.append(whole)
            if (rest := rest - whole) == 0:
                break
            rest = 1 / rest
        convergents = []
        for count in range(1, len(terms) + 1):
            value = Fraction(terms[count - 1])
            for term in reversed(terms[: count - 1]):
                value = term + 1 / value
            convergents.append(str(value))
        return {"terms": terms, "convergents": convergents}
