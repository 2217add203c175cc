"""Seeking from places that there are, and from one that there isn't."""

import os


class SeekFrom:
    def process(self, whence: int) -> object:
        descriptor = os.open("file", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            os.write(descriptor, b"text")
            return os.lseek(descriptor, 1, whence)
        except OSError as error:
            return type(error).__name__
        finally:
            os.close(descriptor)
