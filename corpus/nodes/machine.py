"""What a pipeline can learn of the machine that it runs on: the same everywhere. Each item is a record with one key."""

from collections.abc import Callable, Iterator
import datetime
import getpass
import importlib
import locale
import mimetypes
import os
import platform
import sys
import zoneinfo

Probe = Iterator[dict[str, object]]

# Left out of both Pythons, docs/CORPUS.md says why.
LEFT_OUT = (
    "_bz2", "_ctypes", "_curses", "_dbm", "_gdbm", "_hashlib", "_lzma", "_sqlite3", "_ssl", "_tkinter", "_uuid",
    "bz2", "ctypes", "curses", "dbm.gnu", "ensurepip", "idlelib", "lzma", "readline", "sqlite3", "ssl", "tkinter", "turtle", "venv",
)


def attempt(action: Callable[[], object]) -> object:
    """The result of an action, or the class and text of what it raises."""
    try:
        return action()
    except Exception as error:
        return [type(error).__name__, str(error)]


class Identity:
    """Names of the machine and its user, processors, folders."""

    def process(self, data: object) -> Probe:
        yield {"node": platform.node()}
        yield {"kernel": [platform.release(), platform.version()]}
        yield {"user": getpass.getuser()}
        yield {"home": os.path.expanduser("~")}
        yield {"other_home": os.path.expanduser("~root")}
        yield {"processors": [os.cpu_count(), os.process_cpu_count()]}
        yield {"environment": [[name, value] for name, value in os.environ.items()]}
        yield {"programs": [sys.executable, sys.prefix, sys.base_prefix, sys.exec_prefix]}


class Locales:
    """Which locales there are, and what each says."""

    def process(self, data: str) -> Probe:
        yield {"initial": [locale.setlocale(locale.LC_ALL), list(locale.getlocale()), locale.getencoding()]}
        for name in ("", "C", "POSIX", "C.UTF-8", "de_DE.UTF-8", "tr_TR", data):
            yield {"set": [name, attempt(lambda: locale.setlocale(locale.LC_CTYPE, name)), locale.getencoding()]}
        os.environ["LC_ALL"] = "fr_FR.UTF-8"
        yield {"variable": attempt(lambda: locale.setlocale(locale.LC_ALL, ""))}
        os.environ["LC_ALL"] = "C"
        yield {"numbers": {key: value for key, value in locale.localeconv().items() if key in ("decimal_point", "thousands_sep")}}


class Types:
    """Types that names of files stand for, none from the machine's own lists."""

    def process(self, data: list[str]) -> Probe:
        yield {"lists": mimetypes.knownfiles}
        yield {"types": [list(mimetypes.guess_type(name)) for name in data]}


class Zones:
    """Times in zones that only the package `tzdata` knows."""

    def process(self, data: list[str]) -> Probe:
        yield {"folders": list(zoneinfo.TZPATH)}
        yield {"names": len(zoneinfo.available_timezones())}
        for name in data:
            zone = attempt(lambda: zoneinfo.ZoneInfo(name))
            if isinstance(zone, list):
                yield {"missing": zone}
                continue
            times = [datetime.datetime(2024, month, 31 if month == 3 else 1, 12, tzinfo=datetime.UTC) for month in (1, 3, 7)]
            yield {"times": [name, *(time.astimezone(zone).isoformat() for time in times)]}
            yield {"skipped": datetime.datetime(2024, 3, 31, 2, 30, tzinfo=zone).astimezone(datetime.UTC).isoformat()}


class LeftOut:
    """Modules that neither Python has."""

    def process(self, data: object) -> Probe:
        for name in LEFT_OUT:
            yield {name: attempt(lambda: importlib.import_module(name))}
