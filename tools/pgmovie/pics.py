#!/usr/bin/env python3
"""pics.py [--docs | --check] FILM DIR: the film's steps as SVG files, for slides.

DIR gets NN-NAME.svg (guest-N-NAME.svg of the film of a guest), the pictures of
pictures.py, whose names stay; an index.html that shows them; and
DIR/steps/NNN-CHAPTER.svg, one for each step that is not like the one before, where NNN
is the step's number in the page. All are 1280 x 720, light, text as text. No other
files may be in DIR.

With --docs, DIR gets only NN-NAME.svg, in a form for a page of text: narrower, and
of the code the one line. With --check, nothing is written: exit status 1 and a line
for each of these that is not there or does not say any more what it would say today.
Figures may differ (addresses move with every change of the kernel), words may not.
"""
import json
import os
import re
import sys
from html import escape

from draw import SOFT, rect, text, wrap
from film import State, states
from panels import (LEFT, chosen, draw_bar, draw_code, draw_directory, draw_entry,
                    draw_line, draw_strip, draw_table, legend)
from pictures import choose, find, of, pattern

SLIDE, PAGE = (1280, 720), (864, 850)


# ---- Pictures ------------------------------------------------------------------
def frame(size, title, words, parts):
    """The SVG around the parts. title: what it shows; words: the sentence."""
    width, height = size
    letters = 104 if size == SLIDE else 70
    lines = wrap(words, letters)[:2]
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" role="img">'
            f'<title>{escape(title)}</title><desc>{escape(words)}</desc>' +
            rect(0, 0, width, height, "#ffffff") +
            text(LEFT, 32, title, 16, SOFT) +
            "".join(text(LEFT, 62 + 27 * i, s, 21) for i, s in enumerate(lines)) +
            "".join(parts) + "</svg>\n").replace("><", ">\n<")


def tables(before, state, index):
    """What every picture shows: directory, table, and the entries in figures."""
    step = state.step
    second = step["other"] if step["other"] in state.spaces else None
    return [draw_directory(before, state, index), draw_table(before, state, index),
            draw_strip(before, state, step["show"], index, 550),
            draw_strip(before, state, second, index, 604) if second else ""]


def slide(film, before, state, index, title=None):
    """One SVG for a slide. index: the directory's entry whose table is shown."""
    step = state.step
    title = title or f"{step['part']}, step {state.number}"
    return frame(SLIDE, f"cr3: {title}", step["text"], tables(before, state, index) + [
        draw_code(film["code"][step["code"]], step, 852, 122),
        draw_entry(state, index, 852, 536), draw_bar(state, 852, 620, 404),
        legend(before, state, index, 698, SLIDE[0])])


def small(film, before, state, index, title):
    """One SVG for a page of text."""
    step = state.step
    return frame(PAGE, f"cr3: {title}", step["text"],
                 tables(before, state, index) + [
                     draw_line(film["code"][step["code"]], step, LEFT, 684, 816),
                     draw_entry(state, index, LEFT, 726),
                     draw_bar(state, 444, 732, 396),
                     legend(before, state, index, 812, PAGE[0])])


def named(film, before, state, index, p, form):
    """One of pictures.py. form: slide or small."""
    if p.words is None:
        at = index if p.entry is None else p.entry
        return form(film, before, state, at, p.title)
    code, line = find(film, *p.code)
    step = {**state.step, "look": None, "fault": False, "text": p.words, "via": "",
            "code": code, "line": line, "other": None}
    same = State(step, state.number, state.frames, state.areas)
    return form(film, same, same, p.entry, p.title)


def index_page(film):
    """An HTML page that shows the named pictures."""
    rows = "\n".join(
        f'<figure><a href="{p.name}.svg"><img src="{p.name}.svg" alt="{escape(p.title)}">'
        f"</a><figcaption><code>{p.name}.svg</code>: {escape(p.title)}</figcaption>"
        "</figure>" for p in of(film))
    return '<!doctype html>\n<html lang="en"><meta charset="utf-8">\n' \
        '<meta name="viewport" content="width=device-width">\n<title>cr3: pictures' \
        '</title>\n<style>body{font:18px sans-serif;max-width:960px;margin:auto}' \
        'img{width:100%;height:auto;border:1px solid #ccc}figure{margin:1.5em 0}' \
        '</style>\n<h1>cr3: pictures</h1>\n<p>Every step of the film is in <code>steps/' \
        f'</code>.</p>\n{rows}\n</html>\n'


def says(svg):
    """What a picture says: its texts, as a set, without figures and flags."""
    found = re.findall(r"<(?:title|desc|text)[^>]*>([^<]*)<", svg)
    masked = {re.sub(r"\b(0x[0-9a-f]+|[0-9a-f]{8}|\d+)\b", "N", w) for w in found}
    return {w for w in masked if not re.fullmatch(r"|N|-|([PWUADG]|PS| )+", w)}


def stale(film, pictures, directory):
    """A line for each picture of the film that is missing in a directory, superfluous or
    stale. pictures: {name of the file: SVG}. Other names are other tools'."""
    there = {n for n in os.listdir(directory) if re.fullmatch(pattern(film), n)}
    for name in sorted(there - pictures.keys()):
        yield f"{name} is no picture of pictures.py"
    for name, svg in pictures.items():
        if name not in there:
            yield f"{name} is missing"
            continue
        with open(os.path.join(directory, name), encoding="utf-8") as f:
            old, new = says(f.read()), says(svg)
        if old != new:
            yield f"{name} says {sorted(old - new)}, not {sorted(new - old)}"


def save(path, words):
    """Writes a file."""
    with open(path, "w", encoding="utf-8") as f:
        f.write(words)


def clean(directory, names):
    """An empty directory, but for what has other names."""
    os.makedirs(directory, exist_ok=True)
    for name in os.listdir(directory):
        if re.fullmatch(names + r"|index\.html", name):
            os.unlink(os.path.join(directory, name))


def draw_all(film, form, each):
    """({name of the file: SVG} of the named pictures, and of every step if asked)."""
    before, index, names, steps = None, 0, {}, {}
    wanted = choose(film)
    for state in states(film):
        index = chosen(before, state, index)
        for p in wanted.get(state.number, []):
            names[p.name + ".svg"] = named(film, before, state, index, p, form)
        if each:
            part = re.sub(r"\W+", "-", state.step["part"])
            steps[f"{state.number:03}-{part}.svg"] = slide(film, before, state, index)
        before = state
    return names, steps


def main():
    """See above."""
    *how, path, out = sys.argv[1:]
    with open(path, encoding="utf-8") as f:
        film = json.load(f)
    try:
        names, steps = draw_all(film, small if how else slide, not how)
    except LookupError as e:
        sys.exit(f"pics.py: {e}")
    if how == ["--check"]:
        wrong = list(stale(film, names, out))
        sys.exit("\n".join(wrong + ["`make docpics` draws them anew."]) if wrong else 0)
    for where, files, of_name in ((out, names, pattern(film)),
                                  (os.path.join(out, "steps"), steps, r"\d+-[\w-]+\.svg")):
        if files:
            clean(where, of_name)
        for name, svg in files.items():
            save(os.path.join(where, name), svg)
    if steps:
        save(os.path.join(out, "index.html"), index_page(film))


if __name__ == "__main__":
    main()
