"""Runs are found by their attributes, through an index, beside the other filters."""

from __future__ import annotations

from typing import Any

import pytest
from psycopg.types.json import Jsonb

from tests.support import WORKFLOW, Session, connect

FACTS = {"workflowName": WORKFLOW, "deploymentId": "default"}
RUNS = 20_000


def new_run(db: Session, status: str = "pending", **attributes: str) -> str:
    """A run that has these attributes."""
    return db.new_run(status, facts=FACTS | {"attributes": attributes})


def found(db: Session, attributes: dict[str, Any], **told: object) -> list[str]:
    """The ids of the runs that a list with these attributes has, newest first."""
    rows = db.call("list_runs", attributes=attributes, **told)
    return [row["run_id"] for row in rows]


def test_all_of_the_pairs_have_to_match(db: Session) -> None:
    one = new_run(db, tenant="t1", env="prod")
    two = new_run(db, tenant="t1", env="test")
    new_run(db, tenant="t2", env="prod")
    three = new_run(db, tenant="t1", env="prod", more="x")
    assert found(db, {"tenant": "t1"}) == [three, two, one]
    assert found(db, {"tenant": "t1", "env": "prod"}) == [three, one]
    assert found(db, {"tenant": "t1", "env": "prod", "more": "x"}) == [three]
    assert found(db, {"tenant": "t1", "env": ""}) == []
    assert found(db, {"prod": "env"}) == []
    assert len(found(db, {})) == 4


def test_a_list_has_the_attributes_of_each_run(db: Session) -> None:
    new_run(db)
    new_run(db, tenant="t1", env="prod")
    rows = db.call("list_runs")
    assert [row["attributes"] for row in rows] == [{"tenant": "t1", "env": "prod"}, {}]


def test_a_run_is_found_by_what_it_has_now(db: Session) -> None:
    run_id = new_run(db, phase="charging")
    change: dict[str, Any] = {
        "changes": [{"key": "phase", "value": "done"}],
        "writer": {"type": "api"},
    }
    db.append(run_id, "attr_set", facts=change)
    assert found(db, {"phase": "charging"}) == []
    assert found(db, {"phase": "done"}) == [run_id]
    change["changes"] = [{"key": "phase", "value": None}]
    db.append(run_id, "attr_set", facts=change)
    assert found(db, {"phase": "done"}) == []


def test_attributes_go_with_the_other_filters(db: Session) -> None:
    done = new_run(db, "completed", tenant="t1")
    open_ = new_run(db, tenant="t1")
    other = {"workflowName": "workflow//a//b", "attributes": {"tenant": "t1"}}
    elsewhere = db.new_run("pending", facts=other)
    tenant = {"tenant": "t1"}
    assert found(db, tenant, status="completed") == [done]
    assert found(db, tenant, workflow_name=WORKFLOW) == [open_, done]
    assert found(db, tenant, workflow_name="workflow//a//b") == [elsewhere]
    assert found(db, tenant, workflow_name=WORKFLOW, status="pending") == [open_]


def test_pages_of_a_list_with_attributes_miss_nothing(db: Session) -> None:
    runs = [new_run(db, tenant=f"t{n % 2}") for n in range(9)]
    seen: list[str] = []
    told: dict[str, Any] = {"attributes": {"tenant": "t0"}, "limit": 2}
    while page := db.call("list_runs", **told):
        assert len(page) <= 2
        seen += [row["run_id"] for row in page]
        told |= {"before": page[-1]["created_at"], "before_run_id": seen[-1]}
    assert seen == [*reversed(runs[::2])]


@pytest.mark.parametrize("attributes", ["[]", '"a"', "1", "null", '{"a": 1}'])
def test_a_filter_is_an_object_of_texts(db: Session, attributes: str) -> None:
    with db.refused("WF400", argument="attributes"):
        db.call("list_runs", attributes=attributes)


def _many_runs(db: Session) -> None:
    """Runs by the thousand: all `env=prod`, each tenth of a tenant, five `odd`."""
    db.do(
        "insert into workflow_pg.runs (run_id, status, spec_version, last_seq,"
        "   last_event_at, created_at, completed_at, workflow_name, deployment_id,"
        "   queue_name)"
        " select 'wrun_' || lpad(n::text, 26, '0'), 'completed', 7, 1, at, at, at,"
        "        'w', 'default', 'q'"
        "   from generate_series(1, %s) as n,"
        "        lateral (select '2026-01-01Z'::timestamptz"
        "                        + n * interval '1 second') as t (at)",
        RUNS,
    )
    db.do(
        "insert into workflow_pg.run_attributes (run_id, key, value)"
        " select r.run_id, a.key, a.value"
        "   from workflow_pg.runs as r,"
        "        lateral (select substr(r.run_id, 6)::integer) as i (n),"
        "        lateral (values ('env', 'prod'), ('tenant', format('t%%s', n %% 10)),"
        "                        ('odd', case when n %% (%s / 5) = 1 then 'yes' end))"
        "             as a (key, value)"
        "  where a.value is not null",
        RUNS,
    )
    db.do("analyze workflow_pg.runs, workflow_pg.run_attributes")


def _pages_read(db: Session, attributes: dict[str, Any], **told: object) -> int:
    """How many pages of the database a list reads, once it is planned."""
    for _ in range(6):
        found(db, attributes, limit=20, **told)
    query = (
        "explain (analyze, buffers, format json) select * from workflow_pg.list_runs("
        "p_attributes => %s, p_limit => 20, p_status => %s, p_before => %s)"
    )
    (explained,) = db.value(
        query, Jsonb(attributes), told.get("status"), told.get("before")
    )
    plan = explained["Plan"]
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


def _is_found_fast(db: Session) -> None:
    _many_runs(db)
    odd, env, tenant = {"odd": "yes"}, {"env": "prod"}, {"tenant": "t1"}
    assert len(found(db, odd)) == len(found(db, odd | env | tenant)) == 5
    assert len(found(db, env | {"tenant": "t3"}, limit=1000)) == 1000
    middle = "2026-01-01T03:00:00Z"
    # Their attributes alone are on more than 60,000 pages, when each run is looked at.
    for attributes, told, pages in (
        (odd, {}, 150),
        (odd, {"before": middle, "status": "completed"}, 150),
        (odd | env | tenant, {}, 600),
        ({"odd": "never"}, {}, 20),
        (env | {"odd": "never"}, {}, 300),
        (env, {"before": middle}, 600),
        (env | {"tenant": "t3"}, {"status": "completed"}, 2500),
    ):
        assert _pages_read(db, attributes, **told) < pages, attributes


def test_a_list_with_attributes_reads_little_of_many_runs(dsn: str) -> None:
    # Not in the shared database, which would stay large.
    with connect(dsn) as session:
        _is_found_fast(session)
