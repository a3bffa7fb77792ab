"""Disks of a machine under test, as QEMU options: one that refuses requests, and one that
takes pages."""


def failing(image, *rules, place="bus=ide.0,unit=1"):
    """A disk, by default the second, with the bytes of image, behind blkdebug with rules
    (dictionaries of an inject-error)."""
    text = f"driver=blkdebug,node-name=bad,image.driver=file,image.filename={image}"
    for number, rule in enumerate(rules):
        for key, value in rule.items():
            text += f",inject-error.{number}.{key}={value}"
    return ["-blockdev", text, "-blockdev", "driver=raw,node-name=behind,file=bad",
            "-device", f"ide-hd,drive=behind,{place}"]


def swap_disk(folder, megabytes):
    """(options, path) of an empty third disk in the folder (a Path)."""
    path = folder / "swap.img"
    with open(path, "wb") as f:
        f.truncate(megabytes << 20)
    return ["-drive", f"file={path},index=2,media=disk,format=raw"], path
