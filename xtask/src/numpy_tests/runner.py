"""A node that runs files of numpy's own tests, and says of every test how it ended.

The numpy that is tested is the executor's own; only the tests and pytest come from the folder beside it.
"""

import contextlib
import importlib
import io
import os
import sys
import types

SCRATCH = os.environ["PARALLAX_CASE_DIR"]

# Of pytest's own plugins, what needs threads, signals or a place to write is left out.
ARGUMENTS = [
    "--quiet",
    "--no-header",
    "--tb=short",
    "--capture=no",
    "--import-mode=importlib",
    "--override-ini=consider_namespace_packages=true",
    # numpy's profile whose examples are the same on every run.
    "--hypothesis-profile=np.test() profile",
    "-pno:cacheprovider",
    "-pno:faulthandler",
    "-pno:threadexception",
    "-pno:unraisableexception",
]


class _Stub(types.ModuleType):
    """Enough of a module that is missing here for a file that imports it to be read."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})


def _said(report):
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is not None:
        return crash.message
    if isinstance(report.longrepr, tuple):
        return report.longrepr[2].removeprefix("Skipped: ")
    return str(report.longrepr or getattr(report, "wasxfail", ""))


class Outcomes:
    """A pytest plugin that keeps one word and one text a test."""

    def __init__(self):
        self.tests = {}

    def pytest_runtest_logreport(self, report):
        if hasattr(report, "wasxfail"):
            if report.skipped:
                self._note(report, "xfailed")
            elif report.when == "call":
                self._note(report, "xpassed")
        elif report.failed:
            # Of a test that fails again while it is taken down, the first failure says more.
            if self.tests.get(report.nodeid, ["passed"])[0] != "failed":
                self._note(report, "failed")
        elif report.skipped:
            self._note(report, "skipped")
        elif report.when == "call":
            self.tests[report.nodeid] = ["passed", ""]

    def pytest_collectreport(self, report):
        if report.failed:
            self._note(report, "failed")

    def _note(self, report, outcome):
        self.tests[report.nodeid] = [outcome, _said(report)]


def _prepare(folder):
    # What WASI lacks, and files that are collected here ask for when they are imported.
    # numpy itself is imported first: it must not take the stub for ctypes.
    for name in ("numpy", "numpy._core", "numpy.fft", "numpy.linalg", "numpy.random"):
        importlib.import_module(name).__path__.append(f"{folder}/{name.replace('.', '/')}")
    sys.modules["ctypes"] = _Stub("ctypes")
    os.getuid = lambda: 0
    os.devnull = f"{SCRATCH}/null"
    with open(os.devnull, "wb"):
        pass
    os.environ["HOME"] = os.environ["TMPDIR"] = SCRATCH
    sys.path.append(f"{folder}/site-packages")


class Run:
    def __init__(self, folder):
        self.folder = folder

    def process(self, files):
        _prepare(self.folder)
        import pytest

        outcomes, printed = Outcomes(), io.StringIO()
        where = ["-c", f"{self.folder}/pytest.ini", f"--rootdir={self.folder}"]
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            code = pytest.main(ARGUMENTS + where + [f"{self.folder}/{file}" for file in files], plugins=[outcomes])
        return {"code": int(code), "printed": printed.getvalue()[-4000:], "tests": outcomes.tests}
