#!/usr/bin/env python3
"""Writes unicode.mapping: which ASCII byte stands for a Unicode character.

    ./make-unicode-mapping.py > unicode.mapping

libmodsecurity uses the map when it decodes %uXXXX (t:urlDecodeUni), and through
t:utf8toUnicode for every character beyond ASCII. Entries come from three places:

1. the compatibility decomposition (NFKD) of the Unicode Character Database, as this
   Python has it: full-width forms, accents, letters in bold, circled digits;
2. LOOKALIKES below: quotes, dashes, brackets, slashes that decompose into nothing but
   that systems turn into ASCII when they store or compare text;
3. every other assigned character whose lower byte is ASCII but no letter or digit becomes
   an `x`. Left out, the library would take that lower byte: the Cyrillic U+043C would
   become `<` and U+0427 an apostrophe, and plain prose would look like an attack.
"""

import unicodedata

CODE_PAGE = 20127  # US-ASCII
OTHER = "x"
ENTRIES_PER_LINE = 12

LOOKALIKES = {
    "'": "\u02b9\u02bb\u02bc\u02bd\u02c8\u02ca\u2018\u2019\u201a\u201b\u2032\u2035\u275b\u275c",
    '"': "\u02ba\u02dd\u02ee\u201c\u201d\u201e\u201f\u2033\u2036\u275d\u275e\u301d\u301e\u301f",
    "`": "\u02cb\u1fef",
    "-": "\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u2500\u2796",
    "<": "\u00ab\u02c2\u2039\u2329\u276e\u2770\u27e8\u3008",
    ">": "\u00bb\u02c3\u203a\u232a\u276f\u2771\u27e9\u3009",
    "/": "\u2044\u2215\u29f8\u2571",
    "\\": "\u2216\u29f5\u29f9\u2572",
    ".": "\u00b7\u2024\u2219\u22c5\u3002\uff61",
    ",": "\u00b8\u3001\uff64",
    ":": "\u02d0\u0589\u2236",
    ";": "\u037e\u204f",
    "|": "\u00a6\u01c0\u2223\u2758",
    "*": "\u00d7\u204e\u2217\u22c6",
    "!": "\u00a1\u01c3\u2762",
    "?": "\u00bf",
    "=": "\u2550\ua78a",
    "~": "\u02dc\u223c\u301c",
    "^": "\u02c4\u02c6\u2038",
    "_": "\u02cd\u2017",
    "#": "\u266f",
    "(": "\u2768\u276a\u27ee",
    ")": "\u2769\u276b\u27ef",
    "[": "\u27e6\u3010\u301a",
    "]": "\u27e7\u3011\u301b",
    "{": "\u2774",
    "}": "\u2775",
    "D": "\u00d0\u0110",
    "O": "\u00d8",
    "d": "\u0111",
    "h": "\u0127",
    "i": "\u0131",
    "l": "\u0142",
    "o": "\u00f8",
    "s": "\u00df",
    "t": "\u0167",
    "L": "\u0141",
}
LOOKALIKE = {ord(char): ascii_ for ascii_, chars in LOOKALIKES.items() for char in chars}


def best_fit(code):
    """The ASCII character for `code`, or None."""
    if code in LOOKALIKE:
        return LOOKALIKE[code]
    text = unicodedata.normalize("NFKD", chr(code))
    base = [c for c in text if not unicodedata.combining(c)]
    # A space before a combining mark only carries it: U+00B4 is no blank.
    if len(base) < len(text) and base == [" "]:
        return None
    if base and base[0].isascii() and (len(base) == 1 or base[0].isalnum()):
        return base[0]
    return None


def entry(code):
    char = chr(code)
    if unicodedata.category(char) in ("Cn", "Co", "Cs"):
        return None
    fit = best_fit(code)
    if fit is None:
        low = chr(code & 0xFF)
        if not low.isascii() or low.isalnum():
            return None
        fit = OTHER
    return f"{code:04x}:{ord(fit):02x}"


def main():
    # The library looks for the code page's number among all words of the file, so no other
    # number may stand in the header, nor a colon.
    print("(Made by make-unicode-mapping.py from the Unicode Character Database, version "
          f"{'-'.join(unicodedata.unidata_version.split('.'))}.")
    print("Each entry is a Unicode character and the ASCII byte that stands for it.)")
    print()
    print(f"{CODE_PAGE} (US-ASCII)")
    entries = list(filter(None, map(entry, range(0x80, 0x10000))))
    for start in range(0, len(entries), ENTRIES_PER_LINE):
        print(*entries[start:start + ENTRIES_PER_LINE])


if __name__ == "__main__":
    main()
