"""Every statement that the migrator sends, beside the files it applies."""

from __future__ import annotations

from typing import Final, LiteralString

__all__ = [
    "ACCEPT_CHECKSUM",
    "ACT_AS_OWNER",
    "BEGIN_MIGRATING",
    "CATALOG",
    "DEFINITIONS",
    "DEPENDENTS",
    "ENDURE_LOCKS",
    "FINISH",
    "FORGET_REPEATABLES",
    "MIGRATIONS",
    "OWNER",
    "PREPARE_SESSION",
    "RECORD_MIGRATION",
    "RECORD_REPEATABLES",
    "REPEATABLES",
    "ROLE_FACTS",
    "STAMP",
    "TRY_MIGRATION_LOCK",
    "WHAT_IS_THERE",
]

# Definitions are printed relative to the search path; and nothing that a role or a
# database has configured may cut a long index build short.
PREPARE_SESSION: Final[LiteralString] = """
set search_path = pg_catalog, pg_temp;
set statement_timeout = 0;
set lock_timeout = 0;
set idle_in_transaction_session_timeout = 0;
set client_min_messages = warning;
set check_function_bodies = on;
"""

# "wfpg_mig" as a number.
TRY_MIGRATION_LOCK: Final[LiteralString] = """
select pg_try_advisory_lock(8603687727422859623)
"""

ENDURE_LOCKS: Final[LiteralString] = """
select set_config('lock_timeout', %s, true)
"""

# Does nothing before the schemas exist. Written without parameters, because the
# script of `migrate sql` contains it too.
ACT_AS_OWNER: Final[LiteralString] = """
do $$
begin
    perform set_config('role', pg_get_userbyid(n.nspowner), true)
       from pg_catalog.pg_namespace as n
      where n.nspname = 'workflow_pg_private';
end
$$
"""

OWNER: Final[LiteralString] = """
select pg_get_userbyid(n.nspowner)
  from pg_catalog.pg_namespace as n
 where n.nspname = 'workflow_pg_private'
"""

# By the catalog, not by to_regclass, which fails where a foreign schema grants nothing.
WHAT_IS_THERE: Final[LiteralString] = """
select array(select n.nspname::text
               from pg_catalog.pg_namespace as n
              where n.nspname in ('workflow_pg', 'workflow_pg_private')
              order by n.nspname),
       (select count(*)
          from pg_catalog.pg_class as c
          join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
         where n.nspname = 'workflow_pg_private'
           and c.relkind = 'r'
           and c.relname in ('migrations', 'repeatables', 'installation'))
"""

MIGRATIONS: Final[LiteralString] = """
select m.name, m.checksum, m.tool_version
  from workflow_pg_private.migrations as m
 order by m.number
"""

REPEATABLES: Final[LiteralString] = """
select r.path, r.checksum
  from workflow_pg_private.repeatables as r
"""

STAMP: Final[LiteralString] = """
select i.migration, i.state, i.sql_checksum, i.tool_version
  from workflow_pg_private.installation as i
"""

ACCEPT_CHECKSUM: Final[LiteralString] = """
update workflow_pg_private.migrations as m
   set checksum = %(checksum)s
 where m.name = %(name)s
"""

BEGIN_MIGRATING: Final[LiteralString] = """
update workflow_pg_private.installation as i
   set state = 'migrating',
       applied_at = now(),
       tool_version = %(tool_version)s
"""

RECORD_MIGRATION: Final[LiteralString] = """
with recorded as (
    insert into workflow_pg_private.migrations
                (number, name, checksum, duration_ms, applied_at, tool_version)
         values (%(number)s, %(name)s, %(checksum)s, %(duration_ms)s, now(),
                 %(tool_version)s)
      returning number, tool_version
)
update workflow_pg_private.installation as i
   set migration = r.number,
       state = 'migrating',
       applied_at = now(),
       tool_version = r.tool_version
  from recorded as r
"""

FORGET_REPEATABLES: Final[LiteralString] = """
delete from workflow_pg_private.repeatables
"""

RECORD_REPEATABLES: Final[LiteralString] = """
insert into workflow_pg_private.repeatables (path, checksum, applied_at, tool_version)
select f.path, f.checksum, now(), %(tool_version)s
  from unnest(%(paths)s::text[], %(checksums)s::text[]) as f (path, checksum)
"""

FINISH: Final[LiteralString] = """
update workflow_pg_private.installation as i
   set state = 'ready',
       sql_checksum = %(sql_checksum)s,
       applied_at = now(),
       tool_version = %(tool_version)s
"""

# xmin says who wrote the row last: a function or view that this transaction has
# created or replaced shows another one than before. Objects of extensions are theirs.
CATALOG: Final[LiteralString] = """
select true                        as is_routine,
       p.oid,
       p.xmin::text                as written_by,
       n.nspname::text             as schema,
       p.proname::text             as name,
       p.oid::regprocedure::text   as identity
  from pg_catalog.pg_proc as p
  join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
 where n.nspname in ('workflow_pg', 'workflow_pg_private')
   and not exists (select
                     from pg_catalog.pg_depend as d
                    where d.classid = 'pg_catalog.pg_proc'::regclass
                      and d.objid = p.oid
                      and d.deptype = 'e')
union all
select false,
       c.oid,
       w.xmin::text,
       n.nspname::text,
       c.relname::text,
       c.oid::regclass::text
  from pg_catalog.pg_class as c
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  join pg_catalog.pg_rewrite as w on w.ev_class = c.oid and w.rulename = '_RETURN'
 where n.nspname in ('workflow_pg', 'workflow_pg_private')
   and c.relkind = 'v'
   and not exists (select
                     from pg_catalog.pg_depend as d
                    where d.classid = 'pg_catalog.pg_class'::regclass
                      and d.objid = c.oid
                      and d.deptype = 'e')
 order by 6
"""

# Who uses a routine, or a view (by its rule, its row type or an array of that).
DEPENDENTS: Final[LiteralString] = """
with used (classid, objid) as (
    select %(catalog)s::text::regclass, %(oid)s::oid
    union all
    select 'pg_catalog.pg_type'::regclass, unnest(array[t.oid, t.typarray])
      from pg_catalog.pg_type as t
     where %(catalog)s::text = 'pg_catalog.pg_class'
       and t.typrelid = %(oid)s::oid
)
select distinct
       d.classid = 'pg_catalog.pg_proc'::regclass,
       coalesce(w.ev_class, d.objid)
  from used as u
  join pg_catalog.pg_depend as d
    on d.refclassid = u.classid
   and d.refobjid = u.objid
   and d.deptype = 'n'
  left join pg_catalog.pg_rewrite as w
    on d.classid = 'pg_catalog.pg_rewrite'::regclass
   and w.oid = d.objid
 where d.classid in ('pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_rewrite'::regclass)
"""

DEFINITIONS: Final[LiteralString] = """
select 'function ' || p.oid::regprocedure::text,
       md5(pg_get_functiondef(p.oid))
  from pg_catalog.pg_proc as p
 where p.oid = any(%(routines)s)
   and p.prokind <> 'a'
union all
select 'view ' || c.oid::regclass::text,
       md5(concat_ws(E'\\n',
                     pg_get_viewdef(c.oid),
                     c.reloptions::text,
                     (select string_agg(a.attname, ',' order by a.attnum)
                        from pg_catalog.pg_attribute as a
                       where a.attrelid = c.oid
                         and a.attnum > 0)))
  from pg_catalog.pg_class as c
 where c.oid = any(%(views)s)
"""

ROLE_FACTS: Final[LiteralString] = """
select current_user::text,
       (select r.rolsuper or r.rolcreaterole
          from pg_catalog.pg_roles as r
         where r.rolname = current_user),
       array(select r.rolname::text
               from pg_catalog.pg_roles as r
              where r.rolname in (%(login)s, %(role)s)),
       coalesce((select pg_has_role(l.oid, r.oid, 'usage')
                   from pg_catalog.pg_roles as l, pg_catalog.pg_roles as r
                  where l.rolname = %(login)s
                    and r.rolname = %(role)s), false),
       (select pg_get_userbyid(n.nspowner)::text
          from pg_catalog.pg_namespace as n
         where n.nspname = 'workflow_pg_private')
"""
