#!/usr/bin/env python3
"""Mixed HTTP traffic whose answers are known, for as long as one likes.

usage: traffic.py PORT SECONDS CLIENTS PAUSE_MS FILE

Each client sends one request after another to 127.0.0.1:PORT, some on a connection it keeps, and
pauses in between. Clean requests must get 200, attacks 403. FILE gets a JSON line for every
answer that is another, and in the end one with what all of it came to. SIGTERM ends it early.

A request that finds its kept connection closed before a byte of the answer has come is sent once
more on a new one, as RFC 9112, 9.3.1 says; it is counted.
"""
import asyncio
import json
import random
import signal
import sys
import time

PATIENCE = 60  # seconds: only to end; how long answers take is reported
WORDS = ["garden", "kettle", "lantern", "harbour", "winter", "copper", "meadow", "paper"]
ATTACKS = ["1' UNION SELECT name,password FROM users-- -", "<script>alert(document.cookie)</script>",
           "../../../../etc/passwd", "; cat /etc/passwd"]


def escape(text):
    return "".join(c if c.isalnum() else "%%%02X" % ord(c) for c in text)


def build(dice):
    """A request and the status it must get."""
    hostile = dice.random() < 0.2
    words = [dice.choice(WORDS) for _ in range(6)]
    value = dice.choice(ATTACKS) if hostile else " ".join(words[:3])
    shape = dice.choice(["query", "form", "json"] if hostile else ["page", "query", "form", "json"])
    method, target, kind, body = "GET", "/" + words[3], "", ""
    if shape == "query":
        target += "?page=%d&q=%s" % (dice.randrange(100), escape(value))
    elif shape == "form":
        method, kind = "POST", "application/x-www-form-urlencoded"
        body = "name=%s&town=%s&remark=%s" % (words[4], words[5], escape(value))
    elif shape == "json":
        method, kind = "POST", "application/json"
        body = json.dumps({"items": [{"name": word, "count": dice.randrange(9)} for word in words],
                           "remark": value})
    head = ["%s %s HTTP/1.1" % (method, target), "Host: shop.example",
            "User-Agent: Mozilla/5.0 (X11; Linux x86_64) soak", "Accept: */*"]
    if body:
        head += ["Content-Type: " + kind, "Content-Length: %d" % len(body)]
    return ("\r\n".join(head) + "\r\n\r\n" + body).encode(), 403 if hostile else 200


class Closed(Exception):
    """The connection ended before the answer was whole; `begun`: part of it had come."""

    def __init__(self, begun):
        super().__init__("closed")
        self.begun = begun


class Client:
    def __init__(self, port, dice):
        self.port, self.dice = port, dice
        self.reader = self.writer = None

    def drop(self):
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None

    async def exchange(self, request):
        """The status, and whether the connection may be kept."""
        try:
            self.writer.write(request)
            await self.writer.drain()
            head = await self.reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError as error:
            raise Closed(bool(error.partial)) from error
        except ConnectionError as error:
            raise Closed(False) from error
        lines = head.decode("latin-1").lower().split("\r\n")
        fields = dict(line.split(":", 1) for line in lines[1:] if ":" in line)
        try:
            await self.reader.readexactly(int(fields.get("content-length", "0")))
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise Closed(True) from error
        return int(lines[0].split()[1]), fields.get("connection", "").strip() != "close"

    async def ask(self, request):
        """The status, or why there is none; and whether it was sent twice."""
        again = False
        while True:
            fresh = self.writer is None
            try:
                if fresh:
                    self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
                status, keep = await self.exchange(request)
            except Closed as error:
                self.drop()
                if fresh or error.begun:
                    return "closed", again
                again = True
                continue
            except OSError as error:
                self.drop()
                return type(error).__name__, again
            if not keep or self.dice.random() < 0.2:
                self.drop()
            return status, again


class Traffic:
    def __init__(self, file):
        self.file = file
        self.stopping = asyncio.Event()
        self.counts = {"asked": 0, "good": 0, "lost": 0, "let_through": 0, "denied": 0, "other": 0,
                       "sent_again": 0}
        self.times = []

    def note(self, kind, begin, status, wanted, request):
        self.counts[kind] += 1
        line = {"kind": kind, "begin": begin, "end": time.time(), "status": status, "wanted": wanted,
                "request": request.split(b"\r\n", 1)[0].decode("latin-1")}
        self.file.write(json.dumps(line) + "\n")
        self.file.flush()

    async def run(self, port, number, pause):
        dice = random.Random(number)
        client = Client(port, dice)
        while not self.stopping.is_set():
            request, wanted = build(dice)
            begin = time.time()
            self.counts["asked"] += 1
            try:
                status, again = await asyncio.wait_for(client.ask(request), PATIENCE)
            except asyncio.TimeoutError:
                client.drop()
                status, again = "timeout", False
            self.counts["sent_again"] += again
            self.times.append(time.time() - begin)
            if status == wanted:
                self.counts["good"] += 1
            elif status == 503 or not isinstance(status, int):
                self.note("lost", begin, status, wanted, request)
            elif wanted == 403 and status == 200:
                self.note("let_through", begin, status, wanted, request)
            elif wanted == 200 and status == 403:
                self.note("denied", begin, status, wanted, request)
            else:
                self.note("other", begin, status, wanted, request)
            try:
                await asyncio.wait_for(self.stopping.wait(), dice.uniform(0, 2 * pause))
            except asyncio.TimeoutError:
                pass
        client.drop()


async def main():
    port, seconds, clients, pause = (int(word) for word in sys.argv[1:5])
    with open(sys.argv[5], "a", encoding="utf-8") as file:
        traffic = Traffic(file)
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, traffic.stopping.set)
        loop.call_later(seconds, traffic.stopping.set)
        await asyncio.gather(*(traffic.run(port, number, pause / 1000) for number in range(clients)))
        times = sorted(traffic.times) or [0]
        latency = {str(percent): 1000 * times[min(len(times) - 1, len(times) * percent // 100)]
                   for percent in (50, 99, 100)}
        file.write(json.dumps({"kind": "all", "counts": traffic.counts, "latency_ms": latency}) + "\n")


asyncio.run(main())
