"""A laboratory that reaches its KMS thresholds: 5 computers for Windows Server 2008, 25 for Windows Vista.

Every quarter of an hour one more computer is switched on and asks the KMS host, then again every two hours until it is
activated. A refused attempt counts too: 0xC004F038 says that the host has not seen enough computers as yet.
"""

import heapq

import slwmi

PRODUCT = "SELECT * FROM SoftwareLicensingProduct WHERE PartialProductKey IS NOT NULL"
SERVICE = "SELECT * FROM SoftwareLicensingService"


def attempt(machine):
    """One request to the KMS host: None when the machine is licensed by it, else the refusal."""
    product, = machine.connect().query(PRODUCT)
    try:
        product.Activate()
    except slwmi.LicensingError as refused:
        return refused
    return None


with slwmi.World.temporary(seed=25) as world:
    host = world.add_machine("KMS1", os="2008", role="kms-host")
    newcomers = [world.add_machine(f"SRV{n}", os="2008") for n in range(1, 6)]
    newcomers += [world.add_machine(f"PC{n:02}", os="vista-sp1") for n in range(1, 21)]
    service, = newcomers[0].connect().query(SERVICE)
    interval = service.VLActivationInterval  # minutes from a refused attempt to the next

    due = [(number * 15, number) for number in range(len(newcomers))]  # who asks when
    start, waiting, refusals, licensed_at = world.now, set(), set(), {}
    print(f"{'time':5}  {'joins':5}  attempts  count  licensed # and waiting .")
    while due:
        minute = due[0][0]
        world.advance(minutes=minute - (world.now - start).total_seconds() / 60)
        joins, attempts = "", 0
        while due and due[0][0] == minute:
            _, number = heapq.heappop(due)
            machine, attempts = newcomers[number], attempts + 1
            if minute == number * 15:
                joins = machine.name
            refused = attempt(machine)
            service, = host.connect().query(SERVICE)
            count = service.KeyManagementServiceCurrentCount
            if refused:
                refusals.add(refused.hresult)
                waiting.add(machine.name)
                heapq.heappush(due, (minute + interval, number))
            else:
                waiting.discard(machine.name)
                licensed_at[machine.name] = count
        print(f"{world.now:%H:%M}  {joins:5}  {attempts:8}  {count:5}  {'#' * len(licensed_at)}{'.' * len(waiting)}")

    code, = refusals
    print(f"\nEvery refusal was 0x{code:08X}: {slwmi.explain(code)['meaning']}")
    thresholds = []
    for kind in ("SRV", "PC"):
        name, count = next(item for item in licensed_at.items() if item[0].startswith(kind))
        thresholds.append(count)
        print(f"{name} was the first {kind} that was licensed, at the count of {count}")
    print(host.slmgr("/dli"))

    assert code == 0xC004F038
    assert thresholds == [5, 25]
    assert len(licensed_at) == len(newcomers) and not waiting
