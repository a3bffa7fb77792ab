"""The slides of the lectures: lectures.toml, as pages that stand alone.

A slide is a picture of the film (docs/pictures), two or three points, and notes for the
speaker, which a slide hides until they are opened and which are printed below it.
"""
import html
import os
import re
import tomllib

HERE = os.path.dirname(os.path.abspath(__file__))
PICTURES = f"{HERE}/../../docs/pictures"

DECK = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>cr3: {title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root {{ color-scheme: light dark; }}
body {{ margin: 0; color: CanvasText; background: Canvas; 
	font: 1.2rem/1.4 sans-serif; }}
@media (prefers-color-scheme: dark) {{ a {{ color: #9ecbff; }} }}
main {{ scroll-snap-type: y proximity; }}
section {{ min-height: 96vh; padding: 1rem 4vw; box-sizing: border-box;
	scroll-snap-align: start; border-bottom: 1px solid gray; }}
img {{ display: block; max-width: 100%; max-height: 60vh; background: white; }}
details {{ font-size: 1rem; }}
@media print {{ section {{ break-after: page; min-height: 0; border: 0; }} }}
</style></head><body><main>
<section><h1>{title}</h1><p>{about}</p><p><a href="../slides.html">All lectures</a></p>
</section>
{slides}
</main></body></html>
"""
SLIDE = """<section><h2>{title}</h2>
{picture}<ul>{points}</ul>
<details><summary>Notes: {title}</summary><p>{notes}</p></details></section>"""


def lectures():
    """The lectures: [{name, title, about, slide: [{title, picture, points, notes}]}]."""
    with open(f"{HERE}/lectures.toml", "rb") as f:
        return tomllib.load(f)["lecture"]


def picture(name):
    """The <img> of a picture, with its own title as the text for who cannot see it."""
    if not name:
        return ""
    with open(f"{PICTURES}/{name}.svg", encoding="utf-8") as f:
        title = re.search("<title>(.*?)</title>", f.read()).group(1)
    return f'<img src="pictures/{name}.svg" alt="{title}">\n'


def slide(data):
    """One slide."""
    return SLIDE.format(
        title=html.escape(data["title"]), picture=picture(data.get("picture")),
        points="".join(f"<li>{html.escape(p)}</li>" for p in data["points"]),
        notes=html.escape(" ".join(data["notes"].split())))


def decks():
    """(file, text) of each lecture."""
    for x in lectures():
        yield f"{x['name']}.html", DECK.format(
            title=html.escape(x["title"]), about=html.escape(x["about"]),
            slides="\n".join(map(slide, x["slide"])))


def index():
    """The page that leads to the slides."""
    rows = [f"- <a href=\"slides/{x['name']}.html\">{html.escape(x['title'])}</a>: "
            f"{html.escape(x['about'])}" for x in lectures()]
    return "\n".join([
        "# Slides", "", "Four lectures. Three follow the lecture that",
        "[the lecture, line by line](docs/lecture.md) goes through; the fourth answers the",
        "questions of the discussion there. Each slide has notes, and prints on a page of",
        "its own. The pictures are those of `make pgpics`.", "", *rows, ""])
