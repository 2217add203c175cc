"""Makes the two archives that the executor links from what Meson and the exception run-time's build left.

usage: merge.py AR NM OUTPUT_FOLDER NUMPY_BUILD EXCEPTIONS_FOLDER LIBCXX_ARCHIVE

libnumpy.a: every object of numpy's build. Modules that compile the same source carry byte-identical objects: one of each is
kept. A symbol that two differing objects define is an error, because which one would be taken depends on the order.

libcxx-exceptions.a: libc++ and libc++abi as packaged (built without exceptions), with the members replaced that throwing
and catching need.
"""

import collections
import hashlib
import os
import subprocess
import sys

# Members of the packaged archive whose place the ones built with exceptions take.
REPLACED = [
    "cxa_aux_runtime", "cxa_default_handlers", "cxa_exception_storage", "cxa_handlers", "cxa_vector",
    "stdlib_new_delete", "cxa_noexception",
]


def objects(folder):
    found = []
    for base, folders, files in os.walk(folder):
        folders.sort()
        found += [os.path.join(base, name) for name in sorted(files) if name.endswith(".o")]
    return found


def run(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def unique(paths):
    kept, seen = [], set()
    for path in paths:
        with open(path, "rb") as file:
            digest = hashlib.sha256(file.read()).digest()
        if digest not in seen:
            seen.add(digest)
            kept.append(path)
    return kept


def twice_defined(nm, archive):
    """Yields (symbol, members) for every strong definition that is there more than once."""
    defined = collections.defaultdict(list)
    member = None
    for line in run(nm, "--extern-only", "--defined-only", archive).splitlines():
        if line.endswith(":"):
            member = line[:-1]
            continue
        fields = line.split()
        if len(fields) >= 3 and fields[-2] in "TDRB":
            defined[fields[-1]].append(member)
    for symbol, members in sorted(defined.items()):
        if len(members) > 1:
            yield symbol, members


def archive(ar, nm, path, members, base=None):
    if os.path.exists(path):
        os.remove(path)
    if base:
        with open(base, "rb") as source, open(path, "wb") as target:
            target.write(source.read())
        run(ar, "dD", path, *[name + ".cpp.o" for name in REPLACED])
    # Appended, not replaced: different folders have objects of the same name.
    run(ar, "qcsD", path, *members)
    clashes = [f"{symbol}: {', '.join(members)}" for symbol, members in twice_defined(nm, path)]
    if clashes:
        sys.exit(f"{path}: defined twice, with different code:\n  " + "\n  ".join(clashes))


def main():
    ar, nm, output, numpy_build, exceptions, libcxx = sys.argv[1:]
    archive(ar, nm, os.path.join(output, "libnumpy.a"), unique(objects(numpy_build)))
    archive(ar, nm, os.path.join(output, "libcxx-exceptions.a"), objects(exceptions), libcxx)


main()
