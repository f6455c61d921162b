"""Every list reads a page through an index, however many rows there are."""

from __future__ import annotations

from typing import Any

import pytest
from psycopg.sql import SQL, Composed, Identifier, Literal

from tests.support import Session, connect

RUNS, OF_ONE = 30_000, 15_000
TABLES = ("runs", "events", "steps", "hooks", "waits", "hook_tokens")
MIDDLE = "2026-01-01T05:00:00Z"


def _fill(db: Session) -> None:
    """Runs of which few are live or failed, and one with very many entities."""
    db.do(
        "insert into workflow_pg.runs (run_id, status, spec_version, last_seq,"
        "   last_event_at, created_at, completed_at, workflow_name, deployment_id,"
        "   queue_name)"
        " select 'r' || lpad(n::text, 9, '0'), s.status, 7, 1, t.at, t.at,"
        "        case when s.status >= 'completed' then t.at end,"
        "        case when n %% 5000 = 7 then 'rare' else 'w' end, 'default', 'q'"
        "   from generate_series(1, %s) as n,"
        "        lateral (select '2026-01-01Z'::timestamptz"
        "                        + n * interval '1 second') as t (at),"
        "        lateral (select case n %% 4000 when 1 then 'running'"
        "                                       when 2 then 'failed'"
        "                                       when 3 then 'cancelled'"
        "                                       else 'completed' end"
        "                        ::workflow_pg.run_status) as s (status)",
        RUNS,
    )
    db.do(
        "insert into workflow_pg.events (run_id, seq, event_type, spec_version, codec,"
        "   created_at, correlation_id, facts, payload)"
        " select run_id, 1, 'run_created'::workflow_pg.event_type, 7,"
        "        'opaque'::workflow_pg.payload_codec, now(), null, '{}'::jsonb,"
        "        'in'::bytea"
        "   from workflow_pg.runs"
        "  union all"
        " select 'r000000001', n, 'step_created', 7, 'opaque', now(),"
        "        's' || n %% 100, '{}', 'in' from generate_series(2, %s) as n",
        OF_ONE,
    )
    one = "r000000001"
    db.do(
        "insert into workflow_pg.steps (run_id, step_id, status, spec_version, attempt,"
        "   input_seq, created_at, updated_at, step_name)"
        " select %s, 's' || lpad(n::text, 6, '0'), 'running', 7, 1, n, now(), now(),"
        "        's'"
        "   from generate_series(2, %s) as n",
        one,
        OF_ONE,
    )
    db.do(
        "insert into workflow_pg.waits (run_id, wait_id, status, spec_version,"
        "   is_woken, resume_at, created_at)"
        " select %s, 'w' || lpad(n::text, 6, '0'), 'waiting', 7, false, now(), now()"
        "   from generate_series(2, %s) as n",
        one,
        OF_ONE,
    )
    db.do(
        "insert into workflow_pg.hooks (run_id, hook_id, status, spec_version,"
        "   created_seq, created_at, is_webhook, is_system, token)"
        " select %s, 'h' || lpad(n::text, 6, '0'), 'live', 7, n, now(), true, false,"
        "        't' || lpad(n::text, 6, '0') from generate_series(2, %s) as n",
        one,
        OF_ONE,
    )
    db.do(
        "insert into workflow_pg_private.hook_tokens (token, run_id, hook_id)"
        " select token, run_id, hook_id from workflow_pg.hooks"
    )


def _of_runs() -> list[tuple[str, dict[str, Any]]]:
    filters: list[dict[str, Any]] = [
        {},
        {"statuses": ["failed"]},
        {"statuses": ["failed", "cancelled"]},
        {"status": "cancelled"},
        {"only_live": True},
        {"statuses": ["running"]},
        {"workflow_name": "rare"},
        {"workflow_name": "w", "statuses": ["completed"]},
        {"since": MIDDLE},
        {"before": MIDDLE},
        {"cursor": "runs:1767243600000000:r000010000"},
        {"workflow_name": "rare", "cursor": "runs:1767243600000000:r000010000"},
        {"with_payloads": True},
    ]
    directions: list[dict[str, Any]] = [{}, {"ascending": True}]
    return [("list_runs", {**f, **d}) for f in filters for d in directions]


def _of_a_run() -> list[tuple[str, dict[str, Any]]]:
    one = {"run_id": "r000000001"}
    lists: list[tuple[str, dict[str, Any]]] = [
        ("list_events", {**one, "limit": 20}),
        ("list_events", {**one, "limit": 20, "cursor": f"evnt_{9_000:026d}"}),
        ("list_events", {**one, "limit": 20, "correlation_id": "s42"}),
        ("list_steps", {**one, "cursor": "steps:s009000"}),
        ("list_steps", {**one, "with_payloads": True}),
        ("list_hooks", {**one, "cursor": "hooks:h009000", "with_payloads": True}),
        ("list_all_hooks", {"cursor": "tokens:t009000", "with_payloads": True}),
        ("list_waits", {**one, "cursor": "waits:w009000"}),
    ]
    directions: list[dict[str, Any]] = [{}, {"descending": True}]
    return [(name, {**told, **d}) for name, told in lists for d in directions]


def _call(function: str, told: dict[str, Any]) -> Composed:
    named = [
        SQL("{} => {}").format(Identifier(f"p_{name}"), Literal(value))
        for name, value in told.items()
    ]
    door = Identifier("workflow_pg", function)
    return SQL("select * from {}({})").format(door, SQL(", ").join(named))


def _sequential_scans(db: Session) -> int:
    return db.value(
        "select sum(seq_scan)::integer from pg_stat_xact_user_tables"
        " where relname = any(%s)",
        list(TABLES),
    )


def _pages_read(db: Session, function: str, told: dict[str, Any]) -> int:
    """How many pages of the database a list reads, once it is planned."""
    call = _call(function, {"limit": 20, **told})
    for _ in range(6):
        db.conn.execute(call)
    with db.conn.transaction():
        before = _sequential_scans(db)
        explain = SQL("explain (analyze, buffers, format json) ") + call
        ((explained,),) = [tuple(r.values()) for r in db.conn.execute(explain)]
        assert _sequential_scans(db) == before, (function, told)
    plan = explained[0]["Plan"]
    assert plan["Actual Rows"] > 0, (function, told)
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


@pytest.mark.plants_unwakeable("rows are inserted, and nothing is to be executed")
def test_a_page_of_many_rows_is_read_through_an_index(dsn: str) -> None:
    # Not in the shared database, which would stay large.
    with connect(dsn) as db:
        _fill(db)
        # What nobody has analyzed yet may be read in a worse order, but not all of it.
        for most in (2000, 400):
            read = {
                f"{function} {told}": _pages_read(db, function, told)
                for function, told in (*_of_runs(), *_of_a_run())
            }
            assert {name: pages for name, pages in read.items() if pages > most} == {}
            db.do("analyze")
