"""What stands before and behind the node that differs."""


class Keep:
    """Passes each item on."""

    def process(self, data):
        return data


class Described:
    """Makes of each item another one, which differs where the item does."""

    def process(self, data):
        return {"text": repr(data), "length": len(repr(data))}


class RefuseLarge:
    """Fails for what one leg alone has cut."""

    def process(self, data):
        if data > 1 << 32:
            raise ValueError(data)
        return data


class LeaveLarge:
    """Ends the process for what one leg alone has cut."""

    def process(self, data):
        if data > 1 << 32:
            import os

            os._exit(3)
        return data


class Swap:
    """Gives each of two values the other's name."""

    def process(self, data):
        return {"x": data["y"], "y": data["x"]}
