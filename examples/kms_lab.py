"""A laboratory that reaches its KMS thresholds: 5 computers for Windows Server 2008, 25 for Windows Vista.

Every quarter of an hour one more computer is switched on. It asks the KMS host by itself, and again every two hours until
it is activated. A refused attempt counts too: 0xC004F038 says that the host has not seen enough computers as yet.
"""

import slwmi

STATES = "SELECT LicenseStatus FROM SoftwareLicensingProduct WHERE PartialProductKey IS NOT NULL"
SERVICE = "SELECT * FROM SoftwareLicensingService"

with slwmi.World.temporary(seed=25) as world:
    host = world.add_machine("KMS1", os="2008", role="kms-host")
    newcomers = [(f"SRV{n}", "2008") for n in range(1, 6)] + [(f"PC{n:02}", "vista-sp1") for n in range(1, 21)]
    machines, licensed_at, seen = [], {}, 0
    print(f"{'time':5}  {'joins':5}  attempts  count  licensed # and waiting .")
    while len(licensed_at) < len(newcomers):
        start, joins = world.now, ""
        if len(machines) < len(newcomers):
            joins, os = newcomers[len(machines)]
            machines.append(world.add_machine(joins, os=os))
        world.advance(minutes=15)
        service, = host.connect().query(SERVICE)
        count = service.KeyManagementServiceCurrentCount
        for row in world.query(STATES):
            if row["LicenseStatus"] == slwmi.LicenseStatus.LICENSED and row["__SERVER"] != "KMS1":
                licensed_at.setdefault(row["__SERVER"], count)
        attempts, seen = service.KeyManagementServiceTotalRequests - seen, service.KeyManagementServiceTotalRequests
        if attempts:
            waiting = len(machines) - len(licensed_at)
            print(f"{start:%H:%M}  {joins:5}  {attempts:8}  {count:5}  {'#' * len(licensed_at)}{'.' * waiting}")

    answers = [event.parameters for machine in machines for event in machine.events(ids=[12289])]
    refused = sum(answer["fBound"] == "0" for answer in answers)
    print(f"\n{refused} of {len(answers)} answers (12289) came below the threshold: {slwmi.explain(0xC004F038)['meaning']}")
    thresholds = []
    for kind in ("SRV", "PC"):
        name, count = next(item for item in licensed_at.items() if item[0].startswith(kind))
        thresholds.append(count)
        print(f"{name} was the first {kind} that was licensed, at the count of {count}")
    print(host.slmgr("/dli"))

    assert len(answers) - refused == len(newcomers)
    assert thresholds == [5, 25]
