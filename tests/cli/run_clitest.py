"""Runs one .clitest file: commands of slwmi with exactly what they print and how they exit.

A case is a block of lines; blocks are separated by blank lines:

    # why: what the case shows
    $ slwmi explain 0x80070005 | head -1
    | 0x80070005  E_ACCESSDENIED
    ! a line on standard error
    exit 1

"| " is standard output, "! " standard error, "exit" is left out when it is 0. A line "| ..." or "! ..." of three
dots stands for any number of lines. The commands of a file run in order, by sh, in one fresh folder that is also HOME,
so a file tells a story. Nothing of the caller's environment reaches them.

With SL_UPDATE_GOLDEN=1 a failing file leaves FILE.actual beside it: look, then rename.
"""

import os
import pathlib
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field


@dataclass
class Case:
    line: int
    notes: list[str] = field(default_factory=list)
    command: str = ""
    out: list[str] = field(default_factory=list)
    err: list[str] = field(default_factory=list)
    code: int = 0

    def text(self) -> str:
        lines = [*self.notes, f"$ {self.command}"]
        lines += [("| " + text).rstrip(" ") for text in self.out]
        lines += [("! " + text).rstrip(" ") for text in self.err]
        if self.code:
            lines.append(f"exit {self.code}")
        return "\n".join(lines) + "\n"


def read_cases(path: pathlib.Path) -> list[Case]:
    cases: list[Case] = []
    case = None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line:
            case = None
            continue
        if case is None:
            case = Case(number)
            cases.append(case)
        if line.startswith("#"):
            case.notes.append(line)
        elif line.startswith("$ "):
            if case.command:
                raise SystemExit(f"{path}:{number}: a second command in one case")
            case.command = line[2:]
        elif line == "|" or line.startswith("| "):
            case.out.append(line[2:])
        elif line == "!" or line.startswith("! "):
            case.err.append(line[2:])
        elif line.startswith("exit "):
            case.code = int(line[5:])
        else:
            raise SystemExit(f"{path}:{number}: not a line of a case: {line}")
    return [case for case in cases if case.command]


def matches(expected: list[str], actual: list[str]) -> bool:
    if "..." not in expected:
        return expected == actual
    at = expected.index("...")
    if expected[:at] != actual[:at]:
        return False
    rest = expected[at + 1 :]
    return any(matches(rest, actual[skip:]) for skip in range(at, len(actual) + 1))


def run(case: Case, folder: str, environment: dict[str, str]) -> Case:
    done = subprocess.run(
        ["sh", "-c", case.command], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
        capture_output=True, timeout=60, check=False)

    def lines(text: bytes) -> list[str]:
        return [line.rstrip(" ") for line in text.decode("utf-8", "replace").replace("\r", "").splitlines()]

    return Case(case.line, case.notes, case.command, lines(done.stdout), lines(done.stderr), done.returncode)


def main() -> int:
    path, tools = pathlib.Path(sys.argv[1]), os.path.abspath(sys.argv[2])
    cases = read_cases(path)
    if not cases:
        raise SystemExit(f"{path}: no case")
    failed = 0
    actual_text = []
    with tempfile.TemporaryDirectory() as folder:
        environment = {"PATH": f"{tools}:/usr/bin:/bin", "HOME": folder, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        for case in cases:
            actual = run(case, folder, environment)
            good = (matches(case.out, actual.out) and matches(case.err, actual.err) and case.code == actual.code)
            actual_text.append(case.text() if good else actual.text())
            if not good:
                failed += 1
                print(f"{path}:{case.line}: expected\n{case.text()}but it was\n{actual.text()}")
    if failed and os.environ.get("SL_UPDATE_GOLDEN"):
        path.with_suffix(path.suffix + ".actual").write_text("\n".join(actual_text), encoding="utf-8")
    print(f"{len(cases)} cases, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
