"""The text of a C file of the kernel, as a syntax tree.

The file is read as it stands: the C preprocessor expands the kernel's own
headers, and `headers/` replaces the headers that only a compiler understands
(inline assembler). pycparser makes the tree.
"""
import os
import subprocess
import tempfile

from pycparser import c_ast, c_parser

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.environ.get("CR3_ROOT") or os.path.dirname(os.path.dirname(HERE))


class SourceError(Exception):
    """The file cannot be read as C, or it lacks a function."""


def preprocess(text):
    """The text with all macros expanded; raises SourceError."""
    command = [os.environ.get("CPP", "cpp"), "-P", "-undef", "-nostdinc",
               "-D__attribute__(x)=", "-I", f"{HERE}/headers", "-I", ROOT, "-"]
    # Quoted includes are looked up beside the file first: there is nothing.
    with tempfile.TemporaryDirectory() as empty:
        done = subprocess.run(command, input=text, cwd=empty, text=True,
                              capture_output=True, check=False)
    if done.returncode:
        raise SourceError(f"the preprocessor says:\n{done.stderr}")
    return done.stdout


class Enums(c_ast.NodeVisitor):
    """Collects the constants of all enums, also of those inside structures."""

    def __init__(self, values):
        self.values = values

    def visit_EnumeratorList(self, node):  # pylint: disable=invalid-name
        """One enum; its values are plain numbers."""
        n = -1
        for e in node.enumerators:
            n = int(e.value.value, 0) if e.value is not None else n + 1
            self.values[e.name] = n


class Source:
    """A parsed file: functions, typedefs, structures, initialized variables."""

    def __init__(self, text):
        try:
            tree = c_parser.CParser().parse(preprocess(text))
        except c_parser.ParseError as e:
            raise SourceError(f"pycparser says: {e}") from None
        self.functions, self.typedefs, self.structs = {}, {}, {}
        self.variables, self.enums = {}, {}
        Enums(self.enums).visit(tree)
        for node in tree.ext:
            self.enter(node)

    def enter(self, node):
        """Files one definition under its name."""
        if isinstance(node, c_ast.FuncDef):
            self.functions[node.decl.name] = node
        elif isinstance(node, c_ast.Typedef):
            self.typedefs[node.name] = node.type
        elif isinstance(node, c_ast.Decl):
            if isinstance(node.type, c_ast.Struct) and node.type.decls:
                self.structs[node.type.name] = node.type
            elif node.name and node.init is not None:
                self.variables[node.name] = node

    def function(self, name):
        """The definition of a function; raises SourceError."""
        if name not in self.functions:
            raise SourceError(f"there is no function {name}")
        return self.functions[name]


def read(path, macros=()):
    """The parsed file `path`, which is relative to ROOT.

    The preprocessor leaves no trace of macros: those named here become constants
    of an enum, MACRO_name.
    """
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        text = f.read()
    if macros:
        text += "\nenum macros { " + ", ".join(f"MACRO_{m} = {m}" for m in macros)
        text += " };\n"
    return Source(text)
