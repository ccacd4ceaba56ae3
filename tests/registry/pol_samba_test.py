"""Holds the reader and writer of Registry.pol against Samba's, record by record.

usage: pol_samba_test.py POL_RECORDS CASES-DIRECTORY

Skipped (exit code 77) where python3-samba is not installed.
"""

import pathlib
import random
import struct
import subprocess
import sys
import tempfile

try:
    from samba.dcerpc import preg
    from samba.ndr import ndr_pack, ndr_unpack
except ImportError:
    print("skipped: python3-samba is not installed")
    sys.exit(77)

# Files that Samba takes although the format forbids them (it checks neither signature nor version).
SAMBA_IS_LENIENT = {"version2.pol", "lowercase_sig.pol"}
# Files that the format allows and Samba refuses.
SAMBA_REFUSES = {"empty_sz_size0.pol", "dword_size2.pol"}


def data_hex(entry) -> str:
    if entry.type in (1, 2):
        # Samba shows a text without its NUL; the size says whether the file has it.
        return (entry.data + "\0").encode("utf-16-le")[:entry.size].hex()
    if entry.type in (4, 5):
        return struct.pack("<I" if entry.type == 4 else ">I", entry.data).hex()
    if entry.type == 11:
        return struct.pack("<Q", entry.data).hex()
    return bytes(entry.data or b"").hex()


def samba_records(content: bytes):
    parsed = ndr_unpack(preg.file, content)
    return [(e.keyname, e.valuename, e.type, e.size, data_hex(e)) for e in parsed.entries]


def our_records(program: str, path: pathlib.Path, again: pathlib.Path):
    run = subprocess.run([program, str(path), str(again)], capture_output=True, text=True)
    if run.returncode != 0:
        return None
    records = []
    for line in run.stdout.splitlines():
        key, value, kind, size, data = line.split(";")
        records.append((bytes.fromhex(key).decode(), bytes.fromhex(value).decode(), int(kind),
                        int(size), data))
    return records


def random_file(dice: random.Random) -> bytes:
    names = ["Software\\Policies\\T", "K;[x]", "ключ\\😀", "v", "", "**del.x", "a;b"]
    entries = []
    for _ in range(dice.randrange(6)):
        entry = preg.entry()
        entry.keyname = dice.choice(names)
        entry.valuename = dice.choice(names)
        entry.type = dice.choice([1, 2, 3, 4, 11])
        if entry.type in (1, 2):
            entry.data = dice.choice(["", "x", "];[", "жизнь"])
            entry.size = len((entry.data + "\0").encode("utf-16-le"))
        elif entry.type == 3:
            entry.data = dice.randbytes(dice.randrange(40))
            entry.size = len(entry.data)
        else:
            entry.data = dice.randrange(2**32)
            entry.size = 4 if entry.type == 4 else 8
        entries.append(entry)
    made = preg.file()
    made.header.signature = "PReg"
    made.header.version = 1
    made.num_entries = len(entries)
    made.entries = entries
    return ndr_pack(made)


def main() -> int:
    program, cases = sys.argv[1], pathlib.Path(sys.argv[2])
    failures = []
    compared = 0
    with tempfile.TemporaryDirectory() as directory:
        again = pathlib.Path(directory) / "again.pol"

        def compare(name: str, path: pathlib.Path) -> None:
            nonlocal compared
            content = path.read_bytes()
            ours = our_records(program, path, again)
            try:
                theirs = samba_records(content)
            except Exception:
                theirs = None
            if name in SAMBA_IS_LENIENT:
                theirs = None
            if name in SAMBA_REFUSES:
                theirs = ours
            if ours != theirs:
                failures.append(f"{name}: {ours} is not Samba's {theirs}")
            if ours is not None and again.read_bytes() != content:
                failures.append(f"{name}: written back differently")
            compared += 1

        for path in sorted(cases.rglob("*.pol")):
            compare(path.name, path)
        for seed in range(60):
            path = pathlib.Path(directory) / "random.pol"
            path.write_bytes(random_file(random.Random(seed)))
            compare(f"random file of seed {seed}", path)
    print("\n".join(failures) or f"{compared} files agree")
    return 1 if failures or compared < 60 else 0


if __name__ == "__main__":
    sys.exit(main())
