"""A module that a case may import from the node path."""

VALUE = 1
