#!/usr/bin/env python3
"""page.py FILM OUT: the film as one HTML file that needs nothing else.

Puts page.html, page.css, the scripts, the colours of kinds.json and the film itself
together. Exit status 1 if the page is larger than it may be.
"""
import json
import os
import sys
from urllib.parse import quote

HERE = os.path.dirname(os.path.abspath(__file__))
MOST = 2 << 20  # bytes
SCRIPTS = ["model.js", "base.js", "grid.js", "views.js", "page.js"]     # in this order


def part(name):
    """The text of a file beside this one."""
    with open(os.path.join(HERE, name), encoding="utf-8") as f:
        return f.read()


def kinds():
    """The kinds of entries, with their colours: a list of dicts (kinds.json)."""
    return json.loads(part("kinds.json"))


def mark(kind):
    """A kind's mark as a CSS image, "none" if it has no mark."""
    if not kind["mark"]:
        return "none"
    svg = ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 12 12">'
           f'<path d="{kind["mark"]}" fill="none" stroke="{kind["ink"]}" '
           'stroke-width="1.8"/></svg>')
    return f"url('data:image/svg+xml,{quote(svg)}')"


def style():
    """The style sheet, with a variable and a class for each kind."""
    def colours(theme):
        return " ".join(f"--{k['kind']}: {k[theme]};" for k in kinds())
    rules = "\n".join(f".{k['kind']}, .grid i.{k['kind']} {{ background: {mark(k)} "
                      f"0 0 / var(--tile) var(--tile), var(--{k['kind']}); }}"
                      for k in kinds())
    text = part("page.css").split("\n", 1)[1]   # without the line for readers
    return text.replace("@LIGHT@", colours("light")) \
        .replace("@DARK@", colours("dark")).replace("@KINDS@", rules)


def page(film):
    """The HTML of a film."""
    data = json.dumps({**film, "kinds": kinds()}, separators=(",", ":"),
                      ensure_ascii=False).replace("<", "\\u003c")
    out = part("page.html")
    for name, text in (("@STYLE@", style()), ("@FILM@", data),
                       ("@SCRIPTS@", "\n".join(part(s) for s in SCRIPTS))):
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
