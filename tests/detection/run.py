#!/usr/bin/env python3
"""Sends every request of the suite through HAProxy with the agent and through nginx with
Debian's ModSecurity module, on the same rules, and compares what both found."""

import argparse
import collections
import pathlib
import shutil
import signal
import sys
import tempfile
import threading

import cases as case_files
import compare
import markdown
import stack as stacks

# Sent last: once its traces are there, those of all others are. The logs keep their order.
LAST = case_files.build_request(
    case_files.Block("last-of-all", "run.py", ["GET /?q=⟦url <script>alert(1)</script>⟧"])
)


def send_all(port: int, cases, statuses: dict, fail: list):
    try:
        for case in cases:
            statuses[case.name] = stacks.exchange(port, case.request)
        stacks.exchange(port, LAST)
    except Exception as error:  # told by the main thread
        fail.append(f"port {port}: {error!r}")


def run_stack(cases, folder: pathlib.Path):
    """Statuses by case of both sides, the agent's events, and nginx's audit log."""
    ours, theirs, fail = {}, {}, []
    with stacks.Stack(folder, {case.name: case.page for case in cases if case.page}) as stack:
        sides = [(stack.haproxy_port, ours), (stack.nginx_port, theirs)]
        threads = [
            threading.Thread(target=send_all, args=(port, cases, statuses, fail))
            for port, statuses in sides
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if fail:
            raise stacks.StackError("; ".join(fail))
        stacks.wait_for(
            "the last event", lambda: any(e["id"] == "last-of-all" for e in stack.read_events())
        )
        stacks.wait_for(
            "the last audit entry",
            lambda: any(e["unique_id"] == "last-of-all" for e in stack.read_audit()),
        )
        return ours, theirs, stack.read_events(), stack.read_audit()


def show_table(outcomes):
    print(f"{'case':<44} {'HAProxy and the agent | nginx'}")
    for name, pair in outcomes.items():
        if text := compare.difference(*pair):
            print(f"{name:<44} {text}")


def report(cases, outcomes, explanations) -> tuple:
    """Prints differences and complaints; how many cases passed and failed."""
    explained = {name: what for e in explanations for name, what in e.cases.items()}
    show_table(outcomes)
    failed = 0
    for case in cases:
        complaints = compare.judge(case, *outcomes[case.name], explained)
        for complaint in complaints:
            print(f"FAILED {case.category}/{case.name}: {complaint}")
        failed += bool(complaints)
    known = {case.name for case in cases}
    for name in sorted(explained.keys() - known):
        print(f"FAILED differences.txt: there is no case {name}")
        failed += 1
    kinds = collections.Counter(
        f"{'attacks' if case.hostile else 'clean'} {outcomes[case.name][0].what}" for case in cases
    )
    print(", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())))
    return len(cases) - failed, failed


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--responses", action="store_true", help="compare responses, not requests")
    parser.add_argument("--only", metavar="TEXT", help="only cases whose name has this")
    parser.add_argument("--keep", metavar="FOLDER", help="leave logs and settings there")
    parser.add_argument("--show", action="store_true", help="print what became of every case")
    parser.add_argument("--markdown", action="store_true", help="print the document's tables")
    parser.add_argument("--write-docs", action="store_true", help="put them there")
    parser.add_argument("--check-docs", action="store_true", help="are they there?")
    return parser.parse_args()


def main() -> int:
    chosen = arguments()
    if chosen.write_docs:
        markdown.write()
    if chosen.markdown or chosen.write_docs or chosen.check_docs:
        return markdown.main(check=not chosen.markdown)
    explanations = compare.read_explanations(
        compare.HERE / ("differences-responses.txt" if chosen.responses else "differences.txt")
    )
    cases = case_files.load_responses() if chosen.responses else case_files.load_requests()
    if chosen.only:
        cases = [case for case in cases if chosen.only in case.name]
        for explanation in explanations:
            kept = {case.name for case in cases}
            explanation.cases = {n: d for n, d in explanation.cases.items() if n in kept}
    folder = pathlib.Path(chosen.keep or tempfile.mkdtemp(prefix="detection."))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        ours, theirs, events, audit = run_stack(cases, folder)
    finally:
        if not chosen.keep:
            shutil.rmtree(folder, ignore_errors=True)
    if chosen.responses:
        outcomes = compare.of_responses(cases, ours, events, audit)
    else:
        outcomes = compare.of_requests(cases, ours, theirs, events, audit)
    if chosen.show:
        for case in cases:
            mine, other = outcomes[case.name]
            print(f"{case.category}/{case.name}: {mine.status} {mine.what} {sorted(mine.rules)}"
                  f" | {other.status} {other.what} {sorted(other.rules)}")  # fmt: skip
    passed, failed = report(cases, outcomes, explanations)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main())
    except (stacks.StackError, case_files.CaseError, ValueError) as error:
        print(f"FAILED {error}")
        print("0 passed, 1 failed")
        sys.exit(1)
