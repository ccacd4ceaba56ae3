"""Genuine validation from Python: verdicts, what they leave behind, and who answers for which key."""

import datetime

import pytest

import slwmi

PRODUCT = "SELECT * FROM SoftwareLicensingProduct WHERE PartialProductKey IS NOT NULL"


@pytest.fixture
def world():
    with slwmi.World.temporary(seed=7) as w:
        w.add_machine("PC1", role="mak", site="Ulm")
        w["PC1"].connect().query(PRODUCT)[0].Activate()
        yield w


def key_of(world, machine="PC1"):
    """The text of its multiple activation key."""
    last = world[machine].connect().query(PRODUCT)[0].PartialProductKey
    return next(key for serial in range(1, 9)
                if (key := world.product_key("Enterprise", "VOLUME_MAK", serial)).endswith(last))


def test_a_good_key_is_genuine(world):
    pc = world["PC1"]
    assert pc.genuine()["state"] == "not validated" and pc.genuine()["last_validation"] is None
    assert pc.validate() is True
    state = pc.genuine()
    assert state["state"] == "genuine" and state["reason"] is None and state["until"] is None
    assert state["last_validation"] == world.now and state["last_result"] == 0
    assert state["key"] == pc.connect().query(PRODUCT)[0].PartialProductKey
    assert [event.id for event in pc.events()] == [1067]


def test_a_key_that_was_marked_is_not(world):
    pc = world["PC1"]
    world.mark_non_genuine(key_of(world))
    assert pc.validate() is False
    state = pc.genuine()
    assert state["state"] == "invalid licence" and state["reason"] == 0xC004C003
    assert state["since"] == world.now and state["until"] == world.now + datetime.timedelta(days=30)
    assert pc.events(ids=[8209])[0].code == 0xC004C003
    product, = pc.connect().query(PRODUCT)
    assert product.LicenseStatus == slwmi.LicenseStatus.NON_GENUINE_GRACE
    with pytest.raises(slwmi.LicensingError) as refused:
        product.Activate()
    assert refused.value.hresult == 0xC004C003
    world.mark_non_genuine(key_of(world), False)
    assert pc.validate() is True


def test_grace_may_be_withheld(world):
    world.mark_non_genuine(key_of(world), grace=False)
    assert world["PC1"].validate() is False
    assert world["PC1"].genuine()["until"] is None
    assert world["PC1"].connect().query(PRODUCT)[0].LicenseStatusReason == 0xC004F200


def test_a_site_out_of_reach_gives_no_verdict(world):
    world.network.set_site("Ulm", internet=False)
    with pytest.raises(slwmi.WmiError) as out_of_reach:
        world["PC1"].validate()
    assert out_of_reach.value.hresult == 0x80072EE7
    assert world["PC1"].genuine()["state"] == "not validated"
    assert [event.id for event in world["PC1"].events()] == [8208]


def test_altered_files_and_an_altered_store(world):
    pc = world["PC1"]
    pc.tamper(files=True)
    assert pc.genuine()["state"] == "not validated"
    assert pc.validate() is False and pc.genuine()["reason"] == 0xC004F027 and pc.genuine()["state"] == "tampered"
    pc.tamper()
    assert pc.genuine()["reason"] == 0xC004D301


def test_uses_of_a_key(world):
    world.add_machine("KMS1", os="2008", role="kms-host")
    world["KMS1"].connect().query(PRODUCT)[0].Activate()
    key = world.product_key("Enterprise", "VOLUME_KMS", 1, os="2008")
    assert world.uses_of_key(key) == [{"machine": "KMS1", "installed": True, "kms_host": True, "status": 1}]
    for n in range(1, 6):
        world.add_machine(f"SRV{n}", os="2008")
        try:
            world[f"SRV{n}"].connect().query(PRODUCT)[0].Activate()
        except slwmi.LicensingError:
            pass
    assert [row["machine"] for row in world.uses_of_key(key)] == ["KMS1", "SRV5"]
    assert world.uses_of_key(world.product_key("Enterprise", "VOLUME_KMS", 2, os="2008")) == []
    with pytest.raises(slwmi.LicensingError):
        world.uses_of_key("nonsense")
