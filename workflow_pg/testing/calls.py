"""The statements of tests: their databases, their clock, the death of a worker."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, LiteralString

from psycopg.sql import SQL, Composed, Identifier, Literal

__all__ = [
    "ABANDON",
    "HURRY",
    "KEEP_LEASES",
    "LOCK",
    "NEXT_DUE",
    "UNLOCK",
    "clock",
    "create_database",
    "drop_database",
]

# The migrator makes roles, which all databases of a server share.
LOCK: Final[LiteralString] = "select pg_advisory_lock(8471120366)"
UNLOCK: Final[LiteralString] = "select pg_advisory_unlock(8471120366)"

# What is in somebody's hands stays there, however far the clock jumps.
KEEP_LEASES: Final[LiteralString] = """
update workflow_pg_private.messages as m
   set lease_until = m.lease_until + %(by)s
 where m.lease_token = any (%(tokens)s)
"""

# The SDK comes back for a sleep or a retry in whole seconds, and for a sleep of more
# than 23 hours in between. On a clock that jumps, what is due is done at once.
HURRY: Final[LiteralString] = """
with t as materialized (
    select workflow_pg_private.clock() as now
), hurried as (
    update workflow_pg_private.messages as m
       set due_at = t.now
      from t
     where m.lease_token is null
       and m.buried_at is null
       and m.due_at > t.now
       and (m.kind <> 'step' and exists (
               select
                 from workflow_pg.waits as w
                where w.run_id = m.run_id
                  and w.status = 'waiting'
                  and w.resume_at <= t.now)
            or m.kind = 'step' and exists (
               select
                 from workflow_pg.steps as s
                where s.run_id = m.run_id
                  and s.step_id = m.step_id
                  and s.retry_after <= t.now))
)
select t.now from t
"""

# Of a run that sleeps its wait counts, not the message by which the SDK would look
# after it before that.
NEXT_DUE: Final[LiteralString] = """
select min(d.due_at)
  from (select w.resume_at as due_at
          from workflow_pg.waits as w
         where w.status = 'waiting'
         union all
        select coalesce(m.lease_until, s.retry_after, m.due_at)
          from workflow_pg_private.messages as m
          left join workflow_pg.steps as s
            on s.run_id = m.run_id
           and s.step_id = m.step_id
           and s.status = 'pending'
         where m.buried_at is null
           and (m.lease_token is null or m.lease_token <> all (%(tokens)s))
           and (m.kind = 'step' or m.lease_token is not null or not exists (
                   select
                     from workflow_pg.waits as w
                    where w.run_id = m.run_id
                      and w.status = 'waiting'))) as d
 where d.due_at > %(since)s
"""

# Under a token that nobody knows, so that the dead holder can settle nothing.
ABANDON: Final[LiteralString] = """
update workflow_pg_private.messages as m
   set lease_token = gen_random_uuid(),
       lease_until = workflow_pg_private.clock() + %(lease)s
 where m.lease_token = any (%(tokens)s)
"""


def clock(offset: timedelta) -> Composed:
    """Let the database's clock run ahead by so much."""
    body = SQL(
        "begin return date_trunc('milliseconds', clock_timestamp() + {}::interval); end"
    ).format(Literal(offset))
    return SQL(
        "create or replace function workflow_pg_private.clock() returns timestamptz"
        " language plpgsql volatile as {}"
    ).format(Literal(body.as_string()))


def create_database(name: str, template: str, *, is_ours: bool) -> Composed:
    """Copy a database; of a server that flushes nothing, file by file."""
    text = "create database {} template {}"
    if is_ours:
        return SQL(text + " strategy file_copy").format(
            Identifier(name), Identifier(template)
        )
    return SQL(text).format(Identifier(name), Identifier(template))


def drop_database(name: str) -> Composed:
    """Drop a database with whoever is connected to it."""
    return SQL("drop database if exists {} with (force)").format(Identifier(name))
