"""Everything of ours is in the two schemas of ours, types and functions too."""

from __future__ import annotations

import psycopg

HOLDERS = """
    select n.nspname, c.relname as name from pg_class as c
      join pg_namespace as n on n.oid = c.relnamespace
    union all
    select n.nspname, t.typname from pg_type as t
      join pg_namespace as n on n.oid = t.typnamespace
    union all
    select n.nspname, p.proname from pg_proc as p
      join pg_namespace as n on n.oid = p.pronamespace
    union all
    select n.nspname, n.nspname from pg_namespace as n
"""
SYSTEM = {"pg_catalog", "information_schema", "pg_toast", "public"}
OURS = {"workflow_pg", "workflow_pg_private"}


def test_nothing_of_ours_is_in_another_schema(conn: psycopg.Connection) -> None:
    rows = conn.execute(f"select distinct nspname from ({HOLDERS}) as h").fetchall()
    schemas = {schema for (schema,) in rows}
    assert {s for s in schemas if not s.startswith("pg_t")} <= SYSTEM | OURS
    in_public = f"select count(*) from ({HOLDERS}) as h where name <> 'public'"
    query = f"{in_public} and nspname = 'public'".encode()
    assert conn.execute(query).fetchone() == (0,)
    enums = conn.execute(
        "select distinct typnamespace::regnamespace::text"
        "  from pg_type where typtype = 'e'"
    ).fetchall()
    assert {schema for (schema,) in enums} <= OURS
