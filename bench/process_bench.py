"""What one `slwmi query` process costs beside one `sqlite3` process: medians of alternating spawns on one world file.

    python3 bench/process_bench.py build/dev/tools/slwmi [SPAWNS]

Prints the medians and their ratio; the goal is at most 1.2. The processes are spawned with posix_spawn and waited for,
so that both sides carry the same cost of spawning. A copy of slwmi is measured, as an installed program is one: what a
linker has just written lies in small pieces in the page cache, and starts slower than any copy. Without the program
sqlite3 there is nothing to compare with.
"""

import os
import shutil
import statistics
import sys
import tempfile
import time


def spawn(command: list[str], environment: dict[str, str]) -> float:
    null = os.open(os.devnull, os.O_WRONLY)
    actions = [(os.POSIX_SPAWN_DUP2, null, 1)]
    started = time.perf_counter()
    process = os.posix_spawn(command[0], command, environment, file_actions=actions)
    _, status = os.waitpid(process, 0)
    took = time.perf_counter() - started
    os.close(null)
    if status != 0:
        raise SystemExit(f"failed: {' '.join(command)}")
    return took


def main() -> int:
    spawns = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    sqlite = shutil.which("sqlite3")
    if sqlite is None:
        print("sqlite3 is not installed: nothing to compare with")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        slwmi = shutil.copy(sys.argv[1], os.path.join(folder, "slwmi"))
        world = os.path.join(folder, "bench.slwmi")
        environment = {"PATH": "/usr/bin:/bin", "HOME": folder, "SLWMI_WORLD": world}
        spawn([slwmi, "world", "create", "PC1"], environment)
        commands = {
            "sqlite3 SELECT": [sqlite, world, "SELECT count(*) FROM meta"],
            "slwmi query, one class": [slwmi, "query", "SELECT Version FROM SoftwareLicensingService"],
            "slwmi query, WHERE": [
                slwmi, "query", "SELECT Name, LicenseStatus FROM SoftwareLicensingProduct WHERE LicenseStatus = 1"],
            "slwmi query --json": [slwmi, "query", "SELECT * FROM SoftwareLicensingService", "--json"],
            "slwmi get": [slwmi, "get", "SoftwareLicensingService", "VLRenewalInterval", "--value"],
            "slwmi explain": [slwmi, "explain", "0xC004F038"],
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        for command in commands.values():
            spawn(command, environment)
        for _ in range(spawns):
            for name, command in commands.items():
                times[name].append(spawn(command, environment))
    base = statistics.median(times["sqlite3 SELECT"])
    for name, values in times.items():
        median = statistics.median(values)
        print(f"{name:24} {median * 1e6:8.0f} us  {median / base:5.2f} of sqlite3")
    return 0


if __name__ == "__main__":
    sys.exit(main())
