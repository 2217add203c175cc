"""Stands where a source release expects its build system: pip wants the file's name and version before it keeps it, and no build."""

import os


def get_requires_for_build_wheel(config_settings=None):
    return []


def prepare_metadata_for_build_wheel(directory, config_settings=None):
    name, version = os.environ["PARALLAX_PACKAGE"], os.environ["PARALLAX_VERSION"]
    folder = f"{name}-{version}.dist-info"
    os.makedirs(os.path.join(directory, folder), exist_ok=True)
    with open(os.path.join(directory, folder, "METADATA"), "w") as file:
        file.write(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    return folder


def build_wheel(directory, config_settings=None, metadata_directory=None):
    raise SystemExit("nothing is built here")
