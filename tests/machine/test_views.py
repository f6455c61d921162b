"""The transition views say what the protocol says, once per cell."""

from __future__ import annotations

import itertools
from collections import Counter

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from tests.machine import law
from tests.machine.states import place
from tests.support import EVENTS, Session, connect

_TABLES = {"run": law.RUN, "step": law.STEP, "hook": law.HOOK, "wait": law.WAIT}
_ALL = {**_TABLES, "legacy": law.LEGACY}
# Attributes are the run's.
_EVENTS = {
    entity: [e for e in EVENTS if e.replace("attr", "run").startswith(entity)]
    for entity in _TABLES
}


def _rows_of_the_view(db: Session, entity: str) -> list[law.Cell]:
    axis = "run" if entity == "legacy" else entity
    query = SQL(
        "select event_type::text, run_status::text, {}::text as status, outcome,"
        "       next_status::text,"
        "       coalesce((to_jsonb(v) -> 'with_input')::boolean, false) as with_input"
        "  from workflow_pg.{} as v"
    ).format(Identifier(f"{axis}_status"), Identifier(f"{entity}_transitions"))
    outcomes = {"ok": "", "no_op": "-"}
    return [
        law.Cell(
            row["event_type"],
            row["with_input"],
            row["run_status"],
            row["status"],
            outcomes.get(row["outcome"], row["outcome"].removeprefix("WF"))
            or row["next_status"],
        )
        for row in db.conn.execute(query).fetchall()
    ]


@pytest.mark.parametrize("entity", _ALL)
def test_the_view_says_what_the_protocol_says(db: Session, entity: str) -> None:
    view = Counter(_rows_of_the_view(db, entity))
    assert view == Counter(law.cells(_ALL[entity]))


@pytest.mark.parametrize("entity", _ALL)
def test_the_view_has_one_row_for_every_cell(db: Session, entity: str) -> None:
    runs = [None, *_labels(db, "run")]
    events = [(event, False) for event in _EVENTS.get(entity, EVENTS)]
    if entity == "step":
        events.append(("step_started", True))
    if entity in {"run", "legacy"}:
        places = [(*event, status, status) for event in events for status in runs]
    else:
        own = [None, *_labels(db, entity)]
        places = [(*event, *at) for event, *at in itertools.product(events, runs, own)]
    view = [
        (c.event, c.with_input, c.run, c.status) for c in _rows_of_the_view(db, entity)
    ]
    assert Counter(view) == Counter(places)


@pytest.mark.parametrize("entity", _ALL)
def test_only_an_accepted_event_has_a_next_status(db: Session, entity: str) -> None:
    query = SQL(
        "select count(*) from workflow_pg.{}"
        " where (outcome in ('ok', 'no_op')) <> (next_status is not null)"
    ).format(Identifier(f"{entity}_transitions"))
    assert db.conn.execute(query).fetchall() == [{"count": 0}]


def test_every_event_has_its_row_in_one_view(db: Session) -> None:
    events = [event for names in _EVENTS.values() for event in names]
    assert sorted([*events, "hook_conflict"]) == sorted(_labels(db, "event"))


@pytest.mark.parametrize(
    ("entity", "status", "event"),
    [
        ("step", "completed", "step_completed"),
        ("hook", "disposed", "hook_disposed"),
        ("wait", "completed", "wait_completed"),
    ],
)
def test_where_a_guard_and_the_view_disagree_nothing_is_written(
    dsn: str, entity: str, status: str, event: str
) -> None:
    with connect(dsn) as session:
        at = place(session, entity, "running", status)
        _allow_everything(session, entity)
        told = f"guard and machine disagree: {event} of {entity} {at.entity_id} of run"
        with (
            session.nothing_written(),
            pytest.raises(psycopg.errors.InternalError_, match=told),
        ):
            session.append(at.run_id, event, at.entity_id)


def _allow_everything(session: Session, entity: str) -> None:
    view, status = f"{entity}_transitions", f"{entity}_status"
    definition = session.value("select pg_get_viewdef(%s)", f"workflow_pg.{view}")
    statement = SQL(
        "create or replace view workflow_pg.{} as"
        " select l.event_type{}, l.run_status, l.{}, 'ok'::text as outcome,"
        "        l.next_status"
        "   from ({}) as l"
    )
    with_input = SQL(", l.with_input" if entity == "step" else "")
    law_of_the_view = SQL(definition.rstrip(";"))
    session.conn.execute(
        statement.format(
            Identifier(view), with_input, Identifier(status), law_of_the_view
        )
    )


def _labels(db: Session, entity: str) -> list[str]:
    type_name = "event_type" if entity == "event" else f"{entity}_status"
    return [
        row["enumlabel"]
        for row in db.rows(
            "select enumlabel from pg_enum"
            " where enumtypid = to_regtype('workflow_pg.' || %s)",
            type_name,
        )
    ]
