"""Applies a unified diff: every hunk exactly where it says, or nothing is built.

usage: apply_patch.py PATCH FOLDER

The program `patch` is not on every machine, and looks for a place where a hunk might fit as well.
"""

import os
import re
import sys

HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@")


def read_patch(path):
    """Yields (file, is new, [(first line, lines as they are, lines as they shall be)])."""
    with open(path, encoding="utf-8", newline="") as patch:
        lines = patch.read().split("\n")
    at = 0
    while at < len(lines):
        if not lines[at].startswith("--- "):
            at += 1
            continue
        new = lines[at] == "--- /dev/null"
        file, hunks = lines[at + 1].removeprefix("+++ b/"), []
        at += 2
        while at < len(lines) and (found := HUNK.match(lines[at])):
            at += 1
            before, after = [], []
            wanted = [int(count) if count else 1 for count in re.findall(r"[-+]\d+(?:,(\d+))?", found.group())]
            while len(before) < wanted[0] or len(after) < wanted[1]:
                mark, text = lines[at][:1] or " ", lines[at][1:]
                before += [text] * (mark in " -")
                after += [text] * (mark in " +")
                at += 1
            hunks.append((int(found.group(1)), before, after))
        yield file, new, hunks


def patched(lines, file, hunks):
    grown = 0
    for number, (first, before, after) in enumerate(hunks, 1):
        start = max(first - 1, 0) + grown
        if lines[start:start + len(before)] != before:
            sys.exit(f"{file}: hunk {number} (line {first}) doesn't apply: the source is not the one that the patch was made for")
        lines[start:start + len(before)] = after
        grown += len(after) - len(before)
    return lines


def main():
    patch, folder = sys.argv[1:]
    for file, new, hunks in read_patch(patch):
        path = os.path.join(folder, file)
        if new == os.path.exists(path):
            sys.exit(f"{file}: {'is there already' if new else 'is not in the source'}")
        lines = [""]
        if not new:
            with open(path, encoding="utf-8", newline="") as source:
                lines = source.read().split("\n")
        text = "\n".join(patched(lines, file, hunks))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8", newline="") as target:
            target.write(text)
        print(f"{file}: {len(hunks)} hunks")


main()
