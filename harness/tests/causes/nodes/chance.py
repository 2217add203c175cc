"""What is another thing each time, and orders that follow from hashes."""

import os
import random
import time
import uuid


class Clock:
    def process(self, data):
        return time.time()


class Nanoseconds:
    def process(self, data):
        return {"at": time.time_ns(), "n": data}


class Dice:
    def process(self, data):
        return [random.random() for _ in range(data)]


class Unique:
    def process(self, data):
        return str(uuid.uuid4())


class Noise:
    def process(self, data):
        return os.urandom(data).hex()


class Address:
    def process(self, data):
        return id(object())


class Pairs:
    def process(self, data):
        return [list(pair) for pair in {(number, number * 7919) for number in range(data)}]


class Fractions:
    def process(self, data):
        return ", ".join(map(str, {number / 7 for number in range(data)}))


class Points:
    def process(self, data):
        return {str(pair): 1 for pair in {(number, -number) for number in range(data)}}


class ByKey:
    def process(self, data):
        return sorted([1.5, "a", (1, 2), "b", "c"], key=hash)
