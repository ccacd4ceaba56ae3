"""Machine.slmgr: the script's text and exit code from Python, and a runbook as an administrator's script drives it."""

import re

import pytest

import slwmi


@pytest.fixture
def world():
    with slwmi.World.temporary(seed=7) as w:
        w.add_machine("PC1")
        w.add_machine("KMS1", os="2008", role="kms-host")
        yield w


def test_a_run_gives_text_and_exit_code(world):
    result = world.machine("PC1").slmgr("/dli")
    text, code = result
    assert (text, code) == (result.text, result.exit_code) and str(result) == text
    assert code == 0 and result.hresult is None
    assert result.lines[0] == "Name: Windows(TM) Vista, Enterprise edition"
    assert "DNS auto-discovery: KMS name not available from DNS" in result.lines


@pytest.mark.parametrize("words, user, exit_code, hresult, begins", [
    ((), "administrator", 1, None, "Usage: slmgr.vbs"),
    (("/nothing",), "administrator", 1, None, "Unrecognized option: /nothing"),
    (("/rearm",), "standard", -2147024891, 0x80070005, "Error: 0x80070005 Access denied"),
    (("/skms", ":1700"), "standard", 5, 5, "Error: 0x5 Access denied"),
    (("KMS9", "/dli"), "administrator", -2147023174, 0x800706BA, "No connection to the machine KMS9."),
    (("KMS1", "administrator", "any", "/sri", 1440), "standard", 0, None, "Volume renewal interval set to 1440"),
    (("/sai", 60), "administrator", 0, None, "Warning: "),
])
def test_failures_are_results_and_nothing_is_raised(world, words, user, exit_code, hresult, begins):
    result = world.machine("PC1").slmgr(*words, user=user)
    assert (result.exit_code, result.hresult) == (exit_code, hresult)
    assert result.text.startswith(begins)


def test_any_text_goes_in_and_comes_out(world):
    for name in ("kms-\u00e9", "kms\ud800", "a" * 256, "x\0y"):
        result = world.machine("PC1").slmgr("/skms", name)
        assert result.exit_code in (0, -2147024773), name  # or "no host name"
        if result.exit_code == 0:
            assert f"Registered KMS machine name: {name}:1688" in world.machine("PC1").slmgr("/dli").lines


def test_an_unknown_user_of_the_simulation_is_an_error(world):
    with pytest.raises(slwmi.InvalidArgument):
        world.machine("PC1").slmgr("/dli", user="jane")


def test_a_licence_file_is_read_from_disk(world, tmp_path):
    path = tmp_path / "license.xrm-ms"
    path.write_text("<nothing/>", encoding="utf-16")
    assert world.machine("PC1").slmgr("/ilc", path).hresult == 0xC004F01F
    assert world.machine("PC1").slmgr("/ilc", tmp_path / "missing").hresult == 0x80070002


def shown(result):
    """Labels and values, as inventory scripts read them."""
    return dict(re.findall(r"^\s*([^:\n]+): (.*)$", result.text, re.M))


def test_a_runbook_moves_five_servers_to_a_new_host(world):
    world.add_machine("KMS2", os="2008", edition="Datacenter")  # a KMS client until it gets its key
    servers = [world.add_machine(f"SRV{n}", os="2008") for n in range(5)]
    admin = world.machine("PC1")

    # The new host: key, online activation, port, DNS.
    key = world.product_key("Datacenter", "VOLUME_KMS", 4)
    for words in (("/ipk", key), ("/ato",), ("/sprt", 1701), ("/sdns",), ("/spri",), ("/sri", 1440)):
        assert admin.slmgr("KMS2", *words).exit_code == 0, words
    assert shown(admin.slmgr("KMS2", "/dli"))["Listening on Port"] == "1701"

    # The clients: pointed at it and activated, until the count is reached; then all once more.
    for server in servers:
        assert admin.slmgr(server.name, "/skms", "kms2.contoso.com:1701").exit_code == 0
    first = [server.slmgr("/ato").hresult for server in servers]
    assert first == [0xC004F038] * 4 + [None]
    assert all("Product activated successfully." in server.slmgr("/ato").lines for server in servers)

    client = shown(servers[0].slmgr("/dlv"))
    host = shown(admin.slmgr("KMS2", "/dlv"))
    assert client["License Status"] == "Licensed"
    assert client["Registered KMS machine name"] == "kms2.contoso.com:1701"
    assert client["KMS machine extended PID"] == host["Extended PID"]
    assert client["Renewal interval"] == "1440 minute(s)"
    assert host["Current count"] == "5"
    assert host["Total requests received"] == "10"

    # Every shown number is what WMI has.
    session = servers[0].connect(user="standard")
    product, = session.query("SELECT * FROM SoftwareLicensingProduct WHERE PartialProductKey <> NULL")
    service, = session.query("SELECT * FROM SoftwareLicensingService")
    minutes, days = re.match(r"(\d+) minutes \((\d+) days\)", client["Volume activation expiration"]).groups()
    assert int(minutes) == product.GracePeriodRemaining and int(days) == int(minutes) // 1440
    assert client["ActivationID"] == product.ID
    assert client["Client Machine ID (CMID)"] == service.ClientMachineID
