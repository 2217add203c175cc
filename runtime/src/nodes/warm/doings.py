"""Does again what imports have done, with little that is written."""

import abc
import atexit
import sys
import warnings

import _parallax_native as native
from _parallax_changes import MISSING


class Doings:
    """What the imports of some modules do, to be done at once."""

    def __init__(self, changes, subclasses, namespaces, strict):
        # A namespace that the case has changed is noticed before, so its entries are put in without a look at what is there.
        self._namespaces = namespaces
        self._entries, self._additions, self._replacements, self._tolerated = {}, {}, {}, {}
        self._members, self._items = {}, {}
        # Classes aren't changed behind their backs.
        self._attributes, self._registrations, self._at_exit = [], [], []
        # What namespaces hold afterwards, by their numbers.
        self.after = {}
        for container, change in changes:
            getattr(self, f"_take_{type(change).__name__}")(container, change, strict)
        self._subclasses = native.hide(subclasses) if subclasses else None
        self._entries = tuple(self._entries.values())
        self._additions = tuple(self._additions.values())
        self._tolerated = tuple(self._tolerated.values())
        self._replacements = tuple(self._replacements.values())
        self._members = tuple(self._members.values())
        self._items = tuple(self._items.values())

    def _take_Entries(self, container, change, strict):
        number = id(container)
        self.after.setdefault(number, {}).update(change.after)
        if any(value is not MISSING for value in change.before.values()):
            _, before, after = self._replacements.setdefault(number, (container, {}, {}))
            for key, value in change.after.items():
                before.setdefault(key, change.before[key])
                after[key] = value
        else:
            # What is there already in a cache is as good. The combinations of flags that are integers are a cache, too, and equal; nothing else goes by numbers.
            key, value = next(iter(change.after.items()))
            is_cache = number not in strict and (type(key) is not int or isinstance(value, int))
            place = self._tolerated if is_cache else self._entries if number in self._namespaces else self._additions
            place.setdefault(number, (container, {}))[1].update(change.after)

    def _take_Members(self, container, change, _):
        _, added, removed = self._members.setdefault(id(container), (container, set(), set()))
        added -= change.removed
        added |= change.added
        removed -= change.added
        removed |= change.removed

    def _take_Items(self, container, change, _):
        _, front, back = self._items.setdefault(id(container), (container, [], []))
        front[:0] = change.front
        back += change.back

    def _take_Attributes(self, container, change, __):
        self.after.setdefault(id(container), {}).update(change.after)
        self._attributes += [(change.cls, key, value) for key, value in change.after.items()]

    def _take_Registration(self, _, change, __):
        self._registrations.append((change.registry, change.reference))

    def _take_AtExit(self, _, change, __):
        self._at_exit.append(change.call)

    def do(self):
        """None, or what isn't as it was when this was noted."""
        for container, entries in self._entries:
            container.update(entries)
        for container, entries in self._additions:
            if not container.keys().isdisjoint(entries):
                return f"{min(map(str, container.keys() & entries))} is there already"
            container.update(entries)
        for container, entries in self._tolerated:
            if not container:
                container.update(entries)
                continue
            for key, value in entries.items():
                container.setdefault(key, value)
        for container, before, after in self._replacements:
            for key, value in before.items():
                if container.get(key, MISSING) is not value:
                    return f"{key} isn't what it was"
            container.update(after)
        for container, added, removed in self._members:
            container |= added
            container -= removed
        for container, front, back in self._items:
            container[:0] = front
            container += back
            if container is warnings.filters:
                # What was warned of once is warned of again after any change of the filters.
                warnings._filters_mutated()
        if self._subclasses is not None:
            native.give(self._subclasses)
        for function, positional, named in self._at_exit:
            atexit.register(function, *positional, **named)
        for cls, key, value in self._attributes:
            setattr(cls, key, value)
        if self._registrations:
            for registry, reference in self._registrations:
                registry.add(reference)
            # What has been answered about subclasses so far may be another answer now; each registration has every abstract class ask anew.
            _Nothing.register(int)
            _Nothing._abc_registry_clear()
        return None

    def make_room(self):
        for container, entries in (*self._entries, *self._additions, *self._tolerated):
            make_room(container, entries)


def make_room(dictionary, entries):
    """Has a dictionary take entries without growing, which would cost a copy of all that it holds."""
    size, spare = sys.getsizeof(dictionary), []
    for number in range(len(dictionary) + len(entries)):
        # A key of the kind that is there, as the others are kept in another way.
        key = f"_parallax_{number}" if type(next(iter(entries))) is str else -number - 2
        spare.append(key)
        dictionary[key] = None
        if sys.getsizeof(dictionary) != size:
            break
    for key in spare:
        del dictionary[key]


_Nothing = abc.ABCMeta("_Nothing", (), {"__module__": __name__})
