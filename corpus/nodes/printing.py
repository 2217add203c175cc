"""Nodes that write to the standard streams, which belong to the protocol."""

import logging
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
