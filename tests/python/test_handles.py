"""Worlds, machines, sessions and registries as handles: closing, sharing between threads, conversions at the edges."""

import collections.abc
import copy
import datetime
import errno
import json
import os
import pickle
import threading

import pytest

import slwmi

SL = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\SL"
SERVICE = "SELECT * FROM SoftwareLicensingService"


@pytest.fixture
def world():
    with slwmi.World.temporary(seed=7) as w:
        w.add_machine("PC1")
        w.add_machine("KMS1", os="2008", role="kms-host")
        yield w


def test_a_closed_world_refuses_and_so_does_all_that_came_from_it(tmp_path):
    with slwmi.World.open(tmp_path / "w.slwmi") as world:
        machine = world.add_machine("PC1")
        session, registry = machine.connect(), machine.registry()
        obj, = session.query(SERVICE)
        assert not world.closed
    assert world.closed and repr(world) == "<World, closed>"
    for use in (lambda: world.now, lambda: len(world), lambda: machine.name, machine.connect, lambda: registry.get(SL),
                lambda: session.query(SERVICE), obj.refresh, lambda: obj.ReArmWindows(), world.__enter__):
        with pytest.raises(ValueError) as caught:
            use()
        assert caught.value.hresult == 0x80070006
    assert obj.VLRenewalInterval == 10080  # what was read stays
    world.close()
    with slwmi.World.open(tmp_path / "w.slwmi") as again:
        assert again.machine_names == ["PC1"]


class BytesPath:
    def __init__(self, path):
        self.path = os.fsencode(path)

    def __fspath__(self):
        return self.path


def test_a_path_is_text_bytes_or_a_pathlike_without_a_nul(tmp_path, monkeypatch):
    for name, as_given in [("a", str), ("b", os.fsencode), ("c", BytesPath), ("d", os.fspath)]:
        with slwmi.World.create(as_given(tmp_path / name)):
            assert (tmp_path / name).exists()
    monkeypatch.chdir(tmp_path)
    for make in (slwmi.World.create, slwmi.World.open):
        for path in ("yy\0zz.slwmi", b"yy\0zz.slwmi", BytesPath("yy\0zz.slwmi")):
            with pytest.raises(ValueError):
                make(path)
        with pytest.raises(TypeError):
            make(5)
    assert not (tmp_path / "yy").exists()


CLASSES = [value for value in vars(slwmi._core).values() if isinstance(value, type)]


@pytest.mark.parametrize("cls", CLASSES, ids=lambda c: c.__name__)
def test_objects_come_from_the_package_only(cls):
    if cls in (slwmi.Policy, slwmi.ComputerList):
        unmade = cls.__new__(cls)
        for use in [repr, len]:
            with pytest.raises(TypeError):
                use(unmade)
    else:
        with pytest.raises(TypeError):
            cls()
        with pytest.raises(TypeError):
            cls.__new__(cls)
        with pytest.raises(TypeError):
            type("Sub", (cls,), {})()
    with pytest.raises(TypeError):
        object.__new__(cls)


def test_objects_have_no_pickle_and_no_copy(world):
    machine = world["PC1"]
    session = machine.connect()
    policy = slwmi.Policy("p", {"Manual": 1})
    for each in (world, machine, session, machine.registry(), machine.registry().transaction(), world.network, policy,
                 world.plan(policy), slwmi.ComputerList(), machine.vamt(), session.get_class("SoftwareLicensingService"),
                 session.query(SERVICE)[0], world.reports()[0], world.health()):
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            with pytest.raises(TypeError, match="cannot pickle"):
                pickle.dumps(each, protocol)
        with pytest.raises(TypeError):
            each.__reduce__()
        with pytest.raises(TypeError):
            copy.copy(each)


def test_a_class_with_a_constructor_may_be_derived_from():
    class Manual(slwmi.Policy):
        def __init__(self, name):
            super().__init__(name, {"Manual": 1})

    assert len(Manual("p")) == 1 and Manual("p").name == "p"


def test_a_closed_session_refuses_and_the_world_goes_on(world):
    with world["PC1"].connect() as session:
        assert session.namespace == "root\\cimv2" and session.server == "PC1"
    with pytest.raises(slwmi.InvalidArgument):
        session.query(SERVICE)
    with world["PC1"].registry() as registry:
        assert registry.exists(SL)
    with pytest.raises(slwmi.InvalidArgument):
        registry.exists(SL)
    for closed in (session, registry):
        with pytest.raises(slwmi.InvalidArgument), closed:
            pass
    assert world["PC1"].name == "PC1"


def test_sessions_outlive_the_names_of_what_they_stand_on():
    session = slwmi.World.temporary().add_machine("PC1").connect()
    assert session.query(SERVICE)[0].VLActivationInterval == 120


def test_a_machine_that_is_gone_has_a_text_all_the_same():
    with slwmi.World.temporary() as world:
        kept, removed = world.add_machine("PC1"), world.add_machine("PC2")
        world.remove_machine("PC2")
        assert repr(kept) == "<Machine PC1 vista-sp1-kms-client>"
        assert repr(removed) == "<Machine, removed>"
    assert repr(kept) == repr(removed) == "<Machine, closed>"


def test_a_world_holds_machines(world):
    assert bool(slwmi.World.temporary()) and len(world) == 2
    assert [m.name for m in world] == [m.name for m in world.machines] == world.machine_names == ["KMS1", "PC1"]
    assert "pc1" in world and "PC2" not in world
    assert world["pc1"] == world.machine("PC1") != world["KMS1"] and world["PC1"] != "PC1"
    assert len({world["PC1"], world["pc1"]}) == 1
    with pytest.raises(KeyError):
        world["PC2"]


def test_threads_may_share_a_session_and_a_world(world):
    session, registry = world["PC1"].connect(), world["PC1"].registry()
    failures = []

    def work(number):
        try:
            for i in range(40):
                assert session.query(SERVICE)[0].Version == "6.0.6001.18000"
                registry.set(r"HKLM\SOFTWARE\Contoso", f"v{number}", i)
                assert registry.get(r"HKLM\SOFTWARE\Contoso", f"v{number}") == i
                assert session.read(f'SoftwareLicensingService.Version="6.0.6001.18000"', "VLRenewalInterval") == 10080
                world["KMS1"].connect().call('SoftwareLicensingService.Version="6.0.6001.18000"', "SetVLRenewalInterval",
                                             RenewalInterval=100 + number)
        except Exception as error:  # noqa: BLE001: the main thread tells
            failures.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(registry.values(r"HKLM\SOFTWARE\Contoso")) == 4


def test_another_thread_runs_while_the_world_works(world):
    ticks = []
    stop = threading.Event()

    def count():
        while not stop.wait(0.0005):
            ticks.append(1)

    thread = threading.Thread(target=count)
    thread.start()
    world.add_machines(f"M{n:05}" for n in range(20_000))
    world.apply(slwmi.Policy("p", {"KeyManagementServiceName": "kms"}))
    stop.set()
    thread.join()
    assert len(ticks) > 1


def test_objects_are_mappings(world):
    row, = world["PC1"].connect().query("SELECT Name, ID FROM SoftwareLicensingProduct WHERE PartialProductKey <> NULL")
    assert isinstance(row, collections.abc.Mapping)
    assert dict(row) == row.to_dict() == {**row} == dict(row.items()) and len(row) == 2
    assert list(zip(row.keys(), row.values())) == list(row.items())
    assert json.loads(row.to_json()) == row.to_dict(json=True)
    match row:
        case {"Name": name}:
            assert name == row.Name


@pytest.mark.parametrize("real", ["nan", "inf", "-inf"])
def test_what_json_has_not_is_not_written(world, real):
    world.compile_mof("class Lab { [key] string Name; real64 R; real64 A[]; };")
    lab = world["PC1"].connect().spawn("Lab")
    for name, value in [("R", float(real)), ("A", [1.0, float(real)])]:
        lab[name] = value
        with pytest.raises(ValueError):
            lab.to_json()
        lab[name] = None
        assert json.loads(lab.to_json())[name] is None


def test_lists_of_an_object_are_the_callers_own(world):
    world.compile_mof('class Lab { [key] string Name; string Rooms[]; }; instance of Lab { Name = "a"; Rooms = {"x"}; };')
    session = world["PC1"].connect()
    lab = session.get('Lab.Name="a"')
    lab.Rooms.append("y")
    assert lab.Rooms == ["x"]
    lab["rooms"] = ["y", "z"]
    session.put(lab)
    assert session.get('Lab.Name="a"').Rooms == ["y", "z"]
    with pytest.raises(KeyError):
        lab["Nothing"] = 1
    with pytest.raises(AttributeError):
        lab.Nothing = 1
    with pytest.raises(AttributeError):
        del lab.Rooms


def test_an_object_is_read_again_after_its_class_was_declared_anew(world):
    world.compile_mof('class Lab { [key] string Name; }; instance of Lab { Name = "a"; };')
    lab = world["PC1"].connect().get('Lab.Name="a"')
    assert lab.Name == "a"
    world.compile_mof("class Lab { [key] string Name; " + " ".join(f"uint32 P{i} = {i};" for i in range(100)) + " };")
    lab.refresh()
    assert lab.Name == "a" and len(lab) == 101
    assert [lab[f"P{i}"] in (None, i) for i in range(100)] == [True] * 100
    row, = world["PC1"].connect().query("SELECT VLRenewalInterval FROM SoftwareLicensingService")
    with pytest.raises(slwmi.InvalidArgument):
        row.refresh()


@pytest.mark.parametrize("kind, given, read", [
    ("uint64", 2**64 - 1, 2**64 - 1), ("sint64", -2**63, -2**63), ("boolean", True, True), ("string", "h\ud800", "h\ud800"),
    ("real64", 1, 1.0), ("uint8[]", b"\x00\xff", [0, 255]), ("uint8[]", bytearray(b"\x00\xff"), [0, 255]), ("uint64[]", [1, 2**64 - 1], [1, 2**64 - 1]),
    ("real64[]", [1, 2.5], [1.0, 2.5]), ("string[]", (), []), ("uint32", None, None),
    ("datetime", datetime.datetime(2008, 3, 1, 12, 30, 0, 5, datetime.timezone.utc),
     datetime.datetime(2008, 3, 1, 12, 30, 0, 5, datetime.timezone.utc)),
    ("datetime", datetime.datetime(2008, 3, 1, 12, tzinfo=datetime.timezone(datetime.timedelta(hours=2))),
     datetime.datetime(2008, 3, 1, 10, tzinfo=datetime.timezone.utc)),
    ("datetime", datetime.timedelta(days=3, seconds=5, microseconds=7), datetime.timedelta(days=3, seconds=5, microseconds=7)),
    ("datetime", "20080301******.******+000", "20080301******.******+000"),
])
def test_values_come_back_as_they_were_given(world, kind, given, read):
    array = "[]" if kind.endswith("[]") else ""
    world.compile_mof(f"class T {{ [key] string K; {kind.removesuffix('[]')} V{array}; }};")
    session = world["PC1"].connect()
    new = session.spawn("T")
    new.K, new.V = "k", given
    session.put(new)
    assert session.get("T='k'").V == read


@pytest.mark.parametrize("given, kind", [
    (2**64, slwmi.WmiError), (-1, slwmi.WmiError), ("many", slwmi.TypeMismatch), ([1], slwmi.TypeMismatch),
    ([1, "a"], slwmi.TypeMismatch), ([None], slwmi.TypeMismatch), ([[1]], slwmi.TypeMismatch), (object(), slwmi.TypeMismatch),
    ({1: 2}, slwmi.TypeMismatch), (1 + 2j, slwmi.TypeMismatch), (float("inf"), slwmi.WmiError),
    (datetime.timedelta(-1), slwmi.WmiError),
])
def test_values_that_do_not_fit_are_refused(world, given, kind):
    service, = world["KMS1"].connect().query(SERVICE)
    before = world.digest()
    with pytest.raises(kind):
        service.SetVLRenewalInterval(RenewalInterval=given)
    assert world.digest() == before


@pytest.mark.parametrize("given", [14, 43201, 2**32, 2**64, 10**30, -1, -2**31 - 1, -2**63 - 1, str(2**32), str(2**64), 1e30])
def test_an_interval_is_out_of_range_however_far(world, given):
    service, = world["KMS1"].connect().query(SERVICE)
    with pytest.raises(slwmi.InvalidArgument) as raised:
        service.SetVLRenewalInterval(RenewalInterval=given)
    assert raised.value.hresult == 0x80070057


@pytest.mark.parametrize("use", [
    lambda w: w.plan(slwmi.Policy("p", {"Manual": 1}), [5]),
    lambda w: w.plan(slwmi.Policy("p", {"Manual": 1}), b"PC1"),
    lambda w: w.plan(slwmi.Policy("p", {"Manual": 1}), [None]),
    lambda w: w.plan_removal("all", range(3)),
    lambda w: w.advance("5"),
    lambda w: w.add_machines(["PC2", 5]),
    lambda w: w.add_machines("XY"),
    lambda w: w.network.lookup([1]),
    lambda w: w.network.reach(True, "x"),
    lambda w: w.network.skew_clock("all", []),
    lambda w: w["PC1"].vamt().confirm(slwmi.ComputerList(), [1]),
    lambda w: w["PC1"].events(log=5),
    lambda w: slwmi.events_xml([5]),
])
def test_arguments_of_a_wrong_type_are_type_errors(world, use):
    before = world.digest()
    with pytest.raises(TypeError):
        use(world)
    assert world.digest() == before


@pytest.mark.parametrize("by", [-1, float("nan"), float("inf"), 1e300, datetime.timedelta(-1)])
def test_the_clock_takes_no_time_that_it_cannot_show(world, by):
    with pytest.raises(slwmi.InvalidArgument):
        world.advance(by)
    assert world.now == datetime.datetime(2008, 3, 1, tzinfo=datetime.timezone.utc)


def test_errors_fit_builtins_and_say_errno_and_winerror(world, tmp_path):
    with pytest.raises(FileNotFoundError) as missing:
        world["PC1"].registry().get(r"HKLM\SOFTWARE\Nothing")
    assert missing.value.errno == errno.ENOENT and missing.value.winerror == 2
    assert isinstance(missing.value, KeyError) and "0x80070002" in str(missing.value)
    with pytest.raises(PermissionError) as denied:
        world["PC1"].registry(user="standard").create(r"HKLM\SOFTWARE\New")
    assert denied.value.errno == errno.EACCES and denied.value.winerror == 5
    with pytest.raises(FileExistsError) as there:
        slwmi.World.create(tmp_path)
    assert there.value.errno == errno.EEXIST and there.value.hresult == 0x800700B7
    with pytest.raises(OSError):
        (tmp_path / "text").write_text("no world")
        slwmi.World.open(tmp_path / "text")
    with pytest.raises(KeyError):
        world["PC1"].connect().get('SoftwareLicensingProduct.ID="x"')
    again = pickle.loads(pickle.dumps(denied.value))
    assert (type(again), again.hresult, str(again), again.errno) == (
        slwmi.AccessDenied, 0x80070005, str(denied.value), errno.EACCES)


@pytest.mark.parametrize("use", [
    slwmi.Policy.read, slwmi.ComputerList.load, lambda path: slwmi.ComputerList().save(path),
], ids=["policy", "list", "save"])
def test_files_that_are_missing_or_denied_say_so_with_their_code(tmp_path, use):
    (tmp_path / "file").write_text("")
    for path, kind, hresult in [
            (str(tmp_path / "none" / "x"), FileNotFoundError, 0x80070002),
            (tmp_path / "none" / "x", FileNotFoundError, 0x80070002),
            (str(tmp_path / "file" / "x"), FileNotFoundError, 0x80070003),
            (str(tmp_path), PermissionError, 0x80070005)]:
        with pytest.raises(kind) as caught:
            use(path)
        assert isinstance(caught.value, slwmi.WmiError)
        assert caught.value.hresult == hresult and caught.value.name
        assert caught.value.filename == path and str(path) in str(caught.value)
        assert pickle.loads(pickle.dumps(caught.value)).filename == path
    with pytest.raises(ValueError):
        use(str(tmp_path / "a\0b"))
    with pytest.raises(TypeError):
        use(None)


def test_a_list_is_saved_under_a_path_of_bytes(tmp_path):
    slwmi.ComputerList().save(os.fsencode(tmp_path / "list.xml"))
    assert [each.name for each in tmp_path.iterdir()] == ["list.xml"]
    assert slwmi.ComputerList.load(BytesPath(tmp_path / "list.xml")) == slwmi.ComputerList()


def test_a_list_that_cannot_be_saved_leaves_nothing_behind(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "full.new").symlink_to("/dev/full")
    for name, kind in [("folder", PermissionError), ("full", OSError)]:
        with pytest.raises(kind):
            slwmi.ComputerList().save(tmp_path / name)
    assert [each.name for each in tmp_path.iterdir()] == ["folder"]


def test_a_path_without_keys_is_a_class_and_its_static_methods_are_callables(world):
    with world["PC1"].connect(namespace="root\\default") as session:
        provider = session.get("StdRegProv")
        assert provider.name == "StdRegProv" and "GetStringValue" in provider.methods
        result = provider.GetStringValue(sSubKeyName=r"SOFTWARE\Microsoft\Windows NT\CurrentVersion", sValueName="ProductName")
        assert result == 0 and result.sValue.startswith("Windows Vista")
        assert provider.EnumKey(0x80000002, "SOFTWARE").sNames
        assert "class StdRegProv" in provider.mof()
        assert not hasattr(provider, "Nothing")
        with pytest.raises(slwmi.NotFound):
            provider.qualifiers("Nothing")
    assert world["PC1"].connect().get_class("SoftwareLicensingService").qualifiers("VLRenewalInterval")["Units"] == "minutes"


def test_the_registry_does_all_that_a_registry_does(world):
    registry = world["PC1"].registry()
    key = r"HKLM\SOFTWARE\Contoso"
    assert registry.create(key + r"\Sub") and not registry.create(key)
    for name, value, kind in [("n", 7, "REG_DWORD"), ("q", 2**40, "REG_QWORD"), ("s", "text", "REG_SZ"), ("m", ["a", "b"], "REG_MULTI_SZ"),
                              ("b", b"\x01", "REG_BINARY"), ("", "default", "REG_SZ")]:
        registry.set(key, name, value)
        assert registry.get(key, name) == value
        assert (name, value, kind) in registry.values(key)
    registry.set(key, "b", bytearray(b"\x00\x02"))
    assert registry.get(key, "b") == b"\x00\x02"
    registry.set(key, "q", 7, "REG_QWORD")
    registry.set(key, "e", "%x%", "REG_EXPAND_SZ")
    assert registry.get(key) == "default" and registry.keys(key) == ["Sub"]
    for bad in [(-1, ""), (2**64, ""), (True, ""), (None, ""), (1.5, ""), (["a", 1], ""), (2**32, "REG_DWORD"), ("x", "REG_DWORD"), ("x", "REG_X")]:
        with pytest.raises(slwmi.WmiError):
            registry.set(key, "bad", *bad)
    assert registry.last_write(key) == world.now
    file = registry.export_reg(key)
    registry.delete(key, "n")
    with pytest.raises(slwmi.AccessDenied):
        registry.delete_key(key)
    registry.delete_tree(key)
    assert not registry.exists(key)
    assert registry.import_reg(file) == []
    assert registry.export_reg(key) == file
    (line, problem), = registry.import_reg(file + "nonsense\r\n".encode("utf-16le"))
    assert line > 1 and problem
    with pytest.raises(slwmi.InvalidArgument):
        registry.import_reg(file + "nonsense\r\n".encode("utf-16le"), strict=True)


def test_values_of_any_type_can_be_set_as_they_are_read(world):
    registry = world["PC1"].registry()
    key = r"HKLM\SOFTWARE\Contoso"
    for kind, read in [("74565", "74565"), ("0x12345", "74565"), ("4294967295", "4294967295"), ("0x4", "REG_DWORD"),
                       ("REG_DWORD_BIG_ENDIAN", "REG_DWORD_BIG_ENDIAN"), ("reg_none", "REG_NONE")]:
        registry.set(key, "v", b"\x01\x02\x03", kind)
        assert registry.values(key) == [("v", b"\x01\x02\x03", read)]
        registry.set(key, *registry.values(key)[0])
        assert registry.values(key) == [("v", b"\x01\x02\x03", read)]
    for bad in ("4294967296", "-1", "0x", "1.5", " 3", "REG_X"):
        with pytest.raises(slwmi.InvalidArgument, match="no registry type"):
            registry.set(key, "v", b"", bad)


def test_security_is_sddl_both_ways_and_holds(world):
    registry = world["PC1"].registry()
    key = r"HKLM\SOFTWARE\Contoso"
    registry.create(key)
    assert registry.security(key).startswith("O:BA")
    registry.set_security(key, "D:P(A;CI;KA;;;BA)")
    assert "D:P(A;CI;KA;;;BA)" in registry.security(key)
    with pytest.raises(slwmi.AccessDenied):
        world["PC1"].registry(user="standard").values(key)
    for bad in ["", "D:(A;CI;KA;;;BA", "D:(A;CI;KA;;;XX)", "nonsense"]:
        with pytest.raises(slwmi.InvalidArgument):
            registry.set_security(key, bad)


def test_a_transaction_is_all_or_nothing_and_nests(world):
    registry = world["PC1"].registry()
    key = r"HKLM\SOFTWARE\Contoso"
    with pytest.raises(ZeroDivisionError), registry.transaction():
        registry.set(key, "a", 1)
        assert registry.get(key, "a") == 1
        1 / 0
    assert not registry.exists(key)
    generation = world.generation
    with registry.transaction():
        registry.set(key, "a", 1)
        with pytest.raises(ZeroDivisionError), registry.transaction():
            registry.set(key, "b", 2)
            1 / 0
        with registry.transaction():
            registry.set(key, "c", 3)
        assert not world["PC1"].registry().exists(key)
    assert [name for name, _, _ in registry.values(key)] == ["a", "c"]
    assert world.generation == generation + 1


def test_machines_of_a_push_are_a_target_a_machine_or_names(world):
    world.add_machines(["PC2", "LAB1"], os="vista-rtm", role="mak")
    policy = slwmi.Policy("p", {"Manual": 1})
    for machines, expected in [("all", 4), ("PC*", 2), ("role=kms-host", 1), ("os=vista-rtm !LAB1", 1), ("PC1", 1), (world["PC1"], 1),
                               (["PC1", world["LAB1"]], 2), (None, 4), ([], 0),
                               ("wmi=SELECT * FROM Win32_OperatingSystem WHERE ServicePackMajorVersion = 0", 2)]:
        assert world.plan(policy, machines).machines == expected
    for machines, kind in [("PC9", slwmi.NotFound), ("", slwmi.InvalidArgument), (["PC9"], slwmi.NotFound), ("role=", slwmi.InvalidArgument)]:
        with pytest.raises(kind):
            world.apply(policy, machines)
    with pytest.warns(UserWarning, match="PC9"):
        assert world.plan(policy, "PC1 PC9").machines == 1


def test_a_policy_is_a_document_both_ways(world):
    policy = slwmi.Policy.read({"policy": "p", "settings": {"Manual": True, "VLRenewalInterval": "2 days"},
                                "registry": [{"key": "HKLM\\SOFTWARE\\Contoso", "value": "v", "type": "REG_SZ", "data": "d"}]})
    for form in ("json", "info", "xml"):
        assert slwmi.Policy.read(policy.text(form).encode()).settings == policy.settings
    assert len(slwmi.Policy.read(policy.pol(), "p")) == 3
    world.apply(policy, "PC1")
    by_value = lambda row: (row["key"], row["value"])  # noqa: E731
    assert sorted(world.policy("P").settings, key=by_value) == sorted(policy.settings, key=by_value)
    rows = {row["value"]: (row["change"], row["before"], row["after"]) for row in world.plan_removal("p", "PC1").changes}
    assert rows["VLRenewalInterval"] == ("change", "REG_DWORD 2880 (2 days)", "REG_DWORD 10080 (7 days)")
    with pytest.raises(slwmi.InvalidArgument, match="None"):
        slwmi.Policy("p", {"KeyManagementServiceName": None})
    with pytest.raises(slwmi.InvalidArgument):
        policy.text("pol")
    with pytest.raises(FileNotFoundError):
        slwmi.Policy.read("nowhere.json")


def test_codes_are_explained_by_number_and_symbol():
    for code in (0xC004F009, -1073418231, "0xC004F009", "SL_E_GRACE_TIME_EXPIRED", "-1073418231"):
        known = slwmi.explain(code)
        assert (known["hresult"], known["symbol"]) == (0xC004F009, "SL_E_GRACE_TIME_EXPIRED")
        assert known["meaning"] and known["causes"] and len(known["steps"]) > 1 and "MAK" in known["activation"]
    assert slwmi.explain(5)["symbol"] == "E_ACCESSDENIED"
    assert slwmi.explain(0xDEADBEEF)["meaning"] == ""
    assert slwmi.explain(0xC004F069, os="vista-rtm")["meaning"] != ""
    for bad in ("banana", "", 2**40, None):
        with pytest.raises(slwmi.InvalidArgument):
            slwmi.explain(bad)
    with pytest.raises(slwmi.InvalidArgument):
        slwmi.explain(5, os="95")


def test_what_happens_to_a_machine_shows(world):
    machine = world["PC1"]
    product = "SELECT * FROM SoftwareLicensingProduct WHERE PartialProductKey IS NOT NULL"
    machine.mark_non_genuine()
    assert machine.connect().query(product)[0].LicenseStatus == slwmi.LicenseStatus.NON_GENUINE_GRACE
    machine.mark_non_genuine(grace=False)
    assert machine.connect().query(product)[0].LicenseStatusReason == 0xC004F200
    machine.tamper()
    assert machine.connect().query(product)[0].LicenseStatusReason == 0xC004D301
    other = world.add_machine("PC3")
    key = other.connect().query(product)[0].PartialProductKey
    other.generalize()
    assert other.connect().query(product)[0].PartialProductKey == key
