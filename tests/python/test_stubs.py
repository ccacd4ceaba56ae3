"""The .pyi stubs agree with the compiled core, and what a user writes type-checks against the package."""

import os
import pathlib
import subprocess
import sys

import pytest

import slwmi._core

pytest.importorskip("mypy")

CLASSES = [name for name, value in vars(slwmi._core).items() if isinstance(value, type)]


def run(tmp_path, *arguments):
    environment = {**os.environ, "MYPYPATH": str(pathlib.Path(slwmi.__file__).resolve().parent.parent)}
    done = subprocess.run([sys.executable, "-m", *arguments], capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr


def test_stubs_agree_with_the_core(tmp_path):
    allowed = tmp_path / "allowed"
    # pybind11 gives its classes a metaclass, an __init__ of any arguments and members of its own; they are no part of
    # the interface.
    allowed.write_text("".join(f"slwmi._core.{name}\nslwmi._core.{name}.__init__\n" for name in CLASSES)
                       + "slwmi._core._.*\nslwmi._core.Object.__getattr__\n")
    run(tmp_path, "mypy.stubtest", "slwmi._core", "--allowlist", str(allowed), "--ignore-unused-allowlist")


def test_a_typed_script_checks(tmp_path):
    (tmp_path / "script.py").write_text('''
import slwmi

def expiring(path: str) -> list[str]:
    names: list[str] = []
    with slwmi.World.open(path) as world, world.machine("PC1").connect(user="standard") as session:
        for row in session.query("SELECT Name, LicenseStatus FROM SoftwareLicensingProduct"):
            if row.LicenseStatus == slwmi.LicenseStatus.OOB_GRACE:
                names.append(row["Name"])
        try:
            session.call("x", "y", A=1)
        except slwmi.AccessDenied as error:
            code: int = error.hresult
            names.append(f"{code} {error.name} {error.offset}")
        world.apply(slwmi.Policy("p", {"Manual": 1}), "role=kms-client")
    return names
''')
    run(tmp_path, "mypy", "--strict", "script.py")
