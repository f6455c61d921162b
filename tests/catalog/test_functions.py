"""The doors are safe, everything is described, and Python calls them as they are."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

import workflow_pg.calls
from workflow_pg.calls.call import Statement
from workflow_pg.operations import Operations
from workflow_pg.queue import Queue
from workflow_pg.storage.events import Events
from workflow_pg.storage.hooks import Hooks
from workflow_pg.storage.imports import Imports
from workflow_pg.storage.runs import Runs
from workflow_pg.storage.steps import Steps
from workflow_pg.storage.streams import Streams
from workflow_pg.storage.waits import Waits
from workflow_pg.world import World

FACADES = (Runs, Steps, Events, Hooks, Waits, Streams, Queue, Operations, Imports)
WAITING = {"wait_for_final_status"}  # these make many
SCHEMAS = ["workflow_pg", "workflow_pg_private"]


def statements() -> dict[str, Statement[Any]]:
    """Every statement of the package, by its name."""
    found: dict[str, Statement[Any]] = {}
    for info in pkgutil.iter_modules(workflow_pg.calls.__path__):
        module = importlib.import_module(f"workflow_pg.calls.{info.name}")
        found |= {n: v for n, v in vars(module).items() if isinstance(v, Statement)}
    return found


def methods() -> Iterator[tuple[str, Any]]:
    """Every public method that makes one call, of the facades and of the World."""
    for facade in FACADES:
        for name, method in inspect.getmembers(facade, inspect.iscoroutinefunction):
            if name not in WAITING:
                yield f"{facade.__name__}.{name}", method
    yield "World.check_schema", World.check_schema
    yield "World.epoch", World.epoch


METHODS = dict(methods())
STATEMENTS = statements()


def doors(conn: psycopg.Connection) -> dict[str, list[str]]:
    """The functions of schema workflow_pg with the names of their arguments."""
    rows = conn.execute(
        "select p.proname,"
        "       coalesce(p.proargnames[1:p.pronargs], '{}')"
        "  from pg_proc as p where p.pronamespace = 'workflow_pg'::regnamespace"
    ).fetchall()
    return dict(rows)


def typed_doors(conn: psycopg.Connection) -> set[str]:
    """The doors but those in JSON, which lead clients without our types to these."""
    return {name for name in doors(conn) if not name.startswith("json_")}


def function_of(method: Any) -> str | None:
    """The function that the last line of a docstring names."""
    *_, last = (inspect.getdoc(method) or "").splitlines()
    named = re.fullmatch(r"SQL: workflow_pg\.(\w+)", last)
    return named[1] if named else None


def test_everything_is_described(conn: psycopg.Connection) -> None:
    silent = conn.execute(
        """
        select 'schema ' || n.nspname
          from pg_namespace as n
         where n.nspname = any(%(schemas)s)
           and obj_description(n.oid, 'pg_namespace') is null
         union all
        select 'function ' || p.oid::regprocedure::text
          from pg_proc as p
         where p.pronamespace::regnamespace::text = any(%(schemas)s)
           and obj_description(p.oid, 'pg_proc') is null
         union all
        select 'relation ' || c.oid::regclass::text
          from pg_class as c
         where c.relnamespace::regnamespace::text = any(%(schemas)s)
           and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
           and obj_description(c.oid, 'pg_class') is null
         union all
        select 'column ' || c.oid::regclass::text || '.' || a.attname
          from pg_class as c
          join pg_attribute as a on a.attrelid = c.oid
         where c.relnamespace::regnamespace::text = any(%(schemas)s)
           and c.relkind in ('r', 'p', 'v')
           and c.relname !~ '_transitions$'
           and a.attnum > 0
           and not a.attisdropped
           and col_description(c.oid, a.attnum) is null
         union all
        select 'index ' || i.indexrelid::regclass::text
          from pg_index as i
          join pg_class as c on c.oid = i.indexrelid
          left join pg_constraint as k on k.conindid = i.indexrelid
         where c.relnamespace::regnamespace::text = any(%(schemas)s)
           and k.oid is null
           and obj_description(i.indexrelid, 'pg_class') is null
         union all
        select 'type ' || t.oid::regtype::text
          from pg_type as t
          left join pg_class as c on c.oid = t.typrelid
         where t.typnamespace::regnamespace::text = any(%(schemas)s)
           and (t.typtype in ('e', 'd', 'r') or c.relkind = 'c')
           and obj_description(t.oid, 'pg_type') is null
        """,
        {"schemas": SCHEMAS},
    ).fetchall()
    assert silent == [], "COMMENT ON is missing"


def test_doors_run_as_their_owner_with_a_search_path_of_their_own(
    conn: psycopg.Connection,
) -> None:
    unsafe = conn.execute(
        "select p.oid::regprocedure::text from pg_proc as p"
        " where p.pronamespace = 'workflow_pg'::regnamespace"
        "   and (not p.prosecdef"
        "        or p.proconfig is distinct from"
        "           array['search_path=pg_catalog, pg_temp'])"
    ).fetchall()
    assert unsafe == []


def test_helpers_do_neither(conn: psycopg.Connection) -> None:
    odd = conn.execute(
        "select p.oid::regprocedure::text from pg_proc as p"
        " where p.pronamespace = 'workflow_pg_private'::regnamespace"
        "   and (p.prosecdef"
        # How it is planned is its own business.
        "        or p.proconfig <> array['plan_cache_mode=force_custom_plan'])"
    ).fetchall()
    assert odd == []


def test_doors_are_not_overloaded(conn: psycopg.Connection) -> None:
    count = conn.execute(
        "select count(*) from pg_proc where pronamespace = 'workflow_pg'::regnamespace"
    ).fetchone()
    assert count == (len(doors(conn)),)


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_names_every_argument_of_its_function(
    conn: psycopg.Connection, name: str
) -> None:
    text = STATEMENTS[name].text.decode()
    function = re.search(r" from workflow_pg\.(\w+)\(", text)
    assert function
    assert function[1] == name.lower()
    named = re.findall(r"(p_\w+) => %\((\w+)\)[sb]", text)
    assert [argument for argument, _ in named] == doors(conn)[function[1]]
    assert all(argument == f"p_{place}" for argument, place in named)


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_payload_is_sent_as_it_is_and_not_as_text(
    conn: psycopg.Connection, name: str
) -> None:
    row = conn.execute(
        "select array(select a.name"
        "               from unnest(p.proargnames, p.proargtypes::oid[])"
        "                 as a (name, type)"
        "              where a.type in ('bytea'::regtype, 'bytea[]'::regtype))"
        "  from pg_proc as p where p.oid = %s::regproc",
        (f"workflow_pg.{name.lower()}",),
    ).fetchone()
    text = STATEMENTS[name].text.decode()
    assert row == (re.findall(r"(p_\w+) => %\(\w+\)b", text),)


def test_every_function_has_a_statement(conn: psycopg.Connection) -> None:
    assert {name.lower() for name in STATEMENTS} == typed_doors(conn)


def test_every_function_has_one_method(conn: psycopg.Connection) -> None:
    functions = [function_of(method) for method in METHODS.values()]
    assert sorted(filter(None, functions)) == sorted(typed_doors(conn))


@pytest.mark.parametrize("name", METHODS)
def test_a_method_documents_all_it_takes_and_names_its_function(name: str) -> None:
    method = METHODS[name]
    text = inspect.getdoc(method) or ""
    assert function_of(method)
    parameters = [p for p in inspect.signature(method).parameters if p != "self"]
    documented = re.findall(r"^    (\w+): ", _section(text, "Args"), re.MULTILINE)
    assert documented == parameters


@pytest.mark.parametrize("name", [name for name in METHODS if "World" not in name])
def test_a_method_takes_the_callers_connection(name: str) -> None:
    connection = inspect.signature(METHODS[name]).parameters["connection"]
    assert connection.kind is connection.KEYWORD_ONLY
    assert connection.default is None


@pytest.mark.parametrize("name", METHODS)
def test_a_refusal_is_documented_with_its_code(name: str) -> None:
    raises = _section(inspect.getdoc(METHODS[name]) or "", "Raises")
    entries = re.split(r"^    (?=\w+: )", raises, flags=re.MULTILINE)[1:]
    for entry in entries:
        words = " ".join(entry.split())
        if not words.startswith("SchemaUnusable"):
            assert re.search(r"\bWF4\d\d\b", words), words
        assert words.endswith("Nothing was written."), words


def _section(text: str, title: str) -> str:
    found = re.search(rf"^{title}:\n((?:    .*\n|\n)*)", text, re.MULTILINE)
    return found[1] if found else ""
