#!/usr/bin/env python3
"""Runs the shell blocks of documents as a reader would who copies them, in order, in a folder that looks like the tree.

A block fenced with ```sh must end with status 0, one fenced with ```sh fails with another. When a block fenced with
```text follows, it shows what the terminal shows, line for line; a line `...` stands for any lines. Exported variables
last to the next block. Blocks in other languages are given to the command of CHECKS, which must take them; all other
fences are only read. `./run` and `slwmi` are the build that is tested, `./test` does nothing, the world is a fresh one.

Usage: run_snippets.py [--write] BUILD_FOLDER PYTHON FILE...
--write puts what was printed into the text blocks that do not fit.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FENCE = re.compile(r"^```(\w*)( fails)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LEFT_OUT = {"run", "test", "build", ".git"}
CHECKS = {"mof": "./run mof compile -", "json": "./run policy check -", "info": "./run policy check -", "xml": "./run policy check -"}

RUN = """#!/usr/bin/env bash
case ${1-} in
  '') exec BUILD/tools/slwmi tour ;;
  python) shift; export PYTHONPATH=BUILD/python; exec PYTHON "$@" ;;
  *) exec BUILD/tools/slwmi "$@" ;;
esac
"""

# Around a block: what earlier ones exported, and what it leaves to the next.
FRAME = """[ ! -e {kept} ] || source {kept}
trap 'export -p >{kept}' EXIT
exec 2>&1
{script}"""


class Block:
    """A fenced block that is tested: `input` is given to `script`; `shown` is the match of its text block, or None."""

    def __init__(self, text, match, following):
        language, fails, body = match.groups()
        self.line = text.count("\n", 0, match.start()) + 2
        self.fails = bool(fails)
        self.script, self.input = (body, "") if language == "sh" else (CHECKS[language], body)
        self.shown = following if language == "sh" and following and following.group(1) == "text" else None


def blocks(text):
    found = list(FENCE.finditer(text))
    for match, following in zip(found, found[1:] + [None]):
        if match.group(1) == "sh" or match.group(1) in CHECKS:
            yield Block(text, match, following)


def fits(shown, printed):
    """Whether the lines of `printed` are those of `shown`, where a line `...` stands for any lines."""
    pattern = "".join(r"(?:.*\n)*?" if line.strip() == "..." else re.escape(line) for line in shown.splitlines(keepends=True))
    return re.fullmatch(pattern, printed) is not None


def make_folder(folder, build, python):
    for entry in ROOT.iterdir():
        if entry.name not in LEFT_OUT:
            (folder / entry.name).symlink_to(entry)
    for name, text in (("run", RUN.replace("BUILD", build).replace("PYTHON", python)), ("test", "#!/bin/sh\n")):
        path = folder / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)


def run_file(path, folder, environment, write):
    text, good, count = path.read_text(encoding="utf-8"), True, 0
    changes = []
    for block in blocks(text):
        count += 1
        script = FRAME.format(kept=folder.parent / "exported", script=block.script)
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=folder, env=environment, text=True,
                              input=block.input, capture_output=True, timeout=120)
        misfit = block.shown and not fits(block.shown.group(3), done.stdout)
        if (done.returncode != 0) != block.fails or (misfit and not write):
            good = False
            print(f"{path.name}:{block.line}: status {done.returncode}\n{block.script}--- printed\n{done.stdout}{done.stderr}")
            if misfit:
                print(f"--- shown\n{block.shown.group(3)}")
        if misfit:
            changes.append((block.shown.span(3), done.stdout))
    if write:
        for (start, end), printed in reversed(changes):
            text = text[:start] + printed + text[end:]
        path.write_text(text, encoding="utf-8")
    print(f"{path.name}: {count} blocks")
    return good and count > 0


def main(arguments):
    write = "--write" in arguments
    build, python, *names = (argument for argument in arguments if argument != "--write")
    build = str(pathlib.Path(build).resolve())
    results = []
    for name in names:
        with tempfile.TemporaryDirectory() as place:
            folder = pathlib.Path(place) / "slwmi"
            folder.mkdir()
            make_folder(folder, build, python)
            environment = {**os.environ, "XDG_DATA_HOME": place + "/data", "HOME": place,
                           "PATH": f"{build}/tools:{os.environ['PATH']}"}
            environment.pop("SLWMI_WORLD", None)
            results.append(run_file(ROOT / name, folder, environment, write))
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
