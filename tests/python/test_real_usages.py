"""Queries that public scripts send (tests/cases/real_licensing_usages.jsonl) are answered as their OS version would:
with rows, or with WBEM_E_INVALID_QUERY exactly when they name a property that the version lacks."""

import json
import pathlib
import re

import pytest

import slwmi

CASES = pathlib.Path(__file__).parents[1] / "cases" / "real_licensing_usages.jsonl"
ROWS = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]
QUERIES = sorted({row.get("wql_equiv") or row["query"] for row in ROWS if row.get("wql_equiv") or row["kind"] == "wql"})
METHODS = [row["query"] for row in ROWS if row["kind"] == "method"]


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


@pytest.mark.parametrize("usage", METHODS)
def test_method_exists_or_is_refused_by_name(session, usage):
    name = re.search(r"(?:\.|-MethodName )(\w+)", usage).group(1)
    path = session.query("SELECT * FROM SoftwareLicensingService")[0].path
    there = name in session.get_class("SoftwareLicensingService").methods
    with pytest.raises(slwmi.AccessDenied if there else slwmi.InvalidMethod):  # a standard user may call none of them
        session.call(path, name)
