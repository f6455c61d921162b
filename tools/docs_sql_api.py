"""The functions, views and types of schema workflow_pg, from their comments."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import psycopg

from tools import grant_matrix
from tools.docs_states import Law
from tools.docs_text import columns, described

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
* Nobody is granted a table. `workflow-pg migrate grant LOGIN ROLE` gives a login one of
  these; which function asks for which is said with it.

| role | what it may do |
| --- | --- |
| `workflow_client` | start, cancel and delete runs, resume hooks, read all of it |
| `workflow_worker` | all that but deleting, and execute runs and steps |
| `workflow_observer` | read [views](#views) and some figures: no payload, no token |
| `workflow_owner` | everything, as its owner: install and upgrade |
"""

VIEWS_HEAD = """\
## Views

For dashboards, and for logins that may not see what runs are about: where runs stand,
and never a payload, a token or the text of an error. Their columns are a part of the
API: views of yours over them outlive upgrades.
"""

MACHINE_HEAD = """\
## The machine

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
VIEWS = """
select c.relname, obj_description(c.oid, 'pg_class'),
       array_agg(array[a.attname::text, format_type(a.atttypid, null),
                       col_description(c.oid, a.attnum)] order by a.attnum)
  from pg_class as c
  join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0
 where c.relnamespace = 'workflow_pg'::regnamespace
   and c.relkind = 'v'
 group by c.oid, c.relname
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

# Name, comment, whether it returns a set, type of the result, and for each argument
# its mode, name, type and default.
Function = tuple[str, str, bool, str, list[list[str | None]]]


def sql_api(conn: psycopg.Connection[Any], laws: Iterable[Law]) -> str:
    """The page docs/sql-api.md."""
    found: dict[str, Function] = {
        row[0]: row for row in conn.execute(FUNCTIONS).fetchall()
    }
    parts = [HEAD]
    for group in grant_matrix.functions():
        parts.append(f"## {group.title[0].upper()}{group.title[1:]}\n")
        for name, roles in group.members.items():
            parts.append(_function(found.pop(name), roles))
    if found:
        raise SystemExit(f"sql/90_grants.sql has no line for {', '.join(found)}")
    views = {row[0]: row for row in conn.execute(VIEWS).fetchall()}
    parts.append(VIEWS_HEAD)
    for name, roles in grant_matrix.flat(grant_matrix.views()).items():
        if roles:
            parts.append(_view(*views[name], roles=roles))
    parts.append(MACHINE_HEAD)
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


def _function(function: Function, roles: Sequence[str]) -> str:
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
    return f"### {name}\n\n{described(comment, signature)}\n{_granted(roles)}"


def _view(
    name: str, comment: str, attributes: list[list[str]], *, roles: Sequence[str]
) -> str:
    pairs = [(name, _type(kind)) for name, kind, _ in attributes]
    width = max(len(name) for name, *_ in attributes)
    said = "\n".join(f"{name:<{width}}  {words}" for name, _, words in attributes)
    shape = f"```sql\nworkflow_pg.{name} (\n{columns(pairs)}\n)\n```\n"
    words = described(f"{comment}\n\n{said}", shape)
    return f"### {name}\n\n{words}\n{_granted(roles)}"


def _granted(roles: Sequence[str]) -> str:
    """The sentence that names them."""
    named = ", ".join(f"`{role}`" for role in roles)
    return f"Granted to {named or 'nobody: for the owner alone'}.\n"


def _type(name: str) -> str:
    return name.replace("timestamp with time zone", "timestamptz")


def _default(default: str | None) -> str:
    """A default as people write it: without its cast."""
    if default is None:
        return ""
    value = re.sub(r"::[\w. \[\]]+$", "", default)
    return f" default {value.lower() if value == 'NULL' else value}"
