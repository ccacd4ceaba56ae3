#!/usr/bin/env python3
"""Runs every example that `slwmi help` shows, as a reader would who copies it.

Each runs in a folder and world of its own, made by PREPARE; SPECIAL changes that for the examples that need it. An
example must end with status 0, or the one that EXPECTED names. Examples that read standard input get none.

Usage: run_help_examples.py FOLDER_OF_SLWMI
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

PREPARE = r"""
slwmi world create PC1 PC2 lab-7
slwmi machine add KMS1 --profile 2008-kms-host
slwmi machine add MAK1 --profile vista-sp1-mak
slwmi machine add OEM1 --profile vista-sp1-oem
slwmi vamt collect cil.xml MAK1
slwmi vamt install cil.xml $(slwmi key make Enterprise VOLUME_MAK)
cat >assets.mof <<'EOF'
class Asset { [key] string Tag; uint32 Floor; };
instance of Asset { Tag = "A-17"; Floor = 3; };
EOF
slwmi mof compile assets.mof
cp assets.mof classes.mof
slwmi reg add 'HKLM\SOFTWARE\Contoso' /v Floor /t REG_DWORD /d 3 /f
slwmi -m PC2 reg add 'HKLM\SOFTWARE\Contoso' /v Host /d kms /f
slwmi reg export 'HKLM\SOFTWARE\Contoso' kms.reg
echo '{"policy": "kms-clients", "settings": {"KeyManagementServiceName": "kms01.contoso.com"}}' >kms.json
slwmi policy apply kms.json PC1 PC2
slwmi policy export kms-clients --to pol >Registry.pol
slwmi world snapshot before-push
slwmi world digest >expected.txt
echo 'SELECT * FROM Asset' >query.wql
echo '{"query": "SELECT * FROM Asset"}' >queries.jsonl
slwmi kms encode request request.bin N-Policy=25
slwmi kms encode response response.bin Count=5
cat >contoso.json <<'EOF'
{"seed": 7, "duration": "60 days", "machines": [
  {"name": "KMS1", "os": "2008", "role": "kms-host"}, {"name": "PC####", "count": 30, "spread": "8 hours"}]}
EOF
slwmi -w contoso.slwmi sim run contoso.json --until 1d
cp w.slwmi lab.slwmi
cp w.slwmi other.slwmi
"""

# Before the examples that match: what the folder must lack or have.
SPECIAL = [
    (r"world create", "rm lab.slwmi"),
    (r"world snapshot \S+$", "rm w.slwmi && slwmi world create"),
    (r"machine add", "rm w.slwmi && slwmi world create"),
    (r"put --new", "slwmi delete 'Asset.Tag=\"A-17\"'"),
    (r"reg add", "slwmi reg delete 'HKLM\\SOFTWARE\\Contoso' /f"),
    (r"-n 'root.contoso' mof", "echo 'instance of __Namespace { Name = \"contoso\"; };' >ns.mof && slwmi -n root mof compile ns.mof"),
    (r"call SoftwareLicensingService SetVLRenewalInterval", "slwmi machine remove PC1 PC2 lab-7"),  # a KMS host is left
    (r"health group remove", "slwmi health group add KMS1"),
    (r"key confirm", "slwmi machine remove PC1 PC2 lab-7"),
]

EXPECTED = [
    (r"policy plan", 3),  # differences
    (r"--as standard call", 1),  # what a denied call looks like
]

QUIET = "exec >/dev/null 2>&1\nset -eu\n"


def shown(tool, *words):
    return subprocess.run([tool, "help", *words], check=True, capture_output=True, text=True).stdout


def listed(text, heading):
    """First words of the indented lines in the paragraph after a line that starts with `heading`."""
    match = re.search(rf"^{heading}[^\n]*\n\n?((?:  \S[^\n]*\n|    +[^\n]*\n)+)", text, re.MULTILINE)
    return re.findall(r"^  (\S+)", match.group(1), re.MULTILINE) if match else []


def examples(tool):
    pages = [shown(tool)]
    for group in listed(pages[0], "Commands:"):
        page = shown(tool, group)
        names = listed(page, f"Usage: slwmi {group} COMMAND")
        pages += [shown(tool, group, name) for name in names] if names else [page]
    for page in pages:
        _, _, block = page.partition("\nExamples:\n")
        yield from (line.strip() for line in block.splitlines() if line.startswith("  "))


def run(script, folder, environment):
    return subprocess.run(["bash", "-c", script], cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, errors="replace", timeout=120)


def main(tool_folder):
    tool = str(pathlib.Path(tool_folder).resolve() / "slwmi")
    failed = count = 0
    with tempfile.TemporaryDirectory() as place:
        environment = {**os.environ, "PATH": f"{os.path.dirname(tool)}:{os.environ['PATH']}", "HOME": place, "SLWMI_WORLD": "w.slwmi"}
        template = pathlib.Path(place) / "template"
        template.mkdir()
        made = run("set -eu\n" + PREPARE, template, environment)
        if made.returncode != 0:
            sys.exit(f"the world for the examples could not be made: {made.stdout}{made.stderr}")
        for example in examples(tool):
            count += 1
            folder = pathlib.Path(place) / "example"
            shutil.copytree(template, folder)
            for pattern, script in SPECIAL:
                if re.search(pattern, example) and run(QUIET + script, folder, environment).returncode != 0:
                    sys.exit(f"the world for {example} could not be made")
            expected = next((code for pattern, code in EXPECTED if re.search(pattern, example)), 0)
            done = run(example, folder, environment)
            if done.returncode != expected:
                failed += 1
                print(f"$ {example}\nstatus {done.returncode} instead of {expected}\n{done.stdout[:500]}{done.stderr[:500]}")
            shutil.rmtree(folder)
    print(f"{count} examples, {failed} failed")
    return 1 if failed or count < 40 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
