"""Reports and health of a world in Python."""

import datetime
import xml.etree.ElementTree as ET

import pytest

import slwmi

ENVIRONMENT = r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment"


def activate(machine):
    product, = machine.connect().query("SELECT * FROM SoftwareLicensingProduct WHERE PartialProductKey <> NULL")
    product.Activate()


@pytest.fixture
def world():
    """Five servers, of which the last to ask is licensed."""
    with slwmi.World.temporary(seed=7) as w:
        activate(w.add_machine("KMS1", os="2008", role="kms-host"))
        for number in range(1, 6):
            server = w.add_machine(f"SRV{number}", os="2008")
            if number < 5:
                with pytest.raises(slwmi.WmiError):
                    activate(server)
            else:
                activate(server)
        yield w


def test_a_report_has_rows_figures_and_charts(world):
    report = world.report("Activation Count Summary")
    assert (report.name, report.title) == ("activation-count-summary", "Activation Count Summary")
    row, = report.rows
    assert list(row) == report.columns and row["Ever"] == row["1 day"] == 1 and len(report) == 1
    assert report.figures["activations ever"] == 1
    chart, = report.charts
    assert chart["series"] == {row["Edition"]: [1]} and chart["categories"] == ["2008-03-01"]
    assert report.at == world.now and report.notes == []


def test_all_reports_come_from_one_pass(world):
    reports = world.reports()
    assert [report.title for report in reports] == [
        "Activation Count Summary", "Virtual Machine Summary", "KMS Activity Summary", "Licensing Status Summary",
        "Machine Expiration Chart", "Machine Expiration Detail"]
    status = {row["Computer"]: row for row in reports[3].rows}
    assert status["SRV5.contoso.com"]["License state"] == "Licensed" and status["SRV5.contoso.com"]["Days left"] == 180
    assert status["SRV1.contoso.com"]["Until"] == datetime.datetime(2008, 3, 31, tzinfo=datetime.timezone.utc)
    page = ET.fromstring(slwmi.reports_html(reports))
    assert sum(1 for _ in page.iter("{http://www.w3.org/1999/xhtml}section")) == 6
    assert ET.fromstring(reports[0].to_html()) is not None


def test_unknown_names_are_refused(world):
    with pytest.raises(slwmi.NotFound):
        world.report("weekly")
    with pytest.raises(slwmi.NotFound):
        world.reports(hosts=["SRV1"])
    with pytest.raises(slwmi.NotFound):
        world.health(hosts=["SRV1"])


def test_health_now_and_over_time(world):
    world.network.close_port(1688, at="KMS1")
    world.advance(hours=9)
    health = world.health()
    host, = health.hosts
    assert host["name"] == "KMS1.contoso.com" and host["count"] == host["needed"] == 5
    activity = host["rules"]["activity"]
    assert activity["severity"] == health.worst == "Warning" and activity["advice"]
    assert activity["since"] == world.now - datetime.timedelta(hours=1)
    assert host["rules"]["count"]["severity"] == "Success"
    assert [row["Severity"] for row in health.history() if row["Rule"] == "activity"] == ["Success", "Warning"]
    assert len(health.report()) == 5


def test_the_computer_group(world):
    assert world.add_machine("KMS2", os="vista-rtm", role="kms-host", x64=True).x64
    assert not world.add_machine("KMS3", os="vista-rtm", role="kms-host").x64
    assert world.machine("KMS2").registry(user="system").get(ENVIRONMENT, "PROCESSOR_ARCHITECTURE") == "AMD64"
    world.remove_machine("KMS3")
    assert "KMS2" in world.reports()[0].notes[0]
    assert list(world.health(hosts=["KMS2"]).hosts[0]["rules"]) == ["agent"]
    world.add_to_computer_group("KMS2")
    assert world.computer_group == ["KMS2"] and world.reports()[0].notes == []
    with pytest.raises(slwmi.AlreadyExists):
        world.add_to_computer_group("KMS2")
    world.remove_from_computer_group("KMS2")
    assert world.computer_group == []


def test_the_doctor_names_the_row_of_the_guide(world):
    server = world.machine("SRV1")
    finding, = [f for f in server.doctor() if (f["table"], f["row"], f["check"]) == (1, 1, "state")]
    assert finding["verdict"] == "trouble" and "slmgr /ato" in finding["advice"]
    activate(server)
    assert server.doctor() == [] and all(f["verdict"] == "fine" for f in server.doctor(all=True))


def test_the_inventory_has_every_machine_and_adds_up(world):
    rows = world.inventory()
    assert [row["Computer"] for row in rows] == ["KMS1", "SRV1", "SRV2", "SRV3", "SRV4", "SRV5"]
    assert rows[5]["License state"] == "Licensed" and rows[5]["KMS host"] == "KMS1.contoso.com:1688"
    assert rows[0]["KMS service"] == "yes" and rows[0]["KMS count"] == 5
    assert world.inventory("status") == [{"License state": "Initial grace (OOB)", "Licenses": 4},
                                         {"License state": "Licensed", "Licenses": 2}]
    with pytest.raises(slwmi.InvalidArgument):
        world.inventory("colours")
