"""One machine from installation to expiry and back: what each query shows as the virtual clock goes on."""

import slwmi

QUERY = "SELECT * FROM SoftwareLicensingProduct WHERE PartialProductKey IS NOT NULL AND LicenseIsAddon = FALSE"


def show(world, machine, what):
    product, = machine.connect(user="standard").query(QUERY)
    status = slwmi.LicenseStatus(product.LicenseStatus).name
    print(f"{world.now:%Y-%m-%d %H:%M}  {what:52} {status:13} 0x{product.LicenseStatusReason:08X} "
          f"{product.GracePeriodRemaining:6} minutes")
    return product


with slwmi.World.temporary() as world:
    pc = world.add_machine("PC1", os="vista-sp1", role="mak")
    show(world, pc, "installed: the initial grace period of 30 days")

    world.advance(days=20)
    show(world, pc, "20 days later")

    session = pc.connect()
    service, = session.query("SELECT * FROM SoftwareLicensingService")
    key = world.product_key("Enterprise", "VOLUME_MAK", 42)
    service.InstallProductKey(ProductKey=key)
    product = show(world, pc, f"another key installed, ending in {key[-5:]}")

    try:
        product = session.query(QUERY)[0]
        product.DepositOfflineConfirmationId(InstallationId=product.OfflineInstallationId, ConfirmationId="0" * 48)
    except slwmi.WmiError as refused:
        print(f"{'':18}a wrong confirmation ID: {refused}")
    confirmation = world.confirmation_id(product.OfflineInstallationId)
    product.DepositOfflineConfirmationId(InstallationId=product.OfflineInstallationId, ConfirmationId=confirmation)
    show(world, pc, "activated by telephone")

    pc.change_hardware()
    show(world, pc, "the hardware changed beyond tolerance")

    service.ReArmWindows()
    show(world, pc, "rearmed, before the restart")
    pc.restart()
    show(world, pc, "rearmed and restarted")

    world.advance(days=29, hours=23, minutes=59)
    show(world, pc, "one minute before the grace period ends")
    world.advance(minutes=1)
    show(world, pc, "the grace period is over: notifications")

    session.query(QUERY)[0].Activate()
    show(world, pc, "activated online: recovered")
