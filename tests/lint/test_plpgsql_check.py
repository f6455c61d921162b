"""plpgsql_check, an extension of the server, finds no fault in any function."""

from __future__ import annotations

import psycopg
import pytest

EXTENSION = "plpgsql_check"

EVERY_FUNCTION = """
    select p.oid::regprocedure::text, c.*
      from pg_proc as p
     cross join lateral plpgsql_check_function(
               p.oid::regprocedure, format => 'text', fatal_errors => false,
               all_warnings => true) as c
     where p.pronamespace in ('workflow_pg'::regnamespace,
                              'workflow_pg_private'::regnamespace)
       and p.prolang = (select l.oid from pg_language as l where l.lanname = 'plpgsql')
     order by 1
"""


@pytest.fixture
def checker(conn: psycopg.Connection) -> psycopg.Connection:
    """A connection to a migrated database that has the extension."""
    available = conn.execute(
        "select from pg_available_extensions as e where e.name = %s", [EXTENSION]
    ).fetchall()
    if not available:
        major = conn.info.server_version // 10_000
        pytest.skip(
            f"PostgreSQL {major} here is without {EXTENSION}: `make lint-plpgsql`"
        )
    conn.execute("create schema checker; create extension plpgsql_check schema checker")
    conn.execute("set search_path = pg_catalog, checker")
    return conn


def findings(conn: psycopg.Connection) -> list[str]:
    """What the extension says about our functions, each line with its function."""
    rows = conn.execute(EVERY_FUNCTION).fetchall()
    return [f"{function}: {line}" for function, line in rows]


def test_no_function_has_a_fault(checker: psycopg.Connection):
    assert findings(checker) == []


def test_a_planted_fault_is_found(checker: psycopg.Connection):
    checker.execute(
        "create function workflow_pg_private.planted() returns integer"
        " language plpgsql as $$"
        " declare v_unused integer; begin return r.absent from workflow_pg.runs as r;"
        " end $$"
    )
    said = "\n".join(findings(checker))
    assert "column r.absent does not exist" in said
    assert 'unused variable "v_unused"' in said
