#!/usr/bin/env python3
"""What a soak came to. usage: report.py FOLDER KILL_GRACE_SECONDS; exits 0 when all is well.

Reads what soak.sh and traffic.py left in FOLDER:
  traffic   JSON lines, see traffic.py
  actions   TIME WHAT [DETAIL]     kill, reload-ok, reload-failed, haproxy-reload, died, ...
  samples   TIME RSS_KIB DESCRIPTORS THREADS    of the agent that lives through all of it
"""
import json
import sys
from statistics import median

GROWTH = 1.10  # of resident memory, from the second quarter to the last
SLACK_KIB = 8 * 1024
SLACK_DESCRIPTORS = 16
SLACK_THREADS = 1


def lines_of(path):
    with open(path, encoding="utf-8") as file:
        return [line.split() for line in file if line.strip()]


def slope(points):
    """Least squares: units a second."""
    middle_x = sum(x for x, _ in points) / len(points)
    middle_y = sum(y for _, y in points) / len(points)
    width = sum((x - middle_x) ** 2 for x, _ in points)
    return sum((x - middle_x) * (y - middle_y) for x, y in points) / width if width else 0.0


class Report:
    def __init__(self):
        self.failures = []

    def line(self, name, value, good=True):
        print("%-34s %s%s" % (name, value, "" if good else "   FAILED"))
        if not good:
            self.failures.append(name)

    def traffic(self, events, kills, grace):
        whole = [event for event in events if event["kind"] == "all"]
        if len(whole) != 1:
            self.line("traffic", "did not end as it should", False)
            return
        counts, latency = whole[0]["counts"], whole[0]["latency_ms"]
        lost = [event for event in events if event["kind"] == "lost"]
        excused = [event for event in lost
                   if any(event["begin"] <= kill + grace and event["end"] >= kill for kill in kills)]
        self.line("requests", counts["asked"], counts["good"] > 0)
        self.line("answered as they should be", counts["good"])
        self.line("lost to the kills themselves", "%d, by %d kills" % (len(excused), len(kills)))
        self.line("lost beyond those", len(lost) - len(excused), len(lost) == len(excused))
        self.line("attacks let through", counts["let_through"], counts["let_through"] == 0)
        self.line("clean requests denied", counts["denied"], counts["denied"] == 0)
        self.line("other answers", counts["other"], counts["other"] == 0)
        self.line("sent again on a new connection", counts["sent_again"])
        self.line("latency p50, p99, max", "%.0f, %.0f, %.0f ms" % tuple(
            latency[percent] for percent in ("50", "99", "100")))
        for event in [event for event in events if event["kind"] != "all" and event not in excused][:10]:
            print("  ", json.dumps(event))

    def actions(self, actions):
        def count(what):
            return sum(1 for action in actions if action[1] == what)
        self.line("reloads", "%d, %d failed" % (count("reload-ok"), count("reload-failed")),
                  count("reload-ok") > 0 and count("reload-failed") == 0)
        self.line("HAProxy reloads", count("haproxy-reload"))
        self.line("processes that died on their own", count("died"), count("died") == 0)

    def samples(self, samples):
        if len(samples) < 8:
            self.line("samples of the agent", "%d are too few to judge" % len(samples), False)
            return
        quarter = len(samples) // 4
        early, late = samples[quarter:2 * quarter], samples[-quarter:]

        def medians(column):
            return [median(row[column] for row in part) for part in (early, late)]
        rss = medians(1)
        growth = slope([(row[0], row[1]) for row in samples[quarter:]]) * 3600 / 1024
        self.line("memory, second and last quarter", "%.1f, %.1f MiB (%+.1f MiB an hour)" % (
            rss[0] / 1024, rss[1] / 1024, growth), rss[1] <= rss[0] * GROWTH + SLACK_KIB)
        for name, column, slack in (("descriptors", 2, SLACK_DESCRIPTORS), ("threads", 3, SLACK_THREADS)):
            before, after = medians(column)
            self.line("%s, the same" % name, "%g, %g" % (before, after), after <= before + slack)


def main():
    folder, grace = sys.argv[1], float(sys.argv[2])
    with open(folder + "/traffic", encoding="utf-8") as file:
        events = [json.loads(line) for line in file]
    actions = [[float(words[0])] + words[1:] for words in lines_of(folder + "/actions")]
    kills = [action[0] for action in actions if action[1] == "kill"]
    report = Report()
    report.traffic(events, kills, grace)
    report.actions(actions)
    report.samples([[float(word) for word in words] for words in lines_of(folder + "/samples")])
    print("\nFAILED: " + "; ".join(report.failures) if report.failures else "\nall is well")
    return 1 if report.failures else 0


sys.exit(main())
