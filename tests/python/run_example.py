#!/usr/bin/env python3
"""Runs an example and compares what it prints with examples/NAME.txt beside this file; milliseconds are not compared.

Usage: run_example.py EXAMPLE
With SL_UPDATE_GOLDEN=1 a text that differs is left in examples/NAME.txt.actual: look, then rename.
"""

import difflib
import os
import pathlib
import re
import subprocess
import sys


def without_times(text):
    return re.sub(r"\d+\.\d+ ms", "# ms", text)


def main(example):
    golden = pathlib.Path(__file__).parent / "examples" / f"{example.stem}.txt"
    done = subprocess.run([sys.executable, example], stdout=subprocess.PIPE, text=True)
    wanted = golden.read_text(encoding="utf-8") if golden.exists() else ""
    printed = without_times(done.stdout)
    if printed != wanted:
        sys.stdout.writelines(difflib.unified_diff(wanted.splitlines(True), printed.splitlines(True), golden.name, "printed"))
        if os.environ.get("SL_UPDATE_GOLDEN"):
            golden.with_suffix(".txt.actual").write_text(printed, encoding="utf-8")
    return done.returncode or printed != wanted


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
