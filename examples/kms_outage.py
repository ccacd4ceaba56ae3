#!/usr/bin/env python3
"""A KMS host is out of reach for 200 days: what becomes of 500 clients, as a chart.

    ./run python examples/kms_outage.py [CHART.svg]

An activation lasts 180 days from the last renewal, and 30 days of grace follow: whoever was activated before survives the
outage. Whoever is installed while it lasts has 30 days of initial grace, and then reduced functionality (Windows Vista RTM)
or notifications (Vista SP1 and Server 2008). When the host is back its count has aged away, and is reached anew.
"""

import collections
import datetime
import sys

import slwmi

FROM, UNTIL, END = 30, 230, 250  # days
WORLD = {
    "seed": 200, "duration": f"{END} days", "sample": "1 day",
    "machines": [
        {"name": "KMS1", "os": "2008", "role": "kms-host"},
        {"name": "PC###", "count": 370, "spread": "20 days"},
        {"name": "SRV##", "count": 30, "os": "2008", "spread": "20 days"},
        {"name": "NEW##", "count": 60, "start": f"{FROM} days", "spread": "200 days"},
        {"name": "OLD##", "count": 40, "os": "vista-rtm", "start": f"{FROM} days", "spread": "200 days"},
    ],
    "network": {"faults": [{"kind": "host-unreachable", "at": "KMS1", "from": f"{FROM} days", "until": f"{UNTIL} days"}]},
}
STATES = {  # from the bottom of the chart up: letter, colour
    "licensed": ("#", "#3a7d44"),
    "oot_grace": ("t", "#e9b44c"),
    "oob_grace": ("o", "#7fb3d5"),
    "notification": ("N", "#c8553d"),
    "unlicensed": ("U", "#5b2333"),
}


def text_chart(series, step=4, machines=20):
    """A column for each `step` days, a letter for each `machines` machines."""
    columns = []
    for sample in series[::step]:
        stack = "".join(letter * sample[state] for state, (letter, _) in STATES.items())
        columns.append(stack[machines - 1::machines])
    for row in reversed(range(max(map(len, columns)))):
        print(f"{(row + 1) * machines:4} |" + "".join(column[row] if row < len(column) else " " for column in columns).rstrip())
    print("     +" + "-" * len(columns))
    print("      " + "".join(f"{day:<{40 // step}}" for day in range(0, len(series), 40)) + "days")
    print("      " + "   ".join(f"{letter} {state.replace('_', ' ')}" for state, (letter, _) in STATES.items()))


def svg_chart(series, path, width=920, height=360):
    """The same as stacked areas."""
    highest = max(sum(sample[state] for state in STATES) for sample in series)
    x, y = (lambda day: 40 + day * (width - 60) / len(series)), (lambda count: height - 40 - count * (height - 90) / highest)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="13">',
           f'<rect width="{width}" height="{height}" fill="white"/>',
           f'<rect x="{x(FROM):.1f}" y="30" width="{x(UNTIL) - x(FROM):.1f}" height="{height - 70}" fill="#f2f2f2"/>',
           f'<text x="{x(FROM) + 6:.1f}" y="44" fill="#777">KMS1 out of reach</text>']
    below = [0] * len(series)
    for place, (state, (_, colour)) in enumerate(STATES.items()):
        above = [low + sample[state] for low, sample in zip(below, series)]
        edge = [f"{x(day):.1f},{y(count):.1f}" for day, count in enumerate(above)]
        edge += [f"{x(day):.1f},{y(count):.1f}" for day, count in reversed(list(enumerate(below)))]
        out.append(f'<polygon fill="{colour}" points="{" ".join(edge)}"/>')
        out.append(f'<rect x="{40 + 170 * place}" y="8" width="12" height="12" fill="{colour}"/>'
                   f'<text x="{58 + 170 * place}" y="19">{state.replace("_", " ")}</text>')
        below = above
    for day in range(0, len(series), 30):
        out.append(f'<text x="{x(day):.1f}" y="{height - 20}" text-anchor="middle">day {day}</text>')
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(out + ["</svg>\n"]))


def main(chart=None):
    with slwmi.World.temporary(seed=WORLD["seed"]) as world:
        simulation = world.simulate(WORLD)
        attempts = simulation.run(until=simulation.start + datetime.timedelta(days=UNTIL))
        print(f"{attempts:,} attempts in {UNTIL} days. When the outage ends, by LicenseStatus:")
        clients = world.query("SELECT LicenseStatus, GracePeriodRemaining FROM SoftwareLicensingProduct "
                              "WHERE PartialProductKey IS NOT NULL AND Description LIKE '%KMSCLIENT%'")
        for status, count in sorted(collections.Counter(row["LicenseStatus"] for row in clients).items()):
            print(f"  {count:4} {slwmi.LicenseStatus(status).name}")
        left = min(row["GracePeriodRemaining"] for row in clients if row["LicenseStatus"] == slwmi.LicenseStatus.OOT_GRACE)
        print(f"Who was activated before it had {left / 1440:.1f} days left at least.\n")

        simulation.run()
        series = simulation.series
        text_chart(series)
        if chart:
            svg_chart(series, chart)
            print(f"written: {chart}")
        print("\nThe host's count when the outage began, in it, and after it: "
              + ", ".join(str(series[day]["hosts"]["KMS1"]["count"]) for day in (FROM, FROM + 15, FROM + 31, UNTIL, UNTIL + 2)))

    before, last, end = series[FROM], series[UNTIL], series[END]
    assert before["licensed"] == 401 and last["licensed"] == 1 and last["oot_grace"] == 400
    assert last["notification"] > 40 and last["unlicensed"] > 25
    assert end["licensed"] == 501


if __name__ == "__main__":
    main(*sys.argv[1:])
