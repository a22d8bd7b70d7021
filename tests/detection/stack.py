"""Starts what the detection suite compares, on free loopback ports, and stops it.

    client -> HAProxy with the shipped example -> upstream
                 \\-> spoa-modsecurity, rules/main.conf
    client -> nginx with Debian's ModSecurity module, rules/main.conf -> upstream
"""

import json
import os
import pathlib
import random
import re
import socket
import socketserver
import subprocess
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODULE = "/usr/lib/nginx/modules/ngx_http_modsecurity_module.so"
TYPES = "text/html text/plain text/xml application/xml application/json"
PATIENCE = 60  # seconds until something that must happen counts as missing
ANSWER_TIME = 30  # seconds
ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n"
    b"Connection: close\r\n\r\nok\n"
)

SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"


os.environ["PATH"] += ":/usr/sbin"  # of HAProxy and nginx


class StackError(Exception):
    """Something did not start, or died."""


def free_port() -> int:
    """Below the range from which the kernel takes ports for outgoing connections."""
    for _ in range(200):
        port = random.randrange(10000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise StackError("found no free port on 127.0.0.1")


def wait_for(what: str, condition, process=None):
    end = time.monotonic() + PATIENCE
    while not condition():
        if process and process.poll() is not None:
            raise StackError(f"{what}: the process ended with status {process.returncode}")
        if time.monotonic() > end:
            raise StackError(f"{what}: not within {PATIENCE} s")
        time.sleep(0.02)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Upstream(socketserver.ThreadingTCPServer):
    """Takes whatever a proxy lets through; answers "ok", or the page that was asked for. It would
    go on in HTTP/2 if asked: no proxy may let that through, since it could not look inside."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, pages):
        self.pages = pages
        super().__init__(("127.0.0.1", 0), Visit)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        pass  # a proxy that hung up: its own answer tells


class Visit(socketserver.StreamRequestHandler):
    timeout = PATIENCE

    def handle(self):
        target = self.rfile.readline().split(b" ")[1:2]
        length, is_chunked, offered = 0, False, False
        while (line := self.rfile.readline().strip()) != b"":
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
            is_chunked |= name.lower() == b"transfer-encoding" and b"chunked" in value
            offered |= name.lower() == b"upgrade" and b"h2c" in value.lower()
        while is_chunked and (size := int(self.rfile.readline(), 16)):
            self.rfile.read(size + 2)
        self.rfile.read(length)
        page = target[0].removeprefix(b"/page/").decode("latin-1") if target else ""
        self.wfile.write(SWITCH if offered else self.server.pages.get(page, ANSWER))


class Stack:
    """A context manager: everything runs inside `with`, in the given folder."""

    def __init__(self, folder: pathlib.Path, pages: dict):
        self.folder, self.pages = folder, pages
        self.processes = []
        build = pathlib.Path(os.environ.get("SPOA_BUILD") or "build/dev")
        self.agent = ROOT / build / "spoa-modsecurity"
        self.haproxy = os.environ.get("HAPROXY") or "haproxy"
        self.events = folder / "events.jsonl"
        self.audit = folder / "audit.jsonl"

    def __enter__(self):
        for needed in (self.agent, MODULE, "/usr/share/modsecurity-crs"):
            if not os.path.exists(needed):
                raise StackError(f"{needed} is missing")
        try:
            self.upstream = Upstream(self.pages)
            self.start_agent()
            self.start_haproxy()
            self.start_nginx()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.terminate()
        for process in reversed(self.processes):
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()
        if hasattr(self, "upstream"):
            self.upstream.shutdown()
            self.upstream.server_close()

    def launch(self, name: str, *command):
        with open(self.folder / f"{name}.log", "wb") as log:
            process = subprocess.Popen(
                [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self.processes.append(process)
        return process

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def start_agent(self):
        # No time limit decides here: what is compared is what the rules find.
        process = self.launch(
            "agent", self.agent, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0",
            "--events", self.events, "--rules", ROOT / "rules/main.conf",
            "--processing-timeout", "20s",
        )  # fmt: skip
        wait_for("the agent", lambda: "event=ready" in self.log("agent"), process)
        found = re.search(r"event=listening address=(\S+) protocol=spop", self.log("agent"))
        self.agent_address = found.group(1)

    def start_haproxy(self):
        """The example as shipped, but for ports, times, and the id: each case brings its own."""
        self.haproxy_port = free_port()
        script = """
            root=$1; . "$root/haproxy-examples/lib.sh" &&
            copy_example "$2" "$3" "$4" "$5" "$6" &&
            replace "$3/haproxy.cfg" "unique-id-format %[uuid()]" \\
                "unique-id-format %[req.hdr(x-case)]" &&
            replace "$3/spoe-modsecurity.conf" "timeout processing 500ms" "timeout processing 25s"
        """
        folder = self.folder / "haproxy"
        subprocess.run(
            ["bash", "-c", script, "-", ROOT, self.haproxy, folder, str(self.haproxy_port),
             str(self.upstream.server_address[1]), self.agent_address],
            check=True,
        )  # fmt: skip
        process = self.launch("haproxy", self.haproxy, "-db", "-f", folder / "haproxy.cfg")
        wait_for("HAProxy", lambda: listens(self.haproxy_port), process)

    def start_nginx(self):
        """The same rules, an audit log that names what matched, and the types of bodies that the
        agent inspects by default (responses.types, not a directive). nginx is told to pass on all
        headers, and to take bodies and headers as large as HAProxy's example does."""
        self.nginx_port = free_port()
        rules = self.folder / "nginx-rules.conf"
        rules.write_text(f"""
            Include {ROOT}/rules/main.conf
            SecResponseBodyMimeType {TYPES}
            SecAuditEngine On
            SecAuditLogType Serial
            SecAuditLogFormat JSON
            SecAuditLogParts ABHZ
            SecAuditLog {self.audit}
        """)
        temporary = "".join(
            f"{kind}_temp_path {self.folder}/nginx-{kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (self.folder / "nginx.conf").write_text(f"""
            load_module {MODULE};
            daemon off; master_process off; pid {self.folder}/nginx.pid;
            events {{ worker_connections 256; }}
            http {{
                access_log off; {temporary}
                client_body_buffer_size 1m; client_max_body_size 0;
                client_header_buffer_size 32k; large_client_header_buffers 4 64k;
                underscores_in_headers on; ignore_invalid_headers off;
                modsecurity on; modsecurity_rules_file {rules};
                modsecurity_transaction_id "$http_x_case";
                server {{
                    listen 127.0.0.1:{self.nginx_port};
                    location / {{
                        proxy_pass http://127.0.0.1:{self.upstream.server_address[1]};
                        proxy_set_header Host $http_host;
                    }}
                }}
            }}
        """)
        process = self.launch(
            "nginx", "nginx", "-p", self.folder, "-e", "stderr", "-c", self.folder / "nginx.conf"
        )
        wait_for("nginx", lambda: listens(self.nginx_port), process)

    # --- What they wrote ---------------------------------------------------------------------

    def read_events(self) -> list:
        return read_json_lines(self.events)

    def read_audit(self) -> list:
        return [line["transaction"] for line in read_json_lines(self.audit)]


def read_json_lines(path: pathlib.Path) -> list:
    """The library writes whatever bytes a request had, so they need not be UTF-8."""
    lines = path.read_bytes().decode("utf-8", "replace").split("\n")
    return [json.loads(line, strict=False) for line in lines[:-1] if line]


def exchange(port: int, request: bytes) -> int:
    """Sends the bytes as they are; the status of the first answer, 0 if none came."""
    answer = b""
    try:
        with socket.create_connection(("127.0.0.1", port), ANSWER_TIME) as connection:
            connection.sendall(request)
            while data := connection.recv(65536):
                answer += data
    except (ConnectionResetError, BrokenPipeError, TimeoutError):
        pass  # refused before all of it was sent, or never answered; what came counts
    # 100 says that an answer will follow.
    found = re.match(rb"(?:HTTP/1\.1 100 [^\r]*\r\n\r\n)*HTTP/1\.[01] (\d{3})", answer)
    return int(found.group(1)) if found else 0
