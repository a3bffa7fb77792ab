#!/usr/bin/env python3
"""Draws the rows of bench as an SVG picture: cr3, Linux 6.1, the goal and the floor.

    chart.py BENCH.json OUT.svg     BENCH.json is what `tools/bench/bench --json` prints

The scale is logarithmic: the same distance is the same factor everywhere. Colours follow
the reader's light or dark theme.
"""
import json
import math
import sys
from html import escape

WIDTH, LEFT, RIGHT, TOP, STEP = 980, 372, 44, 70, 24
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #222; }
.small { font-size: 11px; fill: #666; }
.grid { stroke: #ddd; } .span { stroke: #bbb; stroke-width: 2; }
.cr3 { fill: #1f6fd0; } .linux { fill: #d0691f; }
.floor { stroke: #222; stroke-width: 2; } .goal { stroke: #1f9d55; stroke-width: 2; }
.paper { fill: #fff; }
@media (prefers-color-scheme: dark) {
 text { fill: #ddd; } .small { fill: #999; } .grid { stroke: #333; }
 .span { stroke: #666; } .cr3 { fill: #6aa9f4; } .linux { fill: #f0a060; }
 .floor { stroke: #eee; } .goal { stroke: #5fd08f; } .paper { fill: #16181b; }
}
"""


def chosen(found):
    """The rows with a figure in instructions, and the decades that hold all figures."""
    drawn = {n: r for n, r in found.items()
             if r["figure"] and r.get("linux") and not r["waits"]}
    values = [r[k] for r in drawn.values() for k in ("figure", "linux", "floor", "goal")
              if r[k]]
    return drawn, math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))


def tick(x, y, kind):
    """A short vertical line at a value."""
    return f'<line class="{kind}" x1="{x:.1f}" y1="{y - 8}" x2="{x:.1f}" y2="{y + 8}"/>'


def draw_row(row, y, place):
    """The shapes of one row; place maps a figure to its x."""
    x, other = place(row["figure"]), place(row["linux"])
    yield f'<text x="{LEFT - 12}" y="{y + 4}" text-anchor="end">' \
        f'{escape(row["operation"])}</text>'
    yield f'<line class="span" x1="{x:.1f}" y1="{y}" x2="{other:.1f}" y2="{y}"/>'
    for kind in ("floor", "goal"):
        if row[kind]:
            yield tick(place(row[kind]), y, kind)
    yield f'<circle class="linux" cx="{other:.1f}" cy="{y}" r="5"/>'
    yield f'<circle class="cr3" cx="{x:.1f}" cy="{y}" r="5"/>'


def legend():
    """What the marks mean."""
    yield f'<text x="{LEFT}" y="22">guest instructions per operation</text>'
    for i, (kind, text) in enumerate((("cr3", "cr3"), ("linux", "Linux 6.1"),
                                      ("goal", "goal"), ("floor", "floor"))):
        x = LEFT + 260 + i * 85
        yield tick(x, 18, kind) if kind in ("goal", "floor") else \
            f'<circle class="{kind}" cx="{x}" cy="18" r="5"/>'
        yield f'<text x="{x + 10}" y="22">{text}</text>'


def svg(found):
    """The picture of {row: bench's JSON} as text."""
    drawn, low, high = chosen(found)
    bottom = TOP + STEP * len(drawn)

    def place(value):
        return LEFT + (WIDTH - LEFT - RIGHT) * (math.log10(value) - low) / (high - low)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} '
           f'{bottom + 14}" role="img">', "<title>cr3 beside Linux 6.1</title>",
           f"<style>{STYLE}</style>",
           f'<rect class="paper" width="{WIDTH}" height="{bottom + 14}"/>', *legend()]
    for power in range(low, high + 1):
        x = place(10 ** power)
        label = f"{10 ** power:,}".replace(",", " ")
        out += [f'<line class="grid" x1="{x:.1f}" y1="{TOP - 18}" x2="{x:.1f}" '
                f'y2="{bottom}"/>', f'<text class="small" x="{x:.1f}" y="{TOP - 22}" '
                f'text-anchor="middle">{label}</text>']
    for i, row in enumerate(drawn.values()):
        out += draw_row(row, TOP + STEP * i + STEP // 2, place)
    return "\n".join(out) + "\n</svg>\n"


def main():
    """Reads the JSON, writes the picture."""
    source, target = sys.argv[1:]
    with open(source, encoding="utf-8") as f:
        text = svg(json.load(f))
    with open(target, "w", encoding="utf-8") as f:
        f.write(text)


if __name__ == "__main__":
    main()
