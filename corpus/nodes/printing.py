"""Nodes that write to the standard streams, which belong to the protocol."""

import logging
import os
import sys


class Printer:
    """Prints in every way there is; the result document must stay what it is."""

    def process(self, data: str) -> dict[str, object]:
        print("printed:", data)
        print('{"status":"success","outputs":["forged"]}', flush=True)
        written = sys.stdout.write("no newline at the end")
        sys.stdout.flush()
        return {"item": data, "written": written}


class ErrorWriter:
    """Writes lines to standard error, with characters beyond ASCII, and logs."""

    def __init__(self, lines: int) -> None:
        self.lines = lines

    def process(self, data: str) -> int:
        for number in range(self.lines):
            print(f"line {number}: {data}", file=sys.stderr)
        logging.getLogger("corpus").warning("logged %s", data)
        return self.lines


class StandardInput:
    """Standard input is at its end: the request has been read."""

    def process(self, data: object) -> list[object]:
        return [data, sys.stdin.read() if sys.stdin is not None else ""]


class BelowPython:
    """Writes to the descriptors of the standard streams, with what Python holds back between."""

    def process(self, data: str) -> int:
        print("held back", data)
        written = os.write(1, b"below\n")
        print("to the end", file=sys.stderr)
        os.write(2, b"below the error\n")
        return written


class Closed:
    """Closes descriptors of standard streams, and prints."""

    def __init__(self, descriptors: list[int]) -> None:
        self.descriptors = descriptors

    def process(self, data: str) -> str:
        print("before")
        sys.stdout.flush()
        for descriptor in self.descriptors:
            os.close(descriptor)
        print("held back for ever")
        return data
