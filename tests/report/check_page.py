#!/usr/bin/env python3
"""Makes a world with a KMS host and its clients, and checks the page of all reports: well-formed as XML and as HTML, alone
in the world, and with the numbers that the same reports give as JSON and as the events themselves say.

Where chromium is installed the page is loaded there too, light and dark: it must lay out without overflow and ask for
nothing. `--picture FOLDER` keeps what it looked like.

Usage: check_page.py FOLDER_OF_SLWMI [--picture FOLDER]
"""

import datetime
import html.parser
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

XHTML = "{http://www.w3.org/1999/xhtml}"
STORY = r"""
slwmi world create >/dev/null 2>&1
slwmi machine add KMS1 --profile 2008-kms-host 2>/dev/null
slwmi machine add --count 27 PC 2>/dev/null
slwmi machine add --count 3 SRV --profile 2008-kms-client 2>/dev/null
slwmi machine add OLD --profile vista-rtm-kms-client --edition Business 2>/dev/null
for i in $(seq -w 1 9); do
  slwmi -m PC0$i reg add 'HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\SL\Activation' /v Manual /t REG_DWORD /d 1 /f
done >/dev/null
slwmi -m KMS1 slmgr /ato >/dev/null
for i in $(seq -w 1 24); do slwmi -m PC$i slmgr /ato >/dev/null 2>&1 || true; done
slwmi clock advance 1d >/dev/null
for i in $(seq -w 10 27); do slwmi -m PC$i slmgr /ato >/dev/null 2>&1 || true; done
for i in 1 2 3; do slwmi -m SRV$i slmgr /ato >/dev/null; done
slwmi clock advance 25d >/dev/null
slwmi -m OLD slmgr /ato >/dev/null
slwmi clock advance 90m >/dev/null
for i in $(seq -w 20 27); do slwmi -m PC$i slmgr /ato >/dev/null; done
"""
FAILED = []


def check(claim, told):
    if not told:
        FAILED.append(claim)


class Strict(html.parser.HTMLParser):
    """Every element that is opened is closed, in order."""

    VOID = {"meta"}

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        check(f"</{tag}> closes what is open", self.open and self.open.pop() == tag)


def text_of(element):
    return "".join(element.itertext())


def rows_of(section):
    """The table of a section as dicts; numbers without their commas."""
    table = section.find(f".//{XHTML}table")
    if table is None:
        return []
    names = [text_of(cell) for cell in table.iter(f"{XHTML}th")]
    out = []
    for row in table.iter(f"{XHTML}tr"):
        cells = list(row.iter(f"{XHTML}td"))
        if cells:
            values = [int(text_of(c).replace(",", "")) if c.get("class") == "n" else text_of(c) for c in cells]
            out.append(dict(zip(names, values)))
    return out


def comparable(row):
    """As the page shows it: no text for nothing, times to the minute."""
    out = {}
    for name, value in row.items():
        time = re.fullmatch(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d):00Z", value) if isinstance(value, str) else None
        out[name] = f"{time[1]} {time[2]}" if time else "" if value is None else value
    return out


def bars_of(section):
    """Series name to the sum of what its bars' titles say."""
    sums = {}
    for title in section.iter(f"{XHTML}title"):
        name, value = re.search(r"\n(.*): ([\d,]+) ", text_of(title)).groups()
        sums[name] = sums.get(name, 0) + int(value.replace(",", ""))
    return sums


def check_page(page, report, slwmi):
    root = ElementTree.fromstring(page)
    strict = Strict()
    strict.feed(page)
    check("all elements are closed", not strict.open)
    check("it asks for nothing outside", not re.search(r"(src|href)\s*=\s*[\"'](?!#)|url\(|@import|<script|<link", page))
    sections = {section.get("id"): section for section in root.iter(f"{XHTML}section")}
    check("a section for each report", set(sections) == {row["Name"] for row in report("list")} | {"kms-health"})
    for name, section in sections.items():
        told = slwmi("health", "--json") if name == "kms-health" else slwmi("report", name, "--json")
        shown, told = rows_of(section), [comparable(row) for row in json.loads(told)]
        check(f"{name}: the page shows {shown}, JSON says {told}", shown == told)
        for bar in section.iter(f"{XHTML}rect"):
            check(f"{name}: a bar without a title", bar.find(f"{XHTML}title") is not None)
        for drawing in section.iter(f"{XHTML}svg"):
            check(f"{name}: a chart without a name", drawing.get("aria-label") and drawing.get("role") == "img")
    return sections


def check_numbers(sections, report, events, a_day_ago):
    """The reports against the events of the logs."""
    granted = [e for e in events if e["Event"] == 12289 and e["Parameters"]["fBound"] == "1"]
    totals = report("activation-count-summary")[-1]
    check("as many activations as 12289 with fBound 1", totals["Ever"] == len(granted) > 10)
    check("the chart has them all", sum(bars_of(sections["activation-count-summary"]).values()) == len(granted))
    asked = {e["Parameters"]["Machine"] for e in events if e["Event"] == 12290}
    status = report("licensing-status-summary")
    check("each client that the host has seen", {row["Computer"] for row in status} == asked)
    day = report("kms-activity-summary")
    past = [e for e in granted if e["Time"] > a_day_ago]
    check("activations of the past day", sum(row["New activations"] + row["Renewals"] for row in day) == len(past) > 5)
    check("bars of the day", bars_of(sections["kms-activity-summary"]).get("Renewals") == sum(row["Renewals"] for row in day))
    detail = report("machine-expiration-detail")
    check("some computers are about to expire", len(detail) == sum(row["Unlicensed within 7 days"] for row in report("machine-expiration-chart")) > 0)


def check_browser(path, browser, picture):
    for theme, flags in (("light", []), ("dark", ["--force-dark-mode", "--blink-settings=preferredColorScheme=0"])):
        shot = pathlib.Path(picture or path.parent) / f"{theme}.png"
        done = subprocess.run(
            [browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1200,4200",
             f"--user-data-dir={path.parent}/{theme}", f"--screenshot={shot}", *flags, path.as_uri()],
            capture_output=True, text=True, timeout=120, check=False)
        check(f"{theme}: the browser draws the page ({done.stderr[-300:]})", shot.exists() and shot.stat().st_size > 50_000)


def main(arguments):
    tools = os.path.abspath(arguments[0])
    picture = arguments[arguments.index("--picture") + 1] if "--picture" in arguments else None
    with tempfile.TemporaryDirectory() as folder:
        environment = {"PATH": f"{tools}:/usr/bin:/bin", "HOME": folder, "SLWMI_WORLD": f"{folder}/w.slwmi", "LC_ALL": "C.UTF-8"}

        def slwmi(*words):
            done = subprocess.run(["slwmi", *words], env=environment, capture_output=True, text=True, check=False)
            check(f"slwmi {words} succeeds: {done.stderr}", done.returncode == 0)
            return done.stdout

        def report(name):
            return json.loads(slwmi("report", name, "--json"))

        subprocess.run(["bash", "-euc", STORY], env=environment, check=True)
        events = []
        for machine in json.loads(slwmi("machine", "list", "--json")):
            done = subprocess.run(["slwmi", "events", "-m", machine["Name"], "--json"], env=environment, capture_output=True,
                                  text=True, check=False)
            events += json.loads(done.stdout or "[]")
        page = pathlib.Path(folder) / "reports.html"
        slwmi("report", "all", "--html", str(page))
        sections = check_page(page.read_text(encoding="utf-8"), report, slwmi)
        now = datetime.datetime.fromisoformat(slwmi("clock", "show").strip().rstrip("Z"))
        check_numbers(sections, report, events, (now - datetime.timedelta(days=1)).isoformat() + "Z")
        browser = shutil.which("chromium")
        if browser:
            check_browser(page, browser, picture)
        if picture:
            shutil.copy(page, picture)
    print(f"{len(FAILED)} failed" + ("" if browser else ", no browser"))
    for claim in FAILED:
        print(claim)
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
