"""The network from Python: what was set shows, changes what machines get, and fails with its HRESULT."""

import datetime

import pytest

import slwmi


@pytest.fixture
def world():
    with slwmi.World.temporary(seed=7) as w:
        w.add_machine("KMS1", os="2008", role="kms-host", site="Berlin")
        w.add_machine("PC1", site="Ulm")
        yield w


def activate(world, machine):
    row, = world.machine(machine).connect().query(
        "SELECT * FROM SoftwareLicensingProduct WHERE PartialProductKey IS NOT NULL")
    try:
        row.Activate()
    except slwmi.WmiError as error:
        return error.hresult
    return 0


def test_hosts_publish_and_are_found(world):
    record, = world.network.lookup("PC1")
    assert record["host"] == "KMS1.contoso.com" and record["port"] == 1688 and record["written"] == world.now
    world.network.reach(world.machine("PC1"), "kms1.contoso.com")
    assert activate(world, "KMS1") == 0
    assert activate(world, "PC1") == 0xC004F038  # the count is low, but the host was asked
    assert [row["manual"] for row in world.network.records()] == [False]


def test_zones_and_records(world):
    net = world.network
    net.set_zone("contoso.com", updates="first-host")
    world.add_machine("KMS2", os="2008", role="kms-host")
    assert len(net.records("contoso.com")) == 1
    net.set_zone("contoso.com", writers=["KMS*"])
    assert net.zones == [{"name": "contoso.com", "updates": "first-host", "writers": ["KMS*"]}]
    world.machine("KMS2").restart()
    world.rename_machine("KMS2", "KMS3")
    assert {row["host"]: row["stale"] for row in net.records()} == {
        "KMS1.contoso.com": False, "KMS2.contoso.com": True, "KMS3.contoso.com": False}
    assert net.remove_record("contoso.com", "kms2.contoso.com") == 1
    net.add_record("fabrikam.com", "kms1.contoso.com", port=1700, priority=1, weight=2, ttl=60)
    assert net.lookup("PC1", "fabrikam.com")[0]["priority"] == 1
    net.set_other_records("empty.example")
    with pytest.raises(slwmi.WmiError) as caught:
        net.lookup("PC1", "empty.example")
    assert caught.value.hresult == 0x8007251D
    net.remove_zone("empty.example")
    with pytest.raises(slwmi.NotFound):
        net.remove_zone("empty.example")


def test_sites_links_and_ports(world):
    net = world.network
    net.set_site("Ulm", internet=False)
    assert {"name": "Ulm", "machines": 1, "internet": False} in net.sites
    net.cut_link("Ulm", until=datetime.timedelta(days=10))
    assert net.links[0]["until"] == world.now + datetime.timedelta(days=10) and not net.links[0]["open"]
    with pytest.raises(slwmi.WmiError) as caught:
        net.reach("PC1", "KMS1")
    assert caught.value.hresult == 0x800706BA
    net.open_link("Ulm", "Berlin")
    net.reach("PC1", "KMS1")
    net.close_port(at="KMS1")
    with pytest.raises(slwmi.WmiError):
        net.reach("PC1", "KMS1")
    net.open_port(who="site=Ulm", at="role=kms-host")
    net.reach("PC1", "KMS1")
    assert [row["open"] for row in net.ports] == [False, True]
    world.move_machine("PC1", site="Lab")
    assert world.machine("PC1").site == "Lab"
    with pytest.raises(slwmi.WmiError):
        net.reach("PC1", "KMS1")
    net.reset()
    net.reach("PC1", "KMS1")
    net.remove_site("Ulm")


def test_every_fault_has_its_code(world):
    net = world.network
    assert activate(world, "KMS1") == 0
    for kind, code in net.fault_kinds().items():
        if kind.startswith(("dns-update", "service", "clock")):
            continue
        name = net.add_fault(kind, who="PC1")
        if kind == "host-busy":
            world.machine("KMS1").slmgr("/cpri")
        assert activate(world, "PC1") == code, kind
        net.remove_fault(name)
    assert net.faults == [] and activate(world, "PC1") == 0xC004F038


def test_faults_take_windows_shares_and_names(world):
    net = world.network
    assert net.add_fault("host-unreachable", at="KMS1", start="2008-03-02", until="10d", one_in=3, of="machines",
                         seed=9, name="outage") == "outage"
    fault, = net.faults
    assert (fault["one_in"], fault["of"], fault["seed"], fault["at"]) == (3, "machines", 9, "KMS1")
    assert fault["start"].day == 2 and fault["until"].day == 11
    with pytest.raises(slwmi.AlreadyExists):
        net.add_fault("response-lost", name="Outage")
    for wrong in ({"kind": "flood"}, {"kind": "response-lost", "who": "planet=Mars"},
                  {"kind": "response-lost", "of": "days"}, {"kind": "response-lost", "until": "soon"},
                  {"kind": "response-lost", "one_in": 0}):
        with pytest.raises(slwmi.InvalidArgument):
            net.add_fault(**wrong)


@pytest.mark.parametrize("by", ["5h", 300, datetime.timedelta(hours=5), "-5h", -300])
def test_clocks(world, by):
    assert activate(world, "KMS1") == 0
    world.network.skew_clock("PC1", by)
    assert abs(world.network.faults[0]["skew"]) == 300
    assert activate(world, "PC1") == 0xC004F069
    with pytest.raises(slwmi.InvalidArgument):
        world.network.skew_clock("PC1", "never")
