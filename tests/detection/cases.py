"""Reads the cases of the detection suite: requests, and pages with which upstream answers.

The format is for people: README.md describes it.
"""

import base64
import gzip
import html
import pathlib
import re
from dataclasses import dataclass, field

HERE = pathlib.Path(__file__).resolve().parent

# What a browser would send. A case replaces one by naming it, and removes one with `-Name`.
DEFAULT_HEADERS = [
    ("Host", "shop.example"),
    ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"),
    ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
]


class CaseError(Exception):
    """A file that does not follow the format; the text names file and line."""


@dataclass
class Case:
    name: str
    category: str  # the name of its file, without .txt
    hostile: bool
    request: bytes  # as it goes over the wire
    undetected: str = ""  # an attack that the Core Rule Set lets pass at this level
    false_positive: str = ""  # a clean request that it blocks
    page: bytes = b""  # upstream's whole answer; only for response cases


@dataclass
class Block:
    """One `== name` section, before it is put together."""

    name: str
    where: str
    lines: list = field(default_factory=list)
    flags: dict = field(default_factory=dict)


# --- ⟦name argument⟧: bytes that text cannot show, or are easier to read unencoded ------------


def percent(data: bytes, keep: bytes = b"") -> bytes:
    return b"".join(bytes([c]) if c in keep else b"%%%02x" % c for c in data)


def every_utf16(data: bytes, prefix: str) -> bytes:
    return "".join(f"{prefix}{ord(c):04x}" for c in data.decode()).encode()


def full_width(data: bytes) -> bytes:
    wide = (chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in data.decode())
    return "".join(wide).encode()


def repeat(data: bytes) -> bytes:
    count, _, text = data.partition(b" ")
    return text * int(count)


LETTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
UNRESERVED = LETTERS + b"-._~"

FUNCTIONS = {
    "hex": lambda data: bytes.fromhex(data.decode()),
    "url": lambda data: percent(data, UNRESERVED),  # what a browser does
    "url2": lambda data: percent(percent(data, UNRESERVED), UNRESERVED),
    "all": percent,  # letters too
    "ALL": lambda data: percent(data).upper(),
    "form": lambda data: percent(data, UNRESERVED + b" ").replace(b" ", b"+"),
    "u": lambda data: every_utf16(data, "%u"),
    "js": lambda data: every_utf16(data, "\\u"),
    "entities": lambda data: b"".join(b"&#%d;" % c for c in data),
    "html": lambda data: html.escape(data.decode()).encode(),
    "wide": full_width,
    "base64": base64.b64encode,
    "utf16": lambda data: data.decode().encode("utf-16-le"),
    "utf7": lambda data: data.decode().encode("utf-7"),
    "latin1": lambda data: data.decode().encode("latin-1"),
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "repeat": repeat,
}
OPEN, CLOSE = "⟦".encode(), "⟧".encode()
INNERMOST = re.compile(OPEN + rb"(\w+) ?((?:(?!" + OPEN + b"|" + CLOSE + rb").)*)" + CLOSE, re.S)


def expand(text: bytes, where: str) -> bytes:
    """Replaces ⟦…⟧ from the inside out."""

    def call(match):
        name = match.group(1).decode()
        if name not in FUNCTIONS:
            raise CaseError(f"{where}: there is no ⟦{name} …⟧")
        try:
            return FUNCTIONS[name](match.group(2))
        except ValueError as error:
            raise CaseError(f"{where}: ⟦{name} …⟧: {error}") from error

    while INNERMOST.search(text):
        text = INNERMOST.sub(call, text)
    if OPEN in text or CLOSE in text:
        raise CaseError(f"{where}: a ⟦ or ⟧ stands alone")
    return text


# --- Files ----------------------------------------------------------------------------------

FLAGS = {"undetected", "false-positive", "raw", "lf", "chunked", "gzip"}


def read_blocks(path: pathlib.Path):
    block = None
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        where = f"{path.relative_to(HERE)}:{number}"
        if line.startswith("== "):
            if block:
                yield block
            block = Block(line[3:].strip(), where)
            if not re.fullmatch(r"[a-z0-9][a-z0-9-]{2,47}", block.name):
                raise CaseError(f"{where}: a name is 3 to 48 of a-z, 0-9 and -")
        elif block is None:
            if line and not line.startswith("#"):
                raise CaseError(f"{where}: text before the first case")
        elif line.startswith("@") and not block.lines:
            flag, _, value = line[1:].partition(" ")
            if flag not in FLAGS:
                raise CaseError(f"{where}: there is no @{flag}")
            block.flags[flag] = value
        else:
            block.lines.append(line)
    if block:
        yield block


def split(block: Block):
    """The first line, the headers, and the lines of the body (None: there is no body)."""
    lines = list(block.lines)
    while lines and lines[-1] == "":
        lines.pop()
    if not lines:
        raise CaseError(f"{block.where}: the case is empty")
    if "" not in lines:
        return lines[0], lines[1:], None
    end = lines.index("")
    return lines[0], lines[1:end], lines[end + 1 :]


def join_headers(block: Block, lines, defaults):
    removed = {line[1:].lower() for line in lines if line.startswith("-")}
    given = []
    for line in lines:
        if line.startswith("-"):
            continue
        name, colon, value = line.partition(":")
        if not colon:
            raise CaseError(f"{block.where}: not a header: {line}")
        given.append((name, value.removeprefix(" ")))
    names = {name.lower() for name, _ in given}
    kept = [pair for pair in defaults if pair[0].lower() not in names | removed]
    return kept + given


def chunked(body: bytes, size: int) -> bytes:
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in pieces) + b"0\r\n\r\n"


def value_of(headers, name):
    return next((value for key, value in headers if key.lower() == name), None)


def message(block: Block, first: bytes, headers, body_lines) -> bytes:
    """Puts the parts together and announces the body, unless the case does."""
    body = b""
    if body_lines is not None:
        form = (value_of(headers, "content-type") or "").lower().startswith("multipart/")
        end = "\r\n" if form and "lf" not in block.flags else "\n"
        text = end.join(body_lines) + (end if end == "\r\n" else "")
        body = expand(text.encode(), block.where)
    if "gzip" in block.flags:
        body = gzip.compress(body, mtime=0)
        headers = headers + [("Content-Encoding", "gzip")]
    if "chunked" in block.flags:
        body = chunked(body, int(block.flags["chunked"] or 16))
        headers = headers + [("Transfer-Encoding", "chunked")]
    elif body_lines is not None and value_of(headers, "content-length") is None:
        headers = headers + [("Content-Length", str(len(body)))]
    head = b"".join(expand(f"{n}: {v}\r\n".encode(), block.where) for n, v in headers)
    return first + b"\r\n" + head + b"\r\n" + body


def build_request(block: Block) -> bytes:
    mark = [("X-Case", block.name), ("Connection", "close")]
    if "raw" in block.flags:
        first, _, rest = "\r\n".join(block.lines).rstrip("\r\n").partition("\r\n")
        text = f"{first}\r\nX-Case: {block.name}\r\n{rest}"
        end = b"\r\n" if "\r\n\r\n" in text else b"\r\n\r\n"
        return expand(text.encode(), block.where) + end
    first, header_lines, body_lines = split(block)
    if not re.search(r" HTTP/\d\.\d$", first):
        first += " HTTP/1.1"
    headers = join_headers(block, header_lines, DEFAULT_HEADERS + mark)
    return message(block, expand(first.encode(), block.where), headers, body_lines)


def build_page(block: Block) -> bytes:
    status, header_lines, body_lines = split(block)
    headers = join_headers(block, header_lines, [("Content-Type", "text/html; charset=utf-8")])
    headers.append(("Connection", "close"))
    return message(block, f"HTTP/1.1 {status}".encode(), headers, body_lines or [])


def load(kind: str, hostile_folder: str) -> list:
    """All cases below `kind` (requests, responses); raises CaseError."""
    cases, seen = [], {}
    for path in sorted((HERE / kind).glob("*/*.txt")):
        for block in read_blocks(path):
            if block.name in seen:
                raise CaseError(f"{block.where}: {block.name} is at {seen[block.name]} too")
            seen[block.name] = block.where
            case = Case(block.name, path.stem, path.parent.name == hostile_folder, b"")
            case.undetected = block.flags.get("undetected", "")
            case.false_positive = block.flags.get("false-positive", "")
            if kind == "responses":
                case.page = build_page(block)
                ask = Block(block.name, block.where, [f"GET /page/{block.name}"])
                case.request = build_request(ask)
            else:
                case.request = build_request(block)
            if bool(case.undetected) > case.hostile or bool(case.false_positive) and case.hostile:
                raise CaseError(f"{block.where}: the flag does not fit an entry of this folder")
            cases.append(case)
    return cases


def load_requests() -> list:
    return load("requests", "attacks")


def load_responses() -> list:
    return load("responses", "leaks")
