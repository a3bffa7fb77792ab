#!/usr/bin/env python3
"""page.py FILM OUT: the film as one HTML file that needs nothing else.

Puts page.html, page.css, model.js, page.js, the colours of kinds.json and the film
itself together. Exit status 1 if the page is larger than it may be.
"""
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
MOST = 2 << 20  # bytes


def part(name):
    """The text of a file beside this one."""
    with open(os.path.join(HERE, name), encoding="utf-8") as f:
        return f.read()


def kinds():
    """The kinds of entries, with their colours: a list of dicts (kinds.json)."""
    return json.loads(part("kinds.json"))


def style():
    """The style sheet, with a variable and a class for each kind."""
    def colours(theme):
        return " ".join(f"--{k['kind']}: {k[theme]};" for k in kinds())
    rules = "\n".join(f".{k['kind']}, .grid i.{k['kind']} "
                      f"{{ background: var(--{k['kind']}); }}" for k in kinds())
    text = part("page.css").split("\n", 1)[1]   # without the line for readers
    return text.replace("@LIGHT@", colours("light")) \
        .replace("@DARK@", colours("dark")).replace("@KINDS@", rules)


def page(film):
    """The HTML of a film."""
    data = json.dumps({**film, "kinds": kinds()}, separators=(",", ":"),
                      ensure_ascii=False).replace("<", "\\u003c")
    out = part("page.html")
    for name, text in (("@STYLE@", style()), ("@MODEL@", part("model.js")),
                       ("@PAGE@", part("page.js")), ("@FILM@", data)):
        out = out.replace(name, text)
    return out


def main():
    """See above."""
    with open(sys.argv[1], encoding="utf-8") as f:
        text = page(json.load(f))
    if len(text.encode()) >= MOST:
        sys.exit(f"page.py: {len(text.encode())} bytes, fewer than {MOST} are allowed")
    with open(sys.argv[2], "w", encoding="utf-8") as f:
        f.write(text)


if __name__ == "__main__":
    main()
