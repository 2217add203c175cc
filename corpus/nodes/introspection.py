"""What the library says of itself: sources, data and metadata."""

import importlib
import importlib.metadata
import importlib.resources
import inspect
import json
import pkgutil
import traceback


class Metadata:
    """Name and version of an installed package."""

    def process(self, data: str) -> list[str]:
        metadata = importlib.metadata.metadata(data)
        return [metadata["Name"], importlib.metadata.version(data), metadata["Summary"]]


class Source:
    """The source of a function of the library."""

    def process(self, data: object) -> str:
        return inspect.getsource(json.dumps)


class Trace:
    """A traceback through the library, with its source lines."""

    def process(self, data: str) -> str:
        try:
            json.loads(data)
        except ValueError:
            return traceback.format_exc()
        return "no error"


class Data:
    """Files of the library as data."""

    def process(self, data: str) -> list[object]:
        text = importlib.resources.files("json").joinpath(data).read_text()
        content = pkgutil.get_data("json", data)
        return [text.splitlines()[0], content is not None and content.decode() == text]


class Places:
    """Where modules of the library say that they come from."""

    def process(self, data: str) -> list[object]:
        module = importlib.import_module(data)
        spec = module.__spec__
        assert spec is not None
        return [module.__file__, spec.origin, getattr(module, "__path__", None), spec.has_location, getattr(module, "__cached__", None)]
