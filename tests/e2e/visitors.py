#!/usr/bin/env python3
"""Visitors of a site, clean ones and attackers, who notice every answer that is wrong.

usage: visitors.py [--connections N] [--rate PER-SECOND] [--post] (--until FILE | --seconds S) URL

Each connection asks for a clean page and for one with `word=blocked` in turn, and waits for each
answer; --rate bounds all of them together. --post sends the word in a form of some kilobytes
instead. A connection that the server closes between two answers is opened again; one that ends
with a question under way is a failure. Prints one line for each kind of answer, `COUNT clean 200`,
then `longest MILLISECONDS` and `requests COUNT`. Exits 0 only if every clean request got 200 and
every attack 403.
"""
import argparse
import asyncio
import collections
import os
import sys
import time
import urllib.parse

WANTED = {"clean": 200, "attack": 403}
PATIENCE = 60  # seconds until a request counts as unanswered


class Visitor:
    """One connection's worth of requests, one after another."""

    def __init__(self, options, number):
        self.url = urllib.parse.urlsplit(options.url)
        self.post = options.post
        self.number = number
        self.reader = self.writer = None

    def request(self, kind, count):
        word = "fine" if kind == "clean" else "blocked"
        if not self.post:
            target, body, method = f"/?n={self.number}.{count}&word={word}", b"", "GET"
        else:
            target, method = f"/form?n={self.number}.{count}", "POST"
            body = b"text=" + b"lorem+ipsum+" * 300 + b"&word=" + word.encode()
        return (
            f"{method} {target} HTTP/1.1\r\nHost: shop.example\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode() + body

    async def connect(self):
        self.reader, self.writer = await asyncio.open_connection(self.url.hostname, self.url.port)

    def close(self):
        if self.writer:
            self.writer.close()
        self.reader = self.writer = None

    async def answer(self):
        """The status of the next answer; its body is read and forgotten."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        lines = head.decode("latin-1").lower().split("\r\n")
        fields = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
        if "content-length" in fields:
            await self.reader.readexactly(int(fields["content-length"]))
        elif "chunked" in fields.get("transfer-encoding", ""):
            while size := int(await self.reader.readline(), 16):
                await self.reader.readexactly(size + 2)
            await self.reader.readline()
        else:
            await self.reader.read()
        if fields.get("connection") == "close" or "content-length" not in fields and "transfer-encoding" not in fields:
            self.close()
        return int(lines[0].split()[1])

    async def ask(self, kind, count):
        if self.reader and self.reader.at_eof():
            self.close()  # closed while nothing was asked: no failure
        if not self.writer:
            await self.connect()
        self.writer.write(self.request(kind, count))
        return await self.answer()

    async def visit(self, going, pause, results, longest):
        kinds = ["clean", "attack"] if self.number % 2 else ["attack", "clean"]
        count = 0
        while going():
            kind = kinds[count % 2]
            began = time.monotonic()
            try:
                outcome = await asyncio.wait_for(self.ask(kind, count), PATIENCE)
            except (OSError, EOFError, asyncio.TimeoutError, ValueError, IndexError) as error:
                outcome = type(error).__name__
                self.close()
            took = time.monotonic() - began
            longest[0] = max(longest[0], took)
            results[kind, outcome] += 1
            if outcome != WANTED[kind]:
                clock = time.strftime("%H:%M:%S")
                print(f"{clock} {kind} n={self.number}.{count} got {outcome} after {took:.3f} s", file=sys.stderr)
            count += 1
            await asyncio.sleep(max(0.0, pause - took))


async def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--connections", type=int, default=8)
    arguments.add_argument("--rate", type=float, default=0)
    arguments.add_argument("--post", action="store_true")
    arguments.add_argument("--until")
    arguments.add_argument("--seconds", type=float, default=600)
    arguments.add_argument("url")
    options = arguments.parse_args()
    end = time.monotonic() + options.seconds

    def going():
        return time.monotonic() < end and not (options.until and os.path.exists(options.until))

    results, longest = collections.Counter(), [0.0]
    pause = options.connections / options.rate if options.rate else 0
    visitors = [Visitor(options, number) for number in range(options.connections)]
    await asyncio.gather(*(visitor.visit(going, pause, results, longest) for visitor in visitors))
    for (kind, outcome), count in sorted(results.items(), key=str):
        print(count, kind, outcome)
    print("longest", round(longest[0] * 1000))
    print("requests", sum(results.values()))
    right = all(outcome == WANTED[kind] for kind, outcome in results)
    return 0 if right and len(results) == len(WANTED) else 1


sys.exit(asyncio.run(main()))
