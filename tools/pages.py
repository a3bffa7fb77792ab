"""What print and handout share: fonts, the canvas, the version in the corner."""
import glob
import os
import subprocess
import sys

try:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.pdfgen.canvas import Canvas
except ImportError:
    sys.exit("cr3: reportlab is missing. Run tools/setup dev, or install: "
             "python3-reportlab fonts-dejavu-core")

# Name here: DejaVu's file, and what every PDF reader has where that is missing.
FONTS = {"mono": ("DejaVuSansMono", "Courier"),
         "mono-bold": ("DejaVuSansMono-Bold", "Courier-Bold"),
         "sans": ("DejaVuSans", "Helvetica"),
         "sans-bold": ("DejaVuSans-Bold", "Helvetica-Bold")}
FOLDERS = ["/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts",
           os.path.expanduser("~/Library/Fonts"),
           os.path.expanduser("~/.local/share/fonts")]


def load_fonts():
    """{name here: the name by which reportlab knows the font}."""
    fonts = {}
    for name, (file, builtin) in FONTS.items():
        found = [f for d in FOLDERS
                 for f in glob.glob(f"{d}/**/{file}.ttf", recursive=True)]
        fonts[name] = name if found else builtin
        if found:
            pdfmetrics.registerFont(TTFont(name, found[0]))
    return fonts


F = load_fonts()


def width(text, font, size):
    return pdfmetrics.stringWidth(text, F[font], size)


def version():
    """The commit and its day, where there is git."""
    done = subprocess.run(["git", "log", "-1", "--format=%h, %cs"], check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True, cwd=os.path.dirname(__file__))
    return done.stdout.strip()


class Page(Canvas):
    """A canvas with grey and black, and text in our fonts."""

    def __init__(self, out, size, title):
        os.makedirs(os.path.dirname(os.path.abspath(out)), exist_ok=True)
        super().__init__(out, pagesize=size, invariant=1)
        self.setTitle(title)
        self.setSubject(version())

    def text(self, x, y, text, font="sans", size=8, grey=0.0, align="left"):
        """Text at x, y; returns the x behind it."""
        w = width(text, font, size)
        x -= {"left": 0, "right": w, "middle": w / 2}[align]
        self.setFillGray(grey)
        self.setFont(F[font], size)
        self.drawString(x, y, text)
        return x + w

    def rule(self, x1, y1, x2, y2, grey=0.0, thick=0.5):
        self.setStrokeGray(grey)
        self.setLineWidth(thick)
        self.line(x1, y1, x2, y2)
