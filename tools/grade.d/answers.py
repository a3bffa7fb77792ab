"""Questions: answers.toml against the keys of the student's own machine.

Types: int, addr, flags, choice, words. An answer is read as a person would write it
(0x00119000, 119000h, "P W U" or "PWU"); an answer of the wrong kind says which kind was
asked for. Text is kept for a person and never judged here.
"""
import re
import tomllib

KERNBASE = 0x80000000
FLAGS = "PWT PCD PS P W U A D G".split()


def number(text):
    """The number that a text writes, or None. Hexadecimal as 0x1A, 1Ah."""
    text = re.sub(r"[\s_,']", "", text.lower()).rstrip(".")
    if m := re.fullmatch(r"(?:0x([0-9a-f]+)|([0-9a-f]+)h)", text):
        return int(m.group(1) or m.group(2), 16)
    return int(text) if re.fullmatch(r"\d+", text) else None


def judge_int(text, key):
    """(right?, what to say)."""
    value = number(text)
    if value is None:
        return False, "a number is asked for"
    return value == key, ""


def judge_addr(text, key):
    """An address; 119000 without 0x is read as hexadecimal too."""
    value = number(text)
    if value != key and re.fullmatch(r"[0-9a-fA-F]{5,8}", text.strip()):
        value = int(text, 16)
    if value is None:
        return False, "an address is asked for, as 0x119000"
    if value == (key + KERNBASE) % (1 << 32) and key < KERNBASE:
        return False, "that is a virtual address; the physical one is asked for"
    if value == key - KERNBASE:
        return False, "that is a physical address; the virtual one is asked for"
    return value == key, ""


def judge_flags(text, key):
    """A set of flags, in any order."""
    found = set(re.findall("|".join(FLAGS), text.upper().replace("PTE_", "")))
    if found == set(key):
        return True, ""
    return False, "one flag more or less" if len(found ^ set(key)) == 1 else ""


def judge_choice(text, key):
    """One of some words."""
    return text.strip().lower() == str(key).lower(), ""


JUDGES = {"int": judge_int, "addr": judge_addr, "flags": judge_flags,
          "choice": judge_choice}


def parse(data):
    """The answers in a file's bytes: {id: text}; {} if it is no TOML."""
    try:
        found = tomllib.loads(data.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError):
        return {}
    return {k: str(v)[:2000] for k, v in found.items() if isinstance(v, (str, int))}


def grade(questions, given, keys):
    """Results, a list of dictionaries. given is {id: text}; keys is {id: key}, or None
    if the machine does not run."""
    out = []
    for q in questions:
        text = given.get(q.id, "").strip()
        right, say = False, ""
        if q.type == "words":
            say = "read by a person: " + text if text else "no answer"
        elif not text:
            say = "no answer"
        elif keys is None or q.id not in keys:
            say = "the machine does not run, so there is nothing to compare with"
        else:
            right, say = JUDGES[q.type](text, keys[q.id])
        out.append({"id": q.id, "points": q.points, "score": q.points if right else 0,
                    "passed": right or q.type == "words", "answer": text, "say": say})
    return out
