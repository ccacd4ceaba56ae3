"""The Python package: sessions, objects, exceptions, policies. Run by pytest with the built package on its path."""

import json
import pathlib
import subprocess
import sys

import pytest

import slwmi

PRODUCTS = "SELECT * FROM SoftwareLicensingProduct"
SERVICE = "SELECT * FROM SoftwareLicensingService"


@pytest.fixture
def world():
    with slwmi.World.temporary(seed=7) as w:
        w.add_machine("PC1")
        w.add_machine("KMS1", os="2008", role="kms-host")
        yield w


def service(world, machine="PC1", **kwargs):
    return world.machine(machine).connect(**kwargs).query(SERVICE)[0]


def test_attributes_are_read_in_any_case_and_as_items(world):
    obj = service(world)
    assert obj.VLRenewalInterval == obj.vlrenewalinterval == obj["VLRENEWALINTERVAL"] == 10080
    assert obj.get("Nothing", 5) == 5
    assert "VLRenewalInterval" in obj and "Nothing" not in obj
    with pytest.raises(AttributeError):
        obj.Nothing
    with pytest.raises(KeyError):
        obj["Nothing"]
    assert not hasattr(obj, "OA3xOriginalProductKey")  # of later versions


def test_objects_convert_to_dict_and_json(world):
    session = world.machine("PC1").connect(user="standard")
    row, = session.query("SELECT Name, LicenseStatus, EvaluationEndDate FROM SoftwareLicensingProduct "
                         "WHERE PartialProductKey <> NULL")
    assert list(row) == ["Name", "LicenseStatus", "EvaluationEndDate"]
    assert dict(row)["LicenseStatus"] == slwmi.LicenseStatus.OOB_GRACE
    assert json.loads(row.to_json())["EvaluationEndDate"] == "16010101000000.000000-000"
    assert row.EvaluationEndDate.year == 1601
    assert "instance of SoftwareLicensingProduct" in str(row)


def test_methods_take_keywords_and_answer_return_values(world):
    obj = service(world, "KMS1")
    result = obj.SetVLRenewalInterval(RenewalInterval=120)
    assert result == 0 and result.ReturnValue == 0
    obj.refresh()
    assert obj.VLRenewalInterval == 120
    assert obj.SetVLRenewalInterval(240) == 0
    with pytest.raises(TypeError):
        obj.SetVLRenewalInterval(1, 2)


@pytest.mark.parametrize("call, kind, builtin, code", [
    (lambda w: service(w, "KMS1", user="standard").SetVLRenewalInterval(RenewalInterval=60),
     slwmi.AccessDenied, PermissionError, 0x80070005),
    (lambda w: service(w, "KMS1").SetVLRenewalInterval(RenewalInterval=14),
     slwmi.InvalidArgument, ValueError, 0x80070057),
    (lambda w: service(w, "PC1").SetVLRenewalInterval(RenewalInterval=60),
     slwmi.LicensingError, Exception, 0xC004F039),
    (lambda w: w.machine("PC1").connect().query("SELECT FROM"), slwmi.InvalidQuery, ValueError, 0x80041017),
    (lambda w: w.machine("PC1").connect().query("SELECT * FROM Nothing"), slwmi.InvalidClass, LookupError, 0x80041010),
    (lambda w: w.machine("PC1").connect(namespace="root\\nothing"), slwmi.InvalidNamespace, LookupError, 0x8004100E),
    (lambda w: w.machine("nobody"), slwmi.NotFound, LookupError, 0x80070490),
    (lambda w: w.add_machine("pc1"), slwmi.AlreadyExists, FileExistsError, 0x800700B7),
])
def test_failures_carry_their_hresult_and_change_nothing(world, call, kind, builtin, code):
    before = world.digest()
    with pytest.raises(kind) as caught:
        call(world)
    assert isinstance(caught.value, builtin)
    assert caught.value.hresult == code
    assert world.digest() == before


@pytest.mark.parametrize("character", ["\u00e9", "\u65e5", "\U0001f600"])
@pytest.mark.parametrize("call, code, names", [
    (lambda w, c: w.machine("PC1").connect().get(f"C.K={c}"), 0x8004103A, "{}"),
    (lambda w, c: w.compile_mof(f'class C {{ string S = "\\{c}"; }};'), 0x80044007, "\\{}"),
    (lambda w, c: w.confirmation_id("1" * 53 + c), 0xC004F02C, "{}"),
    (lambda w, c: slwmi.Policy.read({"policy": "p", "registry": [
        {"key": "HKLM\\SOFTWARE\\X", "value": "N", "type": "REG_DWORD", "data": "a" * 59 + c}]}),
     0x80070057, "registry[0].data"),
])
def test_a_failure_names_whole_characters(world, call, code, names, character):
    with pytest.raises(slwmi.WmiError) as caught:
        call(world, character)
    assert caught.value.hresult == code
    assert caught.value.token == names.format(character)


def test_a_policy_is_planned_pushed_seen_and_taken_away(world):
    policy = slwmi.Policy("kms", {"KeyManagementServiceName": "kms01.contoso.com", "VLActivationInterval": "1 hour"})
    plan = world.plan(policy, ["PC1"])
    assert plan.differs and plan.counts["add"] == 1 and plan.counts["change"] == 1
    world.apply(policy, ["PC1"])
    assert service(world).KeyManagementServiceMachine == "kms01.contoso.com"
    assert service(world).VLActivationInterval == 60
    assert not world.plan(policy, ["PC1"])
    assert [row["name"] for row in world.policies()] == ["kms"]
    world.remove_policy("kms", ["PC1"])
    assert service(world).KeyManagementServiceMachine is None
    assert service(world).VLActivationInterval == 120


def test_a_wrong_policy_lists_what_is_wrong():
    with pytest.raises(slwmi.InvalidArgument) as caught:
        slwmi.Policy("x", {"VLRenewalInterva": 5})
    assert "VLRenewalInterval" in str(caught.value)


def test_a_policy_that_no_text_made_has_no_places():
    lints = slwmi.Policy("a", {"VLRenewalInterval": 120}).lint("kms-client")
    assert lints and all(lint.startswith("warning: settings.VLRenewalInterval: ") for lint in lints)
    with pytest.raises(slwmi.InvalidArgument) as raised:
        slwmi.Policy("a", {"VLRenewalInterval": 120, "vlRenewalInterval": 60})
    assert "changes what settings.VLRenewalInterval changes already" in str(raised.value)


def test_an_unknown_role_is_refused_wherever_it_is_named(world):
    policy = slwmi.Policy("a", {"VLRenewalInterval": 120})
    assert policy.lint("KMS-Client") == policy.lint("kms-client")
    for ask in (lambda: policy.lint("zz"), lambda: world.add_machine("PC9", role="zz")):
        with pytest.raises(slwmi.NotFound) as raised:
            ask()
        assert raised.value.message.startswith('"zz" is no role; there are kms-client, kms-host')


def test_a_place_is_told_once():
    with pytest.raises(slwmi.InvalidArgument) as raised:
        slwmi.Policy.read(b'{"policy": "a", "settings": {"Manual": 2}}')
    assert str(raised.value).endswith("(E_INVALIDARG): settings.Manual: 2 is outside 0 to 1 at line 1, column 30")


def test_the_registry_is_the_one_that_queries_see(world):
    registry = world.machine("PC1").registry()
    sl = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\SL"
    registry.set(sl, "VLRenewalInterval", 77)
    assert service(world).VLRenewalInterval == 77
    registry.set(sl, "VLRenewalInterval", "text")  # of the wrong type: the default
    assert service(world).VLRenewalInterval == 10080
    with pytest.raises(PermissionError):
        world.machine("PC1").registry(user="standard").set(sl, "VLRenewalInterval", 5)


def test_names_of_the_registry_are_any_16_bit_units(world):
    registry = world.machine("PC1").registry(user="system")
    path, name = "HKLM\\SOFTWARE\\k\udc00", "a\ud800b"
    registry.set(path, name, "v\ud800")
    assert registry.get(path, name) == "v\ud800"
    assert registry.exists(path) and "k\udc00" in registry.keys("HKLM\\SOFTWARE")
    assert [each[0] for each in registry.values(path)] == [name]
    registry.delete(path, name)
    registry.delete_key(path)
    assert not registry.exists(path)


def test_so_are_the_texts_of_queries_and_classes(world):
    world.compile_mof('class Odd { [key] string K; uint8 N; }; instance of Odd { K = "\ud800"; N = 1; };')
    session = world["PC1"].connect()
    odd, = session.query('SELECT * FROM Odd WHERE K LIKE "_" AND K = "\ud800"')
    assert odd.K == "\ud800" and session.get(odd.path).N == session.read(odd.path, "N") == 1
    assert 'K = "\\xD800";' in odd.mof()
    with pytest.raises(slwmi.NotFound):
        session.get_class("\udfff")


@pytest.mark.parametrize(("selected", "count", "path", "server", "dynasty"), [
    ("*", 18, True, "PC1", "SoftwareLicensingProduct"),
    ("Name, ID", 2, True, "PC1", None),
    ("Name", 1, False, None, None),
    ("Name, __SERVER, __DYNASTY", 1, False, "PC1", "SoftwareLicensingProduct"),
])
def test_objects_of_a_select_list_speak_of_what_was_selected(world, selected, count, path, server, dynasty):
    row = world.machine("PC1").connect().query(f"SELECT {selected} FROM SoftwareLicensingProduct")[0]
    assert row["__PROPERTY_COUNT"] == count
    assert (row["__PATH"] is not None, row["__RELPATH"] is not None) == (path, path)
    assert (row["__SERVER"], row["__DYNASTY"]) == (server, dynasty)
    assert row["__NAMESPACE"] == ("root\\cimv2" if path else None)
    assert row["__CLASS"] == "SoftwareLicensingProduct"


def test_a_dotted_name_selects_the_embedded_object(world):
    world.compile_mof("""class Part { [key] string K; uint8 N; }; class Whole { [key] uint8 K; uint8 M; Part P; };
                         instance of Whole { K = 1; M = 2; P = instance of Part { K = "a"; N = 3; }; };""")
    whole, = world["PC1"].connect().query("SELECT P.N, M, P.K FROM Whole")
    assert list(whole) == ["P", "M"] and whole.P.N == 3 and whole.P.K == "a"


def test_reals_have_the_range_of_their_type(world):
    world.compile_mof("class Real { [key] uint8 K; real32 R; }; instance of Real { K = 1; R = 0.1; };")
    real = world["PC1"].connect().get("Real.K=1")
    assert "R = 0.1;" in real.mof()
    with pytest.raises(ValueError) as raised:
        real.R = 1e39
    assert raised.value.hresult == 0x8004102B and round(real.R, 6) == 0.1
    real.R = float("inf")
    assert "R = NULL;" in real.mof()


def test_the_clock_and_snapshots(world):
    world.snapshot("start")
    world.advance(days=31)
    row, = world.machine("PC1").connect().query(PRODUCTS + " WHERE PartialProductKey IS NOT NULL")
    assert row.LicenseStatus == slwmi.LicenseStatus.NOTIFICATION
    world.restore("start")
    assert world.now.year == 2008 and world.now.month == 3 and world.now.day == 1
    with pytest.raises(slwmi.AlreadyExists):
        world.snapshot("START")
    world.advance(days=1)
    world.snapshot("start", replace=True)
    assert world.snapshots == ["start"]
    world.restore("start")
    assert world.now.day == 2


def test_a_second_process_sees_a_change_at_once(tmp_path):
    path = tmp_path / "w.slwmi"
    world = slwmi.World.open(path)
    world.add_machine("PC1")
    session = world.machine("PC1").connect()
    assert session.query(SERVICE)[0].KeyManagementServiceMachine is None
    code = (f"import slwmi; w = slwmi.World.open({str(path)!r}); "
            "w.apply(slwmi.Policy('p', {'KeyManagementServiceName': 'kms9'}))")
    subprocess.run([sys.executable, "-c", code], check=True)
    assert session.query(SERVICE)[0].KeyManagementServiceMachine == "kms9"


def test_users_classes(world):
    world.compile_mof('class Lab { [key] string Name; uint32 Size; }; instance of Lab { Name = "a"; Size = 7; };')
    session = world.machine("PC1").connect()
    assert session.get('Lab.Name="a"').Size == 7
    new = session.spawn("Lab")
    new.Name, new.Size = "b", 9
    session.put(new)
    assert len(session.query("SELECT * FROM Lab WHERE Size > 5")) == 2
    with pytest.raises(slwmi.InvalidArgument) as caught:
        world.compile_mof("class Broken {\n  uint32 x\n};")
    assert caught.value.line == 3


EXAMPLES = sorted((pathlib.Path(__file__).parents[2] / "examples").glob("*.py"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda p: p.stem)
def test_examples_run(example):
    done = subprocess.run([sys.executable, str(example)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
