#!/usr/bin/env python3
"""Offers an agent more than it can inspect, and tells what becomes of it.

Starts agents of its own (the release build) with one worker and the rules of rules/main.conf, so that they and
the load have a processor each, and offers them the mix of `spoa-modsecurity bench`:

  best      as much as one agent inspects, in a closed loop
  flood     three times that, in an open loop: how much is inspected in time
  recovery  half, three times, half: how long after the flood everything is inspected again
  shares    one application's flood beside another's quiet visitors

each with the settings as they are, and with a queue without end and without deadlines ("plain"), as in an agent
that takes what comes. Rounds of both follow each other in turn; medians are printed.
"""
import argparse
import json
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
TIMEOUT_MS = 400
WAYS = {
    "agent": {"processing-timeout": f"{TIMEOUT_MS}ms"},
    # Nothing is given up, and nobody turned away: first come, first served.
    "plain": {"processing-timeout": "10m", "hang-timeout": "10m", "queue": 1_000_000},
}


class Agent:
    """One agent on free ports, with the applications `shop` and `blog`."""

    def __init__(self, binary, load, folder, settings):
        self.load = load
        rules = ROOT / "rules/main.conf"
        whole = {"workers": 1, "listen": ["127.0.0.1:0"], "admin": "127.0.0.1:0", "events": "none",
                 "limits": {"frames-in-flight": 0}, "default-application": "shop",
                 "applications": {name: {"rules": [str(rules)]} for name in ("shop", "blog")}, **settings}
        config = pathlib.Path(folder) / "agent.yaml"
        config.write_text(json.dumps(whole))  # JSON is YAML
        self.log = pathlib.Path(folder) / "agent.log"
        with self.log.open("w", encoding="utf-8") as log:
            self.process = subprocess.Popen([binary, "--config", str(config)], stderr=log, stdout=log)
        deadline = time.monotonic() + 30
        while "event=ready" not in self.log.read_text():
            if time.monotonic() > deadline or self.process.poll() is not None:
                sys.exit(f"the agent did not start:\n{self.log.read_text()}")
            time.sleep(0.05)
        self.spop, self.admin = (self.address(p) for p in ("spop", "http"))

    def address(self, protocol):
        line = next(l for l in self.log.read_text().splitlines() if f"protocol={protocol}" in l)
        return next(w.split("=")[1] for w in line.split() if w.startswith("address="))

    def bench(self, *flags):
        """Load as the flags say; a Popen whose output is JSON."""
        return subprocess.Popen([self.load, "bench", "--target", self.spop, "--json", "--timeout", "20s", *flags],
                                stdout=subprocess.PIPE, text=True)

    def metric(self, series):
        with urllib.request.urlopen(f"http://{self.admin}/metrics", timeout=10) as answer:
            for line in answer.read().decode().splitlines():
                if line.startswith(series + " "):
                    return float(line.split()[1])
        return 0.0

    def stop(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def outcome(load):
    text, _ = load.communicate()
    if load.returncode not in (0, 1) or not text:
        sys.exit(f"bench ended with {load.returncode}")
    return json.loads(text)


def best_rate(agent, seconds):
    return outcome(agent.bench("--concurrency", "8", "--duration", f"{seconds}s"))["total"]["inspected_in_time_per_second"]


def flood(agent, rate, seconds):
    """Figures of three times the load."""
    total = outcome(agent.bench("--rate", f"{3 * rate:.0f}:{seconds}s", "--connections", "16"))["total"]
    return {"inspected in time, of the best rate": total["inspected_in_time_per_second"] / rate,
            "answered late, of all": (total["inspected_late"] + total["uninspected_late"]) / total["offered"],
            "unanswered, of all": (total["unanswered"] + total["lost"]) / total["offered"],
            "wrong verdicts": total["wrong"]["attacks_allowed"] + total["wrong"]["clean_denied"],
            "slowest answer, ms": total["latency_ms"]["max"],
            "p50 of inspected, ms": total["inspected_latency_ms"]["p50"]}


def recovery(agent, rate, seconds):
    """Seconds from the end of the flood until every request is inspected in time for good."""
    step = 0.1
    profile = f"{rate / 2:.0f}:3s,{3 * rate:.0f}:{seconds}s,{rate / 2:.0f}:10s"
    told = outcome(agent.bench("--rate", profile, "--connections", "16", "--interval", f"{step * 1000:.0f}ms"))
    end = 3 + seconds
    late = [row["from_seconds"] + step - end for row in told["timeline"]
            if row["from_seconds"] >= end - step / 2 and row["inspected_in_time"] < row["offered"]]
    return {"recovered after, s": max(late, default=0.0)}


def shares(agent, rate, seconds):
    """The quiet site's part of requests inspected in time, beside a flood of the other."""
    loud = agent.bench("--rate", f"{3 * rate:.0f}:{seconds}s", "--connections", "16", "--app", "shop")
    quiet = agent.bench("--rate", f"{rate / 5:.0f}:{seconds}s", "--connections", "4", "--app", "blog")
    told, _ = outcome(quiet)["total"], outcome(loud)
    return {"quiet site inspected in time": told["inspected_in_time"] / told["offered"],
            "its p99, ms": told["inspected_latency_ms"]["p99"]}


def measure(programs, way, rate, seconds):
    figures = {}
    for part in (flood, recovery, shares):
        with tempfile.TemporaryDirectory() as folder, Agent(*programs, folder, WAYS[way]) as agent:
            figures.update(part(agent, rate, seconds))
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=10, help="of each flood (10)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--agent", default=os.environ.get("SPOA_BUILD", str(ROOT / "build/release")) + "/spoa-modsecurity",
                        help="the program (build/release/spoa-modsecurity)")
    parser.add_argument("--bench", help="the program that makes the load, if it is not the agent's")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    told = parser.parse_args()
    if not os.access(told.agent, os.X_OK):
        sys.exit(f"no {told.agent}: cmake --preset release && cmake --build --preset release")
    programs = (told.agent, told.bench or told.agent)
    rates, rounds = [], {way: [] for way in told.ways}
    for number in range(told.rounds):
        with tempfile.TemporaryDirectory() as folder, Agent(*programs, folder, WAYS["agent"]) as agent:
            rates.append(best_rate(agent, told.seconds))
        print(f"round {number + 1}: best rate {rates[-1]:.0f}/s", file=sys.stderr)
        for way in told.ways:
            rounds[way].append(measure(programs, way, rates[-1], told.seconds))
            print(f"  {way}: {rounds[way][-1]}", file=sys.stderr)
    print(f"one worker, best rate {statistics.median(rates):.0f}/s; medians of {told.rounds} rounds, floods of {told.seconds} s")
    print(f"| three times the best rate | {' | '.join(told.ways)} |\n|---|{'---|' * len(told.ways)}")
    for name in rounds[told.ways[0]][0]:
        values = [statistics.median(figures[name] for figures in rounds[way]) for way in told.ways]
        print(f"| {name} | {' | '.join(f'{value:.3f}' for value in values)} |")


if __name__ == "__main__":
    main()
