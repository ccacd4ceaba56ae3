"""MAK activation, accounts of keys, firmware and usage rights from Python."""

import datetime

import pytest

import slwmi


@pytest.fixture
def world():
    with slwmi.World.temporary(seed=7) as w:
        w.network.set_site("Lab", internet=False)
        w.add_machine("ADMIN1", role="mak")
        w.add_machine("LAB0", role="mak", site="Lab")
        w.add_machines(["LAB1", "LAB2"], role="mak", site="Lab")
        yield w


def codes(outcomes):
    return [(row["computer"], row["hresult"]) for row in outcomes]


def test_a_proxy_round_through_a_file(world, tmp_path):
    key = world.product_key("Enterprise", "VOLUME_MAK", 42)
    lab, office = world["LAB0"].vamt(), world["ADMIN1"].vamt()
    cil = slwmi.ComputerList()
    assert codes(lab.collect(cil, ["LAB1", world["LAB2"]])) == [("LAB1", 0), ("LAB2", 0)]
    assert len(cil) == 2 and "lab1.contoso.com" in cil and "LAB9" not in cil
    assert cil.computers[0]["products"][0]["minutes"] == 43200
    lab.install_key(cil, key)
    assert cil.keys == [{"key": key, "edition": "Enterprise", "asked": None, "remaining": None, "limit": None, "hresult": None}]
    assert codes(lab.activate(cil, "LAB1")) == [("LAB1", 0x80072EE7)]
    with pytest.raises(slwmi.WmiError) as caught:
        lab.confirm(cil)
    assert caught.value.hresult == 0x80072EE7
    path = tmp_path / "lab.xml"
    cil.save(path)
    there = slwmi.ComputerList.load(path)
    assert there == cil and there == slwmi.ComputerList.loads(cil.dumps())
    assert codes(office.confirm(there)) == [("LAB1", 0), ("LAB2", 0)]
    assert there != cil
    office.query_keys(there)
    assert there.keys[0]["remaining"] == 48 and there.keys[0]["asked"] == world.now
    assert codes(lab.apply(there)) == [("LAB1", 0), ("LAB2", 0)]
    product = there.computers[0]["products"][0]
    assert product["status"] == slwmi.LicenseStatus.LICENSED and product["applied"] == world.now
    assert sorted(p.name for p in tmp_path.iterdir()) == ["lab.xml"]


def test_nothing_is_done_for_wrong_names(world):
    cil = slwmi.ComputerList()
    vamt = world["ADMIN1"].vamt()
    vamt.collect(cil, "LAB1")
    before = cil.dumps()
    with pytest.raises(slwmi.NotFound):
        vamt.apply(cil, ["LAB1", "LAB9"])
    with pytest.raises(slwmi.InvalidArgument):
        vamt.apply(cil, [])
    with pytest.raises(slwmi.NotSupported):
        vamt.install_key(cil, world.product_key("Enterprise", "VOLUME_KMS"))
    assert cil.dumps() == before
    assert codes(world["ADMIN1"].vamt(user="standard").collect(cil, "LAB1")) == [("LAB1", 0x80070005)]
    assert codes(world["ADMIN1"].vamt(user="standard", remote_user="administrator").collect(cil)) == [("LAB1", 0)]


def test_what_was_not_asked_has_no_result(world):
    cil = slwmi.ComputerList.loads('<ComputerInformationList xmlns="urn:slwmi:computer-information-list:1">'
                                   '<Computer Name="LAB1"/></ComputerInformationList>')
    assert (cil.computers[0]["action"], cil.computers[0]["hresult"]) == (None, None)
    world["ADMIN1"].vamt().collect(cil)
    assert (cil.computers[0]["action"], cil.computers[0]["hresult"]) == ("collect", 0)


def test_a_bad_list_says_where(world):
    with pytest.raises(slwmi.WmiError) as caught:
        slwmi.ComputerList.loads('<ComputerInformationList xmlns="urn:slwmi:computer-information-list:1"><x/>'
                                 '</ComputerInformationList>')
    assert caught.value.hresult == 0x8007000D and caught.value.offset == 71
    with pytest.raises(slwmi.InvalidArgument):
        slwmi.ComputerList.loads("")


def test_accounts_of_keys(world):
    key = world.product_key("Enterprise", "VOLUME_MAK", 42)
    world.extend_key(key, 5)
    world.set_key_state(key, "dynamically-blocked")
    assert world.key_account(key) == {"state": "dynamically-blocked", "hresult": 0xC004C060, "genuine": True, "limit": 55,
                                      "extension": 5, "used": 0, "remaining": 55, "machines": 0}
    with pytest.raises(slwmi.InvalidArgument):
        world.set_key_state(key, "lost")


def test_firmware_and_rights(world):
    old = world.add_machine("OLD1", role="kms-client", firmware="no-marker")
    assert old.firmware == "no-marker" and old.setup_error == 0xC004F035
    row, = old.connect().query("SELECT * FROM SoftwareLicensingProduct WHERE PartialProductKey IS NOT NULL")
    with pytest.raises(slwmi.LicensingError) as caught:
        row.Activate()
    assert caught.value.hresult == 0xC004F035
    old.replace_board("marker")
    assert old.firmware == "marker" and old.setup_error == 0

    oem = world.add_machine("OEM1", role="oem")
    assert oem.usage_rights()["right"] == "none"
    bought = datetime.date(2008, 1, 15)
    decision = oem.usage_rights(purchase=bought, assurance="2008-02-20")
    assert decision["allowed"] and decision["right"] == "software-assurance"
    assert {route["name"]: route["hresult"] for route in decision["routes"]} == {"KMS": 0, "MAK": 0, "retail": 0, "OEM_SLP": 0}
    assert all(reason["section"] for reason in decision["reasons"])
    assert oem.usage_rights(agreement="Business")["right"] == "reimaging"
    with pytest.raises(slwmi.InvalidArgument):
        oem.usage_rights(purchase="2008-02-20", assurance="2008-01-15")
