"""What a database contains, as text: two databases with the same text are the same."""

from __future__ import annotations

from typing import Final, LiteralString, cast

import psycopg

__all__ = ["catalog_text", "rows"]

_CATALOG: Final[LiteralString] = r"""
with ours as (
    select n.oid, n.nspname, n.nspowner, n.nspacl
      from pg_namespace as n
     where n.nspname !~ '^(pg_|information_schema$)'
)
select 'schema', n.nspname, pg_get_userbyid(n.nspowner),
       concat_ws(E'\n', n.nspacl::text, obj_description(n.oid, 'pg_namespace'))
  from ours as n
union all
select 'relation ' || c.relkind::text, c.oid::regclass::text,
       pg_get_userbyid(c.relowner),
       concat_ws(E'\n', c.relacl::text, c.reloptions::text, c.relpersistence::text,
                 obj_description(c.oid, 'pg_class'),
                 case when c.relkind = 'v' then pg_get_viewdef(c.oid) end,
                 case when c.relkind in ('i', 'I') then pg_get_indexdef(c.oid) end)
  from pg_class as c
  join ours as n on n.oid = c.relnamespace
union all
select 'column', c.oid::regclass || '.' || a.attname, a.attnum::text,
       concat_ws(E'\n', format_type(a.atttypid, a.atttypmod), a.attnotnull::text,
                 a.attcollation::regcollation::text, a.attacl::text, a.attstorage::text,
                 pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum))
  from pg_attribute as a
  join pg_class as c on c.oid = a.attrelid
  join ours as n on n.oid = c.relnamespace
  left join pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
 where a.attnum > 0
union all
select 'constraint', k.conrelid::regclass || '.' || k.conname, k.contype::text,
       concat_ws(E'\n', pg_get_constraintdef(k.oid),
                 obj_description(k.oid, 'pg_constraint'))
  from pg_constraint as k
  join ours as n on n.oid = k.connamespace
union all
select 'type', t.oid::regtype::text, pg_get_userbyid(t.typowner),
       concat_ws(E'\n', t.typtype::text, t.typacl::text,
                 obj_description(t.oid, 'pg_type'),
                 (select string_agg(e.enumlabel, ',' order by e.enumsortorder)
                    from pg_enum as e
                   where e.enumtypid = t.oid))
  from pg_type as t
  join ours as n on n.oid = t.typnamespace
union all
select 'routine', p.oid::regprocedure::text, pg_get_userbyid(p.proowner),
       concat_ws(E'\n', p.proacl::text, obj_description(p.oid, 'pg_proc'),
                 case when p.prokind <> 'a' then pg_get_functiondef(p.oid) end)
  from pg_proc as p
  join ours as n on n.oid = p.pronamespace
union all
select 'default right', pg_get_userbyid(d.defaclrole),
       d.defaclobjtype::text, d.defaclacl::text
  from pg_default_acl as d
 order by 1, 2, 3, 4
"""


def catalog_text(dsn: str) -> str:
    """Write down every object that is not of the server itself."""
    found = cast("list[tuple[str, str, str, str]]", rows(dsn, _CATALOG))
    return "\n".join(" | ".join(line) for line in found)


def rows(dsn: str, query: LiteralString) -> list[tuple[object, ...]]:
    """Run one statement and return its rows, if it has any."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        cursor = connection.execute(query)
        return [] if cursor.description is None else cursor.fetchall()
