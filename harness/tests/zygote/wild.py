"""Nodes that misbehave as processes."""

import os
import signal
import sys
import threading
import time

_forked = []
os.register_at_fork(before=lambda: _forked.append("before"), after_in_child=lambda: _forked.append("after"))


class Fine:
    def process(self, item):
        return "fine"


class KillItself:
    def process(self, item):
        os.kill(os.getpid(), signal.SIGKILL)


class Segfault:
    def process(self, item):
        # The first one removes the handler that Rust has for overflows of the stack.
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGSEGV)


class KillParent:
    def process(self, item):
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(60)


class StopTheGroup:
    def process(self, item):
        os.killpg(0, signal.SIGKILL)


class StopSiblings:
    number = signal.SIGSTOP

    def process(self, item):
        parent = os.getppid()
        with open(f"/proc/{parent}/cmdline", "rb") as file:
            # A process of its own has the harness for its parent.
            if b"--zygote" not in file.read():
                return None
        siblings = []
        # There is one soon. Without one, the case's limit ends this.
        while not siblings:
            with open(f"/proc/{parent}/task/{parent}/children") as file:
                siblings = [int(pid) for pid in file.read().split() if int(pid) != os.getpid()]
        for pid in siblings:
            os.kill(pid, self.number)


class KillSiblings(StopSiblings):
    number = signal.SIGKILL


class TakeMemory:
    def process(self, item):
        return len(bytearray(1 << 30))


class Room:
    """MiB that a single object can still have."""

    def process(self, item):
        fits, too_much = 0, 1 << 12
        while too_much - fits > 1:
            middle = (fits + too_much) // 2
            try:
                bytearray(middle << 20)
                fits = middle
            except MemoryError:
                too_much = middle
        return fits


class Spin:
    def process(self, item):
        while True:
            pass


class WriteTooMuch:
    def process(self, item):
        while True:
            os.write(1, b"x" * 65536)


class CloseOutput:
    def process(self, item):
        os.close(1)
        return 1


class LeaveAtOnce:
    def process(self, item):
        os._exit(3)


class Raise:
    def process(self, item):
        raise ValueError("bad")


class LeaveChild:
    def process(self, item):
        child = os.fork()
        if child == 0:
            time.sleep(600)
            os._exit(0)
        return child


class LeaveSession:
    def process(self, item):
        read, write = os.pipe()
        if os.fork() == 0:
            # Out of the group, and its parent doesn't wait for it.
            os.setsid()
            os.write(write, str(os.getpid()).encode())
            time.sleep(600)
            os._exit(0)
        return int(os.read(read, 20))


class TellAndWait:
    def __init__(self, path):
        self.path = path

    def process(self, item):
        child = os.fork()
        if child == 0:
            time.sleep(600)
            os._exit(0)
        with open(self.path + ".new", "w") as file:
            print(os.getppid(), os.getpid(), child, file=file)
        os.rename(self.path + ".new", self.path)
        time.sleep(600)


class Forked:
    """What tells a copy from a process that was started for its case."""

    def process(self, item):
        own_number = threading.main_thread().native_id == os.getpid() == threading.get_native_id()
        in_its_directory = os.environ["TMPDIR"] == os.environ["PARALLAX_CASE_DIR"] == os.getcwd()
        told = os.environb[b"TMPDIR"].decode() == os.getcwd()
        return [list(_forked), own_number, in_its_directory and told, list(os.environ)]


class Descriptors:
    def process(self, item):
        return sorted(int(number) for number in os.listdir("/proc/self/fd"))


class Rehearsed:
    """What the zygote's own requests could have left behind."""

    def process(self, item):
        import _parallax_bridge as bridge
        import warnings

        warnings.warn("only this one")
        return [len(bridge._log), bridge._loop is None]
