"""`append_events`: what becomes of each entry, as the protocol has it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.batches.calls import LEGAL, Entry, batch, seqs, statuses
from tests.concurrency.fold import assert_sound
from tests.support import EVENTS, LATER, STEP, WORKFLOW, Session, new_run_id

_PAST = "2001-01-01T00:00:00Z"


def _wait_ids(db: Session, run_id: str) -> dict[str, str]:
    rows = db.rows("select * from workflow_pg.waits where run_id = %s", run_id)
    return {row["wait_id"]: row["status"] for row in rows}


def test_survivors_take_consecutive_positions_in_the_order_of_the_request(
    db: Session,
) -> None:
    run_id = db.new_run()
    db.new_step(run_id, "done", "completed")
    db.new_step(run_id, "open", "running")
    last = len(db.log(run_id))
    outcomes = batch(
        db,
        run_id,
        [
            Entry("step_completed", "done", payload=b"again"),
            Entry("step_created", "new", payload=b"in"),
            Entry("step_completed", "absent"),
            Entry("wait_created", "nap"),
            Entry("step_failed", "open", payload=b"error"),
            Entry("wait_completed", "absent"),
        ],
    )
    assert statuses(outcomes) == [409, 200, 404, 200, 200, 404]
    assert seqs(outcomes) == [None, last + 1, None, last + 2, last + 3, None]
    assert db.types(run_id)[last:] == ["step_created", "wait_created", "step_failed"]
    assert [o["attempt"] for o in outcomes] == [None, 0, None, None, 1, None]
    assert_sound(db, run_id)


def test_a_rejected_entry_says_what_its_single_append_would(db: Session) -> None:
    run_id = db.new_run()
    (outcome,) = batch(db, run_id, [Entry("step_completed", "absent")])
    with db.refused("WF404", **outcome["detail"]):
        db.append(run_id, "step_completed", "absent")
    assert outcome["message"] == f"step absent of run {run_id} does not exist"
    assert (outcome["sqlstate"], outcome["run_status"]) == ("WF404", "running")


@pytest.mark.parametrize("end", ["run_completed", "run_failed"])
def test_entries_after_the_end_meet_a_final_run(db: Session, end: str) -> None:
    run_id = db.new_run()
    for step_id in ("early", "late"):
        db.new_step(run_id, step_id, "running")
    db.new_step(run_id, "idle")
    db.append(run_id, "wait_created", "nap", facts={"resumeAt": LATER})
    outcomes = batch(
        db,
        run_id,
        [
            Entry("step_completed", "early"),
            Entry("step_created", "before"),
            Entry(end, payload=b"out"),
            Entry("step_completed", "late"),
            Entry("step_completed", "idle"),
            Entry("step_created", "after"),
            Entry("wait_created", "after"),
            Entry("wait_completed", "nap"),
        ],
    )
    assert statuses(outcomes) == [200, 200, 200, 200, 410, 409, 409, 409]
    status = end.removeprefix("run_")
    assert [o["run_status"] for o in outcomes] == ["running"] * 2 + [status] * 6
    assert outcomes[-1]["detail"]["status"] == "cancelled"
    assert _wait_ids(db, run_id) == {"nap": "cancelled"}
    assert db.messages(run_id) == []
    assert_sound(db, run_id)


def test_a_rejected_end_ends_nothing(db: Session) -> None:
    run_id = db.new_run()
    broken = Entry("run_completed", payload=b"{", codec="json")
    outcomes = batch(db, run_id, [broken, Entry("step_created", "s")])
    assert statuses(outcomes) == [400, 200]
    final = db.new_run("cancelled")
    assert statuses(batch(db, final, [Entry("run_failed")])) == [409]


def test_an_absent_run_rejects_each_entry(db: Session) -> None:
    run_id = new_run_id()
    with db.nothing_written():
        outcomes = batch(
            db, run_id, [Entry("run_completed"), Entry("step_created", "s")]
        )
    assert statuses(outcomes) == [404, 404]
    assert {o["message"] for o in outcomes} == {f"run {run_id} does not exist"}
    assert {o["run_status"] for o in outcomes} == {None}


def test_an_empty_batch_has_no_outcomes(db: Session) -> None:
    for run_id in (db.new_run(), "absent"):
        with db.nothing_written():
            assert batch(db, run_id, []) == []


@pytest.fixture
def early(db: Session) -> str:
    """A run with a step that may not begin yet."""
    run_id = db.new_run()
    db.new_step(run_id, "step_1", "running")
    db.append(run_id, "step_retrying", "step_1", facts={"retryAfter": LATER})
    return run_id


def test_a_step_that_is_too_early_has_425(db: Session, early: str) -> None:
    with db.nothing_written():
        (outcome,) = batch(db, early, [Entry("step_started", "step_1")])
    assert (outcome["status"], outcome["sqlstate"]) == (425, "WF425")
    assert outcome["detail"]["retry_after"] > 10_000_000_000


@pytest.mark.parametrize(
    ("entry", "status"),
    [
        (Entry("step_created", "s", facts={"stepName": ""}), 400),
        (Entry("step_created", "s", facts={}), 400),
        (Entry("step_created", "s" * 256), 400),
        (Entry("step_created"), 400),
        (Entry("step_completed"), 400),
        (Entry("step_completed", "s", payload=b"{", codec="json"), 400),
        (Entry("step_retrying", "s", facts={"retryAfter": "soon"}), 400),
        (Entry("wait_created", "w", facts={"resumeAt": "2999-01-01"}), 400),
        (Entry("wait_created", "w", facts={"resumeAt": "infinity"}), 400),
        (Entry("wait_created", "w", facts={}), 400),
        (Entry("step_created", "s", payload=bytes(2**24 + 1)), 413),
    ],
)
def test_a_malformed_entry_is_rejected_alone(
    db: Session, entry: Entry, status: int
) -> None:
    run_id = db.new_run()
    outcomes = batch(db, run_id, [entry, Entry("step_created", "good")])
    assert statuses(outcomes) == [status, 200]
    assert outcomes[0]["sqlstate"] == f"WF{status}"
    with db.refused(f"WF{status}"):
        db.append(
            run_id,
            entry.event,
            entry.id,
            facts=entry.told,
            payload=entry.payload,
            codec=entry.codec,
        )


@pytest.mark.parametrize(
    "event", [*sorted(set(EVENTS) - set(LEGAL)), "hook_conflict", "noop", ""]
)
def test_what_needs_a_call_of_its_own_refuses_the_batch(
    db: Session, event: str
) -> None:
    run_id = db.new_run()
    good = Entry("step_created", "s")
    with db.refused("WF400", argument="event types", place=2, value=event):
        batch(db, run_id, [good, Entry(event, "x", facts={"token": "t"})])


def test_a_start_with_an_input_refuses_the_batch(db: Session) -> None:
    run_id = db.new_run()
    db.new_step(run_id)
    with db.refused("WF400", place=1, value="step_started"):
        batch(db, run_id, [Entry("step_started", "step_1", payload=b"")])


@pytest.mark.parametrize(
    ("events", "place"),
    [
        (["step_started", "step_completed"], 2),
        (["step_created", "step_completed"], 2),
        (["step_started", "step_created"], 2),
        (["step_created", "step_created"], 2),
        (["step_created", "step_started", "step_started"], 3),
        (["step_created", "step_started", "step_completed"], 3),
        (["wait_created", "wait_completed"], 2),
        (["run_completed", "run_failed"], 2),
    ],
)
def test_a_second_event_about_an_entity_refuses_the_batch(
    db: Session, events: list[str], place: int
) -> None:
    run_id = db.new_run()
    entity = events[0].partition("_")[0]
    with db.refused("WF400", place=place, entity=entity):
        batch(db, run_id, [Entry(event, "one id") for event in events])


def test_a_step_and_a_wait_of_one_id_are_two(db: Session) -> None:
    run_id = db.new_run()
    entries = [Entry("step_created", "x"), Entry("wait_created", "x")]
    assert statuses(batch(db, run_id, entries)) == [200, 200]


@pytest.mark.parametrize(
    "wrong",
    [
        {"run_id": None},
        {"event_types": None},
        {"correlation_ids": ["a", "b"]},
        {"facts": "{}"},
        {"payloads": [b"", b""]},
        {"codecs": "{opaque,opaque}"},
        {"codecs": "{}"},
        {"occurred_at": "{}"},
        {"hold": timedelta(0)},
    ],
)
def test_arguments_that_make_no_batch_are_refused(
    db: Session, wrong: dict[str, object]
) -> None:
    told = {"run_id": db.new_run(), "event_types": ["step_created"]}
    with db.refused("WF400"):
        db.call("append_events", **{**told, **wrong})


def test_a_spec_version_that_is_unknown_is_refused(db: Session) -> None:
    run_id = db.new_run()
    with db.refused("WF426", spec_version=8):
        batch(db, run_id, [Entry("step_created", "s")], spec_version=8)


def test_a_codec_that_is_missing_rejects_its_entry(db: Session) -> None:
    run_id = db.new_run()
    entries = [Entry("step_created", "s", codec="null"), Entry("step_created", "t")]
    assert statuses(batch(db, run_id, entries)) == [400, 200]


def test_all_or_nothing_raises_the_first_that_is_rejected(db: Session) -> None:
    run_id = db.new_run()
    db.new_step(run_id, "done", "completed")
    entries = [
        Entry("step_created", "s"),
        Entry("step_completed", "done"),
        Entry("step_completed", "absent"),
    ]
    with db.refused("WF409", place=2, entity="step", id="done", status="completed"):
        batch(db, run_id, entries, all_or_nothing=True)
    assert statuses(batch(db, run_id, entries[:1], all_or_nothing=True)) == [200]


def test_payloads_and_facts_are_stored_as_single_appends_store_them(
    db: Session,
) -> None:
    run_id = db.new_run()
    db.new_step(run_id, "step_1", "running")
    noise = {"stepName": STEP, "workflowName": WORKFLOW, "ttfs": 3}
    batch(
        db,
        run_id,
        [
            Entry("step_completed", "step_1", noise, b"\0\xff", "cbor"),
            Entry("step_created", "step_2", noise, b""),
            Entry("wait_created", "w", {"resumeAt": "2999-01-01T02:00:00+02:00"}, b"x"),
            Entry("run_failed", None, {"errorCode": "USER_ERROR"}, b"1", "json"),
        ],
    )
    log = db.log(run_id)[4:]
    assert [(e["facts"], e["payload"], e["codec"]) for e in log] == [
        (None, b"\0\xff", "cbor"),
        ({"stepName": STEP}, b"", "opaque"),
        ({"resumeAt": "2999-01-01T00:00:00.000000Z"}, None, "opaque"),
        ({"errorCode": "USER_ERROR"}, b"1", "json"),
    ]
    assert {e["correlation_id"] for e in log[-1:]} == {None}
