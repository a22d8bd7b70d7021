"""The tables of docs/detection.md, made from the files of the suite."""

import collections
import re

import cases as case_files
import compare

DOCUMENT = compare.HERE.parents[1] / "docs/detection.md"
BEGIN, END = "<!-- made by tests/detection/run.py --markdown -->\n", "<!-- end -->\n"


def table(head, rows) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(cells) + " |\n" for cells in lines)


def cell(text: str) -> str:
    return text.replace("|", "\\|")


def sizes(cases, hostile: str) -> str:
    """How many cases there are, by file."""
    count = collections.Counter((not case.hostile, case.category) for case in cases)
    rows = [
        ("clean" if clean else hostile, category, str(number))
        for (clean, category), number in sorted(count.items())
    ]
    for clean, name in ((False, hostile), (True, "clean")):
        rows.append((name, "**together**", f"**{sum(c.hostile != clean for c in cases)}**"))
    return table(["", "file", "cases"], rows)


def differences(explanations) -> str:
    text = ""
    for explanation in explanations:
        rows = []
        for name, what in explanation.cases.items():
            ours, _, theirs = what.partition(" | ")
            rows.append((f"`{name}`", cell(ours), cell(theirs)))
        text += f"**{explanation.title}.** {explanation.text}\n\n"
        text += table(["case", "HAProxy and the agent", "nginx"], rows) + "\n"
    return text


def by_reason(cases, reason_of) -> str:
    """Cases with the same reason share a row."""
    rows = {}
    for case in cases:
        if reason := reason_of(case):
            rows.setdefault(reason, []).append(f"`{case.name}`")
    return table(["why", "cases"], [(cell(why), ", ".join(names)) for why, names in rows.items()])


def requests() -> list:
    cases = case_files.load_requests()
    return [
        "## The requests\n",
        sizes(cases, "attacks"),
        "## Differences\n",
        differences(compare.read_explanations(compare.HERE / "differences.txt")),
        "## Attacks that the rules do not find, on neither side\n",
        by_reason(cases, lambda case: case.undetected),
        "## Clean requests that the rules refuse, on both sides\n",
        by_reason(cases, lambda case: case.false_positive),
    ]


def responses() -> list:
    cases = case_files.load_responses()
    return [
        "## Responses\n",
        sizes(cases, "leaks"),
        differences(compare.read_explanations(compare.HERE / "differences-responses.txt")),
        "Leaks that the rules do not find, on neither side:\n",
        by_reason(cases, lambda case: case.undetected),
        "Clean pages that the rules refuse, on both sides:\n",
        by_reason(cases, lambda case: case.false_positive),
    ]


def generate() -> str:
    return "\n".join(requests() + responses())


def main(check: bool) -> int:
    text = generate()
    if not check:
        print(text, end="")
        return 0
    found = re.search(re.escape(BEGIN) + "(.*)" + re.escape(END), DOCUMENT.read_text("utf-8"), re.S)
    if found and found.group(1) == text:
        print("1 passed, 0 failed")
        return 0
    print("FAILED docs/detection.md is not what tests/detection/run.py --write-docs makes")
    print("0 passed, 1 failed")
    return 1


def write():
    """Puts the tables between the two marks of the document."""
    document = DOCUMENT.read_text("utf-8")
    before, rest = document.split(BEGIN)
    DOCUMENT.write_text(f"{before}{BEGIN}{generate()}{END}{rest.split(END)[1]}", "utf-8")
