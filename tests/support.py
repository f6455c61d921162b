"""A session with a migrated database, and what tests say to it."""

from __future__ import annotations

import functools
import json
import secrets
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg.rows import RowFactory, dict_row
from psycopg.sql import SQL, Identifier, Literal
from psycopg.types.json import Jsonb

from tools.refusals import refusals

Row = dict[str, Any]
Detail = dict[str, Any]

WORKFLOW = "workflow//orders//fulfil"
STEP = "step//orders//charge"
EVENTS = [
    *("run_created", "run_started", "run_completed", "run_failed", "run_cancelled"),
    "attr_set",
    *("step_created", "step_started", "step_retrying", "step_completed"),
    *("step_failed", "hook_created", "hook_received", "hook_disposed"),
    *("wait_created", "wait_completed"),
]
SETS: dict[str, Any] = {
    "changes": [{"key": "colour", "value": "blue"}, {"key": "shade", "value": None}],
    "writer": {"type": "workflow"},
}
SET_BY_API = SETS | {"writer": {"type": "api"}}
LATER = "2999-01-01T00:00:00Z"
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


_drawn = [0]  # the newest ULID of this process, as a number


def ulid(at: float | None = None) -> str:
    """A ULID dated `at`, seconds since the epoch; now when it is not said.

    Of those dated now each is greater than the one before, as the format has it: two
    runs of one millisecond are listed in the order of their creation.
    """
    number = int((time.time() if at is None else at) * 1000) << 80
    number |= secrets.randbits(80)
    if at is None:
        number = _drawn[0] = max(number, _drawn[0] + 1)
    return "".join(_CROCKFORD[number >> 5 * place & 31] for place in range(25, -1, -1))


def new_run_id(at: float | None = None) -> str:
    """An id as SDKs draw it for a run."""
    return f"wrun_{ulid(at)}"


@dataclass(frozen=True, slots=True)
class Session:
    """One connection, each statement its own transaction unless one is opened."""

    conn: psycopg.Connection[Row]
    dsn: str

    def rows(self, query: LiteralString, *arguments: object) -> list[Row]:
        """The rows of a query."""
        return self.conn.execute(query, arguments).fetchall()

    def value(self, query: LiteralString, *arguments: object) -> Any:
        """The first column of the one row of a query."""
        (row,) = self.rows(query, *arguments)
        return next(iter(row.values()))

    def do(self, statement: LiteralString, *arguments: object) -> int:
        """Run a statement behind the back of the functions; the rows it touched."""
        return self.conn.execute(statement, arguments).rowcount

    def call(self, function: str, **arguments: object) -> list[Row]:
        """The rows of a function of workflow_pg; argument x goes to p_x."""
        named = [
            SQL("{} => {}").format(Identifier(f"p_{name}"), SQL("%s"))
            for name in arguments
        ]
        query = SQL("select * from workflow_pg.{}({})").format(
            Identifier(function), SQL(", ").join(named)
        )
        values = [Jsonb(v) if isinstance(v, dict) else v for v in arguments.values()]
        return self.conn.execute(query, values).fetchall()

    def append(
        self,
        run_id: str | None,
        event_type: str | None,
        correlation_id: str | None = None,
        **options: object,
    ) -> Row:
        """The reply of append_event."""
        (reply,) = self.call(
            "append_event",
            run_id=run_id,
            event_type=event_type,
            correlation_id=correlation_id,
            **options,
        )
        return reply

    def new_run(
        self, status: str = "running", *, run_id: str | None = None, **options: object
    ) -> str:
        """The id of a run of WORKFLOW brought to a status by events."""
        run_id = run_id or new_run_id()
        facts = {"workflowName": WORKFLOW, "deploymentId": "default"}
        told: dict[str, Any] = {"facts": facts, "payload": b"in", **options}
        self.append(run_id, "run_created", **told)
        if status != "pending":
            self.append(run_id, "run_started")
        if status not in {"pending", "running"}:
            self.append(run_id, f"run_{status}")
        return run_id

    def new_step(
        self,
        run_id: str,
        step_id: str = "step_1",
        status: str = "pending",
        *,
        name: str = STEP,
    ) -> str:
        """The id of a step brought to a status by events."""
        facts = {"stepName": name}
        self.append(run_id, "step_created", step_id, facts=facts, payload=b"in")
        if status != "pending":
            self.append(run_id, "step_started", step_id)
        if status not in {"pending", "running"}:
            self.append(run_id, f"step_{status}", step_id, payload=b"out")
        return step_id

    def claim(self, worker_id: str = "worker", **options: object) -> list[Row]:
        """What a worker of WORKFLOW and STEP claims, up to 100 messages."""
        told = {"workflows": [WORKFLOW], "steps": [STEP], "limit": 100, **options}
        return self.call("claim_messages", worker_id=worker_id, **told)

    def quiet(self, run_id: str) -> None:
        """Delete the messages of a run, as if they had been handled."""
        query = "delete from workflow_pg_private.messages where run_id = %s"
        self.do(query, run_id)

    def messages(self, run_id: str) -> list[Row]:
        """The messages of a run, oldest first."""
        return self.rows(
            "select * from workflow_pg_private.messages where run_id = %s"
            " order by created_at, message_id",
            run_id,
        )

    def log(self, run_id: str) -> list[Row]:
        """The events of a run in their order."""
        return self.rows(
            "select * from workflow_pg.events where run_id = %s order by seq", run_id
        )

    def types(self, run_id: str) -> list[str]:
        """The types of the events of a run in their order."""
        return [event["event_type"] for event in self.log(run_id)]

    def snapshot(self) -> Row:
        """Each table of both schemas and a digest of all its rows."""
        digest = "(select md5(string_agg(t::text, E'\\n' order by t::text)) from {} t)"
        digests = SQL(", ").join(
            SQL(digest + " as {}").format(table, Identifier(table.as_string()))
            for table in tables(self)
        )
        (row,) = self.conn.execute(SQL("select {}").format(digests)).fetchall()
        return row

    @contextmanager
    def refused(self, sqlstate: str, **detail: object) -> Generator[None]:
        """Expect one refusal with these values in its DETAIL, and nothing written."""
        before = self.snapshot()
        with pytest.raises(psycopg.Error) as caught:
            yield
        assert caught.value.sqlstate == sqlstate, str(caught.value)
        told: Detail = json.loads(caught.value.diag.message_detail or "{}")
        assert {name: told.get(name) for name in detail} == detail
        assert told.keys() <= keys_of(sqlstate), "docs/errors.md does not know a key"
        assert self.snapshot() == before

    @contextmanager
    def nothing_written(self) -> Generator[None]:
        """Expect that no row of any table changes."""
        before = self.snapshot()
        yield
        assert self.snapshot() == before

    def set_clock(self, at: datetime | timedelta) -> None:
        """Stop the database's clock at a time, or let it run ahead (or behind)."""
        now = (
            SQL("clock_timestamp() + {}::interval")
            if isinstance(at, timedelta)
            else SQL("{}::timestamptz")
        ).format(Literal(at))
        body = SQL("begin return date_trunc('milliseconds', {}); end").format(now)
        set_clock(self, body.as_string(self.conn))

    def now(self) -> datetime:
        """What the database's clock shows."""
        return self.value("select workflow_pg_private.clock()")


@functools.cache
def keys_of(sqlstate: str) -> set[str]:
    """The keys that the DETAIL of a refusal can have, as docs/errors.md says."""
    found = {key for one in refusals() if sqlstate in one.codes for key in one.keys}
    # Of the entry because of which a batch is refused as a whole.
    return found | {"place"}


@contextmanager
def connect(dsn: str) -> Generator[Session]:
    """A session of its own."""
    factory: RowFactory[Row] = dict_row
    # It may lead through a pooler that knows no prepared statements.
    with psycopg.Connection[Row].connect(
        dsn, autocommit=True, row_factory=factory, prepare_threshold=None
    ) as conn:
        yield Session(conn, dsn)


def assert_no_unwakeable(where: str | Session) -> None:
    """Fail when a live run of the database would never be woken."""
    if isinstance(where, str):
        with connect(where) as session:
            assert session.call("unwakeable_runs") == []
    else:
        assert where.call("unwakeable_runs") == []


def tables(session: Session) -> list[Identifier]:
    """The tables of both schemas that calls may write to."""
    found = session.rows(
        "select n.nspname, c.relname"
        "  from pg_class as c join pg_namespace as n on n.oid = c.relnamespace"
        " where n.nspname in ('workflow_pg', 'workflow_pg_private')"
        "   and c.relkind = 'r'"
        "   and c.relname not in ('migrations', 'repeatables', 'installation')"
        " order by c.relname"
    )
    return [Identifier(row["nspname"], row["relname"]) for row in found]


def set_clock(session: Session, body: str) -> None:
    """Replace the body of the database's clock."""
    head = (
        "create or replace function workflow_pg_private.clock() returns timestamptz"
        " language plpgsql volatile as {}"
    )
    session.conn.execute(SQL(head).format(Literal(body)))


def clock_body(session: Session) -> str:
    """The body of the database's clock."""
    return session.value(
        "select prosrc from pg_proc"
        " where oid = 'workflow_pg_private.clock()'::regprocedure"
    )
