"""A MAK proxy round: a laboratory without a way to the activation service is activated by a tool that has one.

The laboratory's own computer LAB0 collects the installation IDs into a computer information list. The list goes, as a
file, to ADMIN1 in the office, which asks the activation service for the confirmation IDs in the laboratory's place; then
it goes back, and LAB0 gives every computer its confirmation ID.
"""

import pathlib
import tempfile

import slwmi


def tell(title, outcomes):
    print(title)
    for row in outcomes:
        print(f"  {row['computer'] or '':6} 0x{row['hresult']:08X}  {row['text']}")


with slwmi.World.temporary(seed=7) as world, tempfile.TemporaryDirectory() as folder:
    carried = pathlib.Path(folder) / "lab.xml"
    world.network.set_site("Lab", internet=False)
    world.network.cut_link("Lab", "Office")
    office = world.add_machine("ADMIN1", role="mak", site="Office")
    lab = world.add_machine("LAB0", role="mak", site="Lab")
    names = [f"LAB{i}" for i in range(1, 5)]
    world.add_machines(names, role="mak", site="Lab")
    key = world.product_key("Enterprise", "VOLUME_MAK", 42)

    cil = slwmi.ComputerList()
    tell("LAB0 collects:", lab.vamt().collect(cil, names))
    lab.vamt().install_key(cil, key)
    tell("LAB0 lets them activate themselves:", lab.vamt().activate(cil))
    cil.save(carried)
    print(f"The list leaves the laboratory: {len(carried.read_bytes())} bytes of XML")

    cil = slwmi.ComputerList.load(carried)
    tell("ADMIN1 asks the activation service:", office.vamt().confirm(cil))
    tell("ADMIN1 asks what is left of the key:", office.vamt().query_keys(cil))
    tell("ADMIN1 itself does not reach them:", office.vamt().apply(cil, "LAB1"))
    cil.save(carried)

    cil = slwmi.ComputerList.load(carried)
    world.machine("LAB3").change_hardware()  # in the meantime
    tell("LAB0 returns the confirmation IDs:", lab.vamt().apply(cil))
    tell("LAB3 is collected once more:", lab.vamt().collect(cil, "LAB3"))
    office.vamt().confirm(cil, "LAB3")
    tell("... and gets another confirmation ID:", lab.vamt().apply(cil, "LAB3"))

    for computer in cil.computers:
        product, = computer["products"]
        status = slwmi.LicenseStatus(product["status"]).name
        print(f"{computer['name']}  {status}  applied {product['applied']:%Y-%m-%d}  ...{product['partial_key']}")
    assert all(c["products"][0]["status"] == slwmi.LicenseStatus.LICENSED for c in cil.computers)
