"""A result in the forms that people and other programs read."""
import base64
import json
from xml.sax.saxutils import escape, quoteattr


def parts(result):
    """All that gives points: (id, points, score, passed, hidden, text) each."""
    for t in result["tests"]:
        text = "" if t["passed"] else (f"expected: {t['expected']}\nseen:     {t['seen']}"
                                       f"\ncause:    {t['cause']}\nread:     {t['read']}")
        yield t["id"], t["points"], t["score"], t["passed"], t["hidden"], text
    for q in result["questions"]:
        yield q["id"], q["points"], q["score"], q["passed"], False, q["say"]
    if bug := result["bug"]:
        yield "bug", bug["points"], bug["score"], bug["passed"], False, bug["say"]


def terminal(result):
    """What `make grade` prints."""
    lines = [f"Lab {result['number']}: {result['title']}"]
    if result["error"]:
        lines += ["nothing could be graded:", result["error"]]
    for name, points, score, passed, hidden, text in parts(result):
        mark = "ok  " if passed else "FAIL"
        lines.append(f"{mark} {name:24} {score:3}/{points}" +
                     (" (hidden)" if hidden else ""))
        if text and not result["error"]:
            lines += ["     " + x for x in text.split("\n")]
    lines.append(f"score {result['score']}/{result['max']}")
    return "\n".join(lines) + "\n"


def tap(result):
    """KTAP version 1, which TAP's readers read too."""
    rows = list(parts(result))
    lines = ["KTAP version 1", f"1..{len(rows)}"]
    for number, (name, _, _, passed, _, text) in enumerate(rows, 1):
        lines.append(f"{'ok' if passed else 'not ok'} {number} {name}")
        lines += ["# " + x for x in text.split("\n") if x]
    return "\n".join(lines) + "\n"


def xml_text(text):
    """Text for XML: what XML cannot hold becomes a question mark."""
    return "".join(c if c in "\t\n" or c >= " " and c not in "\ufffe\uffff" and
                   not "\ud800" <= c <= "\udfff" else "?" for c in text)


def junit(result):
    """JUnit's XML."""
    rows = list(parts(result))
    bad = sum(not passed for _, _, _, passed, _, _ in rows)
    name = quoteattr(result["lab"])
    head = f'<testsuite name={name} tests="{len(rows)}" failures="{bad}" errors="0" ' \
        f'skipped="0" time="{result["seconds"]}">'
    seconds = {t["id"]: t.get("seconds", 0) for t in result["tests"]}
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>", head]
    for test, _, _, passed, _, text in rows:
        case = f'<testcase classname={name} name={quoteattr(test)} ' \
            f'time="{seconds.get(test, 0)}"'
        lines.append(case + ("/>" if passed else '><failure message="failed">' +
                             escape(xml_text(text)) + "</failure></testcase>"))
    return "\n".join(lines + ["</testsuite>", "</testsuites>"]) + "\n"


def gradescope(result):
    """Gradescope's results.json."""
    tests = [{"name": name, "number": str(number), "score": score, "max_score": points,
              "status": "passed" if passed else "failed", "output": text,
              "output_format": "text",
              "visibility": "after_published" if hidden else "visible"}
             for number, (name, points, score, passed, hidden, text)
             in enumerate(parts(result), 1)]
    return json.dumps({"score": result["score"], "execution_time": result["seconds"],
                       "output": result["error"], "output_format": "text",
                       "visibility": "visible", "stdout_visibility": "hidden",
                       "extra_data": {"lab": result["lab"]}, "tests": tests}, indent=1)


def classroom(result):
    """GitHub Classroom: the line result=... for a step's output, with partial credit."""
    tests = [{"name": name, "status": "pass" if passed else "fail", "score": score,
              "message": text, "test_code": name, "filename": "", "line_no": 0,
              "duration": 0} for name, _, score, passed, _, text in parts(result)]
    data = json.dumps({"version": 1, "max_score": result["max"], "tests": tests,
                       "status": "pass" if result["correct"] else "fail"})
    return "result=" + base64.b64encode(data.encode()).decode() + "\n"


FORMS = {"terminal": terminal, "tap": tap, "junit": junit, "gradescope": gradescope,
         "classroom": classroom, "json": lambda r: json.dumps(r, indent=1) + "\n"}
