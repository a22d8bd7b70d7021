"""The load of reloads.sh, the reloads, and what came of both."""

import argparse
import asyncio
import json
import statistics
import sys
import time

PATIENCE = 10  # seconds, for one answer
PAUSE = 0.01  # of each connection between two requests: the reloads need processors, too
FORM = "&".join(f"field{n}=some+words+of+a+form" for n in range(8))
HEADERS = ("Host: shop.example\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n"
           "Accept: text/html\r\nAccept-Language: en\r\n")


def request(method, target, body=""):
    head = f"{method} {target} HTTP/1.1\r\n{HEADERS}"
    if body:
        head += ("Content-Type: application/x-www-form-urlencoded\r\n"
                 f"Content-Length: {len(body)}\r\n")
    return (head + "\r\n" + body).encode()


# What is asked, and the status that is right, whatever the generation of the rules.
REQUESTS = [
    (request("GET", "/products?id=12&sort=price"), 200),
    (request("GET", "/?q=%3Cscript%3Ealert(1)%3C/script%3E"), 403),
    (request("POST", "/order", FORM), 200),
    (request("GET", "/?id=1%27%20OR%20%271%27=%271%27%20UNION%20SELECT%20password%20FROM%20users--"), 403),
    (request("GET", "/"), 200),
    (request("POST", "/order", FORM + "&note=%3Cimg+src=x+onerror=alert(1)%3E"), 403),
]


class Tally:
    def __init__(self):
        self.answered = 0
        self.unanswered = 0
        self.wrong = {}
        self.times = []

    def add(self, wanted, got, seconds):
        self.answered += 1
        self.times.append(seconds)
        if got != wanted:
            key = f"{got} for {wanted}"
            self.wrong[key] = self.wrong.get(key, 0) + 1


async def read_answer(reader):
    """The status of one answer; its body is read and dropped."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.decode("latin-1").lower().split("\r\n")
    length = next((int(line.split(":")[1]) for line in lines if line.startswith("content-length:")), 0)
    await reader.readexactly(length)
    close = any(line.startswith("connection:") and "close" in line for line in lines)
    return int(lines[0].split()[1]), close


async def visitor(port, first, over, tally):
    """One connection that asks one thing after the other."""
    reader = writer = None
    turn = first
    while not over():
        data, wanted = REQUESTS[turn % len(REQUESTS)]
        turn += 1
        began = time.monotonic()
        try:
            if writer is None:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(data)
            status, close = await asyncio.wait_for(read_answer(reader), PATIENCE)
            tally.add(wanted, status, time.monotonic() - began)
        except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError):
            tally.unanswered += 1
            close = True
        if close and writer is not None:
            writer.close()
            writer = None
        await asyncio.sleep(PAUSE)


async def http(port, method, path):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"{method} {path} HTTP/1.0\r\n\r\n".encode())
    text = (await reader.read()).decode()
    writer.close()
    head, _, body = text.partition("\r\n\r\n")
    return int(head.split()[1]), body


async def metrics(port):
    _, text = await http(port, "GET", "/metrics")
    values = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.rpartition(" ")
            values[name] = float(value)
    return values


def resident_kb(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


class Reloads:
    def __init__(self, options):
        self.options = options
        self.times = []
        self.failed = []
        self.resident = []
        self.pulse = []
        self.end = time.monotonic() + options.seconds

    def over(self):
        """The load lasts as long as the reloads do."""
        return time.monotonic() >= self.end and len(self.times) == self.options.reloads

    async def run(self):
        """Evenly over the time; a reload that takes longer than its share delays the next."""
        begin = time.monotonic()
        for n in range(self.options.reloads):
            await asyncio.sleep(max(0, begin + n * self.options.seconds / self.options.reloads - time.monotonic()))
            began = time.monotonic()
            status, body = await http(self.options.admin, "POST", "/reload")
            self.times.append(time.monotonic() - began)
            if status != 200 or json.loads(body)["ruleset"] != n + 2:
                self.failed.append(body)

    async def watch(self):
        while not self.over():
            self.resident.append(resident_kb(self.options.agent))
            await asyncio.sleep(0.1)

    async def feel_pulse(self):
        """How long the loop thread takes to answer what it answers by itself."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.options.admin)
        while not self.over():
            began = time.monotonic()
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: agent\r\n\r\n")
            await read_answer(reader)
            self.pulse.append(time.monotonic() - began)
            await asyncio.sleep(0.005)
        writer.close()


def milliseconds(times, share):
    return sorted(times)[min(int(share * len(times)), len(times) - 1)] * 1000


async def settle(options):
    """Until old generations are freed."""
    for _ in range(600):
        if (await metrics(options.admin))["spoa_modsecurity_generations_live"] == 1:
            return True
        await asyncio.sleep(0.1)
    return False


def freeing_ms(log):
    """How long each old generation took to free."""
    with open(log, encoding="utf-8") as lines:
        return [int(line.split(" free_us=")[1].split()[0]) / 1000 for line in lines if " event=freed " in line]


def uninspected(values):
    series = [(name, value) for name, value in values.items()
              if name.startswith("spoa_modsecurity_verdicts_total") and value > 0
              and not any(f'reason="{reason}"' in name for reason in ("clean", "rules"))]
    return {name: int(value) for name, value in series}


async def main(options):
    tally = Tally()
    # Everything is asked before, so that what is kept for good is there.
    warm = time.monotonic() + 3
    await asyncio.gather(*(visitor(options.web, n, lambda: time.monotonic() >= warm, Tally())
                           for n in range(options.connections)))
    before = await metrics(options.admin)
    began = time.monotonic()
    reloads = Reloads(options)
    await asyncio.gather(reloads.run(), reloads.watch(), reloads.feel_pulse(),
                         *(visitor(options.web, n, reloads.over, tally) for n in range(options.connections)))
    took = time.monotonic() - began
    freed = await settle(options)
    after = await metrics(options.admin)

    # The first fifth still fills caches of the allocator.
    fifth = max(len(reloads.resident) // 5, 1)
    early = statistics.median(reloads.resident[fifth:2 * fifth]) / 1024
    late = statistics.median(reloads.resident[-fifth:]) / 1024
    wrong = sum(tally.wrong.values())
    policies = {name: count - int(before.get(name, 0)) for name, count in uninspected(after).items()
                if count > before.get(name, 0)}
    live = int(after["spoa_modsecurity_generations_live"])
    freeing = freeing_ms(options.log)
    print(f"""requests        {tally.answered + tally.unanswered} in {took:.0f} s, {options.connections} connections
unanswered      {tally.unanswered}
wrong verdicts  {wrong} {tally.wrong or ''}
not inspected   {sum(policies.values())} {policies or ''}
answer          median {milliseconds(tally.times, 0.5):.1f} ms, 99 % within {milliseconds(tally.times, 0.99):.1f} ms, longest {max(tally.times) * 1000:.0f} ms
loop            99 % of /healthz within {milliseconds(reloads.pulse, 0.99):.1f} ms, 99.9 % {milliseconds(reloads.pulse, 0.999):.1f} ms, longest {max(reloads.pulse) * 1000:.0f} ms
reloads         {len(reloads.times)}, of which {len(reloads.failed)} failed; median {milliseconds(reloads.times, 0.5):.0f} ms, longest {max(reloads.times) * 1000:.0f} ms
freeing         median {statistics.median(freeing):.0f} ms, longest {max(freeing):.0f} ms, off the loop; {live} generation live at the end
resident        {early:.1f} MiB in the second fifth, {late:.1f} MiB in the last, at most {max(reloads.resident) / 1024:.1f} MiB; at rest {resident_kb(options.agent) / 1024:.1f} MiB""")
    for body in reloads.failed[:3]:
        print(body)
    level = late <= early * 1.1
    ok = (tally.answered > 0 and tally.unanswered == 0 and wrong == 0 and not reloads.failed
          and len(reloads.times) == options.reloads and freed and level)
    print("good" if ok else "NOT GOOD")
    return 0 if ok else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--log", required=True)
    for name in ("web", "admin", "agent", "reloads", "seconds", "connections"):
        parser.add_argument(f"--{name}", type=int, required=True)
    sys.exit(asyncio.run(main(parser.parse_args())))
