"""A module that can't be imported because of what it imports itself."""

import a_module_that_does_not_exist


class NeverLoaded:
    def process(self, data: object) -> object:
        return a_module_that_does_not_exist.convert(data)
