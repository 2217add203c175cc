"""Files in the case's own directory."""

from collections.abc import Iterator
from pathlib import Path
import csv
import gzip
import io
import json
import os
import shutil
import tarfile
import tempfile
import zipfile


def case_dir() -> Path:
    return Path(os.environ["PARALLAX_CASE_DIR"])


class SaveText:
    """Writes each item into a numbered file and passes the name on."""

    def __init__(self, encoding: str = "utf-8") -> None:
        self.encoding = encoding
        self.count = 0

    def process(self, data: str) -> str:
        self.count += 1
        path = case_dir() / f"part-{self.count:02d}.txt"
        path.write_text(data, encoding=self.encoding, newline="")
        return path.name


class LoadText:
    """Reads a file that another node wrote."""

    def __init__(self, encoding: str = "utf-8") -> None:
        self.encoding = encoding

    def process(self, data: str) -> dict[str, object]:
        path = case_dir() / data
        return {"name": path.name, "size": path.stat().st_size, "text": path.read_text(encoding=self.encoding)}


class Listing:
    """What is in the directory: nothing, before somebody writes."""

    def process(self, data: list[str]) -> dict[str, object]:
        before = os.listdir(case_dir())
        for name in data:
            path = case_dir() / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(name.encode())
        with os.scandir(case_dir()) as entries:
            scanned = sorted((entry.name, entry.is_dir()) for entry in entries)
        walked = [
            [os.path.relpath(folder, case_dir()), sorted(folders), sorted(names)]
            for folder, folders, names in sorted(os.walk(case_dir()))
        ]
        return {
            "before": before, "listed": sorted(os.listdir(case_dir())), "scanned": scanned, "walked": walked,
            "globbed": sorted(path.relative_to(case_dir()).as_posix() for path in case_dir().rglob("*.txt")),
        }


class ChangeFiles:
    """Renames, replaces, truncates, removes."""

    def process(self, data: str) -> dict[str, object]:
        first, second = case_dir() / "first", case_dir() / "second"
        first.write_text(data)
        second.write_text("old")
        os.replace(first, second)
        replaced = second.read_text()
        os.truncate(second, 3)
        truncated = second.read_text()
        copied = Path(shutil.copyfile(second, first)).read_text()
        folder = case_dir() / "folder"
        folder.mkdir()
        try:
            os.rmdir(case_dir() / "absent")
            problem = ""
        except OSError as error:
            problem = type(error).__name__
        folder.rmdir()
        second.unlink()
        return {"replaced": replaced, "truncated": truncated, "copied": copied, "left": sorted(os.listdir(case_dir())), "problem": problem}


class Seek:
    """Reads and writes one file at several positions, as bytes and as text."""

    def process(self, data: list[str]) -> dict[str, object]:
        path = case_dir() / "seek.bin"
        with open(path, "w+b") as file:
            file.writelines(line.encode() for line in data)
            file.seek(2)
            file.write(b"##")
            file.seek(-3, os.SEEK_END)
            tail = file.read()
            file.seek(0, os.SEEK_END)
            size = file.tell()
        with open(path, "a") as file:
            file.write("appended\n")
        with open(path) as file:
            first = file.readline()
            position = file.tell()
            rest = file.readlines()
        return {"tail": tail, "size": size, "first": first, "position": position, "rest": rest}


class LineEndings:
    """Universal newlines and the ways of asking for others."""

    def process(self, data: bytes) -> dict[str, object]:
        path = case_dir() / "lines.txt"
        path.write_bytes(data)
        seen = {}
        for newline in (None, "", "\n", "\r", "\r\n"):
            with open(path, newline=newline) as file:
                seen[repr(newline)] = file.readlines()
        with open(path, "w", newline="\r\n") as file:
            file.write("one\ntwo\n")
        return {"seen": seen, "written": path.read_bytes()}


class CsvFile:
    """Rows to a CSV file, and the file back to records."""

    def process(self, data: list[list[object]]) -> dict[str, object]:
        path = case_dir() / "table.csv"
        with open(path, "w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(data)
        with open(path, newline="", encoding="utf-8") as file:
            records = list(csv.DictReader(file))
        return {"raw": path.read_bytes(), "records": records}


class JsonFile:
    """A document to a JSON file and back, with floats and other scripts."""

    def process(self, data: object) -> dict[str, object]:
        path = case_dir() / "document.json"
        with open(path, "w", encoding="utf-8") as file:
            json.dump(data, file, ensure_ascii=False, indent=1)
        with open(path, encoding="utf-8") as file:
            loaded = json.load(file)
        return {"same": loaded == data, "bytes": path.stat().st_size, "lines": len(path.read_text().splitlines()), "loaded": loaded}


class OtherScripts:
    """File names and contents beyond ASCII."""

    def process(self, data: list[str]) -> dict[str, object]:
        for name in data:
            (case_dir() / name).write_text(f"{name}\n", encoding="utf-16")
        names = sorted(os.listdir(case_dir()))
        return {"names": names, "contents": [(case_dir() / name).read_text(encoding="utf-16") for name in names]}


class Temporary:
    """Temporary files and directories, whose random names are never shown."""

    def process(self, data: str) -> dict[str, object]:
        with tempfile.TemporaryDirectory(dir=case_dir(), prefix="work-") as name:
            prefix = Path(name).name[:5]
            inner = Path(name) / "inner.txt"
            inner.write_text(data)
            size = inner.stat().st_size
        with tempfile.TemporaryFile("w+", dir=case_dir()) as file:
            file.write(data)
            file.seek(0)
            text = file.read()
        with tempfile.SpooledTemporaryFile(max_size=10_000, mode="w+") as spooled:
            spooled.write(data * 2)
            length = spooled.tell()
        return {"prefix": prefix, "size": size, "text": text, "spooled": length, "left": sorted(os.listdir(case_dir()))}


class Archives:
    """gzip, zip and tar files, written with fixed times and read back."""

    def process(self, data: dict[str, str]) -> dict[str, object]:
        packed = gzip.compress(json.dumps(data).encode(), mtime=0)
        with zipfile.ZipFile(case_dir() / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in data.items():
                archive.writestr(zipfile.ZipInfo(name, (2020, 1, 2, 3, 4, 6)), text)
        with tarfile.open(case_dir() / "all.tar.gz", "w:gz") as archive:
            for name, text in data.items():
                member = tarfile.TarInfo(name)
                member.size = len(text.encode())
                archive.addfile(member, io.BytesIO(text.encode()))
        with zipfile.ZipFile(case_dir() / "all.zip") as zipped, tarfile.open(case_dir() / "all.tar.gz") as tarred:
            return {
                "gzip": json.loads(gzip.decompress(packed)) == data,
                "zip": {item.filename: [item.file_size, item.CRC, zipped.read(item).decode()] for item in zipped.infolist()},
                "tar": {item.name: tarred.extractfile(item).read().decode() for item in tarred},
                "bad": zipped.testzip() or "none",
            }


class FileErrors:
    """The exception classes of what can't be done with files."""

    def process(self, data: str) -> Iterator[list[str]]:
        folder, file = case_dir() / "folder", case_dir() / "file"
        folder.mkdir()
        file.write_text("x")
        attempts = {
            "absent": lambda: open(case_dir() / "absent"),
            "exists": folder.mkdir,
            "exclusive": lambda: open(file, "x"),
            "not_a_directory": lambda: os.listdir(file),
            "directory": lambda: open(folder),
            "not_readable": lambda: self.read_from_writer(file),
            "negative_seek": lambda: self.seek_before_start(file),
        }
        for name, attempt in attempts.items():
            try:
                attempt()
                yield [name, "nothing raised"]
            except (OSError, ValueError) as error:
                yield [name, type(error).__name__]

    @staticmethod
    def seek_before_start(path: Path) -> int:
        with open(path, "rb") as file:
            return file.seek(-1)

    @staticmethod
    def read_from_writer(path: Path) -> str:
        with open(path, "a") as file:
            return file.read()


class Where:
    """Returns paths that each target has under another name."""

    def process(self, data: object) -> dict[str, str]:
        return {os.path.join(os.getcwd(), "kept"): "in the case's directory", "module": __file__}
