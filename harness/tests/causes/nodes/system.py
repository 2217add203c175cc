"""What a target has, and what its C library says."""

import datetime
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


class EarlyYear:
    def process(self, data):
        return datetime.date(data, 3, 1).strftime("%Y-%m-%d")


class ErrorNumber:
    def process(self, data):
        import errno

        return errno.ERANGE


class Nested:
    def process(self, data):
        return len(str(compile("(" * data + "1" + ")" * data, "nested", "eval").co_consts))


class Recursive:
    def process(self, data):
        value = []
        for _ in range(data):
            value = [value]
        return len(repr(value))


class Large:
    def process(self, data):
        return len(bytearray(data << 20))


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
