#!/usr/bin/env python3
"""A KMS host is out of reach for 200 days: what becomes of its clients, as a chart.

    ./run python examples/kms_outage.py [CHART.svg]

An activation lasts 180 days from the last renewal, and 30 days of grace follow: whoever was activated before survives the
outage. Whoever is installed while it lasts has 30 days of initial grace, and then reduced functionality (Windows Vista RTM)
or notifications (Vista SP1 and Server 2008). When the host is back its count has aged away, and must be reached anew.
"""

import collections
import sys

import slwmi

FROM, UNTIL, END = 14, 214, 230  # days
State = slwmi.LicenseStatus
STATES = {  # from the bottom of the chart up: letter, colour
    State.LICENSED: ("#", "#3a7d44"),
    State.OOT_GRACE: ("t", "#e9b44c"),
    State.OOB_GRACE: ("o", "#7fb3d5"),
    State.NOTIFICATION: ("N", "#c8553d"),
    State.UNLICENSED: ("U", "#5b2333"),
}


def text_chart(series, step=4, machines=2):
    """A column for each `step` days, a letter for each `machines` machines."""
    columns = []
    for states in series[::step]:
        stack = "".join(letter * states[state] for state, (letter, _) in STATES.items())
        columns.append(stack[::machines])
    for row in reversed(range(max(map(len, columns)))):
        print(f"{row * machines:4} |" + "".join(column[row] if row < len(column) else " " for column in columns).rstrip())
    print("     +" + "-" * len(columns))
    print("      " + "".join(f"{day:<{40 // step}}" for day in range(0, len(series), 40)) + "days")


def svg_chart(series, path, width=920, height=360):
    """The same as stacked areas."""
    highest = max(sum(states.values()) for states in series)
    x, y = (lambda day: 40 + day * (width - 60) / len(series)), (lambda count: height - 40 - count * (height - 90) / highest)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="13">',
           f'<rect width="{width}" height="{height}" fill="white"/>',
           f'<rect x="{x(FROM):.1f}" y="30" width="{x(UNTIL) - x(FROM):.1f}" height="{height - 70}" fill="#f2f2f2"/>',
           f'<text x="{x(FROM) + 6:.1f}" y="44" fill="#777">KMS1 out of reach</text>']
    below = [0] * len(series)
    for place, (state, (_, colour)) in enumerate(STATES.items()):
        above = [low + states[state] for low, states in zip(below, series)]
        edge = [f"{x(day):.1f},{y(count):.1f}" for day, count in enumerate(above)]
        edge += [f"{x(day):.1f},{y(count):.1f}" for day, count in reversed(list(enumerate(below)))]
        out.append(f'<polygon fill="{colour}" points="{" ".join(edge)}"/>')
        out.append(f'<rect x="{40 + 170 * place}" y="8" width="12" height="12" fill="{colour}"/>'
                   f'<text x="{58 + 170 * place}" y="19">{state.name.lower().replace("_", " ")}</text>')
        below = above
    out += [f'<text x="{x(day):.1f}" y="{height - 20}" text-anchor="middle">day {day}</text>' for day in range(0, len(series), 30)]
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(out + ["</svg>\n"]))


DESCRIPTION = {
    "seed": 200,
    "duration": f"{END} days",
    "machines": [
        {"name": "KMS1", "os": "2008", "role": "kms-host"},
        {"name": "PC##", "count": 25},
        {"name": "SRV#", "os": "2008", "count": 5},
        # life goes on: a new computer now and then
        *({"name": f"NEW{day}", "os": "vista-sp1" if day % 40 else "vista-rtm", "start": f"{day} days"}
          for day in range(FROM + 6, UNTIL, 20)),
    ],
    "network": {"faults": [{"kind": "host-unreachable", "at": "KMS1", "from": f"{FROM} days", "until": f"{UNTIL} days"}]},
}


def main(chart=None):
    refusals = collections.Counter()

    def note(exchange):
        code = exchange["requested"] or (0 if exchange["bound"] else 0xC004F038)
        if code:
            refusals[(exchange["time"] - run.start).days, code] += 1

    with slwmi.World.temporary(seed=200) as world:
        run = world.simulate(DESCRIPTION)
        run.run(on_exchange=note)
        # Of each day, the clients by state; the host is licensed for good.
        series = [+collections.Counter({state: sample[state.name.lower()] - (state is State.LICENSED) for state in STATES})
                  for sample in run.series]
        clients = world.machine_names[1:]

        text_chart(series)
        print("      " + "   ".join(f"{letter} {state.name.lower().replace('_', ' ')}" for state, (letter, _) in STATES.items()))
        if chart:
            svg_chart(series, chart)
            print(f"\nwritten: {chart}")
        print("\nday", " ".join(f"{state.name.lower():>14}" for state in STATES), " refusals that day")
        for day in range(END):
            if day == 0 or series[day] != series[day - 1]:
                codes = ", ".join(f"{count} of 0x{code:08X}" for (when, code), count in sorted(refusals.items()) if when == day)
                print(f"{day:3}", " ".join(f"{series[day][state] or '':14}" for state in STATES), f" {codes}".rstrip())

    assert series[FROM - 1] == {State.LICENSED: 30}
    assert series[UNTIL - 1] == {State.OOT_GRACE: 30, State.OOB_GRACE: 1, State.NOTIFICATION: 5, State.UNLICENSED: 4}
    assert series[END - 1] == {State.LICENSED: len(clients)}
    assert {code for _, code in refusals} == {0x800706BA, 0xC004F038}


if __name__ == "__main__":
    main(*sys.argv[1:])
