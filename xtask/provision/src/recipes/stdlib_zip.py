"""Packs the standard library for the WebAssembly leg, byte for byte the same on every run: bytecode, and sources for whoever looks at them.

usage: stdlib_zip.py LIBRARY_FOLDER SYSCONFIG_MODULE GUEST_FOLDER OUTPUT
"""

import importlib._bootstrap_external as bootstrap
import importlib.util
import os
import sys
import zipfile

# What is no module's source, or stands beside the archive.
LEFT_OUT = {"__pycache__", "lib-dynload", "site-packages"}


def sources(folder):
    """Yields (path, path relative to the library) in a fixed order."""
    for base, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in LEFT_OUT and not name.startswith("config-"))
        for name in sorted(files):
            if name.endswith(".py") and not name.startswith("_sysconfigdata_"):
                path = os.path.join(base, name)
                yield path, os.path.relpath(path, folder)


def bytecode(source, recorded):
    """Compiles a source to an unchecked-hash .pyc, which is loaded without asking for the source's time."""
    code = compile(source, recorded, "exec", dont_inherit=True, optimize=0)
    return bootstrap._code_to_hash_pyc(code, importlib.util.source_hash(source), False)


def main():
    library, sysconfig_module, guest, output = sys.argv[1:]
    entries = list(sources(library))
    entries.append((sysconfig_module, os.path.basename(sysconfig_module)))
    entries.sort(key=lambda entry: entry[1])
    with zipfile.ZipFile(output, "w", zipfile.ZIP_STORED) as archive:
        for path, relative in entries:
            with open(path, "rb") as file:
                source = file.read()
            for name, content in ((relative + "c", bytecode(source, f"{guest}/{relative}")), (relative, source)):
                info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
                info.external_attr = 0o644 << 16
                archive.writestr(info, content)


main()
