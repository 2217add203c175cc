"""A module whose body raises while it is imported."""

TABLE = {"one": 1}
LIMIT = TABLE["two"]


class NeverDefined:
    def process(self, data: object) -> object:
        return data
