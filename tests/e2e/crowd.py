#!/usr/bin/env python3
"""A crowd of connections that only take places.

usage: crowd.py HOST:PORT COUNT SECONDS

Opens COUNT connections: every other one says nothing, the rest say half a HELLO. Prints
`open N` when all are open, then waits until the agent has ended each, and prints
`ended N`, or `left N` when SECONDS were not enough. Answers are thrown away.
"""
import resource
import selectors
import socket
import sys
import time

# HAPROXY-HELLO of 78 bytes (SPOE.txt 3.2.4), up to its second key.
HALF_HELLO = bytes.fromhex("0000004e01000000010000") + b"\x12supported-versions\x08\x032.0\x0emax"


def main() -> int:
    host, port = sys.argv[1].rsplit(":", 1)
    count, seconds = int(sys.argv[2]), float(sys.argv[3])
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    selector = selectors.DefaultSelector()
    for i in range(count):
        peer = socket.create_connection((host, int(port)), timeout=30)
        if i % 2:
            peer.sendall(HALF_HELLO)
        peer.setblocking(False)
        selector.register(peer, selectors.EVENT_READ)
    print("open", count, flush=True)
    left = count
    give_up = time.monotonic() + seconds
    while left and time.monotonic() < give_up:
        for key, _ in selector.select(0.2):
            try:
                if key.fileobj.recv(4096):
                    continue
            except BlockingIOError:
                continue
            except ConnectionError:
                pass
            selector.unregister(key.fileobj)
            key.fileobj.close()
            left -= 1
    print("left" if left else "ended", left or count, flush=True)
    return 1 if left else 0


sys.exit(main())
