"""A KMS host from inside."""

import datetime

import pytest

import slwmi

UTC = datetime.timezone.utc


@pytest.fixture
def world():
    with slwmi.World.temporary(seed=7) as w:
        w.add_machine("KMS1", os="2008", role="kms-host")
        w.add_machine("PC1")
        yield w


def test_a_host_shows_its_table_counters_and_records(world):
    kms = world.machine("KMS1").kms
    assert kms["activated"] and kms["count"] == kms["capacity"] == kms["requests"] == 0
    record = {"domain": "contoso.com", "host": "KMS1.contoso.com", "port": 1688}
    assert kms["records"] == [record] and kms["registered"] == record and kms["next_publication"] is None
    world.machine("PC1").slmgr("/ato")
    kms = world.machine("KMS1").kms
    assert (kms["count"], kms["capacity"], kms["requests_by_status"][2]) == (1, 50, 1)
    client, = kms["clients"]
    with world.machine("PC1").connect() as session:
        assert client["id"] == session.query("SELECT * FROM SoftwareLicensingService")[0].ClientMachineID
    assert client["seen"] == datetime.datetime(2008, 3, 1, tzinfo=UTC)
    assert client["forgotten"] - client["seen"] == datetime.timedelta(days=30)
    assert kms["service_trouble"] is None and kms["timer_trouble"] is None


def test_troubles_are_codes(world):
    registry = world.machine("KMS1").registry(user="administrator")
    registry.set(r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\SL", "VLRenewalInterval", 5)
    assert world.machine("KMS1").kms["timer_trouble"] == 0x80070057
    assert world.machine("KMS1").kms["renewal_interval"] == 10080


def test_what_is_no_host_has_none(world):
    assert world.machine("PC1").kms is None
