"""What stands before and behind the node that differs."""


class Keep:
    """Passes each item on."""

    def process(self, data):
        return data


class Described:
    """Makes of each item another one, which differs where the item does."""

    def process(self, data):
        return {"text": repr(data), "length": len(repr(data))}
