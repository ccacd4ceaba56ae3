#!/usr/bin/env python3
"""Checks that the parts of the project lean on each other only as docs/architecture.md says.

ALLOWED is the table of edges between folders; the rest of this file says what only some files may include, and what
no part below the edges (tools, bindings) may do. Prints each finding as FILE:LINE: text; exit code 1 when there is
one.

Usage: check_layers.py [ROOT]
"""

import fnmatch
import pathlib
import re
import sys

ALL_PARTS = {"base", "schema", "registry", "query", "provider", "policy", "world", "report"}
ALLOWED = {
    "base": set(),
    "schema": {"base"},
    "registry": {"base"},
    "query": {"base", "schema"},
    "provider": {"base", "schema", "registry"},
    "policy": {"base", "schema", "registry"},
    "world": ALL_PARTS - {"world", "report"},
    "report": {"base", "schema", "registry", "provider", "world"},
    "bindings": ALL_PARTS,
    "tools": ALL_PARTS,
    "fuzz": ALL_PARTS | {"tools"},
    "bench": ALL_PARTS | {"tools"},
    "tests": ALL_PARTS | {"tools", "bindings"},
}
# What an edge offers to another as a library: part, prefix of the headers that it may include.
OFFERED = [("bindings", "tools/slmgr/")]
# Peers, oracles and drivers: free in what they include and print.
FREE = {"fuzz", "bench", "tests"}

# Include prefix: the files that may have it, and how many translation units of the shipped parts may.
HEAVY = [
    ("sqlite3.h", ["base/database*.cpp"], None),  # the only place that knows the engine
    ("CLI/", ["tools/*.cpp"], 1),  # 5 s of compiling
    ("boost/property_tree/", ["base/*.cpp", "policy/*.cpp"], 1),  # 2 s, and no depth limit of its own
    ("pugixml.hpp", ["policy/*.cpp", "provider/license_document.cpp", "provider/computer_list.cpp"], None),  # no DTD, no entity; namespaces checked
    ("nlohmann/", ["tools/*.cpp"], None),  # JSON is an edge
    ("fmt/", ["tools/*.cpp", "world/*.cpp"], None),
    ("pybind11/", ["bindings/*"], None),
    ("regex", [], None),  # slow, recursive, heavy
    ("iostream", ["tools/*.cpp"], None),
]

# What only edges may do, as words of code (comments and strings are taken out first).
EDGE_ONLY = [
    (r"\bstd::(cout|cerr|clog|cin)\b", "prints; only tools do"),
    (r"(?<![\w:.>])(std::|::)?(printf|puts|putchar|fprintf|fputs|perror|syslog)\s*\(", "prints; only tools do"),
    (r"(?<![\w:.>])(std::|::)?(exit|_exit|quick_exit|abort|terminate)\s*\(", "ends the process; only tools do"),
    (r"(?<![\w:.>])(std::|::)?(getenv|secure_getenv|setenv)\s*\(", "reads the environment; pass an argument"),
    (r"(?<![\w:.>])(std::|::)?(time|clock_gettime|gettimeofday|localtime|gmtime)\s*\(\s*(\)|nullptr|NULL|0|&|CLOCK)",
     "asks for the time; pass a Clock"),
    (r"\b(system_clock|high_resolution_clock)\b", "asks for the time; pass a Clock"),
    (r"\b(random_device|mt19937|default_random_engine)\b", "is random; use random_value of base/hash.hpp"),
    (r"(?<![\w:.>])(std::|::)?(rand|srand|random|arc4random|getrandom)\s*\(", "is random; use random_value"),
]
EDGES = {"tools"} | FREE
# Files with a reason to stand outside one of the rules above: path, word that the finding contains.
EXEMPT = []

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^">]+)[">]', re.MULTILINE)
NOISE = re.compile(
    r'R"(?P<tag>[^()\s]*)\(.*?\)(?P=tag)"'
    r'|//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'',
    re.DOTALL)


def code_of(text):
    """The text with comments and literals blanked, lines kept."""
    return NOISE.sub(lambda match: "".join(c if c == "\n" else " " for c in match.group()), text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def sources(root):
    for part in sorted(ALLOWED):
        for path in sorted((root / part).rglob("*")):
            if path.suffix in (".cpp", ".hpp", ".inc", ".def", ".h"):
                yield part, path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")


def includes(text):
    for match in INCLUDE.finditer(text):
        yield line_of(text, match.start()), match.group(1) == '"', match.group(2)


def find_cycle(edges):
    """A list of folders that closes on itself, or None."""
    state = {}

    def visit(part, path):
        state[part] = 1
        for target in sorted(edges.get(part, ())):
            if state.get(target) == 1:
                return path[path.index(target):] + [target]
            if target not in state:
                found = visit(target, path + [target])
                if found:
                    return found
        state[part] = 2
        return None

    for part in sorted(edges):
        if part not in state:
            found = visit(part, [part])
            if found:
                return found
    return None


def check_includes(part, name, text, edges, heavy_users):
    for line, quoted, header in includes(text):
        target = header.split("/")[0]
        if quoted and target in ALLOWED and target != part:
            edges.setdefault(part, set()).add(target)
            offered = any(part == user and header.startswith(prefix) for user, prefix in OFFERED)
            if target not in ALLOWED[part] and not offered:
                yield f"{name}:{line}: {part} must not include {target} ({header})"
        if part in FREE:
            continue
        for prefix, allowed, _ in HEAVY:
            if header != prefix and not (prefix.endswith("/") and header.startswith(prefix)):
                continue
            heavy_users.setdefault(prefix, set()).add(name)
            if not any(fnmatch.fnmatch(name, pattern) for pattern in allowed):
                where = ", ".join(allowed) or "nothing"
                yield f"{name}:{line}: only {where} may include <{header}>"


def check_edges_only(name, text):
    code = code_of(text)
    for pattern, why in EDGE_ONLY:
        for match in re.finditer(pattern, code):
            if any(name == path and word in match.group() for path, word in EXEMPT):
                continue
            yield f"{name}:{line_of(code, match.start())}: '{match.group().strip()}' {why}"


def check(root):
    edges, heavy_users, findings = {}, {}, []
    for part, name, text in sources(root):
        findings += check_includes(part, name, text, edges, heavy_users)
        if part not in EDGES:
            findings += check_edges_only(name, text)
    for prefix, _, limit in HEAVY:
        users = heavy_users.get(prefix, set())
        if limit is not None and len(users) > limit:
            findings.append(f"<{prefix}> is included by {len(users)} files, at most {limit}: " + ", ".join(sorted(users)))
    cycle = find_cycle(edges)
    if cycle:
        findings.append("folders include each other: " + " -> ".join(cycle))
    return findings


def main(arguments):
    root = pathlib.Path(arguments[0] if arguments else __file__).resolve()
    if not arguments:
        root = root.parent.parent
    findings = check(root)
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
