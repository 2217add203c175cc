"""What a target has, and what its C library says."""

import os
import sys


class Thread:
    def process(self, data):
        import threading

        thread = threading.Thread(target=lambda: None)
        thread.start()
        thread.join()
        return data


class Process:
    def process(self, data):
        import subprocess

        return subprocess.run(["true"], check=True).returncode


class Fork:
    def process(self, data):
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        os.waitpid(pid, 0)
        return data


class Socket:
    def process(self, data):
        import socket

        left, right = socket.socketpair()
        left.send(b"x")
        return right.recv(1)


class Platform:
    def process(self, data):
        return f"runs on {sys.platform}"


class Map:
    def process(self, data):
        import mmap

        with mmap.mmap(-1, 4096) as memory:
            return len(memory)


class ErrorNumber:
    def process(self, data):
        import errno

        return errno.ERANGE


class Recursive:
    def process(self, data):
        numbers = iter([])
        for _ in range(data):
            numbers = filter(None, numbers)
        return list(numbers)


class Large:
    def process(self, data):
        return len([bytearray(data << 20) for _ in range(3)])


class Caught:
    def process(self, data):
        import threading

        try:
            threading.Thread(target=print).start()
        except RuntimeError as error:
            return repr(error)
        return data


class BytesName:
    def process(self, data):
        try:
            open(b"\xff.txt", "w").close()
        except OSError as error:
            return [data, str(error)]
        return [data, ""]


class Outside:
    def process(self, data):
        with open("/etc/hostname", "rb") as file:
            return len(file.read()) > data


class Killed:
    def process(self, data):
        import os

        if hasattr(os, "fork"):
            return data
        os.abort()


class PrintPlatform:
    def process(self, data):
        import sys

        print("on", sys.platform)
        return data
