"""A module that isn't Python."""


class NeverParsed:
    def process(self, data: object) -> object:
        return data +* 2
