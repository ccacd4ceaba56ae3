"""A KMS key goes bad: machines fail their validation, the key is replaced on every host, and they recover.

The order is the guide's ("Recovering from a Non-Genuine State"): find the reason in event 8209, replace the key on
every KMS host that has it, reactivate the clients, validate them.
"""

import slwmi

PRODUCT = "SELECT * FROM SoftwareLicensingProduct WHERE PartialProductKey IS NOT NULL AND LicenseIsAddon = FALSE"


def activate(machine):
    try:
        machine.connect().query(PRODUCT)[0].Activate()
    except slwmi.LicensingError as refused:
        return refused
    return None


def install(machine, key):
    service, = machine.connect().query("SELECT * FROM SoftwareLicensingService")
    service.InstallProductKey(ProductKey=key)


def show(world, what):
    print(f"\n{world.now:%Y-%m-%d %H:%M}  {what}")
    for machine in world:
        product, = machine.connect(user="standard").query(PRODUCT)
        seen = machine.experience()
        print(f"  {machine.name:5} {slwmi.LicenseStatus(product.LicenseStatus).name:18} {machine.genuine()['state']:16} "
              f"{seen['status']}{'  [' + seen['watermark'] + ']' if seen['watermark'] else ''}")


with slwmi.World.temporary(seed=2008) as world:
    bad, good = (world.product_key("Enterprise", "VOLUME_KMS", serial, os="2008") for serial in (21, 22))
    hosts, servers = [], []
    for domain, host, prefix in (("contoso.com", "KMS1", "SRV"), ("fabrikam.com", "KMS2", "FAB")):
        hosts.append(world.add_machine(host, os="2008", role="kms-host", domain=domain))
        install(hosts[-1], bad)
        activate(hosts[-1])
        there = [world.add_machine(f"{prefix}{n}", os="2008", domain=domain) for n in range(1, 6)]
        for _ in range(2):  # once to be counted, once more with five counted
            for server in there:
                activate(server)
        servers += there
    show(world, "two KMS hosts with one key have activated ten servers")

    world.advance(days=10)
    world.mark_non_genuine(bad)
    print(f"\nThe key ...{bad[-5:]} is found on the internet and marked. It licenses:")
    for use in world.uses_of_key(bad):
        print(f"  {use['machine']:5} {'is a KMS host with it' if use['kms_host'] else 'was activated by such a host'}")

    failed = [server.name for server in servers[:3] if not server.validate()]
    reason = world["SRV1"].events(ids=[8209])[-1]
    print(f"\n{', '.join(failed)} fail their validation. Event {reason.id}: {reason.message}")
    print(f"  {slwmi.explain(reason.code)['meaning']}")
    show(world, "non-genuine grace: 30 days to put it right")

    world.advance(days=3)
    print(f"\nReactivation with the same key is no cure: KMS1 answers {activate(hosts[0])}")
    for host in hosts:
        install(host, good)
        activate(host)
    print(f"The key ...{good[-5:]} is installed and activated on both hosts.")
    print(f"Validated before it was reactivated, SRV1 is genuine: {servers[0].validate()}")
    for server in servers:
        activate(server)
    show(world, "every server reactivated (slmgr /ato); the mark stays until a validation")

    for machine in hosts + servers:
        assert machine.validate()
    show(world, "validated: recovered")
    assert not world.uses_of_key(bad)
