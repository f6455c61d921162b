"""The SQLSTATEs of the SQL files, of Python and of the documentation are the same."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
import pytest

from tests.catalog.layers import ROOT
from tools.docs_errors import raised
from tools.refusals import reachable, sources
from workflow_pg.errors import BY_SQLSTATE

DOORS = [p for p in sources() if "function workflow_pg." in p.read_text()]
CODE = re.compile(r"\bWF4\d\d\b")


def codes_of_sql() -> set[str]:
    """The codes that the functions raise or that the machine answers."""
    found: set[str] = set()
    for path in sorted((ROOT / "sql").rglob("*.sql")):
        found |= set(re.findall(r"'(WF4\d\d)'", path.read_text()))
    return found


def test_python_has_a_class_for_each_code_of_sql() -> None:
    assert codes_of_sql() == set(BY_SQLSTATE)


def test_a_comment_names_no_other_code() -> None:
    for path in sorted((ROOT / "sql").rglob("*.sql")):
        assert set(CODE.findall(path.read_text())) <= set(BY_SQLSTATE), path.name


@pytest.mark.parametrize("path", DOORS, ids=lambda path: path.stem)
def test_a_comment_names_codes_that_its_function_can_raise(path: Path) -> None:
    assert raised(path) <= reachable()[path.stem]


def test_what_nulls_are_refused_with_is_in_the_comment(
    conn: psycopg.Connection,
) -> None:
    """Every function is called with nothing but nulls."""
    by_name = {path.stem: raised(path) for path in DOORS}
    calls = conn.execute(
        "select p.proname::text, format('select * from workflow_pg.%I(%s)', p.proname,"
        "       (select string_agg(format('null::%s', t.type::regtype), ', '"
        "                          order by t.nth)"
        "          from unnest(p.proargtypes) with ordinality as t (type, nth)))"
        "  from pg_proc as p where p.pronamespace = 'workflow_pg'::regnamespace"
    ).fetchall()
    silent: list[str] = []
    for name, call in calls:
        code = _refused_with(conn, call)
        if code is not None and code not in by_name[name]:
            silent.append(f"{name} raises {code}, and its comment does not say so")
    assert silent == []


def _refused_with(conn: psycopg.Connection, call: str) -> str | None:
    try:
        with conn.transaction(force_rollback=True):
            conn.execute(call.encode())
    except psycopg.Error as error:
        return error.sqlstate
    return None


def test_the_documentation_explains_each_code() -> None:
    page = (ROOT / "docs" / "errors.md").read_text()
    assert set(CODE.findall(page)) == set(BY_SQLSTATE)
