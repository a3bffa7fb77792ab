"""labs/NAME/lab.toml, read and checked.

A Lab is what the file says, with names that are checked: each test names holes that
exist, each id stands once. docs/labs.md explains the keys.
"""
import os
import tomllib
from collections import namedtuple

from problem import Problem

# file: the source with the hole; name: the function, table or label that is cut out;
# text: what a student finds there, None if labs/NAME/holes/ has no such file; helpers:
# names in the same file that only this solution uses, which are taken out too; include:
# a header that the text needs, or None.
Hole = namedtuple("Hole", "id file name text helpers include")
# points: an int; group: the rubric; hidden: is it shown to the student only after the
# deadline? holes: the ids of the holes that must be filled for it to pass.
Test = namedtuple("Test", "id points group hidden holes help read")
# type: how an answer is written (tools/grade.d/answers.py); key: the name of the
# function in tests/keys.py that finds the answer on the student's machine.
Question = namedtuple("Question", "id points type text key")
RUBRIC = ("function", "robustness", "regression")


class Lab:
    """One lab: the members have the names of the keys of lab.toml.

    folder      labs/NAME, an absolute path
    keep        the files, relative to the root, that a submission consists of
    also        more files of the kernel that a student gets, as in labs/student.list
    disks       the disks that the tests use, which make builds
    plain       does the skeleton run everything, by doing the simple thing?
    expect      of the skeleton: {"fail": [patterns of test ids], "symptom": text}
    shows       the id of the test that shows the symptom; once it passes, the machine
                can answer the questions
    bug         the part "find the bug": {"patch", "test", "points", "help"}, or None
    """

    def __init__(self, folder, data):
        self.folder, self.name = folder, os.path.basename(folder)
        try:
            self.title, self.number = data["title"], data["number"]
            self.hours, self.keep = data["hours"], data["keep"]
            self.also = data.get("also", [])
            self.disks = data.get("disks", ["build/fresh.img"])
            self.plain = data.get("plain", False)
            self.holes = [self.read_hole(h) for h in data["hole"]]
            self.tests = [Test(t["id"], t["points"], t["group"],
                               t.get("visible") == "hidden", t["holes"], t["help"],
                               t["read"]) for t in data["test"]]
            self.questions = [Question(q["id"], q["points"], q["type"], q["text"],
                                       q.get("key")) for q in data["question"]]
            self.expect = data["expect"]["skeleton"]
            self.shows = self.expect.get("test", f"{self.name}.boot")
            self.bug = data.get("bug")
        except KeyError as e:
            raise Problem(f"{folder}/lab.toml: {e} is missing") from None
        self.check()

    def read_hole(self, data):
        """A Hole, with its text read from holes/."""
        path = f"{self.folder}/holes/{data['text']}"
        text = None     # a student's copy of the manifest comes without these texts
        if os.path.exists(path):
            with open(path, encoding="utf-8") as f:
                text = f.read()
        return Hole(data["id"], data["file"], data["name"], text,
                    data.get("helpers", []), data.get("include"))

    def check(self):
        """Raises Problem if ids clash or a test names what does not exist."""
        ids = [x.id for x in self.holes + self.tests + self.questions]
        for name in {x for x in ids if ids.count(x) > 1}:
            raise Problem(f"{self.name}: the id {name} stands twice")
        known = {h.id for h in self.holes}
        for test in self.tests:
            if wrong := set(test.holes) - known:
                raise Problem(f"{test.id}: there is no hole {min(wrong)}")
            if test.group not in RUBRIC:
                raise Problem(f"{test.id}: the group {test.group} is none of {RUBRIC}")

    def test(self, name):
        """The Test with that id."""
        return next(t for t in self.tests if t.id == name)

    @property
    def points(self):
        """All points of tests, questions and the bug."""
        return sum(x.points for x in self.tests + self.questions) + \
            (self.bug["points"] if self.bug else 0)


def names(root):
    """The names of all labs of a tree, by their numbers."""
    folder = f"{root}/labs"
    found = [n for n in os.listdir(folder) if os.path.exists(f"{folder}/{n}/lab.toml")]
    return sorted(found, key=lambda n: load(root, n).number)


def load_folder(folder):
    """The Lab whose lab.toml stands in that folder."""
    try:
        with open(f"{folder}/lab.toml", "rb") as f:
            return Lab(os.path.abspath(folder), tomllib.load(f))
    except FileNotFoundError:
        raise Problem(f"there is no lab {os.path.basename(folder)}") from None
    except tomllib.TOMLDecodeError as e:
        raise Problem(f"{folder}/lab.toml: {e}") from None


def load(root, name):
    """The lab of that name of a tree."""
    return load_folder(f"{root}/labs/{name}")
