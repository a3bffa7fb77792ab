"""Files that are larger than memory, on a disk of 2 GB. With `--big` the file has 1
GB."""
import pytest
import fsimage

GIGABYTE_SECONDS = 900  # for one pass over 1 GB on a busy machine


def used_blocks(path):
    """How many blocks the bitmap of the image at path calls used."""
    with open(path, "rb") as f:
        image = fsimage.Image(f.read(2 * fsimage.BLOCK))
        f.seek(image.super["bitmap_start"] * fsimage.BLOCK)
        bits = f.read(image.super["bitmap_blocks"] * fsimage.BLOCK)
    return bin(int.from_bytes(bits, "little")).count("1")


def step(m, name, megabytes):
    """Runs a step of tests/user/huge.c; prints what it says about its time."""
    out = m.run(f"usertests {megabytes} {name}", timeout=GIGABYTE_SECONDS)
    assert f"{name}: ok" in out, out
    print(out.splitlines()[0])


def boots(machine, image, mem, names, megabytes):
    """A machine for these steps; then the image must be clean."""
    m = machine(fs=str(image), mem=mem).boot()
    for name in names:
        step(m, name, megabytes)
    assert m.poweroff() == 0
    assert "error" not in m.output, m.output
    assert fsimage.fsck(image) == (0, f"{image}: clean\n")


@pytest.mark.parametrize("mem", [32, 224])
def test_huge_file(machine, tmp_path, request, mem):
    """Catches bugs that show only in a large file: in double-indirect tables,
    read-ahead, write-back while memory is short, and removal. A file is written, read
    back after a new start, compared and removed. Then its space must be free again."""
    megabytes = 1024 if request.config.getoption("--big") else 64
    image = fsimage.make_image(tmp_path / "fs.img", "2G")
    before = used_blocks(image)
    boots(machine, image, mem, ["huge_write"], megabytes)
    full = used_blocks(image) - before
    pages = megabytes * 256
    assert pages < full < pages + pages // 500 + 20, "blocks and their tables"
    boots(machine, image, mem, ["huge_read", "huge_map", "huge_remove"], megabytes)
    left = used_blocks(image) - before
    assert 0 <= left <= 1, f"{left} blocks have not come back"  # usertests.tmp's
    image.unlink()
