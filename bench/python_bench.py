"""What the Python package costs: an attribute of an object beside a plain property, and the import beside bare Python.

    ./run python bench/python_bench.py

Medians. The goals: at most 1.5 times a property, at most 10 ms over bare Python.
"""

import statistics
import subprocess
import sys
import time
import timeit

import slwmi


class Plain:
    def __init__(self):
        self._value = 1

    @property
    def VLRenewalInterval(self):  # the name of the attribute beside it
        return self._value


def attribute() -> float:
    with slwmi.World.temporary() as world:
        session = world.add_machine("PC1").connect(user="administrator")
        service = next(iter(session.query("SELECT * FROM SoftwareLicensingService")))
        ratios = []
        for _ in range(9):
            ours, plain = (
                timeit.timeit("it.VLRenewalInterval", globals={"it": it}, number=200_000) for it in (service, Plain())
            )
            ratios.append(ours / plain)
    return statistics.median(ratios)


def process(code: str) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - started


def importing() -> float:
    pairs = [(process("import slwmi"), process("pass")) for _ in range(40)]
    return statistics.median(ours for ours, _ in pairs) - statistics.median(bare for _, bare in pairs)


print(f"attribute beside a property {attribute():6.2f} times (goal 1.5)")
print(f"import slwmi                {importing() * 1e3:6.2f} ms over bare Python (goal 10)")
