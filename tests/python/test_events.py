"""The event logs of a machine in Python."""

import datetime
import pathlib
import subprocess
import xml.etree.ElementTree as ET

import pytest

import slwmi

SCHEMA = "{http://schemas.microsoft.com/win/2004/08/events/event}"


@pytest.fixture
def world():
    """A client that was told the host's count once, and could not reach it once."""
    with slwmi.World.temporary(seed=7) as w:
        pc = w.add_machine("PC1")
        w.add_machine("KMS1", os="2008", role="kms-host")
        product, = pc.connect().query("SELECT * FROM SoftwareLicensingProduct WHERE PartialProductKey <> NULL")
        with pytest.raises(slwmi.WmiError):
            product.Activate()
        w.advance(hours=1)
        registry = pc.registry()
        registry.set(r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\SL", "KeyManagementServiceName", "nowhere")
        with pytest.raises(slwmi.WmiError):
            product.Activate()
        yield w


def test_events_have_the_parameters_of_the_guide_by_label(world):
    sent, processed, failed = world.machine("PC1").events(ids=[12288, 12289])
    assert len(world.machine("PC1").events(ids={12288, 12289})) == 3
    assert (sent.id, processed.id, failed.id) == (12288, 12289, 12288)
    assert list(sent.parameters) == ["HRESULT", "Status", "Server:Port", "CMID", "Client Time", "VM Info",
                                     "Licensing Status", "Time to Expiration", "ActID", "N-Policy"]
    assert sent.parameters["Server:Port"] == "KMS1.contoso.com:1688"
    assert sent.parameters["Client Time"] == "2008/3/1 0:00"
    assert processed.parameters["Client Time"] == "3/1/2008 0:00"
    assert processed.parameters["Count"] == "1" and processed.code == 0
    assert processed.parameters["Status"] == "0x4000008"  # not enough computers
    assert processed.flags == ["SL_VL_BINDING_STATUS_OTHER_PC", "SL_VL_BINDING_ERROR_NOT_ENOUGH_COUNT"]
    assert failed.parameters["Server:Port"] == "nowhere:1688" and failed.code == 0x800706BA
    assert sent.strings == [",".join(sent.parameters.values())]
    assert sent.message.endswith("Info:\r\n" + sent.strings[0])
    assert sent.time == sent.world_time == datetime.datetime(2008, 3, 1, tzinfo=datetime.timezone.utc)
    assert sent.computer == "PC1.contoso.com" and sent.log == "Application" and sent.type == "Information"


def test_the_host_logs_who_asked(world):
    served, = world.machine("KMS1").events(log="Key Management Service")
    assert served.id == 12290 and served.parameters["Machine"] == "PC1.contoso.com"
    assert served.number == 1 and "12290" in repr(served)


def test_filters(world):
    pc = world.machine("PC1")
    everything = pc.events()
    assert pc.events(newest_first=True)[0].number == everything[-1].number
    assert [e.number for e in pc.events(last=1)] == [everything[-1].number]
    assert all(e.code for e in pc.events(errors=True))
    assert len(pc.events(until=datetime.datetime(2008, 3, 1))) == len(pc.events(until="2008-03-01")) > 0
    assert pc.events(since="2008-03-01T00:30") and not pc.events(since="2009-01-01")
    with pytest.raises(slwmi.InvalidArgument):
        pc.events(log="System")


def test_xml_is_what_windows_exports(world, tmp_path):
    document = slwmi.events_xml(world.machine("PC1").events())
    path = tmp_path / "events.xml"
    path.write_text(document, encoding="utf-8", newline="")
    assert subprocess.run(["xmllint", "--noout", str(path)]).returncode == 0
    schema = pathlib.Path(__file__).parent.parent / "cases" / "windows_event.xsd"
    for machine in ("PC1", "KMS1"):
        for event in world.machine(machine).events():
            path.write_text(event.to_xml(), encoding="utf-8", newline="")
            assert subprocess.run(["xmllint", "--noout", "--schema", str(schema), str(path)]).returncode == 0
    events = ET.fromstring(document.encode()).findall(SCHEMA + "Event")
    assert len(events) == len(world.machine("PC1").events())
    assert events[0].find(f"{SCHEMA}System/{SCHEMA}Provider").get("Name") == "Microsoft-Windows-Security-Licensing-SLC"


def test_clearing_keeps_the_numbers_and_needs_what_was_seen(world):
    kms = world.machine("KMS1")
    assert kms.logs["Key Management Service"]["records"] == 1
    with pytest.raises(slwmi.WmiError):
        kms.clear_log("Key Management Service", newest=0)
    kms.clear_log("Key Management Service", newest=1)
    totals = kms.logs["Key Management Service"]
    assert (totals["records"], totals["newest"]) == (0, 1)
    assert kms.events(log="kms") == []
