"""An examination finds what is wrong, says it in a sentence, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from psycopg.sql import SQL, Identifier

from tests.support import STEP, WORKFLOW, Row, Session, connect

SUBJECTS = [
    *("server", "connections", "clock", "fsync", "full_page_writes"),
    *("synchronous_commit", "autovacuum", "track_counts", "transactions", "vacuum"),
    *("workers", "served", "leases", "backlog", "buried", "runs"),
]


def _find(db: Session, subject: str, **told: object) -> Row:
    (found,) = [f for f in db.call("diagnose", **told) if f["subject"] == subject]
    # Who has something to do is told what.
    assert found["severity"] == "ok" or found["next_step"]
    return found


def _announce(db: Session, worker_id: str = "worker") -> None:
    names = {"workflows": [WORKFLOW], "steps": [STEP]}
    db.call("heartbeat_worker", worker_id=worker_id, **names)


@pytest.fixture
def seeing(db: Session) -> Iterator[Session]:
    """A session whose functions see what other logins do."""
    owner = db.value("select nspowner::regrole from pg_namespace"
                     " where nspname = 'workflow_pg'")  # fmt: skip
    role = Identifier(owner)
    db.conn.execute(SQL("grant pg_read_all_stats to {}").format(role))
    yield db
    db.conn.execute(SQL("revoke pg_read_all_stats from {}").format(role))


def test_there_is_one_finding_per_thing(db: Session) -> None:
    found = db.call("diagnose", client_time=datetime.now(UTC))
    assert [f["subject"] for f in found] == SUBJECTS
    assert all(f["sentence"] and f["detail"] for f in found)
    subjects = [f["subject"] for f in db.call("diagnose")]
    assert subjects == [name for name in SUBJECTS if name != "clock"]


def test_it_writes_nothing(db: Session) -> None:
    db.new_run()
    with db.nothing_written():
        db.call("diagnose")


def test_a_database_at_work_is_all_right(db: Session) -> None:
    _announce(db)
    db.new_run()
    db.claim()
    for subject in ("server", "connections", *SUBJECTS[8:]):
        found = _find(db, subject)
        assert found["severity"] == "ok", found
    assert _find(db, "workers")["sentence"] == (
        "workers alive: 1; died without a goodbye in the last hour: 0"
    )


def test_settings_are_those_of_the_session(db: Session) -> None:
    for value, severity in (("off", "warning"), ("on", "ok"), ("local", "ok")):
        with db.conn.transaction():
            db.rows("select set_config('synchronous_commit', %s, true)", value)
            found = _find(db, "synchronous_commit")
        assert (found["severity"], found["detail"]) == (severity, {"value": value})
    for name in ("fsync", "full_page_writes", "autovacuum", "track_counts"):
        found = _find(db, name)
        assert found["detail"]["value"] in {"on", "off"}
        is_off = found["detail"]["value"] == "off"
        assert found["severity"] == ("problem" if is_off else "ok")


@pytest.mark.parametrize(
    ("skew", "severity", "words"),
    [
        (timedelta(0), "ok", ""),
        (timedelta(seconds=-10), "warning", "10.0 s behind that"),
        (timedelta(minutes=2), "problem", "120.0 s ahead of that"),
    ],
    ids=str,
)
def test_the_clock_of_the_client_is_compared(
    db: Session, skew: timedelta, severity: str, words: str
) -> None:
    # The server's own, so that no clock of this test matters.
    now = db.value("select clock_timestamp()")
    found = db.rows(
        "select * from workflow_pg_private.diagnose_server(%s, %s)", now + skew, now
    )[-1]
    assert (found["subject"], found["severity"]) == ("clock", severity)
    assert words in found["sentence"]


def test_a_server_that_runs_out_of_connections_is_a_problem(db: Session) -> None:
    found = _find(db, "connections")
    assert 0 < found["detail"]["used"] < found["detail"]["most"]
    for share, severity in (("0.80", "warning"), ("0.95", "problem")):
        count = int(found["detail"]["most"] * float(share)) + 1
        told = db.rows(
            "select * from workflow_pg_private.diagnose_connections(%s, %s, 3)",
            *(count, found["detail"]["most"]),
        )
        assert [f["severity"] for f in told] == [severity]
        assert "3 of them by workflow-pg" in told[0]["sentence"]


def test_an_old_transaction_is_found(seeing: Session) -> None:
    query = "select * from workflow_pg_private.diagnose_transactions(%s, %s)"
    zero, hour = timedelta(0), timedelta(hours=1)
    with connect(seeing.dsn) as other, other.conn.transaction():
        other.rows("select txid_current()")
        (warning,) = seeing.rows(query, zero, hour)
        (problem,) = seeing.rows(query, zero, zero)
        found = _find(seeing, "transactions")
    assert (warning["severity"], problem["severity"]) == ("warning", "problem")
    assert warning["next_step"]
    # Not old enough yet.
    assert found["severity"] == "ok"
    assert found["detail"]["sees_all"]
    assert found["detail"]["idle_seconds"] >= 0


def test_what_the_owner_may_not_see_is_said(db: Session) -> None:
    found = _find(db, "transactions")
    assert not found["detail"]["sees_all"]
    assert "that workflow_owner may see" in found["sentence"]
    assert "grant pg_read_all_stats to workflow_owner" in found["next_step"]


def test_dead_rows_that_nobody_cleans_away_are_found(db: Session) -> None:
    db.do("alter table workflow_pg_private.workers set (autovacuum_enabled = off)")
    try:
        with connect(db.dsn) as other, other.conn.transaction():
            # Dead rows that somebody may still see are not pruned away meanwhile.
            other.rows("select txid_current()")
            for _ in range(20):
                _announce(db)
            db.rows("select pg_stat_force_next_flush()")
            (found,) = db.rows("select * from workflow_pg_private.diagnose_tables(10)")
    finally:
        db.do("alter table workflow_pg_private.workers reset (autovacuum_enabled)")
    assert found["severity"] == "warning"
    assert "workers has " in found["sentence"]
    tables = {table["table"] for table in found["detail"]["tables"]}
    assert {"runs", "events", "messages", "append_keys"} <= tables


def test_nobody_who_works_is_a_warning(db: Session) -> None:
    found = _find(db, "workers")
    assert (found["severity"], found["detail"]) == ("warning", {"alive": 0, "dead": 0})


def test_a_worker_that_died_is_a_warning(db: Session) -> None:
    db.set_clock(timedelta(seconds=-30))
    _announce(db, "dead")
    db.set_clock(timedelta(0))
    _announce(db)
    found = _find(db, "workers")
    assert (found["severity"], found["detail"]) == ("warning", {"alive": 1, "dead": 1})
    assert found["sentence"].endswith("in the last hour: 1")


def test_a_name_that_nobody_serves_is_a_problem(db: Session) -> None:
    _announce(db)
    db.new_run("pending", facts={"workflowName": "w", "deploymentId": "blue"})
    found = _find(db, "served")
    assert (found["severity"], found["detail"]) == ("problem", {"unserved": 1})
    assert found["sentence"].endswith("serves: 1, for w in deployment blue")


@pytest.mark.parametrize(
    ("age", "severity"),
    [
        (timedelta(seconds=30), "ok"),
        (timedelta(minutes=2), "warning"),
        (timedelta(minutes=20), "problem"),
    ],
    ids=str,
)
def test_a_message_that_has_waited_long_is_found(
    db: Session, age: timedelta, severity: str
) -> None:
    now = db.now()
    db.set_clock(now - age)
    db.new_run()
    db.set_clock(now)
    found = _find(db, "backlog")
    assert found["severity"] == severity
    assert found["sentence"].endswith(f"waiting for 0{age}")


def test_a_lease_that_nobody_takes_over_is_found(db: Session) -> None:
    db.new_run()
    db.claim()
    db.set_clock(timedelta(seconds=20))
    assert _find(db, "leases")["severity"] == "ok"
    db.set_clock(timedelta(seconds=26))
    found = _find(db, "leases")
    assert (found["severity"], found["detail"]) == ("warning", {"expired": 1})


def test_what_was_given_up_is_found(db: Session) -> None:
    db.new_run()
    (held,) = db.claim()
    names = ("run_id", "message_id", "lease_token")
    db.call("bury_message", error="why", **{name: held[name] for name in names})
    found = _find(db, "buried")
    assert (found["severity"], found["detail"]) == (
        "warning",
        {"buried": 1, "retried": 0},
    )


def test_what_was_given_up_and_is_retried_since_is_no_warning(db: Session) -> None:
    retried, left = db.new_run("pending"), db.new_run("pending")
    names = ("run_id", "message_id", "lease_token")
    for delivery in db.claim():
        db.call("bury_message", error="why", **{n: delivery[n] for n in names})
    db.call("retry_run", run_id=retried)
    found = _find(db, "buried")
    assert found["sentence"] == "messages that were given up: 1"
    assert (found["severity"], found["detail"]) == (
        "warning",
        {"buried": 1, "retried": 1},
    )
    db.call("retry_run", run_id=left)
    found = _find(db, "buried")
    assert (found["severity"], found["detail"]["retried"]) == ("ok", 2)


@pytest.mark.plants_unwakeable("plants a run that an examination has to find")
def test_a_run_that_nothing_wakes_is_a_problem_after_a_minute(db: Session) -> None:
    run_id = db.new_run()
    db.quiet(run_id)
    assert _find(db, "runs")["severity"] == "ok"
    db.set_clock(timedelta(seconds=61))
    found = _find(db, "runs")
    assert (found["severity"], found["detail"]) == ("problem", {"unwakeable": 1})
    assert run_id in found["sentence"]
