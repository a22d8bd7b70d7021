"""What became of a case at one side, how two sides differ, and which differences are known."""

import pathlib
import re
from dataclasses import dataclass, field

HERE = pathlib.Path(__file__).resolve().parent

# Rules that only sum up what others found, in phase 5: after our event has been written, which
# never waits. (CRS 980xxx.)
SUMMARIES = range(980000, 981000)


@dataclass
class Outcome:
    """passed: upstream's answer came. denied: by rules. refused: by the proxy itself, before it
    asked for an inspection."""

    what: str
    status: int
    rules: set = field(default_factory=set)

    @property
    def stopped(self) -> bool:
        return self.what != "passed"


def request_outcome(status: int, rules, inspected: bool) -> Outcome:
    rules = {rule for rule in rules if rule not in SUMMARIES}
    if status == 200:
        return Outcome("passed", status, rules)
    return Outcome("denied" if inspected else "refused", status, rules)


def of_requests(cases, ours, theirs, events, audit):
    """Pairs of outcomes by the case's name; ours and theirs map names to statuses."""
    by_event = {event["id"]: event for event in events if event["phase"] <= 2}
    by_audit = {entry["unique_id"]: entry for entry in audit}
    result = {}
    for case in cases:
        event, entry = by_event.get(case.name), by_audit.get(case.name)
        result[case.name] = (
            request_outcome(ours[case.name], rules_of_event(event), event is not None),
            request_outcome(theirs[case.name], rules_of_entry(entry), entry is not None),
        )
    return result


def rules_of_event(event) -> set:
    return {rule["id"] for rule in event["rules"]} if event else set()


def rules_of_entry(entry) -> set:
    if not entry:
        return set()
    return {int(message["details"]["ruleId"]) for message in entry["messages"]}


def of_responses(cases, ours, events, audit):
    """The same for responses: only the rules of the response phases, from the event line that
    the response has of its own. nginx has sent its status line before phase 4, so that there
    counts whether the rules would deny; here the client must have got the refusal too."""
    by_event = {event["id"]: event for event in events if event["phase"] > 2}
    by_audit = {entry["unique_id"]: entry for entry in audit}

    def outcome(rules, kept_back):
        found = {rule for rule in rules if 950000 <= rule < 960000}
        denied = 959100 in found and kept_back
        return Outcome("denied" if denied else "passed", 200, found)

    return {
        case.name: (
            outcome(rules_of_event(by_event.get(case.name)), ours[case.name] == 403),
            outcome(rules_of_entry(by_audit.get(case.name)), True),
        )
        for case in cases
    }


# --- Differences ----------------------------------------------------------------------------


def difference(ours: Outcome, theirs: Outcome) -> str:
    """"" if there is none; else what became of the case on both sides, each with the rules that
    only this side has: `denied +920170 | refused`. Statuses are not compared: which page a proxy
    shows for a refusal is its own affair."""
    if ours.what == theirs.what and ours.rules == theirs.rules:
        return ""

    def half(mine, other):
        only = "".join(f" +{rule}" for rule in sorted(mine.rules - other.rules))
        return mine.what + only

    return f"{half(ours, theirs)} | {half(theirs, ours)}"


@dataclass
class Explanation:
    title: str
    text: str = ""
    cases: dict = field(default_factory=dict)  # name -> difference


def read_explanations(path: pathlib.Path) -> list:
    """Sections `== title`, text, and lines `- case: difference`."""
    explanations = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if line.startswith("== "):
            explanations.append(Explanation(line[3:]))
        elif line.startswith("- "):
            found = re.fullmatch(r"- ([a-z0-9-]+): (.+)", line)
            if not found or not explanations:
                raise ValueError(f"{path.name}:{number}: not `- case: difference`")
            explanations[-1].cases[found[1]] = found[2]
        elif explanations and line and not line.startswith("#"):
            explanations[-1].text = f"{explanations[-1].text} {line}".strip()
    return explanations


def judge(case, ours: Outcome, theirs: Outcome, explained: dict) -> list:
    """The complaints about one case; none: it passed."""
    found = []
    if case.hostile:
        if not ours.stopped and theirs.what == "denied":
            found.append("MISS: the rules stop this attack in nginx, but not here")
        elif not ours.stopped and not case.undetected:
            found.append("an attack passed on both sides, and the case does not say @undetected")
        elif ours.stopped and case.undetected:
            found.append("it says @undetected, but it was stopped")
    else:
        if ours.what == "denied" and not theirs.stopped:
            found.append("FALSE POSITIVE: the rules stop this request here, but not in nginx")
        elif ours.stopped and not case.false_positive:
            found.append("a clean request was stopped, and the case does not say @false-positive")
        elif not ours.stopped and case.false_positive:
            found.append("it says @false-positive, but it passed")
    differs, known = difference(ours, theirs), explained.get(case.name, "")
    if differs and not known:
        found.append(f"not explained in differences.txt:\n- {case.name}: {differs}")
    elif differs != known:
        found.append(f"differences.txt says `{known}`, but it is `{differs or 'no difference'}`")
    if ours.status in (0, 503) or theirs.status in (502, 503, 504):
        found.append(f"no proper answer: status {ours.status} from us, {theirs.status} from nginx")
    return found
