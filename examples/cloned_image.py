"""A cloned-image mistake and its cure.

Six computers are deployed from the disk of one that has talked to the KMS host already, without sysprep /generalize. All
have its client machine ID (CMID), so that the host takes them for one computer: its count does not rise.
"""

import slwmi

PRODUCT = "SELECT * FROM SoftwareLicensingProduct WHERE PartialProductKey IS NOT NULL"
SERVICE = "SELECT * FROM SoftwareLicensingService"
STORE = r"HKLM\SYSTEM\CurrentControlSet\Services\slsvc\Store"  # what a disk carries of its licence


def activate(machine):
    product, = machine.connect().query(PRODUCT)
    try:
        product.Activate()
    except slwmi.LicensingError as refused:
        return f"0x{refused.hresult:08X}"
    return "licensed"


def round_of_attempts(host, machines, what):
    print(f"\n{what}")
    for machine in machines:
        result = activate(machine)
        client, = machine.connect().query(SERVICE)
        server, = host.connect().query(SERVICE)
        print(f"  {machine.name:7} CMID {client.ClientMachineID[:8]}...  {result:10}  "
              f"requests {server.KeyManagementServiceTotalRequests:2}, count {server.KeyManagementServiceCurrentCount}")
    return server.KeyManagementServiceCurrentCount


with slwmi.World.temporary(seed=6) as world:
    host = world.add_machine("KMS1", os="2008", role="kms-host")
    reference = world.add_machine("IMAGE", os="2008")
    round_of_attempts(host, [reference], "The reference computer asks once, before its disk is copied:")
    disk = reference.registry(user="system").export_reg(STORE)

    clones = [world.add_machine(f"CLONE{n}", os="2008") for n in range(1, 7)]
    for clone in clones:
        clone.registry(user="system").import_reg(disk)
    alike = round_of_attempts(host, clones, "Six computers with that disk ask:")

    requests = host.events(ids=[12290])
    print(f"\nKMS1 logged {len(requests)} requests (12290) of {len({e.parameters['Machine'] for e in requests})} names, "
          f"but of {len({e.parameters['CMID'] for e in requests})} CMID.")

    # The cure where the disks are out already: slmgr /rearm and a restart. (For the next image: sysprep /generalize.)
    for clone in clones:
        clone.slmgr("/rearm")
        clone.restart()
    told_apart = round_of_attempts(host, clones, "After slmgr /rearm and a restart:")
    world.advance(hours=2)
    round_of_attempts(host, clones, "Two hours later, at their next attempts:")

    reference.generalize()
    image = reference.registry(user="system").export_reg(STORE)
    fresh = [world.add_machine(f"FRESH{n}", os="2008") for n in range(1, 3)]
    for machine in fresh:
        machine.registry(user="system").import_reg(image)
    at_last = round_of_attempts(host, fresh, "Two more, of the image after sysprep /generalize:")

    assert (alike, told_apart, at_last) == (1, 7, 9)
