#!/usr/bin/env python3
"""Push a Registry.pol and a policy document to 10,000 machines, and look at the result from another process.

    ./run python examples/push_fleet.py [MACHINES]

The files in examples/data are what a real push carries: licensing.pol has the format of Group Policy's own
Registry.pol, fleet.json, fleet.info and fleet.xml are one document in three syntaxes.
"""

import pathlib
import subprocess
import sys
import tempfile
import time

import slwmi

DATA = pathlib.Path(__file__).resolve().parent / "data"

READ_ONE = """
import sys, slwmi
world = slwmi.World.open(sys.argv[1])
(service,) = world.machine(sys.argv[2]).connect().query("SELECT * FROM SoftwareLicensingService")
print("   another process reads", service.VLRenewalInterval, "minutes on", sys.argv[2])
"""


def timed(what, function, *args):
    start = time.perf_counter()
    result = function(*args)
    print(f"   {what}: {(time.perf_counter() - start) * 1000:.1f} ms")
    return result


def main(count, path):
    documents = [slwmi.Policy.read(DATA / f"fleet.{kind}") for kind in ("json", "info", "xml")]
    print("one document in three syntaxes:", [len(policy) for policy in documents], "settings")
    pol = slwmi.Policy.read(DATA / "licensing.pol", name="licensing")
    for warning in pol.warnings:
        print("   lint:", warning)

    with slwmi.World.create(path) as world:
        print(f"\n1. {count:,} machines")
        timed("made", world.add_machines, [f"PC{number:05}" for number in range(count)])

        print("\n2. a Registry.pol, planned and pushed")
        plan = timed("plan", world.plan, pol)
        print("   " + str(plan).replace("\n", "\n   "))
        timed("push", world.apply, pol)
        timed("plan again", world.plan, pol)

        print("\n3. a document, to all machines but one")
        timed("push", world.apply, documents[0], world.machine_names[1:])
        subprocess.run([sys.executable, "-c", READ_ONE, path, "PC00001"], check=True)
        subprocess.run([sys.executable, "-c", READ_ONE, path, "PC00000"], check=True)

        print("\n4. status")
        for status in world.policies():
            print(f"   {status['name']}: {status['machines']:,} machines, {status['settings']} settings, "
                  f"generation {status['generation']}")

        print("\n5. everything taken away again")
        for status in world.policies():
            timed(f"remove {status['name']}", world.remove_policy, status["name"])
        subprocess.run([sys.executable, "-c", READ_ONE, path, "PC00001"], check=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000, str(pathlib.Path(folder) / "fleet.slwmi"))
