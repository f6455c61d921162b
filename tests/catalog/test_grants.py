"""sql/90_grants.sql is what the catalog has, and what the server lets happen."""

from __future__ import annotations

import os
from collections.abc import Iterator

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from tools.grant_matrix import flat, functions, roles, views
from workflow_pg.migrate import grant

FUNCTIONS = flat(functions())
VIEWS = flat(views())
ROLES = roles()
# A login that was given nothing: what it may, everybody may.
BARE = f"bare_{os.getpid()}"
ADMITTED = {
    name: {role for role in granted if role in ROLES}
    for name, granted in (FUNCTIONS | VIEWS).items()
}

_RIGHTS = """
select o.kind, o.name, a.privilege_type,
       coalesce(pg_get_userbyid(nullif(a.grantee, 0)), 'public')
  from (select 'function', p.oid::regprocedure::text, p.pronamespace, p.proowner,
               coalesce(p.proacl, acldefault('f', p.proowner))
          from pg_proc as p
         union all
        select 'relation', c.oid::regclass::text, c.relnamespace, c.relowner,
               coalesce(c.relacl, acldefault('r', c.relowner))
          from pg_class as c
         where c.relkind <> 'c'
         union all
        select 'column', a.attrelid::regclass || '.' || a.attname, c.relnamespace,
               c.relowner, a.attacl
          from pg_attribute as a
          join pg_class as c on c.oid = a.attrelid
         where a.attacl is not null
         union all
        select 'schema', n.nspname, n.oid, n.nspowner,
               coalesce(n.nspacl, acldefault('n', n.nspowner))
          from pg_namespace as n) as o (kind, name, schema, owner, acl)
  cross join lateral aclexplode(o.acl) as a
 where o.schema::regnamespace::text in ('workflow_pg', 'workflow_pg_private')
   and a.grantee <> o.owner
"""
_CALLS = """
select n.nspname || '.' || p.proname,
       format('select * from %I.%I(%s)', n.nspname, p.proname,
              (select string_agg(format('null::%s', t.type::regtype), ', '
                                 order by t.nth)
                 from unnest(p.proargtypes) with ordinality as t (type, nth)))
  from pg_proc as p
  join pg_namespace as n on n.oid = p.pronamespace
 where n.nspname in ('workflow_pg', 'workflow_pg_private')
"""
_RELATIONS = """
select c.oid::regclass::text, a.attname::text,
       pg_relation_is_updatable(c.oid, false) > 0
  from pg_class as c
  join pg_attribute as a on a.attrelid = c.oid and a.attnum = 1
 where c.relnamespace::regnamespace::text in ('workflow_pg', 'workflow_pg_private')
   and c.relkind in ('r', 'v')
"""


@pytest.fixture(scope="module")
def admin(module_dsn: str) -> Iterator[psycopg.Connection]:
    """A superuser in a database where every role has its rights."""
    with psycopg.connect(module_dsn, autocommit=True) as connection:
        connection.execute(SQL("create role {}").format(Identifier(BARE)))
        connection.execute(SQL("create role {}").format(Identifier(f"{BARE}_member")))
        try:
            for role in ROLES:
                grant(module_dsn, login=f"{BARE}_member", role=role)
            yield connection
        finally:
            connection.execute("reset role")
            for name in (BARE, f"{BARE}_member"):
                connection.execute(SQL("drop role {}").format(Identifier(name)))


def test_the_catalog_has_the_rights_of_the_matrix(admin: psycopg.Connection) -> None:
    found = {tuple(row) for row in admin.execute(_RIGHTS).fetchall()}
    signatures = dict(
        admin.execute(
            "select p.proname, p.oid::regprocedure::text from pg_proc as p"
            " where p.pronamespace = 'workflow_pg'::regnamespace"
        ).fetchall()
    )
    expected = {("schema", "workflow_pg", "USAGE", role) for role in ROLES}
    expected |= {
        ("function", signatures[name], "EXECUTE", role)
        for name, granted in FUNCTIONS.items()
        for role in granted
    }
    expected |= {
        ("relation", f"workflow_pg.{name}", "SELECT", role)
        for name, granted in VIEWS.items()
        for role in granted
    }
    assert found == expected


def test_the_matrix_is_about_every_function_and_every_view(
    admin: psycopg.Connection,
) -> None:
    names = admin.execute(
        "select p.proname::text from pg_proc as p"
        " where p.pronamespace = 'workflow_pg'::regnamespace"
        " union all "
        "select c.relname::text from pg_class as c"
        " where c.relnamespace = 'workflow_pg'::regnamespace and c.relkind = 'v'"
    ).fetchall()
    assert sorted(name for (name,) in names) == sorted([*FUNCTIONS, *VIEWS])


@pytest.mark.parametrize("role", [*ROLES, BARE], ids=[*ROLES, "bare"])
def test_a_role_gets_into_what_it_was_granted_and_into_nothing_else(
    admin: psycopg.Connection, role: str
) -> None:
    calls = dict(admin.execute(_CALLS).fetchall())
    for relation, column, can_be_written in admin.execute(_RELATIONS).fetchall():
        calls[relation] = f"select {column} from {relation} limit 1"
        if can_be_written:
            calls[f"{relation} insert"] = f"insert into {relation} default values"
            calls[f"{relation} update"] = f"update {relation} set {column} = default"
            calls[f"{relation} delete"] = f"delete from {relation}"
    admin.execute(SQL("set role {}").format(Identifier(role)))
    try:
        let_in = {name for name, call in calls.items() if _is_let_in(admin, call)}
    finally:
        admin.execute("reset role")
    assert let_in == {
        f"workflow_pg.{name}" for name, granted in ADMITTED.items() if role in granted
    }


def _is_let_in(connection: psycopg.Connection, call: str) -> bool:
    """Make a call, and undo it; whether anything else than a missing right stops it."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(call.encode())
    except psycopg.errors.InsufficientPrivilege:
        return False
    except psycopg.Error:
        # It did not like the nulls, and said so by itself.
        return True
    return True
