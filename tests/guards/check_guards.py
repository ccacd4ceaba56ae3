#!/usr/bin/env python3
"""The guards catch what they are there for: small wrong trees, each with the finding it must give."""

import json
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "tests" / "guards")]
import check_layers  # noqa: E402
import check_tree  # noqa: E402

# why, files, part of the finding ("" means that nothing may be found)
LAYERS = [
    ("an allowed edge", {"schema/a.cpp": '#include "base/b.hpp"\n', "base/b.hpp": ""}, ""),
    ("a sibling", {"query/a.cpp": '#include "registry/b.hpp"\n'}, "query must not include registry"),
    ("downwards", {"base/a.hpp": '#include "schema/b.hpp"\n'}, "base must not include schema"),
    ("an edge's library", {"bindings/a.cpp": '#include "tools/slmgr/b.hpp"\n'}, ""),
    ("an edge's other files", {"bindings/a.cpp": '#include "tools/cli/b.hpp"\n'}, "bindings must not include tools"),
    ("a cycle", {"world/a.hpp": '#include "policy/b.hpp"\n', "policy/b.hpp": '#include "world/a.hpp"\n'},
     "policy -> world -> policy"),
    ("sqlite elsewhere", {"world/a.cpp": "#include <sqlite3.h>\n"}, "may include <sqlite3.h>"),
    ("sqlite at home", {"base/database.cpp": "#include <sqlite3.h>\n"}, ""),
    ("a peer in a benchmark", {"bench/a_bench.cpp": "#include <sqlite3.h>\n"}, ""),
    ("two users of a slow header", {"tools/a.cpp": "#include <CLI/CLI.hpp>\n", "tools/b.cpp": "#include <CLI/App.hpp>\n"},
     "included by 2 files"),
    ("printing", {"query/a.cpp": "void f() {\n  std::printf(\"x\");\n}\n"}, "query/a.cpp:2: 'std::printf('"),
    ("formatting into a buffer", {"query/a.cpp": "void f() { std::snprintf(b, n, \"x\"); }\n"}, ""),
    ("printing in a comment or a string", {"query/a.cpp": '// printf("x")\nauto s = "exit(1)";\n'}, ""),
    ("a member of the same name", {"query/a.cpp": "void f() { node.exit(1); job->abort(); }\n"}, ""),
    ("ending the process", {"world/a.cpp": "void f() { std::abort(); }\n"}, "ends the process"),
    ("the time", {"provider/a.cpp": "auto t = std::chrono::system_clock::now();\n"}, "pass a Clock"),
    ("the environment", {"world/a.cpp": "auto e = std::getenv(\"X\");\n"}, "pass an argument"),
    ("the environment in a tool", {"tools/a.cpp": "auto e = std::getenv(\"X\");\n"}, ""),
    ("randomness", {"policy/a.cpp": "std::random_device r;\n"}, "random_value"),
    ("a digit separator is no character", {"base/a.cpp": "int x = 1'000'000; void f() { abort(); } // '\n"},
     "ends the process"),
]
TREES = [
    ("a short file", {"base/a.cpp": "int x;\n"}, ""),
    ("a long file", {"base/a.cpp": "\n" * 801}, "801 lines"),
    ("long data", {"tests/data/a.py": "\n" * 801}, ""),
    ("a machine's path", {"README.md": "see /ro" + "ot/x\n"}, "README.md:1: a path"),
    ("unfinished work", {"base/a.cpp": "// TO" + "DO later\n"}, "unfinished"),
    ("a socket header", {"world/a.cpp": "#include <sys/socket.h>\n"}, "no code opens a socket"),
    ("a socket call", {"world/a.cpp": "int s = socket(AF_INET, 0, 0);\n"}, "no code opens a socket"),
    ("a member called bind", {"world/a.cpp": "void f() { statement.bind(1); }\n"}, ""),
    ("a socket in Python", {"bindings/a.py": "import socket\n"}, "no code opens a socket"),
    ("a server of asyncio", {"bindings/a.py": "import asyncio\nasyncio.start" + "_server(f)\n"}, "no code opens a socket"),
    ("a connection of a loop", {"bindings/a.py": "loop.create" + "_connection(f)\n"}, "no code opens a socket"),
    ("waiting in asyncio", {"bindings/a.py": "import asyncio\nasyncio.sleep(1)\n"}, ""),
    ("a test that nobody compiles", {"tests/base/a_test.cpp": "\n"}, "no target compiles it"),
]


def write(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def run(why, files, expected, check):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        write(root, files)
        findings = check(root)
    good = not findings if expected == "" else any(expected in finding for finding in findings)
    if not good:
        print(f"{why}: expected {expected!r}, found {findings}")
    return good


def tree_with_no_commands(root):
    commands = root / "compile_commands.json"
    commands.write_text(json.dumps([]))
    return check_tree.check(root, commands)


def main():
    results = [run(*row, check_layers.check) for row in LAYERS]
    results += [run(*row, tree_with_no_commands) for row in TREES]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
