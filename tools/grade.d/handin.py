"""`make handin`: the archive that a student hands in."""
import subprocess
import zipfile

import sandbox
from problem import Problem


def make(root, lab, out):
    """Writes the files that the lab keeps into a zip archive, with the version that
    they belong to. Refuses changes that are not committed; a failing test is no reason
    to refuse. Returns 0."""
    def git(*words):
        return subprocess.run(["git", "-C", root, *words], text=True, check=True,
                              capture_output=True).stdout
    if changed := git("status", "--porcelain", "--untracked-files=no"):
        raise Problem(f"commit your work first; changed are:\n{changed.rstrip()}")
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sandbox.collect(root, lab.keep).items():
            archive.writestr(name, data)
        archive.writestr("version.txt", f"lab {lab.name}\n" + git("rev-parse", "HEAD"))
    print(f"{out}: " + " ".join(lab.keep))
    return 0
