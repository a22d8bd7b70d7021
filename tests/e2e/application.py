#!/usr/bin/env python3
"""An application for the tests of responses: what it answers is named by the path.

usage: application.py PORT
"""
import gzip
import http.server
import sys
import time
import zlib

LEAK = (b"<html><body>You have an error in your SQL syntax; check the manual that corresponds to your "
        b"MySQL server version for the right syntax to use near 'x' at line 1</body></html>")
CLEAN = b"<html><body>Welcome to the shop</body></html>"
HTML = "text/html; charset=utf-8"


class Application(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave together

    def log_message(self, *_):
        pass

    def whole(self, body, **headers):
        """A body that is there at once, with its length."""
        self.send_response(int(headers.pop("status", 200)))
        self.send_header("Content-Type", headers.pop("type", HTML))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def pieces(self, pieces, pause, kind=HTML):
        """A body that comes bit by bit, its length unknown."""
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in pieces:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.flush()
            time.sleep(pause)
        self.wfile.write(b"0\r\n\r\n")

    def do_GET(self):
        name = self.path.split("?")[0]
        raw = zlib.compressobj(9, zlib.DEFLATED, -15)
        answers = {
            "/leak": lambda: self.whole(LEAK),
            "/leak-gzip": lambda: self.whole(gzip.compress(LEAK), Content_Encoding="gzip"),
            "/leak-deflate": lambda: self.whole(zlib.compress(LEAK), Content_Encoding="deflate"),
            "/leak-raw-deflate": lambda: self.whole(raw.compress(LEAK) + raw.flush(), Content_Encoding="deflate"),
            "/clean-gzip": lambda: self.whole(gzip.compress(CLEAN), Content_Encoding="gzip"),
            "/bomb": lambda: self.whole(gzip.compress(b"<p>" + b"A" * 50_000_000), Content_Encoding="gzip"),
            "/leak-image": lambda: self.whole(LEAK, type="image/png"),
            "/leak-chunked": lambda: self.pieces([LEAK], 0),
            "/large": lambda: self.whole(CLEAN + b"<p>lorem ipsum</p>" * 20_000),
            "/large-leak": lambda: self.whole(LEAK + b"<p>lorem ipsum</p>" * 20_000),
            "/moment": lambda: (time.sleep(0.5), self.whole(CLEAN)),
            "/wait": lambda: (time.sleep(2), self.whole(CLEAN)),
            "/slow": lambda: self.pieces([CLEAN, b"<p>later</p>", b"<p>last</p>"], 1),
            "/events": lambda: self.pieces([b"data: %d\n\n" % i for i in range(4)], 0.5, "text/event-stream"),
            "/not-modified": lambda: (self.send_response(304), self.end_headers()),
            "/empty": lambda: (self.send_response(204), self.end_headers()),
            "/error": lambda: self.whole(b"<html>broken</html>", status=500),
            "/redirect": lambda: self.whole(b"", status=302, Location="/"),
        }
        answers.get(name, lambda: self.whole(CLEAN))()

    do_HEAD = do_GET

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.whole(CLEAN)


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Application).serve_forever()
