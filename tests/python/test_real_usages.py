"""What public scripts ask of the licensing classes (tests/cases/real_licensing_usages.jsonl) is answered as their OS
version would: queries with rows, or with WBEM_E_INVALID_QUERY exactly when they name a property that the version lacks;
methods, enumerations, property lists and schema requests too. No usage is left out."""

import json
import pathlib
import re

import pytest

import slwmi

CASES = pathlib.Path(__file__).parents[1] / "cases" / "real_licensing_usages.jsonl"
ROWS = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]
QUERIES = sorted({row.get("wql_equiv") or row["query"] for row in ROWS if row.get("wql_equiv") or row["kind"] == "wql"})
REST = [row for row in ROWS if not row.get("wql_equiv") and row["kind"] != "wql"]


def of_kind(kind):
    return [row["query"] for row in REST if row["kind"] == kind]


@pytest.fixture(scope="module", params=["vista-rtm", "vista-sp1", "2008"])
def session(request):
    with slwmi.World.temporary() as world:
        yield world.add_machine("PC1", os=request.param).connect(user="standard")


@pytest.mark.parametrize("query", QUERIES)
def test_query(session, query):
    names, class_name = re.match(r"\s*select\s+(.*?)\s+from\s+(\w+)", query, re.I | re.S).groups()
    known = {name.lower() for name in session.get_class(class_name).properties}
    asked = {name.strip().lower() for name in names.split(",")} - {"*"}
    if asked <= known:
        rows = session.query(query)
        assert isinstance(rows, list)
        if "service" in class_name.lower():
            assert len(rows) == 1
        for row in rows:
            assert {name.lower() for name in row} == (asked or known)
    else:
        with pytest.raises(slwmi.InvalidQuery) as caught:
            session.query(query)
        assert caught.value.hresult == 0x80041017
        assert caught.value.token.lower() in asked - known


def test_every_usage_is_asked_here():
    kinds = {row["kind"] for row in REST}
    assert kinds == {"method", "class-enum", "property-list", "schema", "method-by-query"}


@pytest.mark.parametrize("usage", of_kind("method"))
def test_method_exists_or_is_refused_by_name(session, usage):
    name = re.search(r"(?:\.|-MethodName )(\w+)", usage).group(1)
    path = session.query("SELECT * FROM SoftwareLicensingService")[0].path
    there = name in session.get_class("SoftwareLicensingService").methods
    with pytest.raises(slwmi.AccessDenied if there else slwmi.InvalidMethod):  # a standard user may call none of them
        session.call(path, name)


@pytest.mark.parametrize("usage", of_kind("class-enum"))
def test_the_first_instance_is_the_service(session, usage):
    class_name = re.search(r"\bSoftwareLicensing\w+", usage).group()
    assert session.query(f"SELECT * FROM {class_name}")[0].Version.startswith("6.0.600")


@pytest.mark.parametrize("usage", of_kind("property-list"))
def test_a_property_list_finds_what_the_version_has(session, usage):
    class_name, names = usage.split(": ")
    known = {name.lower() for name in session.get_class(class_name).properties}
    rows = session.query(f"SELECT * FROM {class_name}")
    assert rows
    for row in rows:
        for name in names.split():
            assert (name in row) == (name.lower() in known)
    assert any(row.get("PartialProductKey") for row in rows)


@pytest.mark.parametrize("usage", of_kind("schema"))
def test_the_class_is_there_to_be_looked_at(session, usage):
    declared = session.get_class(re.search(r"'(\w+)'", usage).group(1))
    assert "LicenseStatus" in declared.properties and "Activate" in declared.methods
    assert session.query(f"SELECT * FROM meta_class WHERE __CLASS = '{declared.name}'")[0].name == declared.name


@pytest.mark.parametrize("usage", of_kind("method-by-query"))
@pytest.mark.parametrize("os", ["vista-rtm", "vista-sp1", "2008"])
def test_a_method_runs_on_what_a_query_finds(usage, os):
    query, method = re.search(r"-Query '([^']+)' -MethodName (\w+)", usage).groups()
    with slwmi.World.temporary() as world:
        machine = world.add_machine("PC1", os=os)
        found, = machine.connect().query(query)
        with pytest.raises(slwmi.AccessDenied):
            machine.connect(user="standard").call(found.path, method)
        assert machine.connect().call(found.path, method) == 0
