"""An inventory of the licences of a small fleet, as a script for real machines would make it."""

import slwmi

FLEET = [("VISTA-01", "vista-rtm", "kms-client"), ("VISTA-02", "vista-sp1", "mak"), ("VISTA-03", "vista-sp1", "oem"),
         ("SRV-01", "2008", "kms-host"), ("SRV-02", "2008", "kms-client")]

with slwmi.World.temporary() as world:
    for name, os, role in FLEET:
        world.add_machine(name, os=os, role=role)
    world.advance(days=3)

    print(f"{'machine':10} {'version':10} {'edition and channel':75} {'status':12} days left")
    for name in world.machine_names:
        session = world.machine(name).connect(user="standard")
        system, = session.query("SELECT Version FROM Win32_OperatingSystem")
        for product in session.query(
                "SELECT Name, Description, LicenseStatus, GracePeriodRemaining FROM SoftwareLicensingProduct "
                "WHERE PartialProductKey IS NOT NULL"):
            status = slwmi.LicenseStatus(product.LicenseStatus).name.lower()
            channel = product.Description.rpartition(", ")[2]
            print(f"{name:10} {system.Version:10} {product.Name + ', ' + channel:75} {status:12} "
                  f"{product.GracePeriodRemaining // 1440 or '-'}")
