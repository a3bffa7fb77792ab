"""tools/site/build.py OUT: the site, with its slides and its PDF.

The pages of docs/ and the handouts of labs/ are taken as they are. Three parts are made
from the sources: the walk along the spine, the interface, and what each lab's tests
catch. Sphinx turns them into HTML; a warning ends the build. The PDF is the same pages
on one, printed by the browser.
"""
import os
import re
import shutil
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from urllib.parse import parse_qsl

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [f"{ROOT}/tools", f"{ROOT}/tools/cutlab.d", HERE]
import manifest  # noqa: E402 (the path comes first)
import slides  # noqa: E402
import symbols  # noqa: E402

# The chapters, in the order of reading. A page of docs/ that is not named here comes
# after them.
ORDER = ["first-hour", "page-tables", "address-space", "lecture", "from-xv6", "views",
         "backwards", "pgmovie", "live", "performance", "programs", "proof",
         "shadow-paging", "house"]
TEACHING = ["teaching", "labs", "testing", "editors"]
FLOORS = ["abi", "lib", "", "x86", "kern", "dev", "fs", "mm", "file", "team", "sys"]


def read(path):
    """The text of a file of the tree."""
    with open(f"{ROOT}/{path}", encoding="utf-8") as f:
        return f.read()


def write(path, text):
    """Writes a page; its folder is made."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


# Where `make web-serve` shows the live page. The site has a copy of it, in live/.
LIVE = r"http://127\.0\.0\.1:8033/#"


def page(text):
    """A page in MyST's words. Sphinx draws no graphs, so their text is shown; a session
    (gdb, cr3, host, record) is text to Sphinx. A link into the live page that is a
    paragraph of its own becomes a small machine in the page (tools/web/element.js)."""
    text = re.sub(r"^```(?:mermaid|gdb|cr3|host|record)\b.*$", "```text", text,
                  flags=re.M)
    text = re.sub(rf"^\[([^]]+)\]\({LIVE}([^)]*)\)$", machine, text, flags=re.M)
    return re.sub(rf"\[([^]]+)\]\({LIVE}([^)]*)\)",
                  r'<a href="../live/index.html#\2">\1</a>', text)


def machine(link):
    """The element in the place of a link."""
    text, places = link.groups()
    names = "".join(f' {n}="{v}"' for n, v in parse_qsl(places))
    return f"<cr3-machine{names}>{text}</cr3-machine>"


def toctree(caption, names):
    """A part of the table of contents."""
    return "\n".join(["```{toctree}", f":caption: {caption}", ":maxdepth: 1", "",
                      *names, "```", ""])


# ---- Parts that are made from the sources ------------------------------------------
def comment_at(lines, last):
    """The text of the // comment whose last line has the index `last`, or ""."""
    first = last
    while first >= 0 and lines[first].startswith("//"):
        first -= 1
    return "\n".join(x[2:].removeprefix(" ") for x in lines[first + 1:last + 1])


def head(lines):
    """The comment at the head of a file."""
    last = -1
    while last + 1 < len(lines) and lines[last + 1].startswith("//"):
        last += 1
    return comment_at(lines, last)


def contracts(lines):
    """[(comment, declarations)] of a header, in its order: the comment above a group of
    declarations, and the group up to the next empty line or comment."""
    out, i = [], len(head(lines).split("\n")) if head(lines) else 0
    while i < len(lines):
        if not lines[i].startswith("//"):
            i += 1
            continue
        begin = i
        while i < len(lines) and lines[i].startswith("//"):
            i += 1
        code = i
        while i < len(lines) and lines[i] and not lines[i].startswith("//"):
            i += 1
        said = comment_at(lines, code - 1)
        if code < i and begin < code:
            out.append((said, "\n".join(lines[code:i])))
    return out


def prose(text):
    """A comment as it stands: drawings and columns stay as they are."""
    return f"```text\n{text}\n```\n" if text else ""


def interface():
    """{page: text} of the interface: one page for each floor."""
    pages = {}
    for floor in FLOORS:
        names = sorted(n for n in os.listdir(f"{ROOT}/{floor}") if n.endswith(".h"))
        text = [f"# {floor + '/' if floor else 'The headers of the spine'}", ""]
        for name in names:
            path = f"{floor}/{name}".lstrip("/")
            lines = symbols.read(path)
            text += [f"## {path}", "", prose(head(lines))]
            for said, code in contracts(lines):
                text += [prose(said), f"```c\n{code}\n```", ""]
        pages[floor or "spine"] = "\n".join(text) + "\n"
    return pages


def printer():
    """tools/print, which has no suffix, as a module."""
    loader = SourceFileLoader("sheets", f"{ROOT}/tools/print")
    module = module_from_spec(spec_from_loader("sheets", loader))
    loader.exec_module(module)
    return module


def spine():
    """The walk along the spine: each printed file, its head, and on which sheet and line
    each of its functions stands, with the comment above it."""
    sheets = printer()
    files = sheets.files()
    cols = sheets.columns(files)
    at = {(c.path, c.first + i): c.number + i for c in cols
          for i in range(len(c.lines))}
    text = ["# Along the spine", "",
            "`make print` prints the spine on numbered sheets: line 1730 stands on sheet",
            "17. This page goes along them, in their order. It is made from the files:",
            "the text is the comments of the sources.", ""]
    for path, what in files.items():
        lines = symbols.read(path)
        text += [f"## {path}", "", f"Sheet {at[path, 0] // 100}: {what}.", "",
                 prose(head(lines)) if path.endswith((".c", ".h")) else ""]
        for i, line in enumerate(lines):
            m = re.match(r"([a-z_]\w*)\((?!.*;$)", line)
            if not (path.endswith(".c") and m):
                continue
            above = i - 1       # the line of the return type
            while above >= 0 and re.match(r"[\w *]+$", lines[above]):
                above -= 1
            number = at[path, i]
            text += [f"### {path}: {m.group(1)}", "",
                     f"Sheet {number // 100}, line {number:04}.", "",
                     prose(comment_at(lines, above))]
    return "\n".join(text) + "\n"


def caught(lab):
    """What the tests of a lab catch: a table of its mistakes."""
    rows = ["| mistake | killed by |", "| --- | --- |"]
    folder = f"labs/{lab.name}/mistakes"
    for name in sorted(os.listdir(f"{ROOT}/{folder}")):
        said = read(f"{folder}/{name}").split("\n--- ")[0].strip()
        what, _, killers = said.partition("Killed by:")
        rows.append(f"| {cell(what)} | {cell(killers)} |")
    return "\n".join([f"## Lab {lab.number}: {lab.title}", "", *rows, ""])


def cell(text):
    """Text for a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


# ---- The whole ---------------------------------------------------------------------
def pages(source):
    """Writes all pages into the folder `source`."""
    shutil.rmtree(source, ignore_errors=True)
    shutil.copytree(f"{ROOT}/docs/pictures", f"{source}/docs/pictures")
    shutil.copy(f"{HERE}/conf.py", source)
    shutil.copy(f"{HERE}/site.css", source)
    docs = [n[:-3] for n in sorted(os.listdir(f"{ROOT}/docs")) if n.endswith(".md")]
    for name in docs:
        write(f"{source}/docs/{name}.md", page(read(f"docs/{name}.md")))
    labs = [manifest.load(ROOT, n) for n in manifest.names(ROOT)]
    for lab in labs:
        write(f"{source}/handouts/{lab.name}.md", page(read(f"labs/{lab.name}/README.md")))
    made = interface()
    for name, text in made.items():
        write(f"{source}/interface/{name}.md", text)
    write(f"{source}/spine.md", spine())
    write(f"{source}/caught.md", "# What the labs' tests catch\n\n" +
          "\n".join(caught(lab) for lab in labs))
    lectures = slides.index()
    write(f"{source}/slides.md", lectures)
    rest = [n for n in docs if n not in ORDER + TEACHING]
    write(f"{source}/index.md", read("tools/site/index.md") + "\n" + "\n".join([
        toctree("Chapters", [f"docs/{n}" for n in ORDER + rest if n in docs]),
        toctree("Labs", [f"handouts/{x.name}" for x in labs]),
        toctree("Reading the code", ["spine", *(f"interface/{n}" for n in made)]),
        toctree("Teaching", [f"docs/{n}" for n in TEACHING if n in docs] +
                ["caught", "slides"])]))


def sphinx(form, source, out, *more):
    """Runs Sphinx; a warning ends the build."""
    subprocess.run([sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-j",
                    "auto", "-b", form, *more, source, out], check=True)


# Furo's labels that close its menus are for a mouse only; its boxes have no names; boxes
# that scroll need the keyboard.
REPAIRS = [
    (r'(<p class="caption" role="heading")>', r'\1 aria-level="2">'),
    (r'<aside class="sidebar-drawer"', '<aside aria-label="The site" class="sidebar-drawer"'),
    (r'<aside class="toc-drawer', '<aside aria-label="This page" class="toc-drawer'),
    (r'<label class="overlay', '<label aria-hidden="true" class="overlay'),
    (r'<div class="content-icon-container"',
     '<div role="region" aria-label="Page tools" class="content-icon-container"'),
    (r'<div id="search-results">', '<h1>Search</h1><div id="search-results">'),
    (r'<pre>', '<pre tabindex="0">'),
    (r'<div class="table-wrapper', '<div tabindex="0" class="table-wrapper'),
]


def repair(out):
    """Mends what keeps a reader from using Furo's pages."""
    for folder, _, names in os.walk(out):
        for name in names:
            if name.endswith(".html"):
                path = f"{folder}/{name}"
                with open(path, encoding="utf-8") as f:
                    text = f.read()
                for wrong, right in REPAIRS:
                    text = re.sub(wrong, right, text)
                if "<cr3-machine" in text:
                    script = os.path.relpath(f"{out}/live/element.js", folder)
                    text = text.replace("</head>", f'<script src="{script}"></script></head>')
                write(path, text)
    repair_script(f"{out}/_static/scripts")
    repair_style(f"{out}/_static/styles/furo.css")


def repair_style(styles):
    """Debian's furo.css lacks the colours for a reader whose system is dark, and asks a
    web server for a file of /usr/share."""
    with open(styles, encoding="utf-8") as f:
        text = f.read()
    wanted = re.match(r"@import url\((/javascript/[^)]*)\);", text)
    if wanted:      # Debian's: an address of a web server that has all of /usr/share
        with open(f"/usr/share{wanted.group(1)}", encoding="utf-8") as f:
            text = f.read() + text[wanted.end():]
    if "prefers-color-scheme" not in text:
        dark = re.search(r'body\[data-theme="dark"\] (\{[^}]*\})', text).group(1)
        text += "@media screen and (prefers-color-scheme: dark) " \
            f'{{ body:not([data-theme="light"]) {dark} }}\n'
    write(styles, text)


def repair_script(scripts):
    """Puts Furo's two scripts into one: a browser refuses an import of a page that is
    read from a disk."""
    with open(f"{scripts}/furo.js", encoding="utf-8") as f:
        furo = f.read()
    if furo.startswith("import Gumshoe"):
        with open(f"{scripts}/gumshoe-patched.js", encoding="utf-8") as f:
            write(f"{scripts}/furo.js", f.read() + furo.split("\n", 1)[1])


def pdf(source, work, out):
    """All pages on one, printed by the browser."""
    sphinx("singlehtml", source, work, "-D", "html_theme=basic")
    subprocess.run([os.environ.get("CHROMIUM") or "chromium", "--headless",
                    "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
                    f"--print-to-pdf={out}", f"file://{work}/index.html"],
                   check=True, timeout=100, capture_output=True)


def main():
    """Builds beside OUT, then puts the result in its place."""
    out = os.path.abspath(sys.argv[1])
    source, new = f"{out}-pages", f"{out}-new"
    shutil.rmtree(new, ignore_errors=True)
    pages(source)
    sphinx("html", source, new)
    repair(new)
    pdf(source, f"{out}-print", f"{new}/cr3.pdf")
    for name, text in slides.decks():
        write(f"{new}/slides/{name}", text)
    shutil.copytree(f"{ROOT}/docs/pictures", f"{new}/slides/pictures")
    shutil.copytree(f"{os.path.dirname(out)}/web", f"{new}/live")
    shutil.rmtree(f"{new}/.doctrees", ignore_errors=True)
    shutil.rmtree(out, ignore_errors=True)
    os.rename(new, out)


if __name__ == "__main__":
    main()
