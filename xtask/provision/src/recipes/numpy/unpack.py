"""Unpacks a wheel, or of a large one what is wanted.

usage: unpack.py WHEEL FOLDER [PREFIX ...]
"""

import os
import sys
import zipfile


def main():
    wheel, folder, *prefixes = sys.argv[1:]
    with zipfile.ZipFile(wheel) as archive:
        members = [member for member in archive.infolist() if not prefixes or member.filename.startswith(tuple(prefixes))]
        for member in members:
            path = archive.extract(member, folder)
            # zipfile leaves the modes out, and ninja is a program.
            if member.external_attr >> 16 & 0o100:
                os.chmod(path, 0o755)
    if not members:
        sys.exit(f"{wheel} holds nothing below {' or '.join(prefixes)}")


main()
