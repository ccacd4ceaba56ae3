#!/usr/bin/env python3
"""Writes base/upcase_table.inc, the upcase table that the registry and WMI compare names by.

The table follows the one of Windows Vista: simple one-to-one mappings of the BMP as Unicode 5.0 has them, and only
those that the lower-casing of the capital undoes, with the Greek final sigma as the one addition. So the dotless i,
the long s, the micro sign and the Greek symbol letters stay themselves. Letters encoded later than Unicode 5.0
(Cherokee and Georgian capitals, newer Latin and Cyrillic) stay themselves too.

Usage: make_upcase.py [--check] FILE
"""

import sys
import unicodedata

# Blocks with cased letters that Unicode added between 3.2 and 5.0; python3 ships the 3.2 database beside its own.
ADDED_UNTIL_5_0 = [
    (0x0221, 0x0221), (0x0234, 0x024F), (0x037B, 0x037D), (0x03F7, 0x03FB), (0x04CF, 0x04CF), (0x04F6, 0x04F7),
    (0x04FA, 0x04FF), (0x0510, 0x0513), (0x1D00, 0x1DBF), (0x214E, 0x214E), (0x2183, 0x2184), (0x2C00, 0x2C2E),
    (0x2C30, 0x2C5E), (0x2C60, 0x2C6C), (0x2C74, 0x2C77), (0x2C80, 0x2CEA), (0x2D00, 0x2D25),
]
FINAL_SIGMA = 0x03C2
HEADER = """\
// Made by tools/make_upcase.py; do not edit. kUpcasePage gives, by the high byte of a unit, the row of kUpcaseDelta;
// the row gives, by the low byte, what to add modulo 65536.
"""


def known_to_vista(unit):
    if unicodedata.ucd_3_2_0.category(chr(unit)) != "Cn":
        return True
    return any(first <= unit <= last for first, last in ADDED_UNTIL_5_0)


def simple_upper(char):
    """The simple mapping. str.upper() gives the full one; where that is longer, the title case has the simple one
    (the Greek letters with iota below)."""
    for mapped in (char.upper(), char.title()):
        if len(mapped) == 1:
            return mapped
    return char


def upcase(unit):
    if 0xD800 <= unit <= 0xDFFF:
        return unit
    char = chr(unit)
    upper = simple_upper(char)
    if upper == char or ord(upper) > 0xFFFF:
        return unit
    if not known_to_vista(unit) or not known_to_vista(ord(upper)):
        return unit
    if unit != FINAL_SIGMA and upper.lower() != char:
        return unit
    return ord(upper)


def rows():
    pages, index = [], []
    for high in range(256):
        row = tuple((upcase(high << 8 | low) - (high << 8 | low)) % 0x10000 for low in range(256))
        if row not in pages:
            pages.append(row)
        index.append(pages.index(row))
    return index, pages


def table():
    index, pages = rows()
    out = [HEADER]

    def lines(values):
        for start in range(0, 256, 16):
            out.append("    " + ", ".join(str(value) for value in values[start:start + 16]) + ",\n")

    out.append("constexpr std::uint8_t kUpcasePage[256] = {\n")
    lines(index)
    out.append("};\nconstexpr std::uint16_t kUpcaseDelta[%d][256] = {\n" % len(pages))
    for page in pages:
        out.append("  {\n")
        lines(page)
        out.append("  },\n")
    out.append("};\n")
    return "".join(out)


def main(arguments):
    check = arguments[:1] == ["--check"]
    path = arguments[-1]
    text = table()
    if check:
        with open(path, encoding="ascii") as file:
            if file.read() != text:
                print(path + " is not what tools/make_upcase.py writes", file=sys.stderr)
                return 1
        return 0
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
