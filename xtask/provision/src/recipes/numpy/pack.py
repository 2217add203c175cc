"""Packs numpy's Python files for the WebAssembly leg, byte for byte the same on every run: bytecode, sources for whoever looks at them, metadata.

usage: pack.py SITE_PACKAGES GUEST_ZIP METADATA OUTPUT
"""

import importlib._bootstrap_external as bootstrap
import importlib.util
import os
import re
import sys
import zipfile

# What a pipeline never imports.
LEFT_OUT = {"__pycache__", "tests", "_examples", "_pyinstaller", "include"}


def sources(library):
    """Yields (path, path relative to the library) in a fixed order."""
    for base, folders, files in os.walk(os.path.join(library, "numpy")):
        folders[:] = sorted(name for name in folders if name not in LEFT_OUT)
        for name in sorted(files):
            if name.endswith(".py"):
                path = os.path.join(base, name)
                yield path, os.path.relpath(path, library)


def read(path):
    with open(path, "rb") as file:
        source = file.read()
    if os.path.basename(path) == "__config__.py":
        # The compilers' paths differ from machine to machine.
        source = re.sub(rb'"(commands|path)": r"[^"]*"', rb'"\1": r""', source)
    return source


def entry(name):
    info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    info.external_attr = 0o644 << 16
    return info


def main():
    library, guest, metadata, output = sys.argv[1:]
    with zipfile.ZipFile(output, "w", zipfile.ZIP_STORED) as archive:
        for path, relative in sources(library):
            source = read(path)
            code = compile(source, f"{guest}/{relative}", "exec", dont_inherit=True, optimize=0)
            # Unchecked: loaded without asking for the source's time.
            archive.writestr(entry(relative + "c"), bootstrap._code_to_hash_pyc(code, importlib.util.source_hash(source), False))
            archive.writestr(entry(relative), source)
        with open(metadata, "rb") as file:
            text = file.read()
        version = re.search(rb"^Version: (\S+)", text, re.MULTILINE)[1].decode()
        archive.writestr(entry(f"numpy-{version}.dist-info/METADATA"), text)


main()
