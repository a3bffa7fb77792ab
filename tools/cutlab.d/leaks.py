"""Does a student's tree tell what stood in a hole?

A run of eight tokens that stands in a hole, and nowhere else in the sources, must stand
nowhere in the student's tree: in no comment, no document, no test. Words, strings and
signs are tokens; spaces and line ends are not.
"""
import re

RUN = 8
TOKEN = re.compile(r'"[^"\n]*"|\w+|[^\s\w]')


def runs(text):
    """The set of all runs of eight tokens in a text."""
    tokens = TOKEN.findall(text)
    return {tuple(tokens[i:i + RUN]) for i in range(len(tokens) - RUN + 1)}


def secret_parts(definition):
    """What may not be told of a definition: the comment above it, and all that follows
    its first brace. The line between them, with the name, stands in headers too."""
    comment = re.match(r"(?:(?://|#)[^\n]*\n)*", definition).group()
    yield comment
    rest = definition[len(comment):]
    yield rest[rest.find("{") + 1:]


def secrets(cut_out, rest):
    """The runs that stand only in the definitions that were cut out, not in the rest of
    the sources; both are lists of texts."""
    found = {run for text in cut_out for part in secret_parts(text)
             for run in runs(part)}
    for text in rest:
        found -= runs(text)
    return found


def scan(files, secret):
    """(path, run) for each file of {path: text} that tells a secret: the first run."""
    for path, text in sorted(files.items()):
        tokens = TOKEN.findall(text)
        for i in range(len(tokens) - RUN + 1):
            if tuple(tokens[i:i + RUN]) in secret:
                yield path, " ".join(tokens[i:i + RUN])
                break
