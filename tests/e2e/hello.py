#!/usr/bin/env python3
"""Looks at TLS client hellos on the wire, and fingerprints them.

usage: hello.py LISTEN_PORT TARGET_PORT FILE

Passes every connection on to TARGET_PORT, and appends one line "JA3 JA4" to FILE for each hello.
It shares nothing with the agent: it reads the bytes, the agent HAProxy's samples of them.
"""
import hashlib
import socket
import sys
import threading


def grease(number):
    return number & 0x0F0F == 0x0A0A and number >> 8 == number & 0xFF


def plain(numbers):
    return [number for number in numbers if not grease(number)]


def words(data):
    return [data[i] << 8 | data[i + 1] for i in range(0, len(data) - 1, 2)]


class Reader:
    def __init__(self, data):
        self.data = data

    def take(self, count):
        taken, self.data = self.data[:count], self.data[count:]
        if len(taken) < count:
            raise EOFError
        return taken

    def number(self, size):
        return int.from_bytes(self.take(size), "big")

    def block(self, size):
        return self.take(self.number(size))


def parse(message):
    """A handshake message of type client_hello, without its four bytes of head."""
    reader = Reader(message)
    hello = {"version": reader.number(2), "groups": [], "formats": [], "versions": [],
             "algorithms": [], "alpn": []}
    reader.take(32)
    reader.block(1)
    hello["ciphers"] = plain(words(reader.block(2)))
    reader.block(1)
    extensions = Reader(reader.block(2) if reader.data else b"")
    hello["extensions"] = []
    while extensions.data:
        kind = extensions.number(2)
        body = Reader(extensions.block(2))
        if not grease(kind):
            hello["extensions"].append(kind)
        if kind == 10:
            hello["groups"] = plain(words(body.block(2)))
        elif kind == 11:
            hello["formats"] = list(body.block(1))
        elif kind == 13:
            hello["algorithms"] = plain(words(body.block(2)))
        elif kind == 43:
            hello["versions"] = plain(words(body.block(1)))
        elif kind == 16:
            names = Reader(body.block(2))
            while names.data:
                hello["alpn"].append(names.block(1).decode("ascii"))
    return hello


def ja3(hello):
    fields = [[hello["version"]], hello["ciphers"], hello["extensions"], hello["groups"],
              hello["formats"]]
    text = ",".join("-".join(map(str, field)) for field in fields)
    return hashlib.md5(text.encode()).hexdigest()


def ja4(hello):
    version = max(hello["versions"], default=hello["version"])
    label = {0x304: "13", 0x303: "12", 0x302: "11", 0x301: "10"}.get(version, "00")
    alpn = hello["alpn"][0][0] + hello["alpn"][0][-1] if hello["alpn"] else "00"
    head = "t%s%s%02d%02d%s" % (label, "d" if 0 in hello["extensions"] else "i",
                                len(hello["ciphers"]), len(hello["extensions"]), alpn)
    ciphers = ",".join("%04x" % number for number in sorted(hello["ciphers"]))
    rest = ",".join("%04x" % number for number in sorted(hello["extensions"])
                    if number not in (0, 16))
    if hello["algorithms"]:
        rest += "_" + ",".join("%04x" % number for number in hello["algorithms"])

    def short(text):
        return hashlib.sha256(text.encode()).hexdigest()[:12]
    return "%s_%s_%s" % (head, short(ciphers), short(rest))


def receive(sock, count):
    data = b""
    while len(data) < count:
        more = sock.recv(count - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def relay(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    for sock in (source, target):
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def serve(client, port, path):
    try:
        raw, message = b"", b""
        while len(message) < 4 or len(message) < 4 + int.from_bytes(message[1:4], "big"):
            head = receive(client, 5)
            body = receive(client, int.from_bytes(head[3:5], "big"))
            raw += head + body
            message += body
        hello = parse(message[4:])
        with open(path, "a", encoding="ascii") as out:
            out.write("%s %s\n" % (ja3(hello), ja4(hello)))
        server = socket.create_connection(("127.0.0.1", port))
        server.sendall(raw)
    except (EOFError, OSError):
        client.close()
        return
    threading.Thread(target=relay, args=(server, client), daemon=True).start()
    relay(client, server)


def main():
    listen, target, path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    listener = socket.create_server(("127.0.0.1", listen))
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve, args=(client, target, path), daemon=True).start()


main()
