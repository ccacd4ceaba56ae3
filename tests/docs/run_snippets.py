#!/usr/bin/env python3
"""Runs the shell blocks of documents as a reader would who copies them, in order, in a folder that looks like the tree.

A block fenced with ```sh must end with status 0; when a block fenced with ```text follows, standard output must equal
it. Blocks in other languages are given to the command of CHECKS, which must take them. `./run` is the build that is
tested, `./test` does nothing, and the world is a fresh one.

Usage: run_snippets.py BUILD_FOLDER PYTHON FILE...
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LEFT_OUT = {"run", "test", "build", ".git"}
CHECKS = {"mof": "./run mof compile -", "json": "./run policy check -", "info": "./run policy check -", "xml": "./run policy check -"}

RUN = """#!/usr/bin/env bash
case ${1-} in
  '') exec BUILD/tools/slwmi tour ;;
  python) shift; export PYTHONPATH=BUILD/python; exec PYTHON "$@" ;;
  *) exec BUILD/tools/slwmi "$@" ;;
esac
"""


def blocks(text):
    """(line, script, its input, expected output or None) of each block that is tested."""
    found = [(text.count("\n", 0, m.start()) + 2, m.group(1), m.group(2)) for m in FENCE.finditer(text)]
    for index, (line, language, body) in enumerate(found):
        if language == "sh":
            following = found[index + 1] if index + 1 < len(found) else (0, "", "")
            yield line, body, "", following[2] if following[1] == "text" else None
        elif language in CHECKS:
            yield line, CHECKS[language], body, None


def make_folder(folder, build, python):
    for entry in ROOT.iterdir():
        if entry.name not in LEFT_OUT:
            (folder / entry.name).symlink_to(entry)
    for name, text in (("run", RUN.replace("BUILD", build).replace("PYTHON", python)), ("test", "#!/bin/sh\n")):
        path = folder / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)


def run_file(path, folder, environment):
    good, count = True, 0
    for line, script, given, expected in blocks(path.read_text(encoding="utf-8")):
        count += 1
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=folder, env=environment, text=True,
                              input=given, capture_output=True, timeout=120)
        if done.returncode != 0 or (expected is not None and done.stdout != expected):
            good = False
            print(f"{path.name}:{line}: status {done.returncode}\n{script}--- printed\n{done.stdout}{done.stderr}")
            if expected is not None:
                print(f"--- expected\n{expected}")
    print(f"{path.name}: {count} blocks")
    return good and count > 0


def main(arguments):
    build, python = str(pathlib.Path(arguments[0]).resolve()), arguments[1]
    results = []
    for name in arguments[2:]:
        with tempfile.TemporaryDirectory() as place:
            folder = pathlib.Path(place) / "slwmi"
            folder.mkdir()
            make_folder(folder, build, python)
            environment = {**os.environ, "XDG_DATA_HOME": place + "/data", "HOME": place}
            environment.pop("SLWMI_WORLD", None)
            results.append(run_file(ROOT / name, folder, environment))
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
