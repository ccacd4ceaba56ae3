#!/usr/bin/env python3
"""A configuration policy as a script: harden a small site's volume activation, look at the plan, push, and check.

    ./run python examples/harden_kms.py

The world is temporary. The script shows what each step changed, and that taking the policy away restores what was there.
"""

import slwmi

# Every client renews its licence each two days, asks one KMS host on a fixed port, and never nags; nobody but an
# administrator touches licences; Windows Anytime Upgrade is off.
CLIENTS = slwmi.Policy(
    "kms-clients",
    description="Volume activation of the office machines",
    settings={
        "KeyManagementServiceName": "kms01.contoso.com",
        "KeyManagementServicePort": 1688,
        "UserOperations": False,
        "NotificationDisabled": True,
        "WindowsAnytimeUpgradeDisabled": True,
    },
)
HOSTS = slwmi.Policy(
    "kms-hosts",
    description="The KMS hosts themselves",
    settings={
        "VLActivationInterval": "1 hour",
        "VLRenewalInterval": "2 days",
        "KeyManagementServiceListeningPort": 1688,
        "DnsDomainPublishList": ["contoso.com", "branch.contoso.com, 10, 5"],
        "EnableKmsLowPriority": False,
    },
)


def make_site(world):
    world.add_machine("KMS01", os="2008", role="kms-host")
    for number in range(1, 9):
        world.add_machine(f"OFFICE{number}", os="vista-sp1", role="kms-client")
    # One machine was set up by hand long ago.
    old = world.add_machine("LEGACY", os="vista-rtm", role="kms-client")
    (service,) = old.connect().query("SELECT * FROM SoftwareLicensingService")
    service.SetKeyManagementServiceMachine(MachineName="old-kms.contoso.com")


SL_KEY = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\SL"


def kms_of(machine):
    """The KMS host and port that a machine was told, read as any standard user may."""
    session = machine.connect(user="standard")
    (service,) = session.query("SELECT KeyManagementServiceMachine FROM SoftwareLicensingService")
    port = session.call("StdRegProv", "GetStringValue", sSubKeyName=SL_KEY, sValueName="KeyManagementServicePort")
    return f"{service.KeyManagementServiceMachine or '(from DNS)'}:{port.sValue or '(default)'}"


def machines_with(world, wql):
    """The machines on which a query finds a row: what Group Policy calls a WMI filter."""
    return [name for name in world.machine_names if list(world.machine(name).connect().query(wql))]


def push(world, policy, machines):
    print(world.plan(policy, machines))
    generation = world.apply(policy, machines)
    again = "differences" if world.plan(policy, machines) else "nothing to do"
    print(f"pushed {policy.name} as generation {generation}; a second plan finds {again}\n")


def main():
    with slwmi.World.temporary() as world:
        make_site(world)
        for warning in CLIENTS.lint("kms-client"):
            print("lint:", warning)
        print("before:", kms_of(world.machine("LEGACY")), "|", kms_of(world.machine("OFFICE1")), "\n")

        # The machines themselves say what they are.
        hosts = machines_with(world, "SELECT Version FROM SoftwareLicensingService WHERE IsKeyManagementServiceMachine = 1")
        push(world, CLIENTS, [name for name in world.machine_names if name not in hosts])
        push(world, HOSTS, hosts)

        print("after: ", kms_of(world.machine("LEGACY")), "|", kms_of(world.machine("OFFICE1")))
        (host,) = world.machine("KMS01").connect().query("SELECT * FROM SoftwareLicensingService")
        print(f"KMS01 tells its clients to renew every {host.VLRenewalInterval} minutes")

        # A typo never reaches a machine.
        try:
            slwmi.Policy("typo", settings={"VLRenewallInterval": "2 days", "Manual": "perhaps"})
        except slwmi.InvalidArgument as error:
            print(f"\nrefused: {error}\n")

        world.remove_policy("kms-clients")
        print("without:", kms_of(world.machine("LEGACY")), "|", kms_of(world.machine("OFFICE1")))
        for status in world.policies():
            print(f"{status['name']}: on {status['machines']} machine(s), {status['settings']} settings")


if __name__ == "__main__":
    main()
