"""What the user of a machine sees, from Python, and service packs over it."""

import datetime

import pytest

import slwmi

PRODUCT = "SELECT * FROM SoftwareLicensingProduct WHERE PartialProductKey IS NOT NULL"
SL = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\SL"


@pytest.fixture
def world():
    with slwmi.World.temporary(seed=7) as w:
        w.add_machine("RTM1", os="vista-rtm", role="mak", edition="Business", site="Ulm")
        w.add_machine("PC1", role="mak")
        yield w


def test_a_grace_period(world):
    seen = world["PC1"].experience()
    assert seen["functionality"] == "full" and seen["status"] == "30 days left to activate Windows"
    assert seen["reminder"]["next"] == world.now + datetime.timedelta(days=3) and seen["reminder"]["every"] == 1440
    assert seen["logon_dialog"] is None and seen["watermark"] is None and seen["withheld"] == []
    world["PC1"].connect().query(PRODUCT)[0].Activate()
    seen = world["PC1"].experience()
    assert seen["status"] == "Windows is activated" and seen["reminder"] is None and seen["next_step"] is None


def test_settings_count(world):
    registry = world["PC1"].registry()
    registry.set(SL + r"\Activation", "NotificationDisabled", 1)
    assert world["PC1"].experience()["reminder"] is None
    registry.set(SL + r"\Activation", "Manual", 1)
    assert world["PC1"].experience()["next_step"] == "Automatic activation is off. Activate Windows now."
    assert world["RTM1"].experience()["anytime_upgrade"] == "offered"
    world["RTM1"].registry().set(r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\Explorer\WAU", "Disabled", 1)
    seen = world["RTM1"].experience()
    assert seen["anytime_upgrade"] == "refused" and "administrator" in seen["anytime_upgrade_message"]


def test_the_ends(world):
    world.advance(days=30)
    rtm, sp1 = world["RTM1"].experience(), world["PC1"].experience()
    assert rtm["functionality"] == "reduced" and rtm["session"] == 60
    assert [c["offered"] for c in rtm["logon_dialog"]["choices"]] == [True, True, True, False]
    world.network.set_site("Ulm", internet=False)
    assert [c["offered"] for c in world["RTM1"].experience()["logon_dialog"]["choices"]] == [True] * 4
    assert sp1["functionality"] == "notification" and sp1["background_reset"] == 60
    assert sp1["logon_dialog"]["delay"] == 15 and sp1["watermark"] == "Windows is not activated"


def test_the_same_for_queries(world):
    world.advance(days=30)
    row, = world["RTM1"].connect(user="standard", namespace=r"root\slwmi").query("SELECT * FROM SlwmiUserExperience")
    assert row.ComputerName == "RTM1" and row.Functionality == "reduced" and row.SessionLimit == 60
    assert row.LogonChoices[3] == "Show me other ways to activate" and row.LogonChoicesOffered[3] is False
    assert row.Reminder is None and row.NextReminder is None and row.GenuineState == "not validated"


def test_a_service_pack(world):
    machine = world["RTM1"]
    assert machine.upgrade_advice() == []
    with pytest.raises(slwmi.InvalidArgument):
        machine.upgrade("2008")
    with pytest.raises(slwmi.NotFound):
        machine.upgrade("vista-sp9")
    with pytest.raises(slwmi.InvalidArgument):
        world["PC1"].upgrade("vista-rtm")
    world.advance(days=30)
    key = machine.connect().query(PRODUCT)[0].PartialProductKey
    advice, = machine.upgrade()
    assert "reduced functionality" in advice and "3 left" in advice
    assert machine.profile == "vista-sp1-mak" and machine.version == "6.0.6001" and machine.edition == "Business"
    product, = machine.connect().query(PRODUCT)
    assert product.PartialProductKey == key and product.LicenseStatusReason == 0xC004F009
    assert product.LicenseStatus == slwmi.LicenseStatus.NOTIFICATION
    assert machine.experience()["functionality"] == "notification"


def test_another_installation(world):
    machine = world["PC1"]
    machine.tamper(files=True)
    machine.validate()
    machine.tamper()
    machine.reinstall()
    assert machine.events() == [] and machine.genuine()["state"] == "not validated"
    product, = machine.connect().query(PRODUCT)
    assert product.LicenseStatus == slwmi.LicenseStatus.OOB_GRACE and product.GracePeriodRemaining == 43200
    product.Activate()
    assert machine.validate() is True
