"""What an event costs in a batch, in a single call, and in a bare INSERT.

    python -m bench.batch [--sizes N ...] [--rounds N]

A server of its own, with all that makes a commit durable, on this machine. Prints
microseconds for each item, client included: medians of several calls, one session,
prepared statements, payloads of 200 bytes. The raw statements write the same rows into
tables with the same keys and know no rule. No table was analyzed before the first
calls; what autovacuum does is part of the numbers. Single calls stop at 1,000 items.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import psycopg
from psycopg.types.json import Jsonb

from bench.throughput import DURABLE
from workflow_pg.embedded import EmbeddedServer
from workflow_pg.migrate import up

MOST_SINGLE_CALLS = 1_000
PAYLOAD = b"x" * 200
STEP = "step//orders//charge"
FACTS = {
    "step_created": {"stepName": STEP},
    "wait_created": {"resumeAt": "2999-01-01T00:00:00Z"},
}

RAW_TABLES = """
    create schema bare;
    create table bare.steps (like workflow_pg.steps including all);
    create table bare.events (like workflow_pg.events including all)
"""
RAW_CREATE = """
    with request as materialized (
        select * from unnest(%s::text[], %b::bytea[])
                      with ordinality as u (id, payload, n)
    ), steps as (
        insert into bare.steps (run_id, step_id, status, spec_version, attempt,
                                input_seq, created_at, updated_at, step_name)
        select %s, r.id, 'pending', 7, 0, r.n, now(), now(), 'step' from request as r
    )
    insert into bare.events (run_id, seq, event_type, spec_version, codec, created_at,
                             correlation_id, payload)
    select %s, r.n, 'step_created', 7, 'opaque', now(), r.id, r.payload
      from request as r
"""
RAW_COMPLETE = """
    with request as materialized (
        select * from unnest(%s::text[], %b::bytea[])
                      with ordinality as u (id, payload, n)
    ), steps as (
        insert into bare.steps as s (run_id, step_id, status, spec_version, attempt,
                                     input_seq, created_at, updated_at, completed_at,
                                     step_name)
        select %s, r.id, 'completed', 7, 0, r.n, now(), now(), now(), ''
          from request as r
            on conflict (run_id, step_id) do update
           set status = excluded.status, completed_at = excluded.completed_at
    )
    insert into bare.events (run_id, seq, event_type, spec_version, codec, created_at,
                             correlation_id, payload)
    select %s, 1000000 + r.n, 'step_completed', 7, 'opaque', now(), r.id, r.payload
      from request as r
"""

Act = Callable[["Bench", str, Sequence[str]], None]


@dataclass(slots=True)
class Bench:
    """A connection and what was measured on it: seconds per item, by name and size."""

    conn: psycopg.Connection
    found: dict[tuple[str, int], list[float]] = field(
        default_factory=dict[tuple[str, int], list[float]]
    )

    def new_run(self) -> str:
        """A running run."""
        row = self.conn.execute(
            "select run_id from workflow_pg.create_run(null, 'workflow', '')"
        ).fetchone()
        assert row
        self.conn.execute("select from workflow_pg.start_run(%s)", row)
        return row[0]

    def measure(self, name: str, act: Act, run_id: str, ids: Sequence[str]) -> None:
        """Note what an act costs for each of the ids."""
        began = time.perf_counter()
        act(self, run_id, ids)
        spent = (time.perf_counter() - began) / len(ids)
        self.found.setdefault((name, len(ids)), []).append(spent)

    def median(self, name: str, size: int) -> str:
        """Microseconds per item."""
        spent = self.found.get((name, size))
        return f"{statistics.median(spent) * 1e6:,.1f}" if spent else ""


def _batch(event: str) -> Act:
    has_payload = event.startswith("step")
    facts = FACTS.get(event)

    def act(bench: Bench, run_id: str, ids: Sequence[str]) -> None:
        n = len(ids)
        cursor = bench.conn.execute(
            "select place, status, seq from workflow_pg.append_events("
            " %s, %s::text[], %s::text[], %s::jsonb[], %b::bytea[])",
            (
                *(run_id, [event] * n, list(ids)),
                None if facts is None else [Jsonb(facts)] * n,
                [PAYLOAD] * n if has_payload else None,
            ),
        )
        assert {row[1] for row in cursor.fetchall()} == {200}

    return act


def _create_steps(bench: Bench, run_id: str, ids: Sequence[str]) -> None:
    n = len(ids)
    cursor = bench.conn.execute(
        "select place, status, seq from workflow_pg.create_steps("
        " %s, %s::text[], %s::text[], %b::bytea[])",
        (run_id, list(ids), [STEP] * n, [PAYLOAD] * n),
    )
    assert {row[1] for row in cursor.fetchall()} == {200}


def _single(event: str) -> Act:
    facts = FACTS.get(event)

    def act(bench: Bench, run_id: str, ids: Sequence[str]) -> None:
        for entity_id in ids:
            bench.conn.execute(
                "select seq from workflow_pg.append_event(%s, %s, %s, %s, %b)",
                (run_id, event, entity_id, facts and Jsonb(facts), PAYLOAD),
            )

    return act


def _raw(statement: str) -> Act:
    def act(bench: Bench, run_id: str, ids: Sequence[str]) -> None:
        payloads = [PAYLOAD] * len(ids)
        told = (list(ids), payloads, run_id, run_id)
        bench.conn.execute(statement.encode(), told)

    return act


ACTS: dict[str, Act] = {
    "raw create": _raw(RAW_CREATE),
    "raw complete": _raw(RAW_COMPLETE),
    "create_steps": _create_steps,
    **{
        event: _batch(event)
        for event in (
            "step_created",
            "step_completed",
            "wait_created",
            "wait_completed",
        )
    },
    "single step_created": _single("step_created"),
    "single step_completed": _single("step_completed"),
}


def run(bench: Bench, size: int) -> None:
    """One round: every act on runs of its own, with as many items."""
    ids = [f"id_{n:023}" for n in range(size)]
    batched, alone, other = bench.new_run(), bench.new_run(), bench.new_run()
    for name, act in ACTS.items():
        if name.startswith("single") and size > MOST_SINGLE_CALLS:
            continue
        run_id = {"create_steps": other}.get(name, batched)
        bench.measure(name, act, alone if name.startswith("single") else run_id, ids)


def main() -> int:
    """Measure and print; 0 when all went well."""
    parser = argparse.ArgumentParser(description="Measure batches.")
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[1, 10, 100, 1000, 10000]
    )
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    sizes: list[int] = arguments.sizes
    with EmbeddedServer(settings=DURABLE) as server:
        up(server.dsn())
        with psycopg.connect(server.dsn(), autocommit=True) as conn:
            conn.execute(RAW_TABLES)
            bench = Bench(conn)
            for size in sizes:
                for _ in range(arguments.rounds):
                    run(bench, size)
            version = conn.info.parameter_status("server_version")
    print(
        f"PostgreSQL {version}, Python {platform.python_version()},"
        f" psycopg {psycopg.__version__}, {os.cpu_count()} cores"
    )
    print(f"| us per item, n = | {' | '.join(f'{size:,}' for size in sizes)} |")
    print(f"| --- |{' ---: |' * len(sizes)}")
    for name in ACTS:
        print(f"| {name} | {' | '.join(bench.median(name, s) for s in sizes)} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
