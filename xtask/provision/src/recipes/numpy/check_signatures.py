"""Finds C functions that are registered with CPython under another signature than they have.

Natively such a call happens to work; in WebAssembly an indirect call is type-checked and traps.

usage: check_signatures.py OBJECT_FOLDER [BUILD_LOG ALLOWED]

Two sources, because neither sees everything:

- the objects: every initialised PyMethodDef and PyGetSetDef, found by its relocations; the function's type as compiled against
  what CPython calls for those flags. This sees through any cast.
- the log of a build with `-Wcast-function-type-mismatch`: casts of functions to other function types (type slots, callbacks),
  both types lowered to WebAssembly's. Casts to PyCFunction are left to the objects, where the flags are known. ALLOWED lists
  those that can't trap, with the reason.

Exit code 1 when something is found, 2 when nothing was looked at.
"""

import os
import re
import sys

POINTER = "i32"
ARITY_BY_FLAGS = {0x1: 2, 0x2: 3, 0x3: 3, 0x4: 2, 0x8: 2, 0x80: 3, 0x82: 4, 0x282: 5}
BINDING_FLAGS = 0x10 | 0x20 | 0x40
VALUE_TYPES = {0x7F: "i32", 0x7E: "i64", 0x7D: "f32", 0x7C: "f64", 0x7B: "v128", 0x70: "funcref", 0x6F: "externref", 0x69: "exnref"}
# Relocation types with an addend, and the two that matter here.
WITH_ADDEND = {3, 4, 5, 8, 9, 11, 14, 15, 16, 17, 21, 22, 23, 25}
FUNCTION_IN_TABLE, ADDRESS = 2, 5
UNDEFINED, EXPLICIT_NAME = 0x10, 0x40


class Reader:
    def __init__(self, data, at=0):
        self.data, self.at = data, at

    def byte(self):
        self.at += 1
        return self.data[self.at - 1]

    def number(self):
        result = shift = 0
        while True:
            byte = self.byte()
            result |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return result

    def text(self):
        length = self.number()
        self.at += length
        return self.data[self.at - length:self.at].decode("utf-8", "replace")


class Object:
    """What a relocatable WebAssembly object says of its functions and data."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = file.read()
        self.types, self.functions, self.imported, self.symbols = [], [], [], []
        self.data_start, self.segments, self.relocations = None, [], {}
        # Where each initialised variable lies: (offset in the section, size).
        self.variables = []
        sections = []
        reader = Reader(self.data, 8)
        while reader.at < len(self.data):
            kind, size = reader.byte(), reader.number()
            sections.append((kind, reader.at, reader.at + size))
            reader.at += size
        for kind, start, end in sections:
            reader = Reader(self.data, start)
            if kind == 1:
                self.read_types(reader)
            elif kind == 2:
                self.read_imports(reader)
            elif kind == 3:
                self.functions += [self.types[reader.number()] for _ in range(reader.number())]
            elif kind == 11:
                self.data_start = start
                self.read_segments(reader)
            elif kind == 0:
                name = reader.text()
                if name == "linking":
                    self.read_linking(reader, end)
                elif name == "reloc.DATA":
                    self.read_relocations(reader)

    def read_types(self, reader):
        for _ in range(reader.number()):
            reader.byte()
            lists = [[VALUE_TYPES[reader.byte()] for _ in range(reader.number())] for _ in range(2)]
            self.types.append((tuple(lists[0]), tuple(lists[1])))

    def read_imports(self, reader):
        for _ in range(reader.number()):
            reader.text()
            name = reader.text()
            kind = reader.byte()
            if kind == 0:
                self.imported.append(name)
                self.functions.append(self.types[reader.number()])
            elif kind == 3:
                reader.byte(), reader.byte()
            else:
                if kind in (1, 4):
                    reader.byte()
                if kind == 4:
                    reader.number()
                    continue
                limits = reader.byte()
                reader.number()
                if limits & 1:
                    reader.number()

    def read_segments(self, reader):
        for _ in range(reader.number()):
            if reader.number() != 1:
                # The offset: an instruction with its operand, and `end`.
                reader.byte(), reader.number(), reader.byte()
            size = reader.number()
            self.segments.append(reader.at - self.data_start)
            reader.at += size

    def read_linking(self, reader, end):
        reader.number()
        while reader.at < end:
            kind, size = reader.byte(), reader.number()
            after = reader.at + size
            if kind == 8:
                for _ in range(reader.number()):
                    self.symbols.append(self.read_symbol(reader))
            reader.at = after

    def read_symbol(self, reader):
        kind, flags = reader.byte(), reader.number()
        if kind == 1:
            name = reader.text()
            if not flags & UNDEFINED:
                segment, offset, size = reader.number(), reader.number(), reader.number()
                self.variables.append((self.segments[segment] + offset, size))
            return kind, None, name
        index = reader.number()
        name = ""
        if kind != 3 and (not flags & UNDEFINED or flags & EXPLICIT_NAME):
            name = reader.text()
        return kind, index, name

    def read_relocations(self, reader):
        reader.number()
        for _ in range(reader.number()):
            kind, offset, index = reader.byte(), reader.number(), reader.number()
            if kind in WITH_ADDEND:
                reader.number()
            self.relocations[offset] = (kind, index)

    def kind(self, offset):
        return self.relocations.get(offset, (None,))[0]

    def word(self, offset):
        at = self.data_start + offset
        return int.from_bytes(self.data[at:at + 4], "little")

    def function(self, offset):
        """(name, type) of the function whose address stands here. One of another object has its name from the import."""
        _, index, name = self.symbols[self.relocations[offset][1]]
        return name or self.imported[index], self.functions[index]

    def registrations(self):
        """Yields (what, function, its type, the type that CPython calls)."""
        for offset in sorted(self.relocations):
            if self.kind(offset) != ADDRESS or self.kind(offset + 4) != FUNCTION_IN_TABLE:
                continue
            third = self.word(offset + 8) if self.kind(offset + 8) is None else None
            arity = ARITY_BY_FLAGS.get(third & ~BINDING_FLAGS) if third else None
            if arity:
                name, found = self.function(offset + 4)
                yield f"method, flags {third:#x}", name, found, ((POINTER,) * arity, (POINTER,))
        for entry in self.property_entries():
            for what, place, arity in (("getter", entry + 4, 2), ("setter", entry + 8, 3)):
                if self.kind(place) == FUNCTION_IN_TABLE:
                    name, found = self.function(place)
                    yield what, name, found, ((POINTER,) * arity, (POINTER,))

    def property_entries(self):
        """The PyGetSetDef of every variable that is an array of them: five words each, the last all zero."""
        for start, size in self.variables:
            entries = range(start, start + size, 20)
            if size < 40 or size % 20 or any(self.kind(entries[-1] + at) or self.word(entries[-1] + at) for at in range(0, 20, 4)):
                continue
            if all(self.kind(entry) == ADDRESS for entry in entries[:-1]):
                yield from entries[:-1]


def show(signature):
    return f"({', '.join(signature[0])}) -> {', '.join(signature[1]) or 'nothing'}"


def check_objects(folder):
    looked, found = 0, []
    for base, _, files in sorted(os.walk(folder)):
        for file in sorted(files):
            if not file.endswith(".o"):
                continue
            path = os.path.join(base, file)
            for what, name, has, wanted in Object(path).registrations():
                looked += 1
                if has != wanted:
                    found.append(f"{os.path.relpath(path, folder)}: {name}, {what}: has {show(has)}, is called as {show(wanted)}")
    return looked, found


WARNING = re.compile(r"^(\S+?):(\d+):\d+: warning: cast from '(.*?)'(?: \(aka '(.*?)'\))? to '(.*?)'(?: \(aka '(.*?)'\))? converts to incompatible function type")


def split(parameters):
    parts, depth, start = [], 0, 0
    for at, character in enumerate(parameters):
        depth += character in "(<[" 
        depth -= character in ")>]"
        if character == "," and depth == 0:
            parts.append(parameters[start:at])
            start = at + 1
    return parts + [parameters[start:]]


def lower(text):
    """A C type as WebAssembly has it; None for what isn't passed by value or isn't known."""
    text = re.sub(r"\b(const|volatile|restrict|struct|enum|union)\b", "", text).strip()
    if not text or text == "void":
        return ()
    if text.endswith("*") or "(*" in text or text.endswith("]"):
        return (POINTER,)
    if text in ("double", "npy_double"):
        return ("f64",)
    if text in ("float", "npy_float"):
        return ("f32",)
    if re.fullmatch(r"(unsigned |signed )?long long( int)?|u?int64_t|npy_u?(int64|longlong)|npy_datetime|off_t|npy_off_t", text):
        return ("i64",)
    if re.fullmatch(r"(unsigned |signed )?(char|short|int|long)( int)?|unsigned|_Bool|bool|size_t|ssize_t|Py_ssize_t|Py_hash_t"
                    r"|u?int(8|16|32)_t|npy_(u?(intp|int|int8|int16|int32|long|short|byte)|bool|hash_t|ucs4|half)|NPY_\w+|\w+_t", text):
        return ("i32",)
    return None


def lowered(function):
    match = re.fullmatch(r"(.*?)\(\*\)\((.*)\)(?: noexcept)?", function.strip())
    if not match:
        return None
    values = [lower(match.group(1))] + [lower(part) for part in split(match.group(2))]
    if None in values:
        return None
    return tuple(sum(values[1:], ())), values[0]


def read_allowed(path):
    """(end of the file's path, type cast to) of each entry."""
    with open(path) as file:
        lines = [line for line in file if line.strip() and not line.startswith("#")]
    return [tuple(line.split(": ", 1)[0].split(" as ")) for line in lines]


def check_log(path, allowed):
    """How many casts there were; what is wrong, not understood, and no longer there to be allowed."""
    looked, found, unknown, used = 0, set(), set(), set()
    with open(path, errors="replace") as log:
        for line in log:
            match = WARNING.match(line)
            if not match:
                continue
            looked += 1
            file, number, from_name, from_type, to_name, to_type = match.groups()
            if to_name == "PyCFunction":
                continue
            source, target = lowered(from_type or from_name), lowered(to_type or to_name)
            text = f"{file}:{number}: {from_type or from_name} as {to_name}"
            if source is None or target is None:
                unknown.add(text)
            elif source != target:
                fits = [entry for entry in allowed if file.endswith(entry[0]) and to_name.rstrip(" *") == entry[1]]
                used.update(fits)
                if not fits:
                    found.add(f"{text}: has {show(source)}, is called as {show(target)}")
    stale = [f"allowed, but not there: {' as '.join(entry)}" for entry in allowed if entry not in used]
    return looked, sorted(found), sorted(unknown) + stale


def main():
    registrations, found = check_objects(sys.argv[1])
    print(f"{registrations} registered functions looked at in the objects, {len(found)} mismatches")
    for line in found:
        print("  " + line)
    failed = len(found)
    if len(sys.argv) > 2:
        casts, found, unknown = check_log(sys.argv[2], read_allowed(sys.argv[3]))
        print(f"{casts} casts looked at in the log, {len(found)} mismatches, {len(unknown)} not understood or out of date")
        for line in found + unknown:
            print("  " + line)
        failed += len(found) + len(unknown)
    if registrations == 0:
        sys.exit(2)
    sys.exit(1 if failed else 0)


main()
