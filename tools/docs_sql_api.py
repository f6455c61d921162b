"""The functions, views and types of schema workflow_pg, from their comments."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import psycopg

from tools.docs_states import Law
from tools.docs_text import columns, described

GRANTS = Path(__file__).resolve().parents[1] / "sql/90_grants.sql"

HEAD = """\
# SQL API

The functions of schema `workflow_pg`, and its views and types. Written by `make docs`
from the `comment on` of each. Do not edit this page.

* Name the arguments: `create_run(p_run_id => null, ...)`. Names are part of the API.
* Call functions in FROM: `select status from workflow_pg.get_run('wrun_...')`.
* One call is one transaction, or a part of yours. A refusal has an SQLSTATE of class
  WF, a sentence and a JSON object as DETAIL, and has written nothing: see
  [errors](errors.md).
* `40001` means that another connection has just made the same call: repeat it.
* Roles: `workflow-pg migrate grant LOGIN workflow_client` lets a login start, cancel
  and read runs and resume hooks; `workflow_worker` lets it call everything here. Nobody
  is granted a table.
"""

VIEWS_HEAD = """\
## Views

The state machine as data, for tests and for this documentation; granted to nobody. What
they say is in [states](states.md).
"""

FUNCTIONS = """
select p.proname, obj_description(p.oid, 'pg_proc'), p.proretset,
       format_type(p.prorettype, null),
       array(select array[coalesce(a.mode, 'i'), a.name, format_type(a.type, null),
                          pg_get_function_arg_default(p.oid, a.place::integer)]
               from unnest(coalesce(p.proallargtypes, p.proargtypes::oid[]),
                           p.proargmodes::text[], p.proargnames)
                    with ordinality as a (type, mode, name, place)
              order by a.place)
  from pg_proc as p
 where p.pronamespace = 'workflow_pg'::regnamespace
"""
ENUMS = """
select t.typname, obj_description(t.oid, 'pg_type'),
       array_agg(e.enumlabel order by e.enumsortorder)
  from pg_type as t
  join pg_enum as e on e.enumtypid = t.oid
 where t.typnamespace = 'workflow_pg'::regnamespace
 group by t.oid, t.typname
 order by t.typname
"""
COMPOSITES = """
select t.typname, obj_description(t.oid, 'pg_type'),
       array_agg(array[a.attname, format_type(a.atttypid, null)] order by a.attnum)
  from pg_type as t
  join pg_class as c on c.oid = t.typrelid and c.relkind = 'c'
  join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
 where t.typnamespace = 'workflow_pg'::regnamespace
 group by t.oid, t.typname
 order by t.typname
"""

# What the arrays of sql/90_grants.sql hold.
ROLES = {
    "client": "`workflow_client`, `workflow_worker`",
    "operator": "`workflow_client`",
    "worker": "`workflow_worker`",
}

# Name, comment, whether it returns a set, type of the result, and for each argument
# its mode, name, type and default.
Function = tuple[str, str, bool, str, list[list[str | None]]]


def sql_api(conn: psycopg.Connection[Any], laws: Iterable[Law]) -> str:
    """The page docs/sql-api.md."""
    found: dict[str, Function] = {
        row[0]: row for row in conn.execute(FUNCTIONS).fetchall()
    }
    parts = [HEAD]
    for group, members in _granted():
        parts.append(f"## {group[0].upper()}{group[1:]}\n")
        parts += [_function(found.pop(name), roles) for name, roles in members]
    if found:
        raise SystemExit(f"sql/90_grants.sql has no line for {', '.join(found)}")
    parts.append(VIEWS_HEAD)
    parts += [f"### {law.view}\n\n{described(law.comment)}" for law in laws]
    parts.append("## Enums\n")
    for name, comment, labels in conn.execute(ENUMS).fetchall():
        listed = ", ".join(f"`{label}`" for label in labels)
        parts.append(f"### {name}\n\n{listed}\n\n{described(comment)}")
    parts.append("## Composite types\n")
    for name, comment, attributes in conn.execute(COMPOSITES).fetchall():
        pairs = [(name, _type(kind)) for name, kind in attributes]
        shape = f"```sql\n(\n{columns(pairs)}\n)\n```\n"
        parts.append(f"### {name}\n\n{described(comment, shape)}")
    return "\n".join(parts)


def _granted() -> list[tuple[str, list[tuple[str, str]]]]:
    """The groups of functions in sql/90_grants.sql, and who may call each."""
    groups: list[tuple[str, list[tuple[str, str]]]] = []
    text = GRANTS.read_text(encoding="utf-8").partition("(values")[2]
    for line in text.partition(") as m (")[0].splitlines():
        if heading := re.fullmatch(r"\s*-- (.+)", line):
            groups.append((heading[1].partition(":")[0], []))
        elif entry := re.match(r"\s*\('(\w+)',\s*v_(\w+)\)", line):
            groups[-1][1].append((entry[1], ROLES[entry[2]]))
    return groups


def _function(function: Function, roles: str) -> str:
    name, comment, is_set, result, arguments = function
    taken = [
        (f"{name}", f"{_type(str(kind))}{_default(default)}")
        for mode, name, kind, default in arguments
        if mode not in {"o", "t"}
    ]
    given = [(f"{a[1]}", _type(str(a[2]))) for a in arguments if a[0] in {"o", "t"}]
    if given:
        result = f"{'table ' if is_set else ''}(\n{columns(given)}\n)"
    elif is_set:
        result = f"setof {result}"
    head = f"{name}(\n{columns(taken)}\n)" if taken else f"{name}()"
    signature = f"```sql\nworkflow_pg.{head}\nreturns {result}\n```\n"
    return f"### {name}\n\n{described(comment, signature)}\nGranted to {roles}.\n"


def _type(name: str) -> str:
    return name.replace("timestamp with time zone", "timestamptz")


def _default(default: str | None) -> str:
    """A default as people write it: without its cast."""
    if default is None:
        return ""
    value = re.sub(r"::[\w. \[\]]+$", "", default)
    return f" default {value.lower() if value == 'NULL' else value}"
