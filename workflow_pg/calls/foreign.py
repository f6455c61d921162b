"""The statements that read a database of the TypeScript ``@workflow/world-postgres``.

Its tables have got columns and types over the years: a column that a database does not
have yet is read as null. Times without a zone are in UTC there, and so is our session.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final, LiteralString

from psycopg.sql import SQL, Composed, Identifier

__all__ = [
    "CHUNKS",
    "EVENTS",
    "HOOKS",
    "JOBS",
    "NAMELESS_STREAMS",
    "NEXT_RUNS",
    "ORPHANS",
    "PREPARE_SESSION",
    "RUNS",
    "STEPS",
    "STREAMS",
    "STREAMS_WITHOUT_RUN",
    "WAITS",
    "WHAT_IS_THERE",
    "orphans",
    "reading",
]

PREPARE_SESSION: Final[LiteralString] = """
set time zone 'UTC';
set default_transaction_isolation = 'repeatable read';
set default_transaction_read_only = on
"""

WHAT_IS_THERE: Final[LiteralString] = """
select c.relname, a.attname
  from pg_catalog.pg_class as c
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  join pg_catalog.pg_attribute as a on a.attrelid = c.oid
 where n.nspname || '.' || c.relname in (
           'workflow.workflow_runs', 'workflow.workflow_steps',
           'workflow.workflow_hooks', 'workflow.workflow_waits',
           'workflow.workflow_events', 'workflow.workflow_stream_chunks',
           'graphile_worker._private_jobs')
   and a.attnum > 0
   and not a.attisdropped
   and has_schema_privilege(n.oid, 'usage')
   and has_table_privilege(c.oid, 'select')
"""

NEXT_RUNS: Final[LiteralString] = """
select r.id
  from workflow.workflow_runs as r
 where r.id > %(after)s
 order by r.id
 limit %(limit)s
"""

# Each: what to select, by the name that the reader knows; the first names the column.
RUNS: Final[Mapping[str, LiteralString]] = {
    "id": "text",
    "name": "text",
    "deployment_id": "text",
    "status": "text",
    "spec_version": "integer",
    "created_at": "timestamptz",
    "updated_at": "timestamptz",
    "started_at": "timestamptz",
    "completed_at": "timestamptz",
    "expired_at": "timestamptz",
    "error_code": "text",
    "encryption_public_key": "text",
    "attributes": "jsonb",
    "execution_context": "text",
    "execution_context_cbor": "bytea",
    "input": "text",
    "input_cbor": "bytea",
    "output": "text",
    "output_cbor": "bytea",
    "error": "text",
    "error_cbor": "bytea",
}
STEPS: Final[Mapping[str, LiteralString]] = {
    "step_id": "text",
    "step_name": "text",
    "status": "text",
    "spec_version": "integer",
    "attempt": "integer",
    "created_at": "timestamptz",
    "updated_at": "timestamptz",
    "started_at": "timestamptz",
    "completed_at": "timestamptz",
    "retry_after": "timestamptz",
    "input": "text",
    "input_cbor": "bytea",
    "output": "text",
    "output_cbor": "bytea",
    "error": "text",
    "error_cbor": "bytea",
}
HOOKS: Final[Mapping[str, LiteralString]] = {
    "hook_id": "text",
    "token": "text",
    "spec_version": "integer",
    "is_webhook": "boolean",
    "is_system": "boolean",
    "created_at": "timestamptz",
    "metadata": "text",
    "metadata_cbor": "bytea",
}
WAITS: Final[Mapping[str, LiteralString]] = {
    "wait_id": "text",
    "status": "text",
    "spec_version": "integer",
    "resume_at": "timestamptz",
    "created_at": "timestamptz",
    "completed_at": "timestamptz",
}
EVENTS: Final[Mapping[str, LiteralString]] = {
    "id": "text",
    "type": "text",
    "correlation_id": "text",
    "spec_version": "integer",
    "created_at": "timestamptz",
    "payload": "text",
    "payload_cbor": "bytea",
}

# One name per stream, with the run that its chunks name: their names are not per run.
STREAMS: Final[LiteralString] = """
select s.stream_id, min(s.created_at)::timestamptz as created_at
  from workflow.workflow_stream_chunks as s
 where s.run_id = %(run_id)s or s.stream_id = any (%(nameless)s)
 group by s.stream_id
 order by min(s.created_at), s.stream_id
"""
NAMELESS_STREAMS: Final[LiteralString] = """
select distinct s.stream_id
  from workflow.workflow_stream_chunks as s
 where s.run_id is null
"""
CHUNKS: Final[LiteralString] = """
select s.data, s.eof, s.created_at::timestamptz
  from workflow.workflow_stream_chunks as s
 where s.stream_id = %(name)s
 order by s.id collate "C"
"""

STREAMS_WITHOUT_RUN: Final[LiteralString] = """
select coalesce(max(s.run_id), '') as run_id, s.stream_id as id, count(*) as count
  from workflow.workflow_stream_chunks as s
 where not exists (
           select from workflow.workflow_runs as r
            where r.id = coalesce(s.run_id, 'wrun_' || substr(s.stream_id, 6, 26)))
 group by s.stream_id
 order by s.stream_id
"""
ORPHANS: Final[Mapping[str, LiteralString]] = {
    "step": "workflow_steps",
    "hook": "workflow_hooks",
    "wait": "workflow_waits",
    "event": "workflow_events",
}
_ORPHANS: Final[LiteralString] = """
select e.run_id, count(*) as count
  from workflow.{} as e
 where not exists (select from workflow.workflow_runs as r where r.id = e.run_id)
 group by e.run_id
 order by e.run_id
"""

JOBS: Final[LiteralString] = """
select j.id::text as id, j.payload ->> 'data' as data
  from graphile_worker._private_jobs as j
 where j.payload ->> 'data' is not null
 order by j.id
"""


def orphans(table: LiteralString) -> Composed:
    """Rows of a table whose run is not there, counted by run."""
    return SQL(_ORPHANS).format(Identifier(table))


def reading(
    table: LiteralString,
    wanted: Mapping[str, LiteralString],
    there: Collection[str],
    rest: LiteralString,
) -> Composed:
    """Select columns of a table of schema workflow, null for those it does not have."""
    columns = [
        SQL("{}::{} as {}").format(
            SQL("t.{}").format(Identifier(name)) if name in there else SQL("null"),
            SQL(kind),
            Identifier(name),
        )
        for name, kind in wanted.items()
    ]
    return SQL("select {} from workflow.{} as t {}").format(
        SQL(", ").join(columns), Identifier(table), SQL(rest)
    )
