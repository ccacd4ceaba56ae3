"""The .pyi stubs agree with the compiled core."""

import subprocess
import sys

import pytest

CLASSES = ["World", "Machine", "Session", "CimClass", "Registry", "Policy", "Plan"]

def test_stubs_agree_with_the_core(tmp_path):
    pytest.importorskip("mypy")
    allowed = tmp_path / "allowed"
    # pybind11 gives its classes a metaclass and an __init__ of any arguments; they are no part of the interface.
    allowed.write_text("".join(f"slwmi._core.{c}\nslwmi._core.{c}.__init__\n" for c in CLASSES) + "slwmi._core._.*\nslwmi._core.Object.__getattr__\n")
    done = subprocess.run([sys.executable, "-m", "mypy.stubtest", "slwmi._core", "--allowlist", str(allowed),
                           "--ignore-unused-allowlist", "--ignore-missing-stub"],
                          capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
