"""What imports change in dictionaries, lists, sets and classes, so that it can be undone."""

import atexit
import gc
from _abc import _reset_caches
from _weakref import ReferenceType

MISSING = object()


def same_object(one, other):
    return one is other


class Entries:
    """What changes in a dictionary; a value is missing where there is no such key."""

    def __init__(self, before, after):
        keys = [key for key in before if key not in after]
        keys += [key for key, value in after.items() if before.get(key, MISSING) is not value]
        self.before = {key: before.get(key, MISSING) for key in keys}
        self.after = {key: after.get(key, MISSING) for key in keys}

    def __bool__(self):
        return bool(self.before)

    def undo(self, dictionary):
        _enter(dictionary, self.before)

    @property
    def can_be_redone(self):
        return all(value is not MISSING for value in self.after.values())

    @property
    def only_adds(self):
        return self.can_be_redone and all(value is MISSING for value in self.before.values())


def _enter(dictionary, entries):
    for key, value in entries.items():
        if value is MISSING:
            dictionary.pop(key, None)
        else:
            dictionary[key] = value


class Attributes(Entries):
    """What changes in a class."""

    def __init__(self, cls, before, after):
        super().__init__(before, after)
        self.cls = cls

    def undo(self, _):
        for key, value in self.before.items():
            if value is MISSING:
                delattr(self.cls, key)
            else:
                setattr(self.cls, key, value)


class Registration:
    """A class that counts as a subclass of an abstract one."""

    can_be_redone = True

    def __init__(self, base, cls):
        """To be called when it has been registered."""
        self._base = base
        # What is registered comes before what has been answered; where nothing is kept, there is no set.
        self.registry = next(members for members in gc.get_referents(base._abc_impl) if type(members) is set)
        key = ReferenceType(cls)
        self.reference = next(reference for reference in self.registry if reference == key)

    def undo(self, _):
        self.registry.discard(self.reference)
        _reset_caches(self._base)


class AtExit:
    """A function that was registered for the end of the interpreter."""

    can_be_redone = True

    def __init__(self, function, positional, named):
        self.call = function, positional, named

    def undo(self, _):
        atexit.unregister(self.call[0])


class Members:
    """What changes in a set."""

    can_be_redone = True

    def __init__(self, before, after):
        self.added, self.removed = after - before, before - after

    def __bool__(self):
        return bool(self.added or self.removed)

    def undo(self, members):
        members -= self.added
        members |= self.removed


class Items:
    """What is put in front of a list and behind it; nothing else is done to one that outlives an import."""

    def __init__(self, before, after):
        self.before = before
        self.front, self.back = [], []
        more = len(after) - len(before)
        if more > 0 and all(map(same_object, after, before)):
            self.back = after[-more:]
        elif more > 0 and all(map(same_object, after[more:], before)):
            self.front = after[:more]
        self.can_be_redone = bool(self.front or self.back)

    def __bool__(self):
        return True

    def undo(self, items):
        items[:] = self.before


CHANGES = {dict: Entries, set: Members, list: Items}
