#!/usr/bin/env python3
"""Guards of the tree itself: size of files, paths of one machine, sockets, forgotten tests.

Usage: check_tree.py COMPILE_COMMANDS [ROOT]
"""

import json
import pathlib
import re
import subprocess
import sys

MAX_LINES = 800
CODE = {".cpp", ".hpp", ".py", ".pyi", ".sh", ".cmake"}
TEXT = CODE | {".md", ".txt", ".def", ".inc", ".mof", ".reg", ".json", ".jsonl", ".tsv", ".csv", ".xml", ".wqltest", ""}
SKIPPED = {"build", ".git", ".cache", "__pycache__", ".pytest_cache", ".mypy_cache", ".hypothesis"}

# Written in pieces, so that this file does not find itself.
MACHINE_PATHS = re.compile("|".join(["/wo" + "rk/", r"(?<!\.)/ro" + "ot/", r"/tm" + "p/team", r"\.py" + "env", "/ho" + r"me/\w"]))
REGISTRY_HOSTS = re.compile("py" + r"pi\.org|files\.python" + "hosted|crates" + r"\.io|npm" + "js")
UNFINISHED = re.compile(r"\b(TO" + "DO|FIX" + "ME|X" + r"XX)\b")
SOCKET_HEADERS = re.compile(r"#\s*include\s*<(sys/socket|netinet/|arpa/inet|netdb|sys/un|boost/asio|curl/)")
SOCKET_CALLS = re.compile(r"(?<![\w:.>])(?:::)?(socket|listen|accept4|recvfrom|sendto|getaddrinfo)\s*\(|(?<!\w)::(bind|connect)\s*\(")
PYTHON_SOCKETS = re.compile(r"^\s*(import|from)\s+(socket|socketserver|http|urllib\.request|ssl)\b"
                            r"|^\s*from\s+asyncio\b"
                            r"|\b(start_(unix_)?server|open_(unix_)?connection)\b"
                            r"|\bcreate_(unix_)?(server|connection|datagram_endpoint)\b", re.MULTILINE)


def tree(root):
    """Files that git knows or would add; every file where there is no git."""
    command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        names = subprocess.run(command, check=True, capture_output=True).stdout.decode().split("\0")
        paths = [root / name for name in names if name]
    except (OSError, subprocess.CalledProcessError):
        paths = list(root.rglob("*"))
    return sorted(path for path in paths
                  if path.is_file() and not SKIPPED & set(path.relative_to(root).parts))


def is_data(path, root):
    parts = path.relative_to(root).parts
    return "data" in parts or "cases" in parts or "corpus" in parts


def strip_comments(text):
    return re.sub(r"//[^\n]*", "", text)


def check_text(name, text, suffix, data):
    for number, line in enumerate(text.splitlines(), 1):
        if MACHINE_PATHS.search(line) and not data:
            yield f"{name}:{number}: a path of one machine"
        if REGISTRY_HOSTS.search(line) and not data:
            yield f"{name}:{number}: the host of a package registry"
        if UNFINISHED.search(line) and suffix in CODE and not data:
            yield f"{name}:{number}: unfinished work"
    if suffix in CODE and not data and text.count("\n") > MAX_LINES:
        yield f"{name}: {text.count(chr(10))} lines, at most {MAX_LINES}"


def check_sockets(name, text, suffix):
    if suffix in (".cpp", ".hpp"):
        code = strip_comments(text)
        for pattern in (SOCKET_HEADERS, SOCKET_CALLS):
            for match in pattern.finditer(code):
                yield f"{name}: '{match.group().strip()}': no code opens a socket"
    if suffix == ".py":
        for match in PYTHON_SOCKETS.finditer(text):
            yield f"{name}: '{match.group().strip()}': no code opens a socket"


def check_compiled(root, commands):
    compiled = {pathlib.Path(entry["file"]).resolve() for entry in json.loads(commands.read_text())}
    for path in sorted((root / "tests").rglob("*_test.cpp")):
        if path.resolve() not in compiled:
            yield f"{path.relative_to(root)}: no target compiles it"


def check(root, commands):
    findings = []
    for path in tree(root):
        if path.suffix not in TEXT:
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # bytes in a text suffix are test data
        name = path.relative_to(root).as_posix()
        findings += check_text(name, text, path.suffix, is_data(path, root))
        findings += check_sockets(name, text, path.suffix)
    if commands is not None:
        findings += check_compiled(root, commands)
    return findings


def main(arguments):
    root = pathlib.Path(arguments[1] if len(arguments) > 1 else __file__).resolve()
    if len(arguments) < 2:
        root = root.parent.parent.parent
    findings = check(root, pathlib.Path(arguments[0]))
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
