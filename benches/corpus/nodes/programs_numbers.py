"""Programs about numbers: big integers, decimals, fractions, floats in loops."""

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, localcontext
from fractions import Fraction
from random import Random
import math
import statistics


class PiDigits:
    """Big integers: digits of π by Machin's formula, and their sum."""

    def process(self, data: int) -> list[object]:
        unit = 10 ** (data + 10)
        digits = str((4 * (4 * self.arctangent(5, unit) - self.arctangent(239, unit))) // 10**10)
        return [digits[:20], digits[-20:], sum(map(int, digits))]

    @staticmethod
    def arctangent(inverse: int, unit: int) -> int:
        power = total = unit // inverse
        square, divisor, sign = inverse * inverse, 1, 1
        while power:
            power //= square
            divisor += 2
            sign = -sign
            total += sign * (power // divisor)
        return total


class BigIntegers:
    """Factorials, Fibonacci numbers, powers with a modulus, roots and greatest common divisors of long integers."""

    def process(self, data: int) -> list[int]:
        factorial, (a, b) = 1, (0, 1)
        for k in range(1, data):
            factorial *= k
            a, b = b, a + b
        prime = (1 << 521) - 1
        power = pow(factorial, a, prime)
        root = math.isqrt(factorial)
        common = math.gcd(factorial, a * math.comb(data, data // 2))
        ends = [number % 10**9 for number in (a, power, root, common)]
        return [factorial.bit_length(), *ends, (factorial >> 900 ^ b) & 0xFFFFFFFF]


class PrimalityTests:
    """Integers of one machine word: Miller and Rabin's test with powers modulo, and trial division."""

    def process(self, data: int) -> list[int]:
        start = 10**12 + 1
        primes = [number for number in range(start, start + data, 2) if self.is_prime(number)]
        factors = sum(self.smallest_factor(number) for number in range(9001, 9001 + data // 4, 2))
        return [len(primes), primes[-1] - start, factors]

    @staticmethod
    def is_prime(number: int) -> bool:
        odd, twos = number - 1, 0
        while odd % 2 == 0:
            odd, twos = odd // 2, twos + 1
        for base in (2, 3, 5, 7, 11, 13):
            power = pow(base, odd, number)
            if power in (1, number - 1):
                continue
            for _ in range(twos - 1):
                power = power * power % number
                if power == number - 1:
                    break
            else:
                return False
        return True

    @staticmethod
    def smallest_factor(number: int) -> int:
        factor = 3
        while factor * factor <= number:
            if number % factor == 0:
                return factor
            factor += 2
        return number


class DecimalInterest:
    """Decimals: a savings plan rounded each month, and a square root and a logarithm with many digits."""

    def process(self, data: int) -> list[str]:
        cent, balance, paid = Decimal("0.01"), Decimal("1000.00"), Decimal(0)
        for month in range(data):
            interest = (balance * Decimal("0.0325") / 12).quantize(cent, rounding=ROUND_HALF_EVEN)
            fee = (Decimal(month % 7) / 3).quantize(cent, rounding=ROUND_HALF_UP)
            balance += interest - fee + Decimal("12.34")
            paid += fee
        with localcontext(Context(prec=120)) as context:
            total = sum((1 / Decimal(k * k) for k in range(1, data // 4)), Decimal(0))
            root = context.sqrt(6 * total)
            return [str(balance), str(paid), str(root), str((root.ln() * 2).exp())]


class FractionSums:
    """Fractions: harmonic sums, continued fractions, and an exact solution of a system of equations."""

    def process(self, data: int) -> list[str]:
        harmonic = sum((Fraction((-1) ** k, k) for k in range(1, data)), Fraction(0))
        convergent = Fraction(1)
        for k in range(data // 4, 0, -1):
            convergent = k + 1 / convergent
        size = 8
        rows = [[Fraction(1, row + column + 1) for column in range(size)] + [Fraction(row)] for row in range(size)]
        for pivot in range(size):
            rows[pivot] = [value / rows[pivot][pivot] for value in rows[pivot]]
            for other in range(size):
                if other != pivot:
                    factor = rows[other][pivot]
                    rows[other] = [value - factor * base for value, base in zip(rows[other], rows[pivot])]
        return [str(harmonic)[-30:], str(convergent)[:30], *(str(row[-1]) for row in rows)]


class StatisticsSummary:
    """The statistics module: exact sums of fractions inside, quantiles, regression, correlation, modes."""

    def process(self, data: int) -> dict[str, object]:
        random = Random(7)
        values = [random.random() * 100 for _ in range(data)]
        other = [value * 2 + random.random() for value in values]
        rounded = [round(value) for value in values]
        line = statistics.linear_regression(values, other)
        return {
            "mean": statistics.mean(values),
            "fast": statistics.fmean(values),
            "deviation": statistics.stdev(values),
            "median": statistics.median(values),
            "quantiles": statistics.quantiles(values, n=5),
            "modes": statistics.multimode(rounded)[:3],
            "line": list(line),
            "correlation": statistics.correlation(values, other),
        }


class Orbits:
    """Floats in attributes of lists: bodies that attract each other, stepped with a fixed interval."""

    def process(self, data: int) -> list[float]:
        bodies = [[float(k), k * k * 0.5, 1.0 - k, 0.1 * k, 0.02 * k * k, -0.05 * k, 1.0 / (k + 1)] for k in range(5)]
        for _ in range(data):
            for index, a in enumerate(bodies):
                for b in bodies[index + 1 :]:
                    dx, dy, dz = a[0] - b[0], a[1] - b[1], a[2] - b[2]
                    square = dx * dx + dy * dy + dz * dz + 0.01
                    pull = 0.001 / (square * math.sqrt(square))
                    for axis, distance in enumerate((dx, dy, dz)):
                        a[3 + axis] -= distance * b[6] * pull
                        b[3 + axis] += distance * a[6] * pull
            for body in bodies:
                for axis in range(3):
                    body[axis] += 0.001 * body[3 + axis]
        return [value for body in bodies for value in body[:3]]


class Mandelbrot:
    """Floats in local variables and complex numbers: points of the plane that don't escape."""

    def process(self, data: int) -> list[int]:
        inside = steps = 0
        for row in range(data):
            for column in range(data):
                cx, cy = 3 * column / data - 2, 2 * row / data - 1
                x = y = 0.0
                for step in range(40):
                    x, y = x * x - y * y + cx, 2 * x * y + cy
                    if x * x + y * y > 4:
                        steps += step
                        break
                else:
                    inside += 1
        julia = 0
        for k in range(data * 4):
            z = complex(k % data - data // 2, k // 4 - data // 2) / data
            for _ in range(20):
                z = z * z + (-0.4 + 0.6j)
                if z.real * z.real + z.imag * z.imag > 4:
                    break
            else:
                julia += 1
        return [inside, steps, julia]


class Sieve:
    """Primes by slices of a bytearray and by a loop over a list, and sums of divisors."""

    def process(self, data: int) -> list[int]:
        flags = bytearray([1]) * data
        flags[:2] = b"\0\0"
        for base in range(2, math.isqrt(data) + 1):
            if flags[base]:
                flags[base * base :: base] = bytes(len(range(base * base, data, base)))
        small = data // 16
        marks = [True] * small
        for base in range(2, small):
            if marks[base]:
                multiple = base * base
                while multiple < small:
                    marks[multiple] = False
                    multiple += base
        divisors = [0] * small
        for divisor in range(1, small):
            for multiple in range(divisor, small, divisor):
                divisors[multiple] += divisor
        primes = [number for number, flag in enumerate(flags) if flag]
        return [len(primes), primes[-1], sum(marks) - 2, max(divisors), sum(a == 2 * k for k, a in enumerate(divisors))]


class MatrixLists:
    """Matrices as lists of lists: products, a transposition, and elimination in floats."""

    def process(self, data: int) -> list[float]:
        left = [[(row * 3 + column * 5) % 11 / 8 for column in range(data)] for row in range(data)]
        right = [[(row * 7 + column) % 13 / 4 for column in range(data)] for row in range(data)]
        columns = list(zip(*right))
        product = [[sum(a * b for a, b in zip(row, column)) for column in columns] for row in left]
        for k in range(data):
            product[k][k] += 500.0
        determinant = 1.0
        for pivot in range(data):
            determinant *= product[pivot][pivot] / 500
            for row in range(pivot + 1, data):
                factor = product[row][pivot] / product[pivot][pivot]
                for column in range(pivot, data):
                    product[row][column] -= factor * product[pivot][column]
        return [determinant, product[-1][-1], product[1][data // 2], math.fsum(map(sum, product))]


class WaveTable:
    """Functions of the C library in a loop: sines, exponentials and logarithms of floats."""

    def process(self, data: int) -> dict[str, list[float]]:
        sines = [math.sin(k * 0.01) for k in range(data)]
        decays = [math.exp(-k / data) for k in range(data)]
        levels = [math.log(1 + k * 0.5) for k in range(data)]
        angles = [math.atan2(k, 1 + k % 17) for k in range(data)]
        step = data // 8
        return {"sines": sines[1::step], "decays": decays[1::step], "levels": levels[1::step], "angles": angles[1::step]}


class RandomWalk:
    """The Mersenne twister: floats, integers, choices, shuffles and samples."""

    def process(self, data: int) -> list[object]:
        random = Random(20240229)
        place = 0.0
        for _ in range(data):
            place += random.random() - 0.5
        hits = sum(random.randrange(6) == 5 for _ in range(data))
        deck = list(range(data))
        random.shuffle(deck)
        picked = random.sample(deck, 20)
        letters = "".join(random.choices("abcdef", weights=[1, 2, 3, 4, 5, 6], k=data))
        return [place, hits, deck[:5], picked[:5], letters[-20:], random.getrandbits(64)]
