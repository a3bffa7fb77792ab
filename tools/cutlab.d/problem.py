"""What is wrong with a lab: an error that its author mends, in one line."""


class Problem(Exception):
    """A manifest, a hole or a tree that is not as it should be."""
